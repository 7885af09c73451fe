"""A disk that fills up or fails: the kernel's limits and errors, not ours."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def full_at(size: int) -> Iterator[None]:
    """No file can grow over `size` bytes; the write that crosses it is short, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Syncs:
    """Counts fdatasync, and lets the next ones fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.files: list[tuple[int, int]] = []  # each call's device and inode
        self.failures = 0
        self._fdatasync = os.fdatasync
        monkeypatch.setattr(os, "fdatasync", self)

    def __call__(self, fd: int) -> None:
        self.count += 1
        status = os.fstat(fd)
        self.files.append((status.st_dev, status.st_ino))
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EIO, "Input/output error")
        self._fdatasync(fd)


def without_preallocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot reserve space: then a full disk shows in the middle of a write."""

    def refuse(fd: int, offset: int, size: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
