"""The spools between the loops: one folder each under `data/spools`, in the journal's format.

    store                 rows for ClickHouse           sorter ──▶ loader
    tag.<container>.<tag> deliveries of one tag         sorter ──▶ forwarder
    … .backfill           the same tag's, of the past   back-fill ──▶ forwarder
    ledger                rows of `deliveries`          forwarder ──▶ loader

A spool counts up to its committed end, which stands in the state; beyond it is what a crash left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from server import journal
from server.journal import FolderInUse, FolderLock, Mark, SegmentWriter
from server.pipeline.state import State

STORE = "store"
LEDGER = "ledger"
TAG_PREFIX = "tag."
BACKFILL = ".backfill"
"""What the name of a tag's other spool ends with: each spool has one writer."""

log = logging.getLogger(__name__)


def tag_spool(container_id: str, tag: str) -> str:
    """The spool of one tag; neither name has a dot."""
    return f"{TAG_PREFIX}{container_id}.{tag}"


def backfill_spool(container_id: str, tag: str) -> str:
    """The spool of what one tag is owed of the past."""
    return f"{tag_spool(container_id, tag)}{BACKFILL}"


def main_spool(spool: str) -> str:
    """The spool that the sorter writes for the tag that a spool is of."""
    return spool.removesuffix(BACKFILL)


def tag_of(spool: str) -> tuple[str, str]:
    """The container and the tag of a spool's name, whichever of the tag's two it is."""
    container_id, _, tag = main_spool(spool).removeprefix(TAG_PREFIX).partition(".")
    return container_id, tag


def doubt(spool: str) -> str:
    """Under this name stands how far the state was lost: what is loaded of it is asked by
    position."""
    return f"doubt/{spool}"


def spool_folder(data: Path, spool: str) -> Path:
    """Where a spool lies."""
    return data / "spools" / spool


def open_spool(data: Path, spool: str, state: State, *, now: Callable[[], int]) -> SegmentWriter:
    """The spool's writer, standing at the committed end."""
    folder = spool_folder(data, spool)
    end = recover(folder, spool, state)
    writer = SegmentWriter(folder, now=now)
    try:
        if end != Mark():
            writer.begin_at(end.seq)  # it may be promised and not used: no segment had it yet
        else:
            # From now on the state knows it: what a crash leaves in it is not committed.
            state.commit_ends({spool: writer.mark})
    except BaseException:
        writer.close()
        raise
    return writer


def recover(folder: Path, spool: str, state: State) -> Mark:
    """The committed end, with what is not committed cut away. A spool that the state knows nothing
    of was committed by a state that is lost: it is taken as it is, and doubted."""
    end = state.end(spool)
    if end == Mark() and journal.segments(folder):
        end, records = _last(folder)
        log.error("the state knew nothing of the spool %s; all of it counts", spool)
        state.commit_sorted({}, {spool: end, doubt(spool): end}, {f"{spool}.routed": records})
    removed = journal.cut_back(folder, end)
    if removed:
        log.info("cut back the spool %s by %d bytes that were not committed", spool, removed)
    return end


def reached(writer: SegmentWriter, committed: Mark) -> Mark:
    """Where a writer stands; one that has no segment open has written nothing since."""
    return committed if writer.mark.at == 0 else writer.mark


def turn_at(data: Path, spool: str) -> FolderLock:
    """The lock of whoever opens a back-fill's spool; raises FolderInUse. The spool's own is taken
    too late: first what is not committed is cut away, and that may be another's."""
    return FolderLock(spool_folder(data, spool) / "run")


def recover_all(data: Path, state: State) -> None:
    """Every spool that is there, whoever writes it: what a lost state left is not forgotten. Only
    a back-fill that runs, which the pipeline does not start, cuts its spool back itself."""
    for folder in sorted((data / "spools").glob("*")):
        if not folder.name.endswith(BACKFILL):
            recover(folder, folder.name, state)
            continue
        try:
            turn = turn_at(data, folder.name)
        except FolderInUse:
            continue
        recover(folder, folder.name, state)
        turn.release()


def _last(folder: Path) -> tuple[Mark, int]:
    """The end of all that can be read, and how many records there are before it."""
    mark, records = Mark(), 0
    while True:
        chunk = journal.read(folder, mark)
        records += len(chunk.records)
        if chunk.mark == mark:
            return mark, records
        mark = chunk.mark
