"""What a dialect is: a name in the journal's hits, and a pure function that decodes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from server.model import MAX_REJECT_BYTES, Event, Hit, Person, Position, Reason, Reject

Decoded = tuple[Event, Person] | Reject

Decode = Callable[[Hit, Position], Iterator[Decoded]]
"""`decode(hit, position)`: the events of a hit in their order, with idx counted from
`position.idx`. It never raises on anything that a client can send: what cannot be read is a
Reject at the same position, so that each part of a hit ends up as exactly one row."""


def refuse(hit: Hit, position: Position, reason: Reason, detail: str) -> Reject:
    """A hit that is refused as a whole. Only what the page sent is kept of it: never the address
    or the headers around it."""
    body = (hit.body or hit.query.encode())[:MAX_REJECT_BYTES]
    return Reject(
        src=position.src,
        off=position.off,
        idx=position.idx,
        container_id=hit.container_id,
        received_at=hit.received_at,
        reason=reason,
        detail=detail[:500],
        body=body.decode(errors="replace"),
    )
