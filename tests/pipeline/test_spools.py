from __future__ import annotations

from pathlib import Path

from server import journal
from server.journal import Mark
from server.pipeline.spools import (
    backfill_spool,
    doubt,
    main_spool,
    open_spool,
    reached,
    recover_all,
    spool_folder,
    tag_of,
    tag_spool,
)
from server.pipeline.state import STATE_FILE, State, create_state
from tests.samples import NOON


def state_of(data: Path) -> State:
    create_state(data / STATE_FILE)
    return State(data / STATE_FILE)


def write(data: Path, state: State, payload: bytes, *, commit: bool) -> None:
    writer = open_spool(data, "store", state, now=lambda: NOON)
    writer.write([payload])
    writer.sync()
    if commit:
        state.commit_ends({"store": writer.mark})
    writer.close()


def payloads(data: Path) -> list[bytes]:
    folder = spool_folder(data, "store")
    return [record.payload for record in journal.read(folder, Mark()).records]


def test_a_name_says_whose_spool_it_is() -> None:
    assert tag_spool("shop", "ga4-eu") == "tag.shop.ga4-eu"
    assert backfill_spool("shop", "ga4-eu") == "tag.shop.ga4-eu.backfill"
    assert tag_of("tag.shop.ga4-eu.backfill") == ("shop", "ga4-eu")
    assert main_spool("tag.shop.ga4-eu.backfill") == main_spool("tag.shop.ga4-eu")
    assert tag_of("tag.shop.ga4-eu") == ("shop", "ga4-eu")


def test_what_was_not_committed_is_cut_away_even_at_the_very_beginning(data: Path) -> None:
    state = state_of(data)
    write(data, state, b"first", commit=False)
    write(data, state, b"second", commit=True)
    write(data, state, b"third", commit=False)
    open_spool(data, "store", state, now=lambda: NOON).close()
    assert payloads(data) == [b"second"]
    assert state.end(doubt("store")) == Mark()


def test_a_spool_of_a_lost_state_counts_and_is_doubted(data: Path) -> None:
    write(data, state_of(data), b"kept", commit=True)
    (data / STATE_FILE).unlink()
    state = state_of(data)
    open_spool(data, "store", state, now=lambda: NOON).close()
    assert payloads(data) == [b"kept"]
    assert Mark() < state.end(doubt("store")) == state.end("store")


def test_a_writer_that_wrote_nothing_has_reached_what_was_committed(data: Path) -> None:
    state = state_of(data)
    writer = open_spool(data, "store", state, now=lambda: NOON)
    there = Mark(seq=3, at=100, off=2)
    assert reached(writer, there) == there
    writer.write([b"a"])
    assert reached(writer, there) == writer.mark
    writer.close()


def test_a_tag_may_have_any_name(data: Path) -> None:
    assert doubt(tag_spool("shop", "ga4")) != tag_spool("shop", "doubt")
    assert not doubt(tag_spool("shop", "ga4")).startswith("tag.")


def test_after_a_lost_state_every_spool_counts_and_is_counted(data: Path) -> None:
    state = state_of(data)
    writer = open_spool(data, "tag.shop.hook", state, now=lambda: NOON)
    writer.write([b"a", b"b", b"c"])
    writer.sync()
    state.commit_ends({"tag.shop.hook": writer.mark})
    writer.close()
    (data / STATE_FILE).unlink()
    state = state_of(data)
    recover_all(data, state)
    assert state.ends("tag.") == {"tag.shop.hook": writer_end(data)}
    assert state.counts() == {"tag.shop.hook.routed": 3}


def writer_end(data: Path) -> Mark:
    return journal.read(spool_folder(data, "tag.shop.hook"), Mark()).mark


def test_a_number_that_was_promised_is_used_by_the_next_writer(data: Path) -> None:
    state, folder = state_of(data), spool_folder(data, "store")
    open_spool(data, "store", state, now=lambda: NOON).close()  # it dies before its first record
    mark = journal.read(folder, Mark(), until=state.end("store")).mark
    assert mark == state.end("store") > Mark()
    writer = open_spool(data, "store", state, now=lambda: NOON + 60_000)
    writer.write([b"first"])
    writer.sync()
    state.commit_ends({"store": writer.mark})
    chunk = journal.read(folder, mark, until=state.end("store"))
    assert ([record.payload for record in chunk.records], chunk.damage) == ([b"first"], [])
    writer.close()
