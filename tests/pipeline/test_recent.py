from __future__ import annotations

import random
from pathlib import Path

from server.clock import HOUR_MS
from server.journal import Mark, SegmentWriter
from server.pipeline.recent import RecentIds, rebuild
from server.store.rows import encode_row
from tests.samples import NOON, event, reject

ONE, TWO, THREE = (event(number).event_id for number in (1, 2, 3))


def test_an_id_is_new_once_in_each_container() -> None:
    recent = RecentIds()
    assert [
        recent.add("demo", ONE, NOON),
        recent.add("demo", ONE, NOON + 5),
        recent.add("other", ONE, NOON),
        recent.add("demo", TWO, NOON),
    ] == [True, False, True, True]


def test_ids_are_forgotten_after_an_hour() -> None:
    recent = RecentIds()
    recent.add("demo", ONE, NOON)
    recent.add("demo", TWO, NOON + 1)
    recent.forget(NOON + HOUR_MS)
    assert not recent.add("demo", ONE, NOON)
    recent.forget(NOON + HOUR_MS + 1)
    assert recent.add("demo", ONE, NOON)
    assert not recent.add("demo", TWO, NOON)


def test_memory_is_bounded_and_the_oldest_go_first() -> None:
    recent = RecentIds(limit=2)
    for event_id in (ONE, TWO, THREE):
        recent.add("demo", event_id, NOON)
    recent.forget(NOON)
    assert len(recent) == 2
    assert [recent.add("demo", event_id, NOON) for event_id in (THREE, TWO, ONE)] == [
        False,
        False,
        True,
    ]


def test_it_is_rebuilt_from_what_the_spool_has_committed(tmp_path: Path) -> None:
    times = iter([NOON - 3 * HOUR_MS] * 3 + [NOON - HOUR_MS // 2] * 20)
    writer = SegmentWriter(tmp_path, segment_bytes=4096, now=lambda: next(times, NOON))
    writer.write([encode_row(event(1, received_at=NOON - 3 * HOUR_MS))])
    writer.roll()
    writer.write([encode_row(event(2, received_at=NOON - 1_000)), encode_row(reject())])
    end = writer.mark
    writer.write([encode_row(event(3, received_at=NOON - 500))])
    writer.close()
    recent = rebuild(tmp_path, end)
    assert len(recent) == 1
    assert [recent.add("demo", event_id, NOON) for event_id in (TWO, ONE, THREE)] == [
        False,
        True,
        True,
    ]


def test_an_empty_spool_is_no_memory(tmp_path: Path) -> None:
    assert len(rebuild(tmp_path, Mark())) == 0


def test_bytes_of_two_neighbours_are_no_id() -> None:
    recent = RecentIds()
    recent._buckets = [bytearray()]  # all of them in one
    ids = [f"{number:032x}" for number in range(300)]
    assert all(recent.add("demo", event_id, NOON) for event_id in ids)
    bucket = recent._buckets[0]
    for place in range(len(bucket) - 18):
        if place % 24 and bucket[place + 16 : place + 18] == b"\0\0":
            event_id = bucket[place : place + 16].hex()
            assert recent.add("demo", event_id, NOON) is (event_id not in ids)
            ids.append(event_id)


def test_it_remembers_what_a_dict_would() -> None:
    chance = random.Random(5)
    recent, known = RecentIds(limit=500), dict[tuple[str, str], int]()
    for step in range(5_000):
        key = (chance.choice(("demo", "other")), f"{chance.randrange(900):032x}")
        at = NOON + step * 10_000
        assert recent.add(*key, at) is (key not in known)
        known.setdefault(key, at)
        if step % 7 == 0:
            recent.forget(at)
            over = len(known) - 500
            for number, (old, seen_at) in enumerate(list(known.items())):
                if number >= over and seen_at >= at - HOUR_MS:
                    break
                del known[old]
        assert len(recent) == len(known)
