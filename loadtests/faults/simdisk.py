"""The model under `simfs`: files and folders as the disk has them, and what is still in the air."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

SECTOR = 512
SMALL = 64 * 1024


class Survival:
    """What one power cut lets through: drawn once a cut, then asked for each file and name."""

    STYLES = ("nothing", "all", "prefix", "torn", "stale")

    def __init__(self, chance: random.Random, past: list[bytes], style: str = "") -> None:
        self.style = style or chance.choice(self.STYLES)
        self._chance = chance
        self._past = past  # sectors that other files once held

    def version(self, versions: int) -> int:
        """Which state of a whole thing is on disk: 0 is what was synced."""
        if self.style == "nothing":
            return 0
        return versions - 1 if self.style == "all" else self._chance.randrange(versions)

    def is_kept(self) -> bool:
        """Whether one change of a folder is on disk."""
        if self.style in ("nothing", "all"):
            return self.style == "all"
        return self._chance.random() < 0.5

    def sector(self, states: list[State], at: int, known: int) -> bytes:
        """One sector of a file, whose states are given; `known` is the state a prefix ends at."""
        is_torn = self.style in ("torn", "stale")
        chosen = states[self._chance.randrange(len(states)) if is_torn else known]
        found = chosen.data[at : at + SECTOR]
        was_synced = at < len(states[0].data)
        if self.style == "stale" and not was_synced and not found.strip(b"\0") and self._past:
            # Not on disk yet: a file system that is careless shows what the block held before.
            return self._chance.choice([b"", *self._past]).ljust(SECTOR, b"\0")
        return found.ljust(SECTOR, b"\0")


class State(msgspec.Struct, frozen=True):
    """A file at one time: its bytes up to the last that was written, zeros up to its size."""

    data: bytes
    size: int


class File:
    """One inode."""

    def __init__(self, durable: bytes = b"") -> None:
        # What was synced, then the file after each change since.
        # Of a large one the zeros at the end are taken for space that was only allocated.
        data = durable if len(durable) <= SMALL else durable.rstrip(b"\0")
        self.states = [State(data, len(durable))]
        self.has_failed = False
        # After a failed sync the kernel takes the pages for clean: what the disk has instead.
        self._dropped: dict[int, bytes] = {}

    @property
    def now(self) -> State:
        """The file as programs see it."""
        return self.states[-1]

    def write(self, at: int, data: bytes) -> None:
        """Bytes, somewhere."""
        old = self.now.data.ljust(at, b"\0")
        new = old[:at] + data + old[at + len(data) :]
        self.states.append(State(new, max(self.now.size, at + len(data))))
        for sector in range(at // SECTOR * SECTOR, at + len(data), SECTOR):
            self._dropped.pop(sector, None)

    def resize(self, size: int) -> None:
        """Cut or grown by zeros."""
        self.states.append(State(self.now.data[:size], size))
        self._dropped = {at: old for at, old in self._dropped.items() if at < size}

    def sync(self) -> None:
        """Everything so far is on disk, but for what an earlier, failed sync has dropped."""
        self.states = [self.now]

    def fail(self) -> None:
        """A sync that fails: none of the bytes is written, and none will be by the next sync."""
        self.has_failed = True
        synced, now = self.states[0].data, self.now.data
        for at in range(0, len(now), SECTOR):
            old = synced[at : at + SECTOR]
            if old != now[at : at + SECTOR]:
                self._dropped.setdefault(at, old)
        self.states = [self.now]

    def left(self, survival: Survival) -> State:
        """The file after a cut."""
        known = survival.version(len(self.states))
        size = self.states[known].size
        if len(self.states) == 1 and not self._dropped:
            return self.now
        # Beyond what was ever written nothing is read from the disk, but for a little.
        end = min(size, max(len(state.data) for state in self.states) + 2 * SECTOR)
        data = b"".join(self._sector(survival, at, known) for at in range(0, end, SECTOR))
        return State(data[:end], size)

    def _sector(self, survival: Survival, at: int, known: int) -> bytes:
        if at in self._dropped:
            return self._dropped[at].ljust(SECTOR, b"\0")
        return survival.sector(self.states, at, known)

    def sectors(self) -> Iterator[bytes]:
        """Each sector that is not blank."""
        data = self.now.data
        for at in range(0, len(data), SECTOR):
            if data[at : at + SECTOR].strip(b"\0"):
                yield data[at : at + SECTOR]


Change = tuple[str, "File | Folder | None"]
"""A name, and what stands under it from then on."""


class Folder:
    """Names; a change of one call (a renaming is two) is on disk or is not."""

    def __init__(self) -> None:
        self.now: dict[str, File | Folder] = {}
        self._durable: dict[str, File | Folder] = {}
        self._pending: list[list[Change]] = []

    def change(self, *changes: Change) -> None:
        """What one call does."""
        self._pending.append(list(changes))
        _apply(self.now, changes)

    def sync(self) -> None:
        """The names are on disk; not what they stand for."""
        self._durable = dict(self.now)
        self._pending = []

    def left(self, survival: Survival) -> dict[str, File | Folder]:
        """The names after a cut."""
        names = dict(self._durable)
        for changes in self._pending:
            if survival.is_kept():
                _apply(names, changes)
        return names

    def files(self) -> Iterator[File]:
        """All files below, as programs see them."""
        for node in self.now.values():
            if isinstance(node, File):
                yield node
            else:
                yield from node.files()


def write_out(folder: Folder, target: Path, survival: Survival) -> None:
    """What a cut leaves of a folder and all below it, as real files."""
    target.mkdir(parents=True, exist_ok=True)
    for name, node in folder.left(survival).items():
        if isinstance(node, Folder):
            write_out(node, target / name, survival)
        else:
            state = node.left(survival)
            (target / name).write_bytes(state.data)
            os.truncate(target / name, state.size)


def read_in(source: Path) -> Folder:
    """A folder of which everything is on disk."""
    folder = Folder()
    for path in sorted(source.iterdir()):
        folder.now[path.name] = read_in(path) if path.is_dir() else File(path.read_bytes())
    folder.sync()
    return folder


def _apply(names: dict[str, File | Folder], changes: list[Change] | tuple[Change, ...]) -> None:
    for name, node in changes:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node
