"""Sessions of the writer: SET, USE and temporary tables that outlive a request, by `session_id`.

An analyst can change nothing that a session would keep, so his requests are always fresh ones.
Settings in a URL are for one query and are taken back; those of a SET statement stay.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from server.store.embedded.errors import SESSION_IS_LOCKED, SESSION_NOT_FOUND, refusal
from server.store.embedded.request import Call

if TYPE_CHECKING:
    from server.store.embedded.engine import Connection

MAX_SESSIONS = 128
_MAX_REMEMBERED = 100


class Session:
    def __init__(self, connection: Connection, database: str) -> None:
        self.connection = connection
        self.database = database
        self.busy = True
        self.expires_at = 0.0
        self._statements: list[bytes] = []
        self._from_url: set[str] = set()

    def begin(self, from_url: set[str]) -> None:
        """Takes back what the last request brought along; what was SET and USEd comes again."""
        self.connection.use(self.database)
        if self._from_url:
            self.connection.reset(sorted(self._from_url))
            for statement in self._statements:
                self.connection.answer(statement, "Null")
        self._from_url = from_url

    def remember(self, kind: str, sql: bytes) -> None:
        """What a statement of the kinds SET and USE has changed for good."""
        if kind == "Set":
            self._statements = [*self._statements, sql][-_MAX_REMEMBERED:]
        elif kind == "UseQuery":
            found, _ = self.connection.answer(b"SELECT currentDatabase()", "TSVRaw")
            self.database = found.decode().rstrip("\n")


class Sessions:
    def __init__(self, connect: Callable[[Call], Connection]) -> None:
        self._connect = connect
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def take(self, call: Call, database: str) -> Session:
        """The session, or a new one; raises StoreError when it is in use, or must exist already."""
        with self._lock:
            self._drop_expired()
            session = self._sessions.get(call.session_id)
            if session is None:
                if call.session_must_exist:
                    raise refusal(SESSION_NOT_FOUND, f"Session {call.session_id} not found")
                session = Session(self._connect(call), database)
                self._sessions[call.session_id] = session
            elif session.busy:
                raise refusal(
                    SESSION_IS_LOCKED, f"Session {call.session_id} is locked by a concurrent client"
                )
            session.busy = True
            return session

    def give_back(self, call: Call, session: Session) -> None:
        with self._lock:
            session.busy = False
            session.expires_at = time.monotonic() + call.session_timeout_s
            if call.closes_session:
                self._drop(call.session_id)

    def _drop_expired(self) -> None:
        idle = {key: s.expires_at for key, s in self._sessions.items() if not s.busy}
        for key, expires_at in idle.items():
            if expires_at < time.monotonic():
                self._drop(key)
        if len(self._sessions) >= MAX_SESSIONS and self._sessions.keys() & idle.keys():
            self._drop(min(self._sessions.keys() & idle.keys(), key=idle.__getitem__))

    def _drop(self, key: str) -> None:
        self._sessions.pop(key).connection.close()
