"""The log of every process: lines for people, or one JSON object a line.

Nothing of a visitor is in it: what we log are names and numbers of our own, and of an error that
nobody foresaw only where it was, since its text may quote what a page sent. Text from outside
cannot begin a line of its own, nor move a terminal's cursor.
"""

from __future__ import annotations

import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import msgspec

from server.errors import FreeholdError

TEXT = "%(asctime)s %(levelname)-7s %(process)d %(name)s: %(message)s"
LEFT_OUT = "its text is left out, for it may quote a visitor"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def set_up_log(kind: str, stream: TextIO) -> None:
    """Lines of a kind (`text` or `json`) to a stream, from every logger."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if kind == "json" else TextLines(TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("urllib3", "clickhouse_connect"):  # what they warn of is raised, and told by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # else each step of its start


class TextLines(logging.Formatter):
    """As ever; after an error that nobody foresaw the lines where it was."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Caught) -> str:  # noqa: N802
        return where(ei)


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, message; what was passed as `extra` in `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": escaped(record.getMessage()),
        }
        fields = {name: value for name, value in vars(record).items() if name not in _KNOWN}
        if fields:
            line["fields"] = fields
        if record.exc_info:
            line["error"] = where(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


def escaped(text: str) -> str:
    r"""The text on one line, its control characters as `\x0a`."""
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def where(caught: Caught) -> str:
    """The lines of code that led to an error, and what it is."""
    kind, error, trace = caught
    if kind is None or error is None:
        return ""
    is_ours = isinstance(error, FreeholdError | OSError)
    told = escaped(str(error)) if is_ours else LEFT_OUT
    frames = "".join(traceback.format_tb(trace))
    return f"Traceback (most recent call last):\n{frames}{kind.__name__}: {told}"
