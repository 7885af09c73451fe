from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import asdict

from server import journal
from server.cli import main
from server.clock import DAY_MS, HOUR_MS, MINUTE_MS, now_ms
from server.errors import FreeholdError, StoreUnavailable
from server.journal import FolderLock, Mark, SegmentWriter
from server.pipeline import amend, occasions, passage, restore
from server.pipeline.reconcile import PATIENCE, Reconciler
from server.pipeline.runs import Phase, Run, Why, ask_for_run, is_running, load_run
from server.pipeline.spools import LEDGER, STORE
from server.pipeline.state import STATE_FILE, Plan, State
from server.pipeline.sweeper import Sweeper
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.pipeline.test_loader import Spool, events, ids
from tests.samples import NOON, attempt, context, event, reject


class Loaded(Spool):
    """A spool, a loader, and a reconciler that a test steps."""

    def __init__(self, data: Path, store: EmbeddedStore) -> None:
        super().__init__(data, store)
        self.now = now_ms() + MINUTE_MS
        if 2 * HOUR_MS <= self.now % DAY_MS < 4 * HOUR_MS:  # no night falls into a test by chance
            self.now += 2 * HOUR_MS

    def reconciler(self) -> Reconciler:
        return Reconciler(self.data, connection=connect(self._store), now=lambda: self.now)

    def put_and_load(self, *rows: bytes) -> None:
        self.put(*rows)
        self.load()

    def sweep(self) -> None:
        """What is old goes."""
        sweeper = Sweeper(self.data, reserve_bytes=0, now=lambda: self.now)
        sweeper.step()
        sweeper.close()

    def steps(self) -> int:
        """Steps until there is nothing to do; returns how many steps did something."""
        worker = self.reconciler()
        done = 0
        while worker.step():
            done += 1
        worker.close()
        return done

    def ask(self) -> Run:
        """A whole run, from being asked to its end."""
        ask_for_run(self.state, now=self.now)
        assert self.steps() > 0
        return self.run()

    def run(self) -> Run:
        run = load_run(self.state)
        assert run is not None
        return run


@pytest.fixture
def node(data: Path, shared_store: EmbeddedStore) -> Iterator[Loaded]:
    node = Loaded(data, shared_store)
    yield node
    node.writer.close()
    node.state.close()


@pytest.fixture
def boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What tells a boot's id."""
    path = tmp_path / "boot_id"
    path.write_text("first\n")
    monkeypatch.setattr(occasions, "BOOT_ID", path)
    return path


def rows(*numbers: int) -> list[bytes]:
    return [encode_row(event(number)) for number in numbers]


def lines(*numbers: int) -> list[bytes]:
    return [split_row(row)[1] for row in rows(*numbers)]


def found(run: Run, table: str = "events") -> dict[str, int]:
    """What was found in a table, without zeros."""
    return {name: count for name, count in asdict(run.found[table]).items() if count}


def command(connection: Connection, sql: str) -> None:
    with connection.open() as client:
        client.command(sql, settings={"mutations_sync": 2, "lightweight_deletes_sync": 2})


def count(connection: Connection, table: str) -> int:
    with connection.open() as client:
        return int(str(client.command(f"SELECT count() FROM freehold.{table}")))


def test_what_is_all_there_is_left_alone(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1, 2), encode_row(context(1)), encode_row(reject(3)))
    run = node.ask()
    assert {table: found(run, table) for table in run.found} == {
        "events": {"compared": 2},
        "event_context": {"compared": 1},
        "rejects": {"compared": 1},
    }
    assert node.state.counts() == {
        "loaded.events": 2,
        "loaded.event_context": 1,
        "loaded.rejects": 1,
        "reconcile.runs": 1,
        "reconcile.compared": 4,
        "reconciled_at": node.now,
        "loaded_until": NOON + 3,
    }


def test_a_part_that_is_lost_comes_back_exactly(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1, 2, 3))
    node.put_and_load(*rows(4, 5), encode_row(context(4)), encode_row(reject(6)))
    node.put_and_load(*rows(7, 8))
    for table in ("events", "event_context", "rejects"):
        command(connection, f"DELETE FROM freehold.{table} WHERE off BETWEEN 4 AND 6")
    run = node.ask()
    assert events(connection) == ids(1, 2, 3, 4, 5, 7, 8)
    assert found(run) == {"compared": 7, "missing": 2, "restored": 2}
    assert found(run, "event_context") == {"compared": 1, "missing": 1, "restored": 1}
    assert found(run, "rejects") == {"compared": 1, "missing": 1, "restored": 1}
    assert node.state.counts()["reconcile.missing"] == 4
    assert found(node.ask()) == {"compared": 7}


def test_all_of_a_segment_comes_back(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1), *[encode_row(event(n, src=77)) for n in (2, 3)])
    command(connection, "DELETE FROM freehold.events WHERE src = 77")
    assert found(node.ask()) == {"compared": 3, "missing": 2, "restored": 2}
    assert events(connection) == ids(1, 2, 3)


def test_attempts_come_back_too(node: Loaded, connection: Connection) -> None:
    ledger = SegmentWriter(node.data / "spools" / LEDGER, now=lambda: node.now)
    ledger.write([encode_row(attempt(number)) for number in (1, 2, 3)])
    ledger.sync()
    node.state.commit_ends({LEDGER: ledger.mark})
    ledger.close()
    node.load()
    command(connection, "DELETE FROM freehold.deliveries WHERE off = 2")
    assert found(node.ask(), "deliveries") == {"compared": 3, "missing": 1, "restored": 1}
    assert count(connection, "deliveries") == 3


def test_rows_that_are_there_twice_are_there_once_again(
    node: Loaded, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amend, "AT_ONCE", 2)
    node.put_and_load(*rows(*range(1, 11)))
    insert(connection, "events", lines(3, 4, 5), token="again")
    insert(connection, "events", lines(5, 6), token="and again")
    command(connection, "DELETE FROM freehold.events WHERE off = 9")
    run = node.ask()
    assert events(connection) == ids(*range(1, 11))
    assert found(run) == {
        **{"compared": 10, "missing": 1, "restored": 1},
        **{"doubled": 5, "removed": 5},
    }


def test_a_late_copy_does_not_come_back(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1, 2), encode_row(context(1)))
    again = {"off": 77, "resend": 1, "received_at": NOON + 2 * HOUR_MS}
    node.put_and_load(encode_row(event(1, **again)), encode_row(context(1, off=77)))
    run = node.ask()
    assert found(run) == {"compared": 3, "absent": 1}
    assert found(run, "event_context") == {"compared": 2, "absent": 1}
    assert events(connection) == ids(1, 2)


def test_an_event_that_is_lost_with_its_late_copy_comes_back_once(
    node: Loaded, connection: Connection
) -> None:
    node.put_and_load(*rows(1, 2))
    node.put_and_load(encode_row(event(1, off=77, resend=1, received_at=NOON + 2 * HOUR_MS)))
    command(connection, "TRUNCATE TABLE freehold.events")
    assert found(node.ask()) == {"compared": 3, "missing": 2, "restored": 2, "absent": 1}
    assert events(connection) == ids(1, 2)


def test_what_clickhouse_refused_is_not_tried_again(node: Loaded, connection: Connection) -> None:
    poison = rows(2)[0].replace(event(2).event_id.encode(), b"not-a-uuid")
    node.put_and_load(*rows(1), poison, *rows(3))
    assert found(node.ask()) == {"compared": 3, "absent": 1}
    command(connection, "TRUNCATE TABLE freehold.rejects")
    assert found(node.ask()) == {"compared": 3, "missing": 1, "refused": 1}
    assert [events(connection), count(connection, "rejects")] == [ids(1, 3), 1]


def test_what_the_spool_itself_repeats_is_there_once(node: Loaded, connection: Connection) -> None:
    twice = [encode_row(context(number)) for number in (1, 2, 3)]
    node.put_and_load(*rows(1, 2, 3), *twice)
    node.put_and_load(*twice)
    assert count(connection, "event_context") == 6
    assert found(node.ask(), "event_context") == {"compared": 6, "doubled": 3, "removed": 3}
    assert count(connection, "event_context") == 3
    command(connection, "TRUNCATE TABLE freehold.event_context")
    assert found(node.ask(), "event_context") == {"compared": 6, "missing": 3, "restored": 3}
    assert count(connection, "event_context") == 3


def test_a_right_that_lacks_costs_its_phase_only(
    node: Loaded, connection: Connection, shared_store: EmbeddedStore
) -> None:
    node.put_and_load(*rows(1, 2))
    ask_for_run(node.state, now=node.now)
    reader = connect(shared_store, "analyst")
    worker = Reconciler(node.data, connection=reader, now=lambda: node.now, rests=True)
    while worker.step():
        pass
    worker.close()
    assert [node.run().failure, found(node.run())] == ["", {"compared": 2}]


def test_a_row_without_a_place_does_not_stop_a_run(node: Loaded, connection: Connection) -> None:
    poison = rows(2)[0].replace(b'"off":2', b'"off":-2')
    node.put_and_load(*rows(1), poison, *rows(3))
    assert found(node.ask()) == {"compared": 2}


def test_what_its_ttl_took_stays_away(node: Loaded, connection: Connection) -> None:
    old = reject(1)
    row = encode_row(type(old)(**{**asdict(old), "received_at": NOON - 7 * DAY_MS + HOUR_MS // 2}))
    node.put(row)
    plan = Plan(token="long ago", end=node.writer.mark)
    node.state.begin(STORE, plan)
    node.state.finish(STORE, plan, {})
    node.put_and_load(encode_row(reject(2)))
    command(connection, "TRUNCATE TABLE freehold.rejects")
    assert found(node.ask(), "rejects") == {"compared": 1, "missing": 1, "restored": 1}
    assert count(connection, "rejects") == 1


def test_only_what_the_loader_passed_is_compared(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1, 2))
    node.put(*rows(3, 4))
    assert found(node.ask()) == {"compared": 2}
    assert events(connection) == ids(1, 2)


def test_what_is_loaded_meanwhile_is_no_difference(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1, 2))
    ask_for_run(node.state, now=node.now)
    worker, loader = node.reconciler(), node.loader()
    number = 3
    while worker.step():
        node.put(*rows(number))
        loader.step()
        number += 1
    worker.close()
    loader.close()
    assert number > 5
    assert found(node.run()) == {"compared": 2}


def test_what_no_spool_has_is_told_and_left(node: Loaded, connection: Connection) -> None:
    node.put_and_load(*rows(1, 2, 4))
    insert(connection, "events", lines(3), token="from nowhere")
    assert found(node.ask()) == {"compared": 3, "extra": 1}
    assert events(connection) == ids(1, 2, 3, 4)
    assert node.state.counts()["reconcile.extra"] == 1


def test_a_reboot_is_an_occasion_once(node: Loaded, connection: Connection, boot: Path) -> None:
    node.put_and_load(*rows(1, 2))
    assert node.steps() == 0
    command(connection, "DELETE FROM freehold.events WHERE off = 2")
    boot.write_text("second\n")
    assert node.steps() > 0
    assert [node.run().why, found(node.run())["restored"]] == [Why.REBOOT, 1]
    assert events(connection) == ids(1, 2)
    assert node.steps() == 0


def test_each_night_is_an_occasion_once(node: Loaded, connection: Connection, boot: Path) -> None:
    node.put_and_load(*rows(1))
    node.now += (DAY_MS + 12 * HOUR_MS - node.now % DAY_MS) % DAY_MS  # from noon, two nights
    begun = []
    for _ in range(4 * 24):
        if node.steps():
            begun.append((node.run().why, node.run().started_at % DAY_MS // HOUR_MS))
        node.now += 30 * MINUTE_MS
    assert [why for why, _ in begun] == [Why.NIGHTLY, Why.NIGHTLY]
    assert {hour for _, hour in begun} <= {3, 4}


def test_a_run_goes_on_where_a_restart_left_it(
    node: Loaded, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage, "STEP_ROWS", 2)
    for number in range(1, 11):
        node.put(*rows(number))
    node.load()
    command(connection, "DELETE FROM freehold.events WHERE off IN (2, 9)")
    ask_for_run(node.state, now=node.now)
    seen: list[tuple[Phase, Mark]] = []
    while not seen or not node.run().ended_at:
        worker = node.reconciler()
        assert worker.step() == 1
        worker.close()
        seen.append((node.run().phase, node.run().mark))
    assert seen == sorted(seen, key=lambda one: (list(Phase).index(one[0]), one[1]))
    assert len({mark for phase, mark in seen if phase is Phase.READ}) > 4
    assert found(node.run()) == {"compared": 10, "missing": 2, "restored": 2}
    assert events(connection) == ids(*range(1, 11))


def test_a_crash_after_restoring_tells_it_once_and_doubles_nothing(
    node: Loaded, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.put_and_load(*rows(1, 2, 3))
    command(connection, "DELETE FROM freehold.events WHERE off > 1")

    def inserted_and_killed(*arguments: object, **more: object) -> None:
        insert(*arguments, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    ask_for_run(node.state, now=node.now)
    with monkeypatch.context() as patch:
        patch.setattr(restore, "insert", inserted_and_killed)
        with pytest.raises(KeyboardInterrupt):
            node.steps()
    node.steps()
    assert found(node.run()) == {"compared": 3, "missing": 2, "restored": 2}
    assert events(connection) == ids(1, 2, 3)


def test_no_segment_goes_while_a_run_needs_it(node: Loaded, connection: Connection) -> None:
    for number in (1, 2, 3):
        node.put(*rows(number))
        node.writer.roll()
    node.load()
    ask_for_run(node.state, now=node.now)
    worker = node.reconciler()
    worker.step()
    assert is_running(node.state)
    node.now += 4 * DAY_MS
    node.put_and_load(*rows(4))
    node.sweep()
    folder = node.data / "spools" / "store"
    assert len(journal.segments(folder)) == 4
    while is_running(node.state):
        worker.step()
    worker.close()
    node.put_and_load(*rows(5))
    node.sweep()
    assert len(journal.segments(folder)) < 4


def test_a_run_that_cannot_go_on_is_given_up_and_told(
    node: Loaded, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.put_and_load(*rows(1))

    def unreadable(*_: object) -> None:
        raise StoreUnavailable("a column cannot be read")

    monkeypatch.setattr(amend, "held", unreadable)
    ask_for_run(node.state, now=node.now)
    failures = 0
    worker = node.reconciler()
    while not node.state.counts().get("reconcile.failed"):
        try:
            worker.step()
        except FreeholdError:
            failures += 1
    worker.close()
    assert [failures, node.run().failure] == [PATIENCE - 1, "a column cannot be read"]
    assert node.steps() == 0


def test_an_event_from_two_nodes_stays_where_it_came_first(
    node: Loaded, connection: Connection
) -> None:
    def other(number: int, at: int, **more: object) -> list[bytes]:
        place = {"src": 50, "off": number, "received_at": NOON + at, **more}
        return [split_row(encode_row(event(number, **place)))[1]]

    node.put_and_load(*rows(1, 2, 3), encode_row(context(2)))
    insert(connection, "events", other(1, HOUR_MS), token="later")
    insert(connection, "events", other(2, -HOUR_MS), token="earlier")
    insert(connection, "events", other(3, HOUR_MS, container_id="other"), token="another's")
    insert(connection, "events", other(9, -9 * DAY_MS), token="long ago")
    insert(connection, "events", other(9, 0, src=51), token="and again")
    run = node.ask()
    with connection.open() as client:
        left = client.query(
            "SELECT container_id, toUInt8(substring(toString(event_id), -2)), src "
            "FROM freehold.events ORDER BY ALL"
        ).result_rows
    own = event(1).src
    assert left == [
        *[("demo", 1, own), ("demo", 2, 50), ("demo", 3, own), ("demo", 9, 50), ("demo", 9, 51)],
        ("other", 3, 50),
    ]
    assert found(run) == {"compared": 3, "copies": 2, "copies_removed": 2}
    assert node.state.counts()["duplicate.removed"] == 2
    assert count(connection, "event_context") == 0
    later = node.ask()
    assert found(later) == {"compared": 3, "absent": 1}
    assert found(later, "event_context") == {"compared": 1, "absent": 1}


def test_parts_that_a_dying_disk_spoilt_are_healed(data: Path, tmp_path: Path, boot: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        node = Loaded(data, store)
        for numbers in ((1, 2), (3, 4), (5, 6)):
            node.put_and_load(*rows(*numbers))
        assert node.steps() == 0
        store.kill()
        parts = sorted((store.folder / "engine" / "data" / "freehold" / "events").glob("*_0"))
        spoil(parts[0] / "columns.txt", bytes)
        spoil(parts[1] / "data.bin", flipped_at_the_end)
        store.start()
        connection = connect(store)
        node.now += 11 * MINUTE_MS
        assert node.steps() > 0
        assert [node.run().why, found(node.run())] == [
            Why.BROKEN_PART,
            {"compared": 6, "missing": 2, "restored": 2},
        ]
        assert found(node.ask()) == {
            **{"compared": 6, "missing": 2, "restored": 2},
            **{"broken_parts": 1, "healed_parts": 1},
        }
        assert events(connection) == ids(*range(1, 7))
        assert node.state.counts()["reconcile.broken_parts"] == 2
        assert found(node.ask()) == {"compared": 6}
        connection.close()
        node.writer.close()
        node.state.close()


def spoil(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.chmod(0o600)
    path.write_bytes(change(path.read_bytes()) if change is not bytes else b"")


def flipped_at_the_end(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def flipped_at_the_start(data: bytes) -> bytes:
    """In the block of the first columns, where the positions are too."""
    return data[:40] + bytes([data[40] ^ 1]) + data[41:]


@pytest.mark.parametrize("has_others", [False, True])
def test_a_part_whose_positions_cannot_be_read_is_healed_if_its_rows_are_in_the_spools(
    data: Path, tmp_path: Path, boot: Path, has_others: bool
) -> None:
    with EmbeddedStore(tmp_path) as store:
        node = Loaded(data, store)
        for numbers in ((1, 2), (3, 4)):
            node.put_and_load(*rows(*numbers))
        connection = connect(store)
        if has_others:
            other = split_row(encode_row(event(9, src=50)))[1]
            insert(connection, "events", [*lines(5), other], token="of another node")
        store.kill()
        parts = sorted((store.folder / "engine" / "data" / "freehold" / "events").glob("*_0"))
        spoil(parts[-1] / "data.bin", flipped_at_the_start)
        store.start()
        ask_for_run(node.state, now=node.now)
        if has_others:
            with pytest.raises(FreeholdError, match="CHECKSUM"):
                node.steps()
            run = load_run(node.state)
            assert run is not None
            assert found(run)["broken_parts"] == 1
            assert "healed_parts" not in found(run)
        else:
            assert node.steps() > 0
            assert found(node.run()) == {
                **{"compared": 4, "missing": 2, "restored": 2},
                **{"broken_parts": 1, "healed_parts": 1},
            }
            assert events(connection) == ids(1, 2, 3, 4)
        connection.close()
        node.writer.close()
        node.state.close()


def test_a_broken_part_with_rows_that_no_spool_has_is_left(
    data: Path, tmp_path: Path, boot: Path
) -> None:
    with EmbeddedStore(tmp_path) as store:
        node = Loaded(data, store)
        node.put_and_load(*rows(1, 2))
        connection = connect(store)
        other = split_row(encode_row(event(9, src=50)))[1]
        insert(connection, "events", [*lines(3), other], token="of another node")
        store.kill()
        parts = sorted((store.folder / "engine" / "data" / "freehold" / "events").glob("*_0"))
        spoil(parts[-1] / "data.bin", flipped_at_the_end)
        store.start()
        connection.close()
        assert found(node.ask())["broken_parts"] == 1
        assert "healed_parts" not in found(node.run())
        node.writer.close()
        node.state.close()


def environment(node: Loaded, store: EmbeddedStore) -> dict[str, str]:
    password = store.passwords.freehold
    return {
        "FREEHOLD_DATA": str(node.data),
        "FREEHOLD_CLICKHOUSE": f"http://freehold:{password}@127.0.0.1:{store.port}",
    }


def test_the_command_does_it_itself_when_no_pipeline_runs(
    node: Loaded, connection: Connection, shared_store: EmbeddedStore
) -> None:
    node.put_and_load(*rows(1, 2, 3))
    command(connection, "DELETE FROM freehold.events WHERE off = 2")
    runner = CliRunner(env=environment(node, shared_store))
    first = runner.invoke(main, ["reconcile"])
    assert [first.exit_code, "events" in first.stdout] == [1, True]
    assert events(connection) == ids(1, 2, 3)
    assert runner.invoke(main, ["reconcile"]).exit_code == 0


def test_the_command_asks_the_pipeline_that_runs(
    node: Loaded, connection: Connection, shared_store: EmbeddedStore
) -> None:
    node.put_and_load(*rows(1, 2, 3))
    command(connection, "DELETE FROM freehold.events WHERE off = 2")
    lock = FolderLock((node.data / STATE_FILE).parent)
    over = threading.Event()

    def pipeline() -> None:
        worker = node.reconciler()
        while not over.is_set():
            if not worker.step():
                over.wait(0.1)
        worker.close()

    thread = threading.Thread(target=pipeline)
    thread.start()
    try:
        told = CliRunner(env=environment(node, shared_store)).invoke(main, ["reconcile"])
    finally:
        over.set()
        thread.join()
        lock.release()
    assert told.exit_code == 1
    assert events(connection) == ids(1, 2, 3)


def test_the_command_says_when_there_is_nothing_to_reconcile(tmp_path: Path) -> None:
    runner = CliRunner(env={"FREEHOLD_DATA": str(tmp_path / "nowhere")})
    told = runner.invoke(main, ["reconcile"])
    assert [told.exit_code, "no pipeline has run" in told.stderr] == [1, True]


def test_a_state_of_an_older_version_is_no_obstacle(node: Loaded) -> None:
    node.state.db.execute("DROP TABLE notes")
    node.state.db.execute("DROP TABLE tallies")
    from server.pipeline.state import create_state

    create_state(node.data / STATE_FILE)
    state = State(node.data / STATE_FILE)
    assert load_run(state) is None
    state.close()
