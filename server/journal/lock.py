"""The lock that makes a folder have one writer; the kernel frees it when the process dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from server.journal.errors import FolderInUse
from server.journal.folder import make_folder


class FolderLock:
    """Held from construction to release; the folder is created when it is not there."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._fd = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise FolderInUse(f"{folder} already has a writer") from None

    def release(self) -> None:
        """Let go; the file stays, since removing it would let two writers lock two files."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
