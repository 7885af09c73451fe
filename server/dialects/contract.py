"""What a dialect is: a name in the journal's hits, and a pure function that decodes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from server.model import Event, Hit, Person, Position, Reject

Decoded = tuple[Event, Person] | Reject

Decode = Callable[[Hit, Position], Iterator[Decoded]]
"""`decode(hit, position)`: the events of a hit in their order, with idx counted from
`position.idx`. It never raises on anything that a client can send: what cannot be read is a
Reject at the same position, so that each part of a hit ends up as exactly one row."""
