"""A disk that forgets: what a power cut may leave of the files below one folder.

The product's code runs unchanged on a real folder; while `mounted()` is open, the calls of `os` and
`open` that change files are seen, and a model in memory (`simdisk`) keeps what the disk is *sure*
to have (what was synced) apart from what may vanish:

    bytes, size  may vanish, tear and be reordered by the sector (512 B) until the file's fsync
    a name       its creation, removal, renaming: until an fsync of the folder, each by itself

`cut_at` lets the power fail before the n-th such call: PowerCut is raised there, and at every call
after it. `leave` then makes one folder of the many that the disk may hold. A call on such a file
that the model does not know is an error of the harness, told at once. Without gcc, unlike the shim.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from loadtests.faults.simdisk import File, Folder, Survival, read_in, write_out

UNKNOWN = ("truncate", "writev", "pwritev", "sendfile", "copy_file_range", "symlink", "rmdir")
WRITABLE = os.O_WRONLY | os.O_RDWR
NEVER = 2**62


class PowerCut(BaseException):
    """No code of the product may catch it."""


class SimFS:
    """The disk under `root`, a real folder; everything that is in it now is on disk.

    `weather` is asked before each call by its name and may raise OSError, as a bad disk does;
    for `pwrite` it may hand back how many bytes are written, for a short write.
    """

    def __init__(
        self,
        root: Path,
        *,
        cut_at: int = NEVER,
        weather: Callable[[str], int | None] = lambda call: None,
    ) -> None:
        self.root = root.resolve()
        self.calls = 0
        self.calls_after_failure = 0  # syncs of a file whose sync had failed
        self._cut_at = cut_at
        self._weather = weather
        self._tree = read_in(self.root)
        self._open: dict[int, File | Folder] = {}
        self._past: list[bytes] = []
        self._real: dict[str, Callable[..., Any]] = {}

    @contextlib.contextmanager
    def mounted(self) -> Iterator[None]:
        """Sees the calls of this process until it ends; closes what a cut left open."""
        seen = [n for n in dir(self) if n.startswith("on_")]
        with contextlib.ExitStack() as stack:
            for name in (n.removeprefix("on_") for n in seen):
                self._real[name] = getattr(os, name)
                stack.enter_context(patch.object(os, name, getattr(self, f"on_{name}")))
            for name in UNKNOWN:
                stack.enter_context(patch.object(os, name, self._unknown(name)))
            self._real["io.open"] = io.open
            stack.enter_context(patch.object(io, "open", self._open_file))
            stack.enter_context(patch.object(builtins, "open", self._open_file))
            stack.callback(self._close_all)
            yield

    def leave(self, target: Path, chance: random.Random, style: str = "") -> str:
        """One state that the disk may be in after a cut now, as real files; returns its style."""
        survival = Survival(chance, self._past, style)
        write_out(self._tree, target, survival)
        return survival.style

    def check(self) -> None:
        """Raises AssertionError when something has changed a file behind the model's back."""
        _compare(self._tree, self.root)

    # The calls, by the names that `os` gives them.

    def on_open(
        self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:
        at = self._find(path) if dir_fd is None else None
        if at is None:
            return int(self._real["open"](path, flags, mode, dir_fd=dir_fd))
        folder, name = at
        node: File | Folder | None = folder.now.get(name) if name else folder
        if node is None and flags & os.O_CREAT:
            self._call("create")
        elif flags & os.O_TRUNC and flags & WRITABLE:
            self._call("ftruncate")
        fd = int(self._real["open"](path, flags, mode))
        if node is None:
            node = File()
            folder.change((name, node))
        elif flags & os.O_TRUNC and isinstance(node, File):
            node.resize(0)
        self._open[fd] = node
        return fd

    def on_close(self, fd: int) -> None:
        self._open.pop(fd, None)
        self._real["close"](fd)

    def on_pwrite(self, fd: int, data: Any, at: int) -> int:
        file = self._file(fd)
        if file is None:
            return int(self._real["pwrite"](fd, data, at))
        part = self._call("pwrite")
        written = bytes(data)[:part]
        self._real["pwrite"](fd, written, at)
        file.write(at, written)
        return len(written)

    def on_write(self, fd: int, data: Any) -> int:
        if self._file(fd) is None:
            return int(self._real["write"](fd, data))
        done = self.on_pwrite(fd, data, os.lseek(fd, 0, os.SEEK_CUR))
        os.lseek(fd, done, os.SEEK_CUR)
        return done

    def on_ftruncate(self, fd: int, size: int) -> None:
        file = self._file(fd)
        if file is not None:
            self._call("ftruncate")
            file.resize(size)
        self._real["ftruncate"](fd, size)

    def on_posix_fallocate(self, fd: int, at: int, size: int) -> None:
        file = self._file(fd)
        if file is not None:
            self._call("posix_fallocate")
            file.resize(max(file.now.size, at + size))
        self._real["posix_fallocate"](fd, at, size)

    def on_fsync(self, fd: int) -> None:
        node = self._open.get(fd)
        if node is None:
            return self._real["fsync"](fd)  # type: ignore[no-any-return]
        if isinstance(node, File):
            self.calls_after_failure += node.has_failed
        try:
            self._call("fsync")
        except OSError:
            if isinstance(node, File):
                node.fail()
            raise
        node.sync()  # the real disk is not asked: only the model counts
        return None

    def on_fdatasync(self, fd: int) -> None:
        self.on_fsync(fd)

    def on_unlink(self, path: Any, *, dir_fd: int | None = None) -> None:
        at = self._find(path)
        if at is not None and at[1] in at[0].now:
            self._call("unlink")
        self._real["unlink"](path, dir_fd=dir_fd)
        if at is not None:
            node = at[0].now[at[1]]
            if isinstance(node, File):
                self._past += node.sectors()
            at[0].change((at[1], None))

    def on_remove(self, path: Any, *, dir_fd: int | None = None) -> None:
        self.on_unlink(path, dir_fd=dir_fd)

    def on_rename(self, old: Any, new: Any, **more: Any) -> None:
        before, after = self._find(old), self._find(new)
        if before is None and after is None:
            return self._real["rename"](old, new, **more)  # type: ignore[no-any-return]
        assert before is not None, "SimFS does not know a renaming into it or out of it"
        assert after is not None, "SimFS does not know a renaming into it or out of it"
        assert before[0] is after[0], "SimFS does not know a renaming to another folder"
        self._call("rename")
        self._real["rename"](old, new, **more)
        node = before[0].now[before[1]]
        before[0].change((before[1], None), (after[1], node))
        return None

    def on_replace(self, old: Any, new: Any, **more: Any) -> None:
        self.on_rename(old, new, **more)

    def on_link(self, old: Any, new: Any, **more: Any) -> None:
        before, after = self._find(old), self._find(new)
        if before is not None and after is not None:
            self._call("link")
            self._real["link"](old, new, **more)
            after[0].change((after[1], before[0].now[before[1]]))
        else:
            self._real["link"](old, new, **more)

    def on_mkdir(self, path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        at = self._find(path)
        if at is not None:
            self._call("mkdir")
        self._real["mkdir"](path, mode, dir_fd=dir_fd)
        if at is not None:
            at[0].change((at[1], Folder()))

    # What the calls share.

    def _call(self, name: str) -> int | None:
        self.calls += 1
        if self.calls >= self._cut_at:
            raise PowerCut(name)
        return self._weather(name)

    def _find(self, path: Any) -> tuple[Folder, str] | None:
        """The folder in the model and the name in it; ("", for the root itself)."""
        if isinstance(path, int):
            return None
        full = Path(os.path.abspath(os.fspath(path)))
        if not full.is_relative_to(self.root):
            return None
        folder = self._tree
        parts = full.relative_to(self.root).parts
        for part in parts[:-1]:
            below = folder.now.get(part)
            if not isinstance(below, Folder):
                return None  # the real call will say so
            folder = below
        return folder, parts[-1] if parts else ""

    def _file(self, fd: int) -> File | None:
        node = self._open.get(fd)
        return node if isinstance(node, File) else None

    def _unknown(self, name: str) -> Callable[..., Any]:
        def refuse(*_: Any, **__: Any) -> None:
            raise AssertionError(f"SimFS does not know os.{name}")

        return refuse

    def _open_file(self, path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        """`open`: a file below the root that is written to becomes one without a buffer."""
        if isinstance(path, int):
            if self._file(path) is not None and set(mode) & set("wax+"):
                return _Written(path)
        elif set(mode) & set("wax+") and self._find(path) is not None:
            flags = os.O_RDWR | (0 if "r" in mode else os.O_CREAT)
            return _Written(self.on_open(path, flags | (os.O_TRUNC if "w" in mode else 0), 0o666))
        return self._real["io.open"](path, mode, *more, **named)

    def _close_all(self) -> None:
        for fd in list(self._open):
            self._open.pop(fd)
            self._real["close"](fd)


class _Written:
    """As much of a file object as the product uses, over the calls that are seen."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __enter__(self) -> _Written:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # closed by the cut
            os.close(self._fd)

    def write(self, data: bytes) -> int:
        done = 0
        while done < len(data):
            done += os.write(self._fd, data[done:])
        return done

    def truncate(self, size: int) -> None:
        os.ftruncate(self._fd, size)

    def flush(self) -> None:
        """There is no buffer."""

    def fileno(self) -> int:
        return self._fd


def _compare(folder: Folder, real: Path) -> None:
    assert sorted(folder.now) == sorted(os.listdir(real)), f"SimFS missed a name in {real}"
    for name, node in folder.now.items():
        if isinstance(node, Folder):
            _compare(node, real / name)
        else:
            found = (real / name).read_bytes()
            known = node.now.data.ljust(node.now.size, b"\0")
            assert found == known, f"SimFS missed a change of {real / name}"
