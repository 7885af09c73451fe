"""What a back-fill comes to, counted and in words, before anything is sent and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct, field

from server.clock import DAY_MS, HOUR_MS
from server.destinations.contract import Destination
from server.studio.backfill import OWED, TOO_OLD, Past
from server.studio.why import in_words

MEMORY = (
    "Limits and groups of triggers: what counted before the first of these events is not known, "
    "nor is what this back-fill counts known to live traffic."
)


class Tally(Struct, kw_only=True):
    """Events of the past, by what they come to; `rate` of them are sent a second."""

    destination: Destination
    rate: int
    now: int
    """When the first is sent, ms UTC."""
    events: int = 0
    sent: int = 0
    late: int = 0
    """Of these, those that will be too old when their turn comes."""
    reasons: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    """What the partner would not take, by its words."""
    unknown: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    lacks: Counter[str] = field(default_factory=Counter)
    never: set[str] = field(default_factory=set)
    """Match keys that live events may have, and these never."""

    def note(self, past: Past) -> None:
        """One more event."""
        self.events += 1
        if past.send is None:
            if past.unknown:
                self.unknown[past.unknown] += 1
            elif past.refusal:
                self.refusals[past.refusal] += 1
            elif past.reason:
                self.reasons[past.reason] += 1
            return
        turn = self.now + self.sent * 1000 // self.rate
        self.late += turn - past.event.occurred_at > self.destination.window_ms
        self.sent += 1
        self.keys.update(past.keys)
        self.lacks.update(past.lacks)

    @property
    def fired(self) -> int:
        """Events that the tag fires on, or may."""
        told = (self.reasons, self.refusals, self.unknown)
        return self.sent + sum(counter.total() for counter in told)


def told(tally: Tally, *, remembers: bool) -> Iterator[str]:
    """Lines to read before somebody says yes."""
    seconds = tally.sent / tally.rate
    yield f"{tally.events:,} events, of which the tag fires on {tally.fired:,}"
    yield f"  {tally.sent:,} to send, {tally.rate:,} a second: in about {_span(seconds)}"
    if tally.late:
        yield f"  {tally.late:,} of these will be too old for {tally.destination.title} by then"
    for reason, number in tally.reasons.most_common():
        yield f"  {number:,} not: {_words(reason, tally.destination)}"
    for words, number in tally.refusals.most_common():
        yield f"  {number:,} not, since {tally.destination.title} would refuse them: {words}"
    for reason, number in tally.unknown.most_common():
        yield f"  {number:,} not, since it is not known whether they would be: {reason}"
    if tally.sent:
        yield from _keys(tally)
    if remembers:
        yield MEMORY


def _keys(tally: Tally) -> Iterator[str]:
    names = tally.destination.match_keys
    if names:
        yield f"Match keys, of {tally.sent:,} events"
        for name in names:
            more = "  a part of them is made of what is never kept" if name in tally.never else ""
            if not tally.keys[name] and more:
                more = "  what it is made of is never kept"
            yield f"  {name:<12} {tally.keys[name]:,}{more}"
    if tally.lacks:
        yield "Not held any more, or never: kept for thirty days, with consent to ad_storage"
        for what, number in tally.lacks.most_common():
            yield f"  {number:,} without {what}"


def _words(reason: str, destination: Destination) -> str:
    if reason == OWED:
        return "owed, sent or given up already"
    if reason == TOO_OLD:
        days, rest = divmod(destination.window_ms, DAY_MS)
        window = f"{destination.window_ms // HOUR_MS} hours" if rest else f"{days} days"
        return f"older than {destination.title} takes them, {window}"
    return in_words(reason)


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
