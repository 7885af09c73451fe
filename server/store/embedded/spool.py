"""The beginning of a result, kept until it is certain how it ends: in memory, then on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType

from server.store.embedded.errors import TOO_MANY_ROWS_OR_BYTES, refusal

_PIECE = 1 << 20
# What one client may have waiting on our disk.
MAX_BYTES = 2 << 30


class Spool:
    """The file is in `tempfile.tempdir`, which is the store's scratch folder."""

    def __init__(self, memory_bytes: int) -> None:
        self._file = tempfile.SpooledTemporaryFile(memory_bytes + _PIECE)  # noqa: SIM115
        self.size = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > MAX_BYTES:
            raise refusal(
                TOO_MANY_ROWS_OR_BYTES,
                f"The result is over {MAX_BYTES} bytes; read it without wait_end_of_query",
            )
        self._file.write(data)

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(_PIECE):
            yield chunk
