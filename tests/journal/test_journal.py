from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from server.journal import (
    MAX_RECORD_BYTES,
    FolderInUse,
    Journal,
    JournalBroken,
    JournalUnwritable,
    SegmentWriter,
)
from server.journal.spare import NAME

from .disk import Syncs, full_at
from .reading import drain, now, payloads


def test_a_record_can_be_read_the_moment_its_append_returns(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        for index in range(20):
            await journal.append(b"%d" % index)
            assert payloads(drain(tmp_path)) == [b"%d" % before for before in range(index + 1)]
        await journal.close()

    asyncio.run(main())


def test_concurrent_appends_share_few_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = Syncs(monkeypatch)

    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        await asyncio.gather(*[journal.append(b"%d" % index) for index in range(1000)])
        assert syncs.count == 1
        await asyncio.gather(*[many(journal, name) for name in range(100)])
        assert syncs.count <= 40
        await journal.close()

    async def many(journal: Journal, name: int) -> None:
        for index in range(10):
            await journal.append(b"%d.%d" % (name, index))

    asyncio.run(main())
    read = payloads(drain(tmp_path))
    assert read[:1000] == [b"%d" % index for index in range(1000)]
    assert sorted(read[1000:]) == sorted(
        b"%d.%d" % (name, index) for name in range(100) for index in range(10)
    )


def test_a_journal_that_falls_behind_says_so_until_it_has_caught_up(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now), max_pending_bytes=100)
        ahead = asyncio.create_task(journal.append(b"x" * 51))
        await asyncio.sleep(0)
        assert journal.problem == "backlog: 51 bytes wait for the disk"
        assert journal.pending_bytes == 51
        await ahead
        assert (journal.problem, journal.pending_bytes) == ("", 0)
        await journal.close()

    asyncio.run(main())


def test_what_was_written_is_counted_and_what_failed_is_not(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        await asyncio.gather(*[journal.append(b"x") for _ in range(3)])
        with full_at(100), pytest.raises(JournalUnwritable):
            await journal.append(b"y" * 100)
        written = journal.written
        assert (written.records, written.batch_records.total) == (3, 3.0)
        assert (sum(written.sync_seconds.counts), written.sync_seconds.total > 0) == (1, True)
        await journal.close()

    asyncio.run(main())


def test_an_append_returns_only_after_its_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = Syncs(monkeypatch)

    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        for index in range(10):
            assert syncs.count == index
            await journal.append(b"x")
        await journal.close()

    asyncio.run(main())


def test_who_submits_is_called_once_in_order_and_only_after_the_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = Syncs(monkeypatch)
    heard: list[tuple[int, Exception | None, int]] = []

    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        for index in range(3):
            journal.submit(b"%d" % index, partial(hear, index))
        assert heard == []
        await journal.append(b"last")
        await journal.close()

    def hear(index: int, error: Exception | None) -> None:
        heard.append((index, error, syncs.count))

    asyncio.run(main())
    assert heard == [(0, None, 1), (1, None, 1), (2, None, 1)]


def test_who_submits_hears_why_it_is_not_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Exception | None] = []

    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now), max_pending_bytes=30)
        Syncs(monkeypatch).failures = 1
        journal.submit(b"x" * 20, heard.append)
        with pytest.raises(JournalUnwritable, match="backlog"):
            journal.submit(b"x" * 20, heard.append)
        await journal.close()

    asyncio.run(main())
    assert [type(error) for error in heard] == [JournalUnwritable]


def test_one_that_fails_to_hear_does_not_keep_the_others_from_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        journal.submit(b"deaf", fail)
        await journal.append(b"x")
        await journal.close()

    def fail(error: Exception | None) -> None:
        raise RuntimeError("gone")

    asyncio.run(main())
    assert "nobody could be told" in caplog.text


def test_closing_writes_what_waits_and_refuses_more(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        tasks = [asyncio.create_task(journal.append(b"%d" % index)) for index in range(50)]
        await asyncio.sleep(0)
        with pytest.raises(FolderInUse):
            SegmentWriter(tmp_path, now=now)
        await journal.close()
        await asyncio.gather(*tasks)
        with pytest.raises(JournalUnwritable):
            await journal.append(b"late")
        await journal.close()

    asyncio.run(main())
    assert payloads(drain(tmp_path)) == [b"%d" % index for index in range(50)]
    SegmentWriter(tmp_path, now=now).close()


def test_a_cancelled_append_harms_nobody(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        first = asyncio.create_task(journal.append(b"cancelled"))
        second = asyncio.create_task(journal.append(b"kept"))
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert first.cancelled()
        await journal.close()

    asyncio.run(main())
    assert payloads(drain(tmp_path)) == [b"cancelled", b"kept"]


def test_a_backlog_over_the_bound_is_refused(tmp_path: Path) -> None:
    async def main() -> list[BaseException | None]:
        journal = Journal(SegmentWriter(tmp_path, now=now), max_pending_bytes=100)
        answers = await asyncio.gather(
            *[journal.append(b"x" * 30) for _ in range(5)], return_exceptions=True
        )
        await journal.append(b"room again")
        await journal.close()
        return answers

    assert [type(answer) for answer in asyncio.run(main())] == [
        type(None),
        type(None),
        type(None),
        JournalUnwritable,
        JournalUnwritable,
    ]
    assert payloads(drain(tmp_path)) == [b"x" * 30] * 3 + [b"room again"]


def test_a_full_disk_refuses_the_whole_batch_and_then_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, segment_bytes=16_384, now=now))
        await journal.append(b"before")
        assert journal.problem == ""
        with full_at(20_000):
            batch = [journal.append(b"x" * 10_000) for _ in range(3)]
            answers = await asyncio.gather(*batch, return_exceptions=True)
            assert "File too large" in journal.problem
        assert [type(answer) for answer in answers] == [JournalUnwritable] * 3
        assert len({id(answer) for answer in answers}) == 3
        await journal.append(b"after")
        assert journal.problem == ""
        await journal.close()

    asyncio.run(main())
    assert payloads(drain(tmp_path)) == [b"before", b"after"]


def test_a_record_too_large_is_refused_alone(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        sizes = [1, MAX_RECORD_BYTES, MAX_RECORD_BYTES + 1]
        batch = [journal.append(b"x" * size) for size in sizes]
        answers = await asyncio.gather(*batch, return_exceptions=True)
        assert [type(answer) for answer in answers] == [type(None), type(None), ValueError]
        await journal.close()

    asyncio.run(main())


def test_a_second_failed_sync_breaks_the_journal_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        journal = Journal(SegmentWriter(tmp_path, now=now))
        syncs = Syncs(monkeypatch)
        syncs.failures = 2
        with pytest.raises(JournalUnwritable) as first:
            await journal.append(b"x")
        with pytest.raises(JournalBroken):
            await journal.append(b"x")
        with pytest.raises(JournalBroken):
            await journal.append(b"x")
        assert (type(first.value), syncs.count) == (JournalUnwritable, 2)
        assert "two syncs" in journal.problem
        await journal.close()

    asyncio.run(main())


@pytest.mark.parametrize("reserve_bytes", [0, 1 << 60])
def test_the_next_segment_is_prepared_unless_the_disk_is_short(
    tmp_path: Path, reserve_bytes: int
) -> None:
    async def main() -> None:
        journal = Journal(
            SegmentWriter(tmp_path, segment_bytes=100_000, now=now),
            reserve_bytes=reserve_bytes,
            look_every_s=0.001,
        )
        await journal.append(b"x")
        is_short = reserve_bytes > 0
        while not is_short and not (tmp_path / NAME).exists():
            await asyncio.sleep(0.001)
        assert (journal.room.shed > 0, (tmp_path / NAME).exists()) == (is_short, not is_short)
        await journal.close()

    asyncio.run(main())
    assert not (tmp_path / NAME).exists()
