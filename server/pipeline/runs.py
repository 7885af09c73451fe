"""One deep reconciliation: why it runs, how far it is, what it found. A note in the state, so that
a restart goes on with it and the command line can look on.

    asked ──▶ begun ──▶ a phase after another ──▶ ended
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct, field

from server.journal import Mark
from server.pipeline.state import State
from server.store.parts import Part

RUN = "reconcile.run"
ASKED = "reconcile.asked"
PENDING = "reconcile.pending"
COUNTS = {"copies": "duplicate.found", "copies_removed": "duplicate.removed"}
ALARMS = frozenset(
    {
        "reconcile.missing",
        "reconcile.doubled",
        "reconcile.extra",
        "reconcile.broken_parts",
    }
)


class Why(StrEnum):
    """What made it run."""

    REBOOT = "reboot"
    BROKEN_PART = "broken_part"
    NIGHTLY = "nightly"
    ASKED = "asked"


class Phase(StrEnum):
    """What it does now, in this order; the first and the last only at night or when asked."""

    CHECK = "check"
    READ = "read"
    HEAL = "heal"
    COMPARE = "compare"
    REMOVE = "remove"
    RESTORE = "restore"
    COPIES = "copies"
    ENDED = "ended"


NEXT = dict(zip(Phase, list(Phase)[1:], strict=False))


class Found(Struct, kw_only=True):
    """What was found in one table, in rows."""

    compared: int = 0
    """Read from the spools and counted in ClickHouse."""
    missing: int = 0
    """Not in ClickHouse, and nothing says why."""
    restored: int = 0
    """Of the missing: inserted again."""
    refused: int = 0
    """Of the missing: ClickHouse refuses them."""
    absent: int = 0
    """Not in ClickHouse, rightly: late copies, what was refused, what was erased."""
    doubled: int = 0
    """Superfluous rows of positions that were there more than once."""
    removed: int = 0
    """Of the doubled: taken out."""
    extra: int = 0
    """In ClickHouse, but no spool has them any more: left alone."""
    copies: int = 0
    """Superfluous rows of events that were stored at two positions."""
    copies_removed: int = 0
    broken_parts: int = 0
    """Parts that failed their check."""
    healed_parts: int = 0
    """Of the broken: put aside, and their rows inserted again."""

    def add(self, other: Found) -> None:
        """Adds what was found elsewhere."""
        for name in Found.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Run(Struct, kw_only=True):
    """A run and its progress."""

    why: str
    started_at: int
    ended_at: int = 0
    failure: str = ""
    """Why it was given up."""
    phase: Phase = Phase.READ
    ends: dict[str, Mark] = field(default_factory=dict)
    """How far each spool was loaded when it began."""
    spool: str = ""
    """The spool that is read now, and how far."""
    mark: Mark = Mark()
    place: str = ""
    """How far it is in what is not a spool: a part, a slice."""
    done: int = 0
    """How much of the phase is done, of `todo`; parts, bytes or sources."""
    todo: int = 0
    found: dict[str, Found] = field(default_factory=dict)
    is_damaged: bool = False
    """A spool has lost rows within: what lies there cannot be made again from it."""
    broken: list[Part] = field(default_factory=list)
    """What failed its check and is not healed."""
    pending: dict[str, int] = field(default_factory=dict)
    """Rows found missing in the step that is being done, by table."""

    @property
    def is_whole(self) -> bool:
        """Whether it also reads every part and looks for the same event at two positions."""
        return self.why in (Why.NIGHTLY, Why.ASKED)

    def of(self, table: str) -> Found:
        """What was found in a table; to be added to."""
        return self.found.setdefault(table, Found())

    def enter(self, phase: Phase, *, todo: int = 0) -> None:
        """Begins a phase at its beginning."""
        self.phase, self.spool, self.mark, self.place = phase, "", Mark(), ""
        self.done, self.todo = 0, todo


def load_run(state: State) -> Run | None:
    """The last run, be it ended or not."""
    body = state.note(RUN)
    if not body:
        return None
    run = msgspec.json.decode(body, type=Run)
    if not run.ended_at:
        run.pending = msgspec.json.decode(state.note(PENDING) or "{}", type=dict[str, int])
    return run


def is_running(state: State) -> bool:
    """Whether a run needs the spools as they are."""
    run = load_run(state)
    return run is not None and not run.ended_at


def save_run(state: State, run: Run) -> None:
    """Inside a transaction: writes a run down."""
    state.put_note(RUN, msgspec.json.encode(run).decode())
    save_pending(state, run.pending)


def save_pending(state: State, pending: dict[str, int]) -> None:
    """Inside a transaction: writes down what the step that is being done has found missing."""
    state.put_note(PENDING, msgspec.json.encode(pending).decode())


def totals_of(run: Run) -> dict[str, int]:
    """What a run adds to the state's counts (see `reconcile.py`); no zeros."""
    totals = {"reconcile.runs": 1}
    for found in run.found.values():
        for name in Found.__struct_fields__:
            count = COUNTS.get(name, f"reconcile.{name}")
            totals[count] = totals.get(count, 0) + getattr(found, name)
    return {name: total for name, total in totals.items() if total}


def ask_for_run(state: State, *, now: int) -> None:
    """Leaves word that somebody wants a whole run."""
    with state.transaction():
        state.put_note(ASKED, str(now))
