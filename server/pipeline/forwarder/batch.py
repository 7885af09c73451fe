"""Deliveries that share a request, and the request that they become."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from server.delivery import Refused, Request
from server.destinations.contract import field_names
from server.pipeline.forwarder.ready import Ready, Sent

HASH_CHARS = 32

log = logging.getLogger(__name__)


def batches(ready: Iterable[Ready]) -> Iterator[list[Ready]]:
    """Those that may share a request, in their order: as many as the destination takes, by number
    and by bytes."""
    groups: dict[str, list[Ready]] = {}
    for one in ready:
        groups.setdefault(one.group, []).append(one)
    for group in groups.values():
        yield from _cut(group)


def rounds(ready: Sequence[Ready]) -> list[list[Ready]]:
    """What may be under way at the same time: of those that go in order, one of each key."""
    found: list[list[Ready]] = []
    turns: dict[str, int] = {}
    for one in ready:
        turn = turns.get(one.order, 0) if one.order else 0
        if one.order:
            turns[one.order] = turn + 1
        if turn == len(found):
            found.append([])
        found[turn].append(one)
    return found


def build(batch: Sequence[Ready], token: str, *, now: int) -> Request | Refused:
    """The request of a batch, at this moment."""
    destination = batch[0].destination
    try:
        sendings = [replace(ready.sending, sent_at=now, token=token) for ready in batch]
        return destination.wrap(sendings, [ready.message for ready in batch])
    except Exception as error:  # a bug of a destination costs these deliveries only, and is seen
        log.exception("destination %s could not build a request", destination.name)
        return Refused("unexpected", repr(error))


def is_too_large(request: Request, batch: Sequence[Ready]) -> bool:
    """Whether it must be cut in two before it is sent."""
    return len(batch) > 1 and len(request.body) > batch[0].destination.max_bytes


def sent(batch: Sequence[Ready], request: Request) -> list[Sent]:
    """What the request says of each of its events."""
    body = request.body
    digest = hashlib.sha256(body).hexdigest()[:HASH_CHARS] if body else ""
    whole = sum(ready.size for ready in batch)
    return [
        Sent(
            bytes=len(body) * ready.size // whole if whole else len(body) // len(batch),
            body_hash=digest,
            fields=tuple(field_names(ready.message)),
            match_keys=tuple(
                name for name, has in ready.destination.match_keys.items() if has(ready.message)
            ),
        )
        for ready in batch
    ]


def _cut(group: Sequence[Ready]) -> Iterator[list[Ready]]:
    destination = group[0].destination
    most = destination.max_bytes * 49 // 50  # a request says something beside its messages
    batch: list[Ready] = []
    size = 0
    for one in group:
        if batch and (len(batch) >= destination.max_events or size + one.size > most):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.size + 1
    yield batch
