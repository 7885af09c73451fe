"""Dead letters: deliveries that a partner refused, or that could not be made into a request.

                refused ──▶ dead ──30 days──▶ gone
                             │  └─too old for the partner──▶ the same, without its person
       due again ◀──replay───┘

What is personal is kept, sealed as it came, until the partner would not take the event any more:
so long it may be sent. It goes within the hour then; the letter itself stays for thirty days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from server.clock import DAY_MS
from server.delivery import Delivery
from server.pipeline.queue import pack, unpack
from server.pipeline.spools import BACKFILL
from server.pipeline.state import State

KEPT_MS = 30 * DAY_MS
AT_ONCE = 500
"""Letters that are replayed in one transaction."""
REPLAYED = "replayed"
_BLANK = "UPDATE dead SET person = x'' WHERE person != x''"
Windows = Mapping[str, int]
"""How old an event may be for each type of destination, in ms."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which letters; what is empty or 0 does not count."""

    spool: str = ""
    """The main one of a tag; both of its spools are meant."""
    since: int = 0
    """Died at this time in ms, or later."""
    reason: str = ""
    event_id: str = ""


class Letter(Struct, frozen=True, kw_only=True):
    """A dead letter, but for what was to be sent."""

    spool: str
    delivery_id: str
    event_id: str
    died_at: int
    reason: str
    detail: str
    attempts: int
    type: str
    name: str
    """Of the event."""
    occurred_at: int
    has_person: bool

    def is_too_old(self, windows: Windows, *, now: int) -> bool:
        """Whether its partner takes the event no more; a partner that is not here takes none."""
        return now - self.occurred_at > windows.get(self.type, -1)


def as_it_was(delivery: Delivery) -> Delivery | None:
    """The same again."""
    return delivery


class Chance(Struct, frozen=True, kw_only=True):
    """How letters are given another chance."""

    windows: Windows
    now: int
    is_dry: bool = False
    """Whether they are only counted."""
    remake: Callable[[Delivery], Delivery | None] = as_it_was
    """What is sent in its place; None: nothing."""


class Replayed(Struct, kw_only=True):
    """What came of giving letters another chance; those that are not sent stay what they are."""

    sent: int = 0
    too_old: int = 0
    unwanted: int = 0
    """Nothing would be sent in their place."""


def letters(state: State, wanted: Wanted) -> Iterator[Letter]:
    """The letters, the newest first."""
    where, values = _where(wanted)
    rows = state.db.execute(
        "SELECT spool, delivery_id, event_id, died_at, reason, detail, ifnull(attempts, 0), "
        "ifnull(type, ''), ifnull(name, ''), ifnull(occurred_at, 0), "
        f"length(ifnull(person, x'')) > 0 FROM dead WHERE {where} ORDER BY died_at DESC, rowid",
        values,
    )
    for row in rows:
        fields = dict(zip(Letter.__struct_fields__, row, strict=True))
        yield Letter(**fields | {"has_person": bool(fields["has_person"])})


def delivery_of(state: State, letter: Letter) -> Delivery | None:
    """What was to be sent, with its person while that is kept; None: it is not dead any more."""
    row = state.db.execute(
        "SELECT payload, person FROM dead WHERE spool = ? AND delivery_id = ?",
        (letter.spool, letter.delivery_id),
    ).fetchone()
    return replace(unpack(row[0]), person=row[1] or b"") if row else None


def replay(state: State, chosen: Sequence[Letter], chance: Chance) -> Replayed:
    """Makes letters due again at once, and counts them; consent is asked at the send as ever."""
    told = Replayed()
    young = [letter for letter in chosen if not letter.is_too_old(chance.windows, now=chance.now)]
    told.too_old = len(chosen) - len(young)
    for start in range(0, len(young), AT_ONCE):
        with state.transaction():
            for letter in young[start : start + AT_ONCE]:
                _replay(state, letter, chance, told)
    return told


def _replay(state: State, letter: Letter, chance: Chance, told: Replayed) -> None:
    key = (letter.spool, letter.delivery_id)
    delivery = delivery_of(state, letter)
    if delivery is None:  # it is not dead any more
        return
    remade = chance.remake(delivery)
    told.sent += remade is not None
    told.unwanted += remade is None
    if remade is None or chance.is_dry:
        return
    state.db.execute(
        "INSERT OR REPLACE INTO retries VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        (*key, chance.now, letter.attempts, pack(remade), chance.now, remade.event.received_at),
    )
    state.db.execute("DELETE FROM dead WHERE spool = ? AND delivery_id = ?", key)
    state.add({f"{letter.spool}.{REPLAYED}": 1})


def forget(state: State, windows: Windows, *, now: int) -> None:
    """Persons go when their event is too old to be sent, letters after thirty days."""
    with state.transaction():
        state.db.execute("DELETE FROM dead WHERE died_at < ?", (now - KEPT_MS,))
        for name, window_ms in windows.items():
            state.db.execute(f"{_BLANK} AND type = ? AND occurred_at < ?", (name, now - window_ms))
        marks = ", ".join("?" * len(windows))
        state.db.execute(f"{_BLANK} AND ifnull(type, '') NOT IN ({marks})", tuple(windows))


def _where(wanted: Wanted) -> tuple[str, list[str | int]]:
    """The condition of a question, and its values."""
    where: list[str] = ["died_at >= ?"]
    values: list[str | int] = [wanted.since]
    if wanted.spool:
        where.append("spool IN (?, ?)")
        values += [wanted.spool, f"{wanted.spool}{BACKFILL}"]
    for column in ("reason", "event_id"):
        if text := getattr(wanted, column):
            where.append(f"{column} = ?")
            values.append(text)
    return " AND ".join(where), values
