"""What stands between a delivery and its request: time, consent, secrets, settings.

Asked at each send, since all of it may have changed since the event was sorted; for many at once,
since most of it is the same for all of a tag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from server.containers.values import secrets_of
from server.credentials import SecretMissing, Secrets, scrub
from server.delivery import Delivery, Refused
from server.destinations.contract import Destination, Sending, encode
from server.errors import FreeholdError
from server.person.sealing import Seal
from server.pipeline.forwarder.consent import refusals
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.queue import Job
from server.pipeline.spools import tag_spool
from server.pipeline.state import State


class Screen(Struct, frozen=True, kw_only=True):
    """What is asked."""

    destinations: Mapping[str, Destination]
    secrets: Secrets
    seal: Seal
    state: State
    now: Callable[[], int]
    needed: Mapping[str, frozenset[str]] = {}
    """Secrets that each tag needs now, by its spool."""

    def expires_at(self, delivery: Delivery) -> int:
        """When its partner takes it no more, in ms; 0: nobody knows the partner."""
        destination = self.destinations.get(delivery.type)
        return delivery.event.occurred_at + destination.window_ms if destination else 0

    def is_too_old(self, delivery: Delivery) -> bool:
        """Whether its partner takes it no more."""
        expires_at = self.expires_at(delivery)
        return bool(expires_at) and self.now() > expires_at

    def may_wait(self, delivery: Delivery) -> bool:
        """Whether its secret may still come: not, if its tag has been given another one since."""
        needed = self.needed.get(tag_spool(delivery.container_id, delivery.tag))
        return needed is None or secrets_of(delivery.settings) <= needed


class _Configs:
    """The settings of deliveries, with their secrets; those of the last one are often the next
    one's, and a secret is looked up once."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets.remembering()
        self._last: tuple[Destination, dict[str, Any], Any, dict[str, str]] | None = None

    def get(self, destination: Destination, delivery: Delivery) -> tuple[Any, dict[str, str]]:
        """The Config and the secrets in it; raises SecretMissing and _BadSettings."""
        last = self._last
        if last is not None and last[0] is destination and last[1] == delivery.settings:
            return last[2], last[3]
        used: dict[str, str] = {}
        settings = self._secrets.resolve(delivery.settings, used)
        try:
            config = msgspec.convert(settings, destination.config, strict=False)
        except msgspec.ValidationError as error:
            raise _BadSettings(error, used) from error
        self._last = destination, delivery.settings, config, used
        return config, used


class _BadSettings(Exception):
    """Settings that the destination does not take, and the secrets in them."""

    def __init__(self, error: Exception, used: dict[str, str]) -> None:
        super().__init__(str(error))
        self.used = used


def screen(jobs: Sequence[Job], by: Screen) -> list[Ready | Ending]:
    """The jobs of one tag ready to be sent, or why they are not."""
    version = by.state.version()
    withheld = refusals([job.delivery for job in jobs], by.state)
    configs = _Configs(by.secrets)
    return [
        _screen(job, refusal, version, configs, by)
        for job, refusal in zip(jobs, withheld, strict=True)
    ]


def screen_again(batch: Sequence[Ready], by: Screen) -> list[Ready | Ending]:
    """Those that waited for their turn: what was ready stays so, but for time and consent."""
    version = by.state.version()
    if all(ready.version == version for ready in batch):
        withheld = [""] * len(batch)
    else:
        withheld = refusals([ready.job.delivery for ready in batch], by.state)
    return [
        _gone(ready.job, ready.destination, refusal, by) or ready
        for ready, refusal in zip(batch, withheld, strict=True)
    ]


def _gone(job: Job, destination: Destination, refusal: str, by: Screen) -> Ending | None:
    age_ms = by.now() - job.delivery.event.occurred_at
    if age_ms > destination.window_ms:
        hours = destination.window_ms // 3_600_000
        detail = f"{age_ms // 3_600_000} hours old; {destination.title} takes {hours}"
        return Ending(job=job, outcome="expired", reason="too_old", detail=detail)
    return Ending(job=job, outcome="withheld", reason=refusal) if refusal else None


def _screen(job: Job, refusal: str, version: int, configs: _Configs, by: Screen) -> Ready | Ending:
    delivery = job.delivery
    destination = by.destinations.get(delivery.type)
    if destination is None:
        detail = f"no destination {delivery.type!r} here"
        return Ending(job=job, outcome="refused", reason="unknown_destination", detail=detail)
    gone = _gone(job, destination, refusal, by)
    if gone is not None:
        return gone
    try:
        config, used = configs.get(destination, delivery)
    except SecretMissing as error:
        outcome = "paused" if by.may_wait(delivery) else "refused"
        return Ending(job=job, outcome=outcome, reason="secret_missing", detail=str(error))
    except _BadSettings as error:
        return _unfit(job, destination, error)
    found = _prepare(job, destination, config, version, by)
    if isinstance(found, Ready):
        return msgspec.structs.replace(found, used=used) if used else found
    return _refused(job, found.reason, found.detail, used)


def _prepare(
    job: Job, destination: Destination, config: Any, version: int, by: Screen
) -> Ready | Refused:
    try:
        person = by.seal.unseal(job.delivery.person)
        sending = Sending(event=job.delivery.event, person=person, config=config, sent_at=by.now())
        message = destination.message(sending)
        if isinstance(message, Refused):
            return message
        return Ready(
            job=job,
            destination=destination,
            sending=sending,
            message=message,
            group=destination.group(sending, message),
            size=len(encode(message)) if destination.max_events > 1 else 0,
            order=destination.order(sending),
            version=version,
        )
    except FreeholdError as error:
        return Refused("person_unreadable", str(error))
    except Exception as error:  # a bug of a destination costs this delivery only, and is seen
        return Refused("unexpected", repr(error))


def _unfit(job: Job, destination: Destination, error: _BadSettings) -> Ending:
    used = error.used
    if used and _fits(job.delivery.settings, destination.config):
        detail = f"{', '.join(used)}: {scrub(str(error), used)}"
        return Ending(job=job, outcome="paused", reason="bad_secret", detail=detail)
    return _refused(job, "bad_settings", f"with: {error}", used)


def _fits(settings: dict[str, Any], config: type[Struct]) -> bool:
    """Whether the settings are well but for the secrets, whose names stand in for them."""
    try:
        msgspec.convert(settings, config, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _refused(job: Job, reason: str, detail: str, used: dict[str, str]) -> Ending:
    return Ending(job=job, outcome="refused", reason=reason, detail=scrub(detail, used))
