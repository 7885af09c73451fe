"""The node's figures as Prometheus wants them: made anew at each scrape, from the files that the
processes write. Labels are names of ours: workers, containers, tags, reasons; nothing personal.

What only grows is a counter, and lives in the state, so that a restart does not begin it again; the
histogram of inserts is this process' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from server.histogram import Histogram
from server.pipeline.dead import REPLAYED
from server.pipeline.spools import TAG_PREFIX, main_spool, tag_of
from server.pipeline.standing import Standing
from server.telemetry.report import Report

RECONCILED = ("compared", "missing", "restored", "doubled", "removed", "extra", "broken_parts")

Rows = Sequence[tuple[tuple[str, ...], float]]


class NodeMetrics(Collector):
    """All families; `destinations` names each tag's, by its spool."""

    def __init__(
        self,
        look: Callable[[], Standing],
        *,
        inserts: Histogram,
        destinations: Mapping[str, str],
    ) -> None:
        self._look = look
        self._inserts = inserts
        self._destinations = destinations

    def collect(self) -> Iterator[Metric]:
        """One scrape."""
        node = self._look()
        yield from _collectors(node)
        yield from _sorted(node)
        yield from _loaded(node, self._inserts)
        yield from _files(node)
        yield from _deliveries(node, self._destinations)
        yield from _watched(node)


def _counter(name: str, told: str, labels: Sequence[str], rows: Rows) -> Metric:
    family = CounterMetricFamily(f"freehold_{name}", told, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _gauge(name: str, told: str, labels: Sequence[str], rows: Rows) -> Metric:
    family = GaugeMetricFamily(f"freehold_{name}", told, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _histogram(
    name: str, told: str, labels: Sequence[str], rows: Sequence[tuple[tuple[str, ...], Histogram]]
) -> Metric:
    family = HistogramMetricFamily(f"freehold_{name}", told, labels=labels)
    for values, one in rows:
        below, buckets = 0, []
        for bound, count in zip((*map(str, one.bounds), "+Inf"), one.counts, strict=True):
            below += count
            buckets.append((bound, below))
        family.add_metric(values, buckets=buckets, sum_value=one.total)
    return family


def _collectors(node: Standing) -> Iterator[Metric]:
    def rows(of: Callable[[Report], float]) -> Rows:
        return [((one.name,), of(one)) for one in node.collectors]

    told, worker = node.collectors, ["worker"]
    yield _counter("hits", "Hits that were acknowledged: the disk has them.", worker,
                   rows(lambda one: one.hits))  # fmt: skip
    yield _counter(
        "hit_refusals",
        "Requests that the door refused, by reason; unwritable: the disk would not promise.",
        ["worker", "reason"],
        [((one.name, reason), n) for one in told for reason, n in one.refusals.items()],
    )
    yield _histogram("journal_sync_seconds", "Writing and syncing one batch of hits.", worker,
                     [((one.name,), one.sync_seconds) for one in told])  # fmt: skip
    yield _histogram("journal_batch_hits", "Hits that shared a sync.", worker,
                     [((one.name,), one.batch_hits) for one in told])  # fmt: skip
    yield _gauge("journal_waiting_bytes", "Hits in memory that wait for the disk.", worker,
                 rows(lambda one: one.pending_bytes))  # fmt: skip
    yield _gauge("connections", "Open connections of browsers or proxies.", worker,
                 rows(lambda one: one.connections))  # fmt: skip
    yield _gauge("collector_ready", "1: it takes hits; 0: it says why not, or is silent.", worker,
                 rows(lambda one: not one.problem and not one.is_silent(node.at)))  # fmt: skip


def _sorted(node: Standing) -> Iterator[Metric]:
    counts = node.counts
    yield _counter("hits_sorted", "Hits that the sorter took in hand.", [],
                   [((), counts.get("sorted", 0))])  # fmt: skip
    yield _counter("events_decoded", "What hits were decoded into: events and rejects.", [],
                   [((), counts.get("decoded", 0))])  # fmt: skip
    yield _counter("rejects", "What was taken and then refused: rows of `rejects`, by reason.",
                   ["reason"], _named(counts, "rejected."))  # fmt: skip
    yield _counter(
        "duplicates",
        "Events that were there already, by who saw it: the sorter, the loader, reconciliation.",
        ["seen_by"],
        [
            (("sorter",), counts.get("duplicate", 0)),
            (("loader",), counts.get("duplicate.late", 0)),
            (("reconciliation",), counts.get("duplicate.removed", 0)),
        ],
    )
    yield _counter("damage", "Places in journals and spools that could not be read, by reason.",
                   ["reason"], _named(counts, "damage."))  # fmt: skip
    lost = [(("journal",), float(counts.get("quarantined", 0))), *_named(counts, "quarantined.")]
    yield _counter("quarantined_records", "Hits and rows that damage cost, where it is known.",
                   ["file"], lost)  # fmt: skip


def _loaded(node: Standing, inserts: Histogram) -> Iterator[Metric]:
    yield _histogram("insert_seconds", "One insert into ClickHouse.", [], [((), inserts)])
    yield _counter("rows_loaded", "Rows that ClickHouse has taken, by table.", ["table"],
                   _named(node.counts, "loaded."))  # fmt: skip
    yield _counter(
        "rows_refused", "Rows that ClickHouse refused for what is in them, by table.", ["table"],
        [row for row in _named(node.counts, "refused.") if row[0] != ("kept",)],
    )  # fmt: skip
    yield _gauge("loaded_timestamp_seconds", "When the newest loaded event was received.", [],
                 _moment(node, "loaded_until"))  # fmt: skip
    lags = [(("sort",), node.lag_ms("journal") / 1000), (("load",), node.lag_ms("spool") / 1000)]
    yield _gauge("lag_seconds", "How long the next hit waits for the sorter, a row for the loader.",
                 ["stage"], lags)  # fmt: skip


def _files(node: Standing) -> Iterator[Metric]:
    labels, files = ["kind", "name"], node.files
    yield _gauge("file_bytes", "Size of a journal or spool, with what was read already.", labels,
                 [((one.kind, one.name), one.bytes) for one in files])  # fmt: skip
    yield _gauge("pending_records", "Hits, rows or deliveries that a reader has before it.", labels,
                 [((one.kind, one.name), one.ahead.records) for one in files])  # fmt: skip
    yield _gauge("pending_bytes", "The same in bytes.", labels,
                 [((one.kind, one.name), one.ahead.bytes) for one in files])  # fmt: skip
    yield _gauge("pending_age_seconds", "How long the next of them has waited.", labels,
                 [((one.kind, one.name), one.age_ms / 1000) for one in files])  # fmt: skip
    yield _gauge("disk_free_bytes", "Free space on the disk of the data folder.", [],
                 [((), node.disk.free)])  # fmt: skip
    yield _gauge("disk_bytes", "Size of the disk of the data folder.", [],
                 [((), node.disk.total)])  # fmt: skip
    yield _gauge("disk_taken_bytes", "What rows for ClickHouse took in the last hour.", [],
                 [((), node.disk.taken_an_hour)])  # fmt: skip


def _deliveries(node: Standing, destinations: Mapping[str, str]) -> Iterator[Metric]:
    ended: Counter[tuple[str, ...]] = Counter()  # a tag has two spools
    for name, number in node.counts.items():
        spool, _, outcome = name.rpartition(".")
        if spool.startswith(TAG_PREFIX) and outcome not in ("routed", "taken", REPLAYED):
            ended[(*tag_of(spool), destinations.get(main_spool(spool), ""), outcome)] += number
    yield _counter("deliveries", "Deliveries that have ended, by tag and outcome.",
                   ["container", "tag", "destination", "outcome"], list(ended.items()),
                   )  # fmt: skip
    labels, lanes = ["container", "tag"], node.lanes
    yield _counter("deliveries_replayed", "Dead letters that were given another chance.", labels,
                   [(tag_of(lane.spool), lane.replayed) for lane in lanes])  # fmt: skip
    yield _gauge("deliveries_waiting", "Deliveries in a tag's spool, not tried yet.", labels,
                 [(tag_of(lane.spool), lane.waiting) for lane in lanes])  # fmt: skip
    yield _gauge("deliveries_retrying", "Deliveries that failed and are tried again.", labels,
                 [(tag_of(lane.spool), lane.retrying) for lane in lanes])  # fmt: skip
    yield _gauge("deliveries_dead", "Dead letters of the last thirty days.", labels,
                 [(tag_of(lane.spool), lane.dead) for lane in lanes])  # fmt: skip
    held = [((*tag_of(one.spool), one.reason), 1.0) for one in lanes if one.reason]
    yield _gauge("tag_held", "1 for a tag that sends nothing now, and why.",
                 ["container", "tag", "reason"], held)  # fmt: skip


def _watched(node: Standing) -> Iterator[Metric]:
    yield _gauge("identity_difference", "How far accounts are from closing; 0 is well.",
                 ["identity"], [((one.name,), one.difference) for one in node.identities],
                 )  # fmt: skip
    counts = node.counts
    yield _gauge("reconciled_timestamp_seconds", "When the last deep reconciliation ended.", [],
                 _moment(node, "reconciled_at"))  # fmt: skip
    found = [((word,), float(counts.get(f"reconcile.{word}", 0))) for word in RECONCILED]
    yield _counter("reconciled_rows", "What reconciliation compared, found and put right.",
                   ["what"], found)  # fmt: skip


def _moment(node: Standing, name: str) -> Rows:
    """A time in seconds; nothing if it has not been yet."""
    at = node.counts.get(name, 0)
    return [((), at / 1000)] if at else []


def _named(counts: Mapping[str, int], prefix: str) -> list[tuple[tuple[str, ...], float]]:
    """The totals under a name, each by what follows it."""
    return [
        ((name.removeprefix(prefix),), float(number))
        for name, number in sorted(counts.items())
        if name.startswith(prefix)
    ]
