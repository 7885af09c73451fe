from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from server.collector.app import make_app
from server.collector.teller import Teller
from server.telemetry.report import read_report
from tests.collector.doors import BODY, Door
from tests.running import wait_for
from tests.samples import NOON

TEXT = {"content-type": "text/plain"}


def test_the_figures_are_told_while_it_runs_and_at_the_end(door: Door, data: Path) -> None:
    teller = Teller(door.collector, data)
    with TestClient(make_app(door.collector, teller=teller)) as client:
        wait_for(lambda: read_report(data, "w0").told_at == NOON, "the first report")
        for body in (BODY, BODY, b"{"):
            client.post("/shop/hit", content=body, headers=TEXT)
        wait_for(lambda: read_report(data, "w0").hits == 2, "two hits")
        client.post("/shop/hit", content=BODY, headers=TEXT)
    last = read_report(data, "w0")
    assert (last.hits, last.refusals, last.synced_at) == (3, {"not_json": 1}, NOON)
    assert (sum(last.sync_seconds.counts), last.batch_hits.counts[0]) == (3, 3)
    assert last.sync_seconds.total > 0
    assert (last.pending_bytes, last.problem) == (0, "")


def test_a_new_process_goes_on_with_the_totals_of_the_last(tmp_path: Path, data: Path) -> None:
    for number in (1, 2):
        door = Door(tmp_path)
        teller = Teller(door.collector, data)
        with TestClient(make_app(door.collector, teller=teller)) as client:
            client.post("/shop/hit", content=BODY, headers=TEXT)
            client.post("/shop/hit", content=b"", headers=TEXT)
        told = read_report(data, "w0")
        assert (told.hits, told.refusals) == (number, {"empty_body": number})


def test_a_folder_that_takes_no_report_stops_nothing(door: Door, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    teller = Teller(door.collector, tmp_path / "file")
    with TestClient(make_app(door.collector, teller=teller)) as client:
        assert client.post("/shop/hit", content=BODY, headers=TEXT).status_code == 204
