"""Access tokens of partners that let in with one that ends: asked for once, kept while it lasts."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from server.delivery import Denied, Refused, Request, Response, Retry
from server.destinations.contract import Destination, no_access, text_of
from server.pipeline.forwarder.backoff import asked_s
from server.pipeline.forwarder.partner import Partner

LASTS_S = 300.0
"""A token that does not say how long it lasts."""
EARLY_S = 60.0
"""So long before its end another one is asked for; a short one at nine tenths of its life."""
NO_TOKEN = Retry | Refused | Denied

log = logging.getLogger(__name__)


class _Grant(Struct, frozen=True):
    """What OAuth 2 answers."""

    access_token: str
    expires_in: float = LASTS_S


class _Held(Struct, frozen=True):
    token: str
    until: int


_GRANT = msgspec.json.Decoder(_Grant, strict=False)


class Tokens:
    """All lanes' tokens, by destination and settings; in memory alone."""

    def __init__(self, partner: Partner, *, now: Callable[[], int]) -> None:
        self._partner = partner
        self._now = now
        self._held: dict[bytes, _Held] = {}
        self._asking: dict[bytes, asyncio.Task[str | NO_TOKEN]] = {}

    async def get(self, destination: Destination, config: Any) -> str | NO_TOKEN:
        """The token to send with, empty where none is needed; else why there is none."""
        if destination.access is no_access:
            return ""
        key = _key(destination, config)
        held = self._held.get(key)
        if held is not None and self._now() < held.until:
            return held.token
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.create_task(self._ask(key, destination, config))
            self._asking[key] = asking
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        return await asyncio.shield(asking)

    def forget(self, destination: Destination, config: Any, token: str) -> None:
        """The partner takes this one no more."""
        key = _key(destination, config)
        held = self._held.get(key)
        if held is not None and held.token == token:
            del self._held[key]

    async def _ask(self, key: bytes, destination: Destination, config: Any) -> str | NO_TOKEN:
        now = self._now()
        try:
            request = destination.access(config, now)
        except Exception as error:  # such as a key that is none
            log.exception("destination %s could not ask for a token", destination.name)
            return Denied("bad_secret", f"no token can be asked for: {error}")
        if not isinstance(request, Request):
            return ""
        answer = await self._partner.ask(request)
        if not isinstance(answer, Response):
            return answer
        found = _granted(answer, now)
        if isinstance(found, _Grant):
            early_s = min(EARLY_S, found.expires_in / 10)
            until = now + round((found.expires_in - early_s) * 1000)
            self._held[key] = _Held(found.access_token, until)
            return found.access_token
        return found


def _granted(answer: Response, now: int) -> _Grant | NO_TOKEN:
    """A refusal is of us, not of an event: the tag waits until its secrets are right."""
    status, text = answer.status, text_of(answer)
    if status in (408, 425, 429) or status >= 500:
        return Retry(f"token_http_{status}", text, after_s=asked_s(answer.headers, now=now))
    if not 200 <= status < 300:
        return Denied("credentials", f"no access token, HTTP {status}: {text}")
    try:
        grant = _GRANT.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Retry("bad_token", "the answer holds no access token")
    return grant if grant.access_token else Retry("bad_token", "the access token is empty")


def _key(destination: Destination, config: Any) -> bytes:
    """What an event has filled into the other settings makes no other token."""
    asks = [getattr(config, name) for name in destination.access_by] or config
    written = msgspec.json.encode((destination.name, asks))
    return hashlib.sha256(written).digest()
