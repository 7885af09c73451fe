"""What is not well with a node, in words: what `freehold status` ends with, and cron tells of."""

from __future__ import annotations

from collections.abc import Iterator

from server.clock import MINUTE_MS
from server.pipeline.spools import tag_of
from server.pipeline.standing import Standing

LAG_MS = 5 * MINUTE_MS
LITTLE = 0.1
"""The share of the disk that should be free, for ClickHouse needs room to merge."""


def problems(node: Standing, *, runs: bool, workers: int) -> list[str]:
    """All that is not well; `runs`: a pipeline works on this data, `workers`: how many collectors
    there should be."""
    if not runs:
        down = ["The pipeline does not run: nothing is sorted, loaded or forwarded."]
    else:
        down = []
    return [*down, *_collectors(node, workers), *_flow(node), *_tags(node)]


def _collectors(node: Standing, workers: int) -> Iterator[str]:
    heard = 0
    for one in node.collectors:
        is_silent = one.is_silent(node.at)
        heard += not is_silent
        if one.problem and not is_silent:
            yield f"Collector {one.name} is not ready: {one.problem}"
    if heard < workers:
        yield f"{workers - heard} of {workers} collectors are silent: down, or their disk is full."


def _flow(node: Standing) -> Iterator[str]:
    for identity in node.identities:
        if identity.difference:
            off = identity.difference
            yield f"The accounts of {identity.name} do not close, by {off}: {identity}"
    for kind, doing in (("journal", "sorted"), ("spool", "loaded")):
        lag = node.lag_ms(kind)
        if lag > LAG_MS:
            yield f"What is next to be {doing} has waited for {lag // MINUTE_MS} minutes."
    if node.disk.free < node.disk.total * LITTLE:
        yield f"The disk is nearly full: {node.disk.free:,} bytes are free."


def _tags(node: Standing) -> Iterator[str]:
    for lane in node.lanes:
        if lane.reason:
            container, tag = tag_of(lane.spool)
            yield f"Tag {tag} of {container} sends nothing: {lane.reason}; see freehold deliveries."
