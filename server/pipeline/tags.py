"""How each tag of a node stands, by what the node's own files know and what the ledger tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from server.journal import ahead
from server.pipeline.pauses import pauses
from server.pipeline.queue import Lane, Queue
from server.pipeline.spools import TAG_PREFIX, main_spool, spool_folder, tag_of
from server.pipeline.state import State
from server.store.ledger import Told


class TagStanding(Struct, frozen=True, kw_only=True):
    """One tag; `told` is None where ClickHouse was not asked."""

    container_id: str
    tag: str
    type: str
    oldest_ms: int
    """How long the next of its deliveries has waited; 0: none waits."""
    lane: Lane
    told: Told | None = None


def standings(
    data: Path,
    state: State,
    types: Mapping[str, str],
    told: Mapping[tuple[str, str], Told] | None,
    *,
    now: int,
) -> list[TagStanding]:
    """Each tag that this node has owed something, has paused, or runs; `types` has the destination
    of those that run, by their spools."""
    spools = {main_spool(spool) for spool in (*state.ends(TAG_PREFIX), *pauses(state), *types)}
    oldest = _oldest(data, state, spools)
    found = []
    for lane in Queue(state).lanes(sorted(spools)):
        container_id, tag = tag_of(lane.spool)
        ledger = None if told is None else told.get((container_id, tag), Told())
        found.append(
            TagStanding(
                container_id=container_id,
                tag=tag,
                type=types.get(lane.spool) or (ledger.destination if ledger else ""),
                oldest_ms=max(0, now - oldest.get(lane.spool, now)),
                lane=lane,
                told=ledger,
            )
        )
    return found


def _oldest(data: Path, state: State, spools: Iterable[str]) -> dict[str, int]:
    """When the oldest that waits came, by spool, in ms; of live traffic."""
    found: dict[str, int] = {}
    for spool in spools:
        with suppress(FileNotFoundError):  # its reader has just passed it
            first = ahead(spool_folder(data, spool), state.cursor(spool), state.end(spool))
            if first.records:
                found[spool] = first.oldest_at
    rows = state.db.execute("SELECT spool, min(received_at) FROM retries GROUP BY spool")
    for spool, at in rows:
        if at is not None:
            found[spool] = min(at, found.get(spool, at))
    return found
