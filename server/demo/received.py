"""What the recorder keeps of a request: enough to read it, never a secret, a bounded amount."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from server.demo.playing import Played

MAX_REQUESTS = 500
MAX_BODY_BYTES = 256 * 1024
MAX_KEPT_BYTES = 32 * 1024 * 1024
MAX_INDENTED_BYTES = 1024 * 1024
MAX_FIELDS = 100
MAX_FAULTS = 20
SECRETS = frozenset(
    {
        "access_token",
        "api_key",
        "api_secret",
        "apikey",
        "authorization",
        "client_secret",
        "password",
        "secret",
        "signature",
        "token",
    }
)
SECRETS_OF_QUERIES = SECRETS | {"auth", "key", "sig"}
MASK = "…"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class Received(Struct, frozen=True, kw_only=True):
    """One request as it is shown."""

    number: int
    received_at: int
    method: str
    partner: str
    docs: str
    path: str
    query: list[tuple[str, str]]
    size: int
    """Bytes that came; more than `body` shows when it is cut."""
    names: list[str]
    """Events in it."""
    body: str
    faults: list[str]
    """What is wrong with it by the partner's rules."""
    taken: int
    """Events that the partner took."""
    trouble: str
    """What went wrong by script: its kind."""
    marks: list[str]
    """What ties it to rows of `events`: every UUID in it, and GA4's `name@occurred_at`."""
    status: int
    answer: str


class Arrived(Struct, frozen=True, kw_only=True):
    """A request's raw parts; `body` is at most MAX_BODY_BYTES of it."""

    method: str
    path: str
    query: str
    body: bytes
    size: int


class Shelf:
    """The last requests, in order; the oldest go when there are too many, or too large ones. They
    are made readable when somebody looks."""

    def __init__(self) -> None:
        self._kept: deque[tuple[Arrived, Played, int]] = deque()
        self._bytes = 0
        self.last = 0

    def add(self, arrived: Arrived, played: Played, *, now: int) -> None:
        """Keeps a request under the next number."""
        self.last += 1
        self._kept.append((arrived, played, now))
        self._bytes += len(arrived.body)
        while len(self._kept) > MAX_REQUESTS or self._bytes > MAX_KEPT_BYTES:
            self._bytes -= len(self._kept.popleft()[0].body)

    def after(self, number: int) -> list[Received]:
        """Those that came after a number, oldest first."""
        first = self.last - len(self._kept) + 1
        skip = max(0, number + 1 - first)
        return [
            shown(arrived, played, number=first + place, now=now)
            for place, (arrived, played, now) in enumerate(self._kept)
            if place >= skip
        ]


def shown(arrived: Arrived, played: Played, *, number: int, now: int) -> Received:
    """What is shown of a request; any bytes do."""
    document = _document(arrived.body)
    faults = list(played.read.verdict())[:MAX_FAULTS]
    return Received(
        number=number,
        received_at=now,
        method=arrived.method,
        partner=played.partner.title,
        docs=played.partner.docs,
        path=_text(arrived.path[:2048]),
        query=masked_query(arrived.query),
        size=arrived.size,
        names=[_text(item.name) for item in played.read.items[:MAX_FIELDS] if item.name],
        body=_text(_shown(arrived.body, document)),
        faults=[_text(fault[:300]) for fault in faults],
        taken=played.taken,
        trouble=played.trouble.kind if played.trouble else "",
        marks=[_text(mark) for mark in _marks(arrived.body, document)],
        status=played.answer.status,
        answer=_masked_text(_text(played.answer.body[:4096].decode(errors="replace"))),
    )


def masked_query(query: str) -> list[tuple[str, str]]:
    """The parameters, a few at most, secrets without their value."""
    pairs = parse_qsl(query[:16_384], keep_blank_values=True, errors="replace")[:MAX_FIELDS]
    return [(name, MASK if name.lower() in SECRETS_OF_QUERIES else value) for name, value in pairs]


def _text(text: str) -> str:
    """Halves of surrogate pairs, which JSON can say and UTF-8 cannot, become question marks."""
    return text.encode(errors="replace").decode()


def _document(body: bytes) -> Any:
    """The body's JSON; None: it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _shown(body: bytes, document: Any) -> str:
    """The body as text: indented when it is JSON of a reasonable shape, else as it came."""
    depth = _depth(document)
    lines = sum(body.count(sign) for sign in (b",", b"{", b"}", b"[", b"]"))
    if document is None or depth > 32 or lines * depth * 2 > MAX_INDENTED_BYTES:
        return _masked_text(body.decode(errors="replace"))
    return json.dumps(_masked(document), indent=2, ensure_ascii=False)


def _depth(document: Any) -> int:
    """How deep lists and objects stand in each other, 33 at most."""
    level, depth = [document], 0
    while depth < 33:
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return depth
        depth += 1
    return depth


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: MASK if key.lower() in SECRETS else _masked(inner) for key, inner in value.items()
        }
    return [_masked(inner) for inner in value] if isinstance(value, list) else value


_SECRET = re.compile(
    rf'("?\b(?:{"|".join(sorted(SECRETS))})\b"?\s*[=:]\s*"?)[^"&\s,}}]+', re.IGNORECASE
)


def _masked_text(text: str) -> str:
    """Forms and broken JSON: what stands behind a secret's name."""
    return _SECRET.sub(rf"\1{MASK}", text)


def _events(document: Any) -> list[tuple[str, int]]:
    """Name and time in ms of each event in GA4's shape; 0: it says no time."""
    events = document.get("events") if isinstance(document, dict) else None
    known = [e for e in events if isinstance(e, dict)] if isinstance(events, list) else []
    return [
        (str(e.get("name", ""))[:100], _milliseconds(e) or _milliseconds(document))
        for e in known[:100]
    ]


def _milliseconds(holder: dict[str, Any]) -> int:
    micros = str(holder.get("timestamp_micros", ""))
    return int(micros) // 1000 if re.fullmatch(r"[0-9]{1,20}", micros) else 0


def _marks(body: bytes, document: Any) -> list[str]:
    found = _UUID.findall(body.decode(errors="replace").lower())
    timed = [f"{name}@{at}" for name, at in _events(document) if at]
    return list(dict.fromkeys([*found[:200], *timed]))
