"""What the store answers when it cannot do as asked, in ClickHouse's own words and numbers.

Clients switch on the number, so the numbers are ClickHouse's (src/Common/ErrorCodes.cpp) and the
HTTP status follows from the number as in src/Server/HTTP/exceptionCodeToHTTPStatus.cpp.
"""

from __future__ import annotations

import re

from server.errors import FreeholdError

SYNTAX_ERROR = 62
QUERY_IS_NOT_SUPPORTED = 48  # NOT_IMPLEMENTED
QUERY_IS_TOO_LARGE = 305
CANNOT_DECOMPRESS = 271
READONLY = 164
TOO_MANY_SIMULTANEOUS_QUERIES = 202
QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING = 216
BAD_ARGUMENTS = 36
UNKNOWN_DATABASE = 81
UNKNOWN_SETTING = 115
TIMEOUT_EXCEEDED = 159
TOO_MANY_ROWS_OR_BYTES = 396
SESSION_NOT_FOUND = 372
SESSION_IS_LOCKED = 373
INVALID_SESSION_TIMEOUT = 374
QUERY_WAS_CANCELLED = 394
ACCESS_DENIED = 497
AUTHENTICATION_FAILED = 516
UNKNOWN_EXCEPTION = 1002

_NAMES = {
    SYNTAX_ERROR: "SYNTAX_ERROR",
    QUERY_IS_NOT_SUPPORTED: "NOT_IMPLEMENTED",
    QUERY_IS_TOO_LARGE: "QUERY_IS_TOO_LARGE",
    CANNOT_DECOMPRESS: "CANNOT_DECOMPRESS",
    READONLY: "READONLY",
    TOO_MANY_SIMULTANEOUS_QUERIES: "TOO_MANY_SIMULTANEOUS_QUERIES",
    QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
    BAD_ARGUMENTS: "BAD_ARGUMENTS",
    UNKNOWN_SETTING: "UNKNOWN_SETTING",
    TIMEOUT_EXCEEDED: "TIMEOUT_EXCEEDED",
    TOO_MANY_ROWS_OR_BYTES: "TOO_MANY_ROWS_OR_BYTES",
    UNKNOWN_EXCEPTION: "UNKNOWN_EXCEPTION",
    SESSION_NOT_FOUND: "SESSION_NOT_FOUND",
    SESSION_IS_LOCKED: "SESSION_IS_LOCKED",
    INVALID_SESSION_TIMEOUT: "INVALID_SESSION_TIMEOUT",
    QUERY_WAS_CANCELLED: "QUERY_WAS_CANCELLED",
    ACCESS_DENIED: "ACCESS_DENIED",
    AUTHENTICATION_FAILED: "AUTHENTICATION_FAILED",
}

_STATUS = {
    401: (194,),
    403: (192, 193, 497, 516, 524),
    400: (
        *(6, 15, 25, 26, 27, 36, 38, 41, 43, 44, 53, 62, 72, 117, 167, 168, 190, 218, 298, 321),
        *(376, 427, 441, 675, 676),
    ),
    404: (35, 46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 511),
    408: (159,),
    411: (381,),
    413: (305,),
    501: (48,),
    503: (76, 209, 439),
}
_STATUS_OF_CODE = {code: status for status, codes in _STATUS.items() for code in codes}

# The engine wraps its own text once for each layer that it passes.
_WRAPPING = re.compile(r"^(?:Code: \d+\. DB::Exception: )+(?=Code: \d+\. DB::Exception: )")
_CODE = re.compile(r"Code: (\d+)\.")
_TRACE = re.compile(r",? Stack trace \(when copying this message.*", re.DOTALL)


class StoreError(FreeholdError):
    """A query that was refused or that failed; `text` is what the client reads."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(text)

    @property
    def status(self) -> int:
        return _STATUS_OF_CODE.get(self.code, 500)


def refusal(code: int, reason: str) -> StoreError:
    """Our own refusal, worded as ClickHouse words its own."""
    return StoreError(code, f"Code: {code}. DB::Exception: {reason}. ({_NAMES[code]})")


def engine_error(error: Exception) -> StoreError:
    """What the engine raised (a RuntimeError with ClickHouse's text), with its number found."""
    text = _TRACE.sub("", str(error)).strip()
    start = text.find("Code: ")
    text = _WRAPPING.sub("", text[max(start, 0) :])
    found = _CODE.match(text)
    if found is None:
        return StoreError(UNKNOWN_EXCEPTION, f"Code: {UNKNOWN_EXCEPTION}. DB::Exception: {text}")
    return StoreError(int(found.group(1)), text)
