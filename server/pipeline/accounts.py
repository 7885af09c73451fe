"""The accounts: what came in is what came out, what waits, and what is known to be lost.

    hits    accepted = sorted + quarantined + pending
    events  decoded  = stored + rejected + duplicate + erased + quarantined + pending
    ledger  attempts = stored + rejected + quarantined + pending

Each term has a witness of its own, so what is lost or doubled in between leaves a difference:

    accepted     positions that the journals gave out: behind the sorter and ahead of it
    sorted       hits that the sorter took in hand
    decoded      what the dialects made of hits, and rows of `event_context`, `traces` for some
    duplicate    events that the sorter, and later the loader, had seen already
    stored       rows that the loader brought to ClickHouse and found there
    rejected     rows of `rejects`, and rows that ClickHouse refused
    erased       what was taken out of a spool at a visitor's wish; nothing yet
    quarantined  what a reader has found damaged, by the gap in the numbers
    pending      whole frames of the files ahead of a reader, up to the committed end

And what the collectors say that they acknowledged (see `telemetry`) is never more than `accepted`:
`promised` is 0, or how many of the answered hits the journals do not know.

All count from when the pipeline first ran with this state: what was there already, when a
state was lost or is of an older version, is their `base`. That ClickHouse still has what it took is
not asked here: reconciliation compares that by position (see `reconcile.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.errors import StoreUnavailable
from server.journal import Ahead, Mark, ahead
from server.pipeline.spools import LEDGER, STORE, TAG_PREFIX, spool_folder
from server.pipeline.state import State
from server.store.rows import BESIDE
from server.telemetry.report import Report, read_reports

BASE = "accounts.base"
TRIES = 5


class Identity(Struct, frozen=True, kw_only=True):
    """One equation; `base` is how far it was off when it began."""

    name: str
    whole: str
    """What the left side is called."""
    came: int
    parts: dict[str, int]
    base: int = 0
    is_bound: bool = False
    """The right side may be more."""

    @property
    def difference(self) -> int:
        """0 when it closes; more: so many are missing; less: so many came from nowhere."""
        found = self.came - sum(self.parts.values()) - self.base
        return max(0, found) if self.is_bound else found

    def __str__(self) -> str:
        parts = " + ".join(f"{name} {number}" for name, number in self.parts.items())
        return f"{self.whole} {self.came} = {parts}"


class Accounts(Struct, frozen=True, kw_only=True):
    """The node's books at one moment."""

    reports: list[Report]
    """What the collectors tell."""
    counts: dict[str, int]
    """The state's totals, and what collectors have acknowledged."""
    journals: dict[str, Ahead]
    """What the sorter has before it, by collector."""
    spools: dict[str, Ahead]
    """What loader and forwarder have before them."""
    identities: list[Identity]


def take(data: Path, state: State) -> Accounts:
    """Reads the books, while the loops go on; raises OSError, StoreUnavailable when they are too
    quick for it."""
    for _ in range(TRIES):
        reports = read_reports(data)
        with state.snapshot():
            counts, cursors, ends = state.counts(), state.cursors(), state.ends()
            base = _base(state)
        try:
            journals = _journals(data, cursors)
            spools = _spools(data, cursors, ends)
        except FileNotFoundError:  # a reader has passed it
            continue
        now = state.cursors()
        if all(now[name].seq == mark.seq for name, mark in cursors.items()):
            counts["acknowledged"] = sum(report.hits for report in reports)
            identities = _identities(counts, journals, spools, base)
            return Accounts(
                reports=reports,
                counts=counts,
                journals=journals,
                spools=spools,
                identities=identities,
            )
    raise StoreUnavailable("the loops are too quick for the accounts; they come again")


def open_books(data: Path, state: State) -> None:
    """At the start, before the loops run: what cannot be accounted for was there before us."""
    if state.note(BASE):
        return
    accounts = take(data, state)
    found = _identities(accounts.counts, _whole(accounts.journals), _whole(accounts.spools), {})
    base = {one.name: _opening(one) for one in found}
    with state.transaction():
        state.put_note(BASE, msgspec.json.encode(base).decode())


def _opening(identity: Identity) -> int:
    if identity.is_bound:  # collectors tell late, so how much it is off is not known to the hit
        return identity.came if identity.difference else 0
    return identity.difference


def _whole(files: Mapping[str, Ahead]) -> dict[str, Ahead]:
    """As if nothing in them were damaged: what is will be quarantined."""
    return {name: replace(one, records=one.numbered) for name, one in files.items()}


def _base(state: State) -> dict[str, int]:
    return msgspec.json.decode(state.note(BASE) or "{}", type=dict[str, int])


def _journals(data: Path, cursors: Mapping[str, Mark]) -> dict[str, Ahead]:
    folders = sorted((data / "journal").glob("w*"))
    return {folder.name: ahead(folder, cursors.get(folder.name, Mark())) for folder in folders}


def _spools(data: Path, cursors: Mapping[str, Mark], ends: Mapping[str, Mark]) -> dict[str, Ahead]:
    return {
        spool: ahead(spool_folder(data, spool), cursors.get(spool, Mark()), end)
        for spool, end in ends.items()
        if spool in (STORE, LEDGER) or spool.startswith(TAG_PREFIX)
    }


def _identities(
    counts: Mapping[str, int],
    journals: Mapping[str, Ahead],
    spools: Mapping[str, Ahead],
    base: Mapping[str, int],
) -> list[Identity]:
    totals = Counter(counts)
    hits = _hits(totals, journals)
    found = (
        hits,
        Identity(
            name="promised",
            whole="acknowledged",
            came=totals["acknowledged"],
            parts={"accepted": hits.came},
            is_bound=True,
        ),
        _events(totals, spools.get(STORE, Ahead()).records),
        _ledger(totals, spools.get(LEDGER, Ahead()).records),
    )
    return [replace(one, base=base.get(one.name, 0)) for one in found]


def _hits(totals: Counter[str], journals: Mapping[str, Ahead]) -> Identity:
    numbered = sum(one.numbered for one in journals.values())
    parts = {
        "sorted": totals["sorted"],
        "quarantined": totals["quarantined"],
        "pending": sum(one.records for one in journals.values()),
    }
    return Identity(name="hits", whole="accepted", came=totals["accepted"] + numbered, parts=parts)


def _events(totals: Counter[str], pending: int) -> Identity:
    refused = (f"refused.{table}" for table in ("events", "rejects", *BESIDE))
    parts = {
        "stored": sum(totals[f"loaded.{table}"] for table in ("events", *BESIDE)),
        "rejected": totals["loaded.rejects"] + sum(totals[name] for name in refused),
        "duplicate": totals["duplicate"] + totals["duplicate.late"] + totals["duplicate.context"],
        "erased": totals["erased"],
        "quarantined": totals[f"quarantined.{STORE}"],
        "pending": pending,
    }
    came = totals["decoded"] + totals["contexts"]
    return Identity(name="events", whole="decoded", came=came, parts=parts)


def _ledger(totals: Counter[str], pending: int) -> Identity:
    parts = {
        "stored": totals["loaded.deliveries"],
        "rejected": totals["refused.deliveries"],
        "quarantined": totals[f"quarantined.{LEDGER}"],
        "pending": pending,
    }
    return Identity(name="ledger", whole="attempts", came=totals["attempts"], parts=parts)
