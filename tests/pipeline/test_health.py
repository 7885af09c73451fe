from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from msgspec.structs import replace

from server.cli import main
from server.clock import now_ms
from server.journal import Ahead, FolderLock
from server.pipeline.accounts import open_books
from server.pipeline.health import problems
from server.pipeline.standing import Disk, Files
from server.pipeline.state import STATE_FILE, State
from server.telemetry.report import Report, write_report
from tests.pipeline.conftest import Node
from tests.pipeline.test_metrics import node as sick
from tests.samples import NOON

WELL = replace(
    sick(),
    collectors=[Report(name="w0", told_at=NOON - 900)],
    identities=[replace(sick().identities[0], came=9)],
    lanes=[],
    disk=Disk(free=5, total=9, taken_an_hour=0),
)


def test_nothing_is_said_of_a_node_that_is_well() -> None:
    assert problems(WELL, runs=True, workers=1) == []


def test_everything_that_is_not_well_is_said() -> None:
    late = Files(
        name="store",
        kind="spool",
        bytes=9,
        ahead=Ahead(records=1, numbered=1, bytes=9, oldest_at=1),
        age_ms=360_000,
    )
    ill = replace(
        sick(),
        collectors=[*sick().collectors, Report(name="w2", told_at=NOON, problem="disk short")],
        files=[late],
        disk=Disk(free=1, total=99, taken_an_hour=0),
    )
    assert problems(ill, runs=False, workers=4) == [
        "The pipeline does not run: nothing is sorted, loaded or forwarded.",
        "Collector w2 is not ready: disk short",
        "2 of 4 collectors are silent: down, or their disk is full.",
        "The accounts of hits do not close, by 1: accepted 10 = sorted 9",
        "What is next to be loaded has waited for 6 minutes.",
        "The disk is nearly full: 1 bytes are free.",
        "Tag hook of shop sends nothing: credentials; see freehold deliveries.",
    ]


def status(data: Path, *options: str) -> Result:
    environ = {"FREEHOLD_DATA": str(data), "COLUMNS": "200"}
    return CliRunner().invoke(main, ["status", *options], env=environ)


def test_the_status_of_a_node_that_is_down_is_told_from_its_files(node: Node) -> None:
    node.take(b"a hit", b"another")
    write_report(node.data, Report(name="w0", hits=2, refusals={"origin": 3}, told_at=1))
    told = status(node.data)
    assert told.exit_code == 1
    assert "The pipeline does not run" in told.output
    assert "1 of 1 collectors are silent" in told.output
    assert "journal w0  2" in told.output
    assert "All is well" not in told.output


def test_the_status_of_a_node_that_runs_is_well_and_ends_with_0(node: Node) -> None:
    state = State(node.data / STATE_FILE)
    open_books(node.data, state)
    state.close()
    write_report(node.data, Report(name="w0", told_at=now_ms() + 60_000))
    lock = FolderLock(node.data / "state")  # as a pipeline holds it
    told = status(node.data, "--json")
    lock.release()
    found = json.loads(told.output)
    # The disk that tests run on may be full to nine tenths.
    assert [one for one in found["problems"] if "disk" not in one] == []
    assert told.exit_code == int(bool(found["problems"]))
    assert found["node"]["collectors"][0]["name"] == "w0"
    assert {one["name"] for one in found["node"]["identities"]} >= {"hits", "events"}


def test_a_folder_in_which_nothing_ran_has_no_status(tmp_path: Path) -> None:
    told = status(tmp_path)
    assert (told.exit_code, "no pipeline has run" in told.output) == (1, True)
