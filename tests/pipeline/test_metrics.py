from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server.clock import HOUR_MS
from server.histogram import histogram
from server.journal import Ahead
from server.pipeline.accounts import Identity
from server.pipeline.metrics import NodeMetrics
from server.pipeline.queue import Lane
from server.pipeline.standing import Disk, Files, Standing, look
from server.pipeline.state import STATE_FILE, State
from server.telemetry.report import Report, write_report
from tests.pipeline.conftest import Node
from tests.samples import NOON

HOOK = "tag.shop.hook"
COUNTS = {
    "sorted": 9,
    "decoded": 12,
    "duplicate": 2,
    "rejected.bad_name": 1,
    "damage.corrupt": 1,
    "quarantined": 3,
    "quarantined.store": 4,
    "loaded.events": 7,
    "refused.events": 1,
    "refused.kept": 1,
    "loaded_until": NOON,
    f"{HOOK}.routed": 5,
    f"{HOOK}.taken": 4,
    f"{HOOK}.delivered": 2,
    f"{HOOK}.backfill.delivered": 1,
    f"{HOOK}.replayed": 4,
    "reconcile.missing": 2,
    "reconciled_at": NOON - HOUR_MS,
}


def node() -> Standing:
    return Standing(
        at=NOON,
        counts=COUNTS,
        collectors=[
            Report(name="w0", told_at=NOON - 900, hits=10, refusals={"origin": 1}),
            Report(name="w1", told_at=NOON - 60_000, problem="disk short"),
        ],
        files=[
            Files(
                name="w0",
                kind="journal",
                bytes=4096,
                ahead=Ahead(records=2, numbered=2, bytes=300, oldest_at=NOON - 1_500),
                age_ms=1_500,
            ),
            Files(name="store", kind="spool", bytes=99, ahead=Ahead(), age_ms=0),
        ],
        identities=[Identity(name="hits", whole="accepted", came=10, parts={"sorted": 9})],
        lanes=[
            Lane(
                spool=HOOK, waiting=1, retrying=2, dead=3, delivered=3, replayed=4,
                reason="credentials", detail="401", since=NOON,
            )
        ],
        disk=Disk(free=5_000, total=9_000, taken_an_hour=70),
    )  # fmt: skip


def scraped(standing: Standing) -> dict[tuple[str, ...], float]:
    """Each sample, by its name and its labels' values in the order of the labels' names."""
    inserts = histogram((1.0,))
    inserts.note(0.5)
    registry = CollectorRegistry()
    registry.register(
        NodeMetrics(lambda: standing, inserts=inserts, destinations={HOOK: "webhook"})
    )
    text = generate_latest(registry).decode()
    return {
        (
            sample.name.removeprefix("freehold_"),
            *(v for _, v in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        (("hits_total", "w0"), 10),
        (("hit_refusals_total", "origin", "w0"), 1),
        (("collector_ready", "w0"), 1),
        (("collector_ready", "w1"), 0),
        (("hits_sorted_total",), 9),
        (("rejects_total", "bad_name"), 1),
        (("duplicates_total", "sorter"), 2),
        (("damage_total", "corrupt"), 1),
        (("quarantined_records_total", "journal"), 3),
        (("quarantined_records_total", "store"), 4),
        (("rows_loaded_total", "events"), 7),
        (("rows_refused_total", "events"), 1),
        (("insert_seconds_bucket", "1.0"), 1),
        (("insert_seconds_sum",), 0.5),
        (("loaded_timestamp_seconds",), NOON / 1000),
        (("lag_seconds", "sort"), 1.5),
        (("lag_seconds", "load"), 0),
        (("file_bytes", "journal", "w0"), 4096),
        (("pending_records", "journal", "w0"), 2),
        (("pending_bytes", "journal", "w0"), 300),
        (("pending_age_seconds", "journal", "w0"), 1.5),
        (("disk_free_bytes",), 5_000),
        (("disk_taken_bytes",), 70),
        (("deliveries_total", "shop", "webhook", "delivered", "hook"), 3),
        (("deliveries_replayed_total", "shop", "hook"), 4),
        (("deliveries_waiting", "shop", "hook"), 1),
        (("deliveries_retrying", "shop", "hook"), 2),
        (("deliveries_dead", "shop", "hook"), 3),
        (("tag_held", "shop", "credentials", "hook"), 1),
        (("identity_difference", "hits"), 1),
        (("reconciled_timestamp_seconds",), (NOON - HOUR_MS) / 1000),
        (("reconciled_rows_total", "missing"), 2),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, tuple) else "",
)
def test_every_figure_is_there(sample: tuple[str, ...], value: float) -> None:
    assert scraped(node())[sample] == value


def test_what_is_no_outcome_is_no_outcome() -> None:
    found = scraped(node())
    assert [key[3] for key in found if key[0] == "deliveries_total"] == ["delivered"]
    assert ("rows_refused_total", "kept") not in found


def test_a_node_is_seen_as_its_files_tell(tmp_path: Path) -> None:
    one = Node(tmp_path)
    one.take(b"a hit", b"another")
    write_report(tmp_path, Report(name="w0", hits=2, told_at=NOON))
    state = State(tmp_path / STATE_FILE)
    seen = look(tmp_path, state, now=NOON + 250)
    state.close()
    [journal] = seen.files
    assert (journal.name, journal.kind, journal.ahead.records) == ("w0", "journal", 2)
    assert (journal.age_ms, seen.lag_ms("journal"), seen.lag_ms("spool")) == (250, 250, 0)
    assert journal.bytes >= journal.ahead.bytes > 0
    assert [report.hits for report in seen.collectors] == [2]
    assert {identity.name: identity.difference for identity in seen.identities} == {
        "hits": 0,
        "promised": 0,
        "events": 0,
        "ledger": 0,
    }
    assert 0 < seen.disk.free <= seen.disk.total


def test_the_disk_tells_how_long_an_outage_may_last() -> None:
    disk = Disk(free=5_000, total=9_000, taken_an_hour=500)
    assert disk.survives_h(1_000) == 8
    assert Disk(free=5_000, total=9_000, taken_an_hour=0).survives_h(1_000) is None
