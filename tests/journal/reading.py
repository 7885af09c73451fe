"""Reads a folder as its consumers do: chunk after chunk, until nothing more comes."""

from __future__ import annotations

from pathlib import Path

from server.journal import Chunk, Damage, Mark, Record, read

NOW = 1_767_225_600_000
FIRST = 1_767_225_600  # the number of the first segment that is written at NOW


def now() -> int:
    return NOW


def drain(
    folder: Path, start: Mark | None = None, *, until: Mark | None = None, max_records: int = 20_000
) -> Chunk:
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


def payloads(chunk: Chunk) -> list[bytes]:
    return [record.payload for record in chunk.records]
