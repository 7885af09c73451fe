from __future__ import annotations

from pathlib import Path

from server.clock import HOUR_MS
from server.journal import Mark, SegmentInfo, Shed, grown, look, survives_h
from server.journal.room import judge

RESERVE = 1000


def test_the_less_room_the_more_is_refused() -> None:
    told = {free: judge(free, RESERVE) for free in (1000, 999, 250, 249, 0)}
    assert told == {
        1000: Shed.NOTHING,
        999: Shed.ORDINARY,
        250: Shed.ORDINARY,
        249: Shed.CONVERSIONS,
        0: Shed.CONVERSIONS,
    }
    assert judge(0, 0) is Shed.NOTHING


def test_what_was_refused_is_taken_again_only_with_a_tenth_more() -> None:
    assert judge(1000, RESERVE, Shed.ORDINARY) is Shed.ORDINARY
    assert judge(1100, RESERVE, Shed.ORDINARY) is Shed.NOTHING
    assert judge(250, RESERVE, Shed.CONVERSIONS) is Shed.CONVERSIONS
    assert judge(275, RESERVE, Shed.CONVERSIONS) is Shed.ORDINARY
    assert judge(1000, RESERVE, Shed.CONVERSIONS) is Shed.ORDINARY
    assert judge(5000, RESERVE, Shed.CONVERSIONS) is Shed.NOTHING
    assert judge(100, RESERVE, Shed.ORDINARY) is Shed.CONVERSIONS


def test_a_look_tells_what_is_free_here(tmp_path: Path) -> None:
    assert look(tmp_path, 0).shed is Shed.NOTHING
    room = look(tmp_path, 1 << 60)
    assert (room.shed, room.reserve_bytes) == (Shed.CONVERSIONS, 1 << 60)
    assert 0 < room.free_bytes < 1 << 60


def test_an_outage_may_last_until_the_reserve_is_reached() -> None:
    assert survives_h(11_000, 1_000, 400) == 25
    assert survives_h(11_000, 1_000, 0) is None
    assert survives_h(10, 1_000, 400) == 0


def segment(seq: int, created_at: int, size: int) -> SegmentInfo:
    return SegmentInfo(seq=seq, src=1, created_at=created_at, path=Path(str(seq)), size=size)


def test_the_last_hour_s_growth_counts_a_segment_by_its_share_of_the_hour() -> None:
    now = 10 * HOUR_MS
    found = [
        segment(1, now - 3 * HOUR_MS, 9_000),
        segment(2, now - 3 * HOUR_MS // 2, 3_000),  # two thirds of its time lie before the hour
        segment(3, now - HOUR_MS // 4, 64_000_000),
    ]
    assert grown(found, Mark(seq=3, at=500), now=now) == 3_000 * 3 // 5 + 500
    assert grown([], Mark(), now=now) == 0
