"""The harness's side of `shim.c`: builds it, sets its rules, reads its counts and its log.

    shim = Shim(folder)
    shim.set(0, Op.SYNC, Action.FAIL, first=3, path="/journal/", argument=errno.EIO)
    process = Popen(argv, env={**os.environ, **shim.environ})
    shim.calls()        # each matching call: which file, which error it was given

The rules lie in a file that the process maps as well: they may be changed while it runs. Raises
NotRun where there is no C compiler, or no LD_PRELOAD.
"""

from __future__ import annotations

import errno
import mmap
import shutil
import struct
import subprocess
import sys
from enum import IntEnum, IntFlag
from pathlib import Path

import msgspec

from loadtests.faults.contract import NotRun

SOURCE = Path(__file__).with_suffix(".c")
RULES = 8
EVERY = 2**62

_SKEW = struct.Struct("<q")
_RULE = struct.Struct("<iiqqqqii144s")
_COUNT_AT = struct.calcsize("<iiqqq")


class Op(IntFlag):
    """Kinds of calls."""

    WRITE = 1
    SYNC = 2
    RENAME = 4
    UNLINK = 8
    CREATE = 16
    ALLOCATE = 32
    TRUNCATE = 64
    LINK = 128
    MKDIR = 256
    ANY = 511


class Action(IntEnum):
    """What becomes of a call that a rule acts on."""

    COUNT = 0
    FAIL = 1  # with the errno in `argument`
    SHORT = 2  # half of it is written; the calls after it fail with `argument`
    KILL_BEFORE = 3
    KILL_AFTER = 4
    KILL_TORN = 5  # half of it is written, then the process dies; other calls: as KILL_AFTER
    SLEEP = 6  # for `argument` nanoseconds, then it is done


class Call(msgspec.Struct, frozen=True):
    """One call that a rule matched."""

    name: str
    pid: int
    inode: int
    count: int
    error: int  # what the shim answered; 0: the call went through
    path: str


class Shim:
    """One control file and its log in `folder`; as many processes as are started with `environ`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._library = build(folder)
        self._control = (folder / "control").resolve()
        self._log = (folder / "calls.log").resolve()
        self._control.write_bytes(bytes(_SKEW.size + RULES * _RULE.size))
        self._log.touch()
        with self._control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    @property
    def environ(self) -> dict[str, str]:
        """Variables for the process; LD_PRELOAD needs an absolute path."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAULTS_CONTROL": str(self._control),
            "FAULTS_LOG": str(self._log),
        }

    def set(
        self,
        slot: int,
        ops: Op,
        action: Action,
        *,
        first: int = 1,
        last: int = EVERY,
        argument: int = errno.EIO,
        path: str = "",
        is_logged: bool = True,
    ) -> None:
        """Begins a rule, with its count at 0, for calls on paths that contain a text."""
        packed = _RULE.pack(ops, action, first, last, argument, 0, is_logged, 0, path.encode())
        at = self._at(slot)
        # The kinds of calls come last: until then the rule is none.
        self._map[at : at + 4] = bytes(4)
        self._map[at + 4 : at + _RULE.size] = packed[4:]
        self._map[at : at + 4] = packed[:4]

    def clear(self, slot: int) -> None:
        """Ends a rule."""
        at = self._at(slot)
        self._map[at : at + 4] = bytes(4)

    def count(self, slot: int) -> int:
        """How many calls the rule has matched."""
        return int(struct.unpack_from("<q", self._map, self._at(slot) + _COUNT_AT)[0])

    def skew(self, seconds: float) -> None:
        """Moves the wall clock of the processes, now; the monotonic one goes on."""
        self._map[: _SKEW.size] = _SKEW.pack(int(seconds * 1e9))

    def calls(self) -> list[Call]:
        """All calls that were logged, in order."""
        found = []
        for line in self._log.read_text().splitlines():
            name, pid, inode, count, error, path = line.split(" ", 5)
            found.append(Call(name, int(pid), int(inode), int(count), int(error), path))
        return found

    def close(self) -> None:
        """Lets go of the control file."""
        self._map.close()

    def _at(self, slot: int) -> int:
        return _SKEW.size + slot * _RULE.size


def build(folder: Path) -> Path:
    """Compiles the library into the folder, once; returns its absolute path."""
    if sys.platform != "linux":
        raise NotRun("the shim needs Linux (LD_PRELOAD)")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NotRun("the shim needs a C compiler: apt-get install gcc libc6-dev")
    library = (folder / "shim.so").resolve()
    if not library.exists():
        command = [compiler, "-O1", "-shared", "-fPIC", "-Wall", "-o", str(library), str(SOURCE)]
        done = subprocess.run([*command, "-ldl"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotRun(f"the shim cannot be compiled: {done.stderr.strip()[:500]}")
    return library
