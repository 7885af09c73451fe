from __future__ import annotations

from msgspec.structs import replace

from server.clock import DAY_MS
from server.model import Position
from server.store.client import Connection
from server.store.compare import (
    Held,
    Span,
    held,
    holds,
    mixed,
    place_of,
    places,
    refused,
    twice,
)
from server.store.insert import insert
from server.store.rows import encode_row, head_of, split_row
from tests.samples import NOON, event, reject

SRC = event().src
PLACES = [(1, 0), (2, 0), (2, 65_535), (2**32 - 1, 65_535), (0, 1)]


def line(off: int, idx: int, **more: object) -> bytes:
    return split_row(encode_row(event(1, off=off, idx=idx, **more)))[1]


def digest(*places: tuple[int, int]) -> int:
    return sum(mixed(place_of(*place)) for place in places) % 2**64


def span(low: tuple[int, int], high: tuple[int, int], **more: int) -> Span:
    known = Span(src=SRC, low=place_of(*low), high=place_of(*high), begin=NOON, end=NOON + DAY_MS)
    return replace(known, **more)


def test_clickhouse_and_we_make_the_same_digest(connection: Connection) -> None:
    insert(connection, "events", [line(*place) for place in PLACES], token="all")
    whole = span((0, 0), (2**32 - 1, 65_535))
    assert held(connection, "events", [whole]) == {SRC: Held(rows=5, digest=digest(*PLACES))}


def test_only_the_span_is_counted(connection: Connection) -> None:
    rows = [line(*place) for place in PLACES]
    rows += [line(3, 0, src=9), line(4, 0, src=9), line(2, 1, received_at=NOON - 1)]
    insert(connection, "events", rows, token="all")
    spans = [span((1, 1), (2, 65_535)), span((3, 0), (3, 5), src=9)]
    assert held(connection, "events", spans) == {
        SRC: Held(rows=2, digest=digest((2, 0), (2, 65_535))),
        9: Held(rows=1, digest=digest((3, 0))),
    }
    assert places(connection, "events", spans) == {SRC: 2, 9: 1}


def test_a_row_that_is_there_twice_is_seen(connection: Connection) -> None:
    insert(connection, "events", [line(1, 0), line(2, 0)], token="once")
    insert(connection, "events", [line(2, 0)], token="twice")
    insert(connection, "events", [line(2, 0)], token="thrice")
    whole = span((0, 0), (9, 0))
    assert held(connection, "events", [whole])[SRC].rows == 4
    assert places(connection, "events", [whole]) == {SRC: 2}
    doubled = list(twice(connection, "events", whole, limit=10))
    assert [one.position for one in doubled] == [Position(src=SRC, off=2, idx=0)] * 2
    assert len({(one.part, one.row) for one in doubled}) == 2


def test_what_the_loader_made_itself_is_not_compared(connection: Connection) -> None:
    own = replace(reject(2), reason="store_refused")
    lines = [split_row(encode_row(one))[1] for one in (reject(1), own)]
    insert(connection, "rejects", lines, token="two")
    whole = span((0, 0), (9, 9))
    assert held(connection, "rejects", [whole])[SRC].rows == 1
    assert refused(connection, SRC, since=NOON) == {Position(src=SRC, off=2, idx=3)}


def test_digests_tell_sets_apart() -> None:
    assert digest((1, 0), (4, 0)) != digest((2, 0), (3, 0))
    assert digest((1, 0), (1, 0)) != digest((1, 0))


def test_a_table_holds_what_it_has_exactly(connection: Connection) -> None:
    rows = [line(*place) for place in PLACES] + [line(1, 0, src=9)]
    insert(connection, "events", rows, token="all")
    heads = [head_of(row) for row in rows]
    assert holds(connection, "events", heads)
    assert holds(connection, "events", heads[1:2])
    assert not holds(connection, "events", [*heads, head_of(line(1, 1))])
    assert not holds(connection, "events", [heads[4], *heads[1:4]])  # one of its own in between
    insert(connection, "events", rows[:1], token="again")
    assert not holds(connection, "events", heads)
