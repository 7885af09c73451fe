"""The next segment's file, ready before it is needed: a roll waits for no space, and a full disk
shows here and not in the middle of a segment.

    .spare  ──renamed──▶  001767225602.j

No reader knows the first name, so a file that a crash leaves under it is nobody's: the next writer
removes it. It is zeros, allocated and synced; the header is written under the second name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

NAME = ".spare"
_UNSUPPORTED = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}


class Spare:
    """One new file of `size` bytes; raises OSError and leaves none when the disk has no room."""

    def __init__(self, folder: Path, size: int) -> None:
        self.allocated = 0
        self._path = folder / NAME
        self.fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            self.allocated = allocate(self.fd, 0, size)
            os.fsync(self.fd)
        except OSError:
            self.discard()
            raise

    def take(self, path: Path) -> None:
        """Makes it the segment of this name; raises OSError and discards it, when it cannot."""
        try:
            if path.exists():  # a renaming would replace it
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            self._path.rename(path)
        except OSError:
            self.discard()
            raise

    def discard(self) -> None:
        """Gives the space back."""
        os.close(self.fd)
        remove_spare(self._path.parent)


def remove_spare(folder: Path) -> None:
    """Remove what a writer left that died; if the disk refuses, there will just be no spare."""
    with contextlib.suppress(OSError):
        (folder / NAME).unlink(missing_ok=True)


def allocate(fd: int, start: int, end: int) -> int:
    """Make sure of the space from `start` to `end`; return up to where it is sure.

    Where the file system cannot, that is everywhere. Raises OSError, perhaps with some allocated.
    """
    if sys.platform == "darwin":
        return sys.maxsize
    try:
        os.posix_fallocate(fd, start, end - start)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        return sys.maxsize  # never ask again
    return end
