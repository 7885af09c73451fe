"""What was acknowledged, against what each partner took; and how long that took them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from server.demo.taken import Once


class Books(Struct, frozen=True, kw_only=True):
    """One partner's."""

    partner: str
    acknowledged: int
    taken: int
    """Different ids among them that it took."""
    keys: int
    """Different events, as it deduplicates them."""
    again: int
    """Events that it was sent more than once, and had to deduplicate."""
    dead: Mapping[str, int]
    """Dead letters, by reason."""
    lost: int
    """Acknowledged, neither taken nor a dead letter."""
    strange: int
    """Taken, and never acknowledged."""

    @property
    def is_well(self) -> bool:
        """Each event at least once, the deduplicated set exactly once, nothing else."""
        return not self.lost and not self.strange and self.keys == self.taken


def balance(
    partner: str, acknowledged: Iterable[str], taken: Sequence[Once], dead: Mapping[str, str]
) -> Books:
    """`dead`: reasons of dead letters, by event id."""
    owed, ids = set(acknowledged), {once.id for once in taken}
    reasons = [dead[one] for one in owed - ids if one in dead]
    return Books(
        partner=partner,
        acknowledged=len(owed),
        taken=len(owed & ids),
        keys=len({once.key for once in taken if once.id in owed}),
        again=sum(once.times > 1 for once in taken),
        dead={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        lost=len(owed - ids - dead.keys()),
        strange=len(ids - owed),
    )


class Lag(Struct, frozen=True, kw_only=True):
    """From acknowledged to taken, in ms, of the events of one stage at one partner."""

    count: int
    p50: float
    p99: float
    p99_of_all: float
    """With those that an error struck, which have to wait for their next try."""


class Stretch(Struct, frozen=True, kw_only=True):
    """A stage, from when until when, ms UTC; there may be several of one name."""

    stage: str
    begins: int
    ends: int


def lags(
    acknowledged: Mapping[str, int], taken: Sequence[Once], stretches: Sequence[Stretch]
) -> dict[str, Lag]:
    """The lag in each stage; the stretches follow each other."""
    begins = [stretch.begins for stretch in stretches]
    every: dict[str, list[int]] = {}
    quiet: dict[str, list[int]] = {}
    for once in taken:
        at = acknowledged.get(once.id)
        place = bisect(begins, at) - 1 if at is not None else -1
        if at is None or place < 0 or at >= stretches[place].ends:
            continue
        stage, lag = stretches[place].stage, max(0, once.at - at)
        every.setdefault(stage, []).append(lag)
        if not once.missed:
            quiet.setdefault(stage, []).append(lag)
    return {name: _lag(sorted(some), sorted(every[name])) for name, some in quiet.items()}


def _lag(quiet: list[int], every: list[int]) -> Lag:
    return Lag(
        count=len(every),
        p50=_quantile(quiet, 0.5),
        p99=_quantile(quiet, 0.99),
        p99_of_all=_quantile(every, 0.99),
    )


def _quantile(values: list[int], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]
