from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import journal
from server.clock import HOUR_MS
from server.enrich import open_places
from server.envelope import seal
from server.journal import Mark, SegmentWriter
from server.journal.header import HEADER_BYTES
from server.journal.scan import Scan
from server.pipeline.accounts import Accounts, Identity, open_books, take
from server.pipeline.forwarder.ledger import Ledger
from server.pipeline.forwarder.ready import Ending
from server.pipeline.loader import Loader
from server.pipeline.previewing import Plans
from server.pipeline.queue import Job, Progress
from server.pipeline.sorter import Sorter
from server.pipeline.spools import recover_all, spool_folder
from server.pipeline.state import STATE_FILE, State, create_state
from server.settings import Retention
from server.store.client import Connection
from server.telemetry.report import Report, write_report
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.pipeline.conftest import PLANS, SEAL, Node
from tests.pipeline.forwarder.owed import owed
from tests.samples import NOON, hit

AD = {"purposes": {"ad_storage": "granted"}}


class Books(Node):
    """A node with a sorter, a loader, and what the accounts say of them."""

    def __init__(self, data: Path, store: EmbeddedStore) -> None:
        super().__init__(data)
        self.state = State(data / STATE_FILE)
        self._store = store
        open_books(data, self.state)

    def sort(self) -> None:
        worker = Sorter(
            self.data, plans=Plans(live=PLANS), places=open_places(None), seal=SEAL, now=self.clock
        )
        while worker.step():
            pass
        worker.close()

    def loader(self) -> Loader:
        return Loader(
            self.data,
            connection=connect(self._store),
            retention=Retention(25, "Month"),
            now=self.clock,
        )

    def load(self) -> None:
        loader = self.loader()
        while loader.step():
            pass
        loader.close()

    def accounts(self) -> Accounts:
        return take(self.data, self.state)

    def of(self, name: str) -> Identity:
        [one] = [one for one in self.accounts().identities if one.name == name]
        return one

    def parts(self, name: str) -> dict[str, int]:
        """What is not zero of an identity that closes."""
        identity = self.of(name)
        assert identity.difference == 0, identity
        return {part: number for part, number in identity.parts.items() if number}

    def off(self) -> dict[str, int]:
        """What does not close, and by how much."""
        found = {one.name: one.difference for one in self.accounts().identities}
        return {name: difference for name, difference in found.items() if difference}


@pytest.fixture
def books(data: Path, shared_store: EmbeddedStore, connection: Connection) -> Iterator[Books]:
    books = Books(data, shared_store)
    yield books
    books.journal.close()
    books.state.close()


def payload(*numbers: int, received_at: int = NOON) -> bytes:
    """A hit; each of its events has a context beside it."""
    events = [
        {
            "name": f"e{number}",
            "id": f"0199c000-0000-7000-8000-{number:012d}",
            "url": "https://shop.example/?gclid=abc",
            "try": 1,
        }
        for number in numbers
    ]
    body = json.dumps({"v": 1, "events": events, "consent": AD})
    return seal(hit(body.encode(), received_at=received_at))


def wipe_first_frame(folder: Path) -> None:
    """Other bytes where the first frame was."""
    info = journal.segments(folder)[0]
    with Scan(info.path, info.seq) as scan:
        frame = scan.frame_at(HEADER_BYTES)
    assert frame is not None
    info.path.chmod(0o600)
    with info.path.open("r+b") as file:
        file.seek(HEADER_BYTES)
        file.write(b"\xff" * (frame.end - HEADER_BYTES))


def rewrite(books: Books, *, keep: slice, again: slice = slice(0)) -> None:
    """The store's spool with other rows, in whole frames, as a writer with a bug leaves it."""
    folder = spool_folder(books.data, "store")
    end = books.state.end("store")
    rows = [record.payload for record in journal.read(folder, Mark(), until=end).records]
    for segment in journal.segments(folder):
        segment.path.unlink()
    writer = SegmentWriter(folder, now=books.clock)
    writer.write(rows[keep] + rows[again])
    writer.sync()
    books.state.commit_ends({"store": writer.mark})
    writer.close()


def test_a_hit_is_accounted_for_wherever_it_is(books: Books) -> None:
    books.take(payload(1), payload(2, 3), payload(1), seal(hit(b"{}")))
    assert (books.parts("hits"), books.parts("events")) == ({"pending": 4}, {})
    books.sort()
    assert books.parts("hits") == {"sorted": 4}
    assert books.parts("events") == {"duplicate": 1, "pending": 7}
    books.load()
    assert books.parts("events") == {"stored": 6, "rejected": 1, "duplicate": 1}


def test_segments_that_are_gone_by_now_still_count(books: Books) -> None:
    for number in range(6):
        books.take(payload(number))
        books.journal.roll()
        if number % 2:
            books.sort()
    books.take(payload(9))
    assert len(journal.segments(books.data / "journal" / "w0")) < 6
    assert books.parts("hits") == {"sorted": 6, "pending": 1}


def test_a_hit_that_the_disk_loses_is_missed_until_it_is_known_to_be_lost(books: Books) -> None:
    books.take(payload(1))
    books.take(payload(2))
    wipe_first_frame(books.data / "journal" / "w0")
    assert books.off() == {"hits": 1}
    books.sort()
    assert books.parts("hits") == {"sorted": 1, "quarantined": 1}


def test_a_row_that_the_disk_loses_is_missed_until_it_is_known_to_be_lost(books: Books) -> None:
    books.take(payload(1))
    books.sort()
    books.take(payload(2))
    books.sort()
    wipe_first_frame(spool_folder(books.data, "store"))
    assert books.off() == {"events": 2}
    books.load()
    assert books.parts("events") == {"stored": 2, "quarantined": 2}


def test_rows_that_vanish_without_a_trace_are_missed_for_good(books: Books) -> None:
    books.take(payload(1, 2, 3))
    books.sort()
    rewrite(books, keep=slice(1, None))
    assert books.off() == {"events": 1}
    books.load()
    assert books.off() == {"events": 1}


def test_a_row_that_comes_twice_is_one_too_many(books: Books) -> None:
    books.take(payload(1, 2))
    books.sort()
    rewrite(books, keep=slice(None), again=slice(0, 1))
    assert books.off() == {"events": -1}
    books.load()
    assert books.off() == {"events": -1}


def test_a_segment_that_somebody_deleted_is_missed(books: Books) -> None:
    for number in (1, 2):
        books.take(payload(number))
        books.sort()  # each time the spool gets a segment of its own
    journal.segments(spool_folder(books.data, "store"))[0].path.unlink()
    assert books.off() == {"events": 2}
    books.load()
    assert books.off() == {"events": 2}


def test_a_crash_leaves_nothing_unaccounted_for(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    books.take(payload(1), payload(2))
    with monkeypatch.context() as patch:
        patch.setattr(State, "commit_sorted", crash)
        with pytest.raises(KeyboardInterrupt):
            books.sort()
    assert books.parts("hits") == {"pending": 2}
    books.sort()
    with monkeypatch.context() as patch:
        patch.setattr(State, "finish", crash)
        loader = books.loader()
        with pytest.raises(KeyboardInterrupt):
            loader.step()
        loader.close()
    assert books.parts("events") == {"pending": 4}
    books.load()
    assert books.parts("events") == {"stored": 4}


def test_what_comes_again_after_an_hour_is_a_duplicate_with_its_context(books: Books) -> None:
    books.take(payload(1))
    books.sort()
    books.load()
    books.now += 2 * HOUR_MS
    books.take(payload(2, received_at=books.now))  # so that the sorter knows how late it is
    books.sort()
    books.take(payload(1, received_at=books.now))
    books.sort()
    books.load()
    assert books.parts("events") == {"stored": 4, "duplicate": 2}


def test_rows_that_clickhouse_refuses_are_rejected(books: Books) -> None:
    books.take(payload(1, 2))
    books.sort()
    folder = spool_folder(books.data, "store")
    end = books.state.end("store")
    rows = [record.payload for record in journal.read(folder, Mark(), until=end).records]
    for segment in journal.segments(folder):
        segment.path.unlink()
    writer = SegmentWriter(folder, now=books.clock)
    poisoned = rows[0].replace(b'"id":"0199c000', b'"id":"?')
    writer.write([poisoned, *rows[1:]])
    writer.sync()
    books.state.commit_ends({"store": writer.mark})
    writer.close()
    books.load()
    assert books.parts("events") == {"stored": 3, "rejected": 1}


def test_what_a_collector_promised_and_the_journal_does_not_know_is_missed(books: Books) -> None:
    books.take(payload(1), payload(2))
    write_report(books.data, Report(name="w0", hits=1))  # one more is not told yet
    assert books.off() == {}
    write_report(books.data, Report(name="w0", hits=3))
    assert books.off() == {"promised": 1}
    books.sort()
    assert books.off() == {"promised": 1}


def test_promises_of_before_a_lost_state_are_not_held_against_the_new_one(data: Path) -> None:
    node = Node(data)
    node.take(*(payload(number) for number in range(6)))  # five of them are not told yet
    write_report(data, Report(name="w0", hits=1_000))
    state = State(data / STATE_FILE)
    open_books(data, state)
    write_report(data, Report(name="w0", hits=1_005))
    assert [one.difference for one in take(data, state).identities] == [0, 0, 0, 0]
    state.close()


def test_attempts_are_accounted_for_too(books: Books) -> None:
    ledger = Ledger(books.data, books.state, now=books.clock)
    ending = Ending(
        job=Job(delivery=owed(1, "http://127.0.0.1:9/")), outcome="delivered", is_attempt=True
    )
    ledger.write("tag.shop.hook", [ending], Progress(taken=1))
    ledger.close()
    assert books.parts("ledger") == {"pending": 1}
    books.load()
    assert books.parts("ledger") == {"stored": 1}


def test_a_state_that_was_lost_begins_its_books_anew(books: Books) -> None:
    books.take(payload(1))
    books.sort()
    books.load()
    books.take(payload(2))
    books.sort()
    books.state.close()
    for path in (books.data / "state").glob("pipeline.sqlite*"):
        path.unlink()
    create_state(books.data / STATE_FILE)
    books.state = State(books.data / STATE_FILE)
    recover_all(books.data, books.state)
    open_books(books.data, books.state)
    assert books.off() == {}
    books.sort()
    books.load()
    assert books.off() == {}


def test_a_state_of_an_older_version_begins_its_books_when_it_is_opened(books: Books) -> None:
    books.take(payload(1, 2))
    books.sort()
    books.load()
    with books.state.transaction():  # it had other names for what it counted
        books.state.db.execute("DELETE FROM counts WHERE name IN ('accepted', 'contexts')")
        books.state.db.execute("DELETE FROM notes")
    assert set(books.off()) == {"hits", "events"}
    open_books(books.data, books.state)
    books.take(payload(3))
    books.sort()
    assert books.off() == {}
