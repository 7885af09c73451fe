"""Reads a folder to its end as its consumers do, and judges what was read against what was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from server.journal import Chunk, Damage, Mark, Record, read


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one state of a disk; nothing, as a rule."""

    lost: int = 0
    doubled: int = 0
    invented: int = 0  # nobody has ever written it
    problem: str = ""

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.invented or self.problem)

    def __str__(self) -> str:
        counts = f"lost {self.lost}, doubled {self.doubled}, invented {self.invented}"
        return f"{counts} {self.problem}".strip()


def drain(
    folder: Path, start: Mark | None = None, *, until: Mark | None = None, max_records: int = 20_000
) -> Chunk:
    """Everything from a mark on that can be read now."""
    mark = start or Mark()
    records: list[Record] = []
    damage: list[Damage] = []
    while True:
        chunk = read(folder, mark, until=until, max_records=max_records)
        records += chunk.records
        damage += chunk.damage
        if chunk.mark == mark:
            return Chunk(records=records, mark=mark, damage=damage, is_stopped=chunk.is_stopped)
        mark = chunk.mark


def judge(found: Iterable[Record], *, acknowledged: set[bytes], written: set[bytes]) -> Verdict:
    """Compares records with what was acknowledged (must be there) and written (may be there)."""
    records = list(found)
    payloads = Counter(record.payload for record in records)
    positions = Counter((record.src, record.off) for record in records)
    return Verdict(
        lost=len(acknowledged - payloads.keys()),
        doubled=sum(times - 1 for times in payloads.values())
        + sum(times - 1 for times in positions.values()),
        invented=len(payloads.keys() - written),
    )
