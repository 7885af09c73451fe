"""One connection to ClickHouse, for one thread; what goes wrong becomes one of three errors.

StoreUnavailable   no answer, or no memory, disk, connection, right or table: come again
RowsRefused        the data itself was refused: look for the row
QueryRefused       the question itself was refused: tell who asked
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import clickhouse_connect
import urllib3
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from server.errors import FreeholdError, StoreUnavailable
from server.histogram import INSERT_S, histogram
from server.network import in_words
from server.store.endpoint import Endpoint

# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp: what a row's own
# content can cause. Everything else (memory, disk, connections, rights, schema) is not the row's.
DATA_CODES = frozenset(
    {
        *(6, 25, 26, 27, 38, 41, 69, 72, 117, 128, 130, 131, 190, 321, 349, 376, 407, 441, 467),
        *(469, 675, 676),
    }
)
# A cut stream or a changed column can cause these too; a row is named when it was the row.
ROW_CODES = frozenset({32, 33, 53, 70})
AT_ROW = "(at row "
NOT_THE_ROWS = ("Unknown field", "No such column", "Missing columns", "while pushing to view")


class RowsRefused(FreeholdError):
    """ClickHouse refused rows for what is in them."""


class QueryRefused(FreeholdError):
    """ClickHouse refused a query for what it asks; the text is ClickHouse's own."""


class Connection:
    """A lazy connection that opens itself again after a failure."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout_s: int = 300,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.inserts = histogram(INSERT_S)
        """How many seconds each insert took."""
        self._timeout_s = timeout_s
        self._settings = dict(settings or {})
        self._client: Client | None = None

    @contextmanager
    def open(self) -> Iterator[Client]:
        """The client; a failure inside is raised as one of the three errors."""
        try:
            if self._client is None:
                self._client = self._connect()
            yield self._client
        except (ClickHouseError, urllib3.exceptions.HTTPError, OSError) as error:
            judged = judge(error, self.endpoint)
            if isinstance(judged, StoreUnavailable):
                self.close()
            raise judged from error

    def close(self) -> None:
        """Drops the connection; the next use opens a new one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self) -> Client:
        return clickhouse_connect.get_client(
            host=self.endpoint.host,
            port=self.endpoint.port,
            secure=self.endpoint.secure,
            username=self.endpoint.user,
            password=self.endpoint.password,
            settings=self._settings,
            connect_timeout=3,
            send_receive_timeout=self._timeout_s,
            query_retries=0,
            autogenerate_session_id=False,
            client_name="freehold",
        )


def without_quotes(text: str) -> str:
    """ClickHouse's code and its name alone, for a log: the words between them may quote a row."""
    codes, names = re.findall(r"Code: (\d+)", text), re.findall(r"\(([A-Z][A-Z_]+)\)", text)
    return f"code {codes[0] if codes else '?'} {names[-1] if names else ''}".strip()


def judge(error: Exception, endpoint: Endpoint) -> FreeholdError:
    """Which of the three errors a driver's exception is."""
    code = error.code if isinstance(error, Error) else None
    text = str(error)
    if code is None:
        return StoreUnavailable(f"ClickHouse at {endpoint} does not answer: {_cause(error)}")
    is_data = code in DATA_CODES or (code in ROW_CODES and AT_ROW in text)
    if is_data and not any(word in text for word in NOT_THE_ROWS):
        return RowsRefused(text)
    if code in QUERY_CODES:
        return QueryRefused(text)
    return StoreUnavailable(text)


def _cause(error: Exception) -> str:
    """In a few words what the network did, if that lies below the driver's exception."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError):
            return in_words(below)
        below = below.__cause__ or below.__context__
    return str(error).partition("\n")[0]  # another server says it with a page


# Syntax, unknown functions and identifiers, types of arguments, rights, read-only: of the question.
QUERY_CODES = frozenset({36, 42, 43, 46, 47, 57, 59, 62, 63, 164, 179, 184, 215, 386, 452, 497})
