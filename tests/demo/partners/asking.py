"""Requests to a partner of the recorder, and what it makes of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from server.demo.partners import partner_of
from server.demo.partners.contract import Asked, Read
from server.demo.playing import Played, Stage

NOW = 1_795_000_000_000
HASH = "7b17fb0bd173f625b58636fb796407c22b3d16fc78302d79f0fd30c2fc2fc068"
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOSTILE: list[Any] = [None, True, -1, 1e308, "", "\ud800", [], [[]], {}, {"": None}, [None] * 30]

Change = Callable[[Any], object]


def changed(sound: Any, *path: str | int, to: Any) -> Any:
    """The document with another value in a place; `...` takes it away."""
    document = copy.deepcopy(sound)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if to is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return document


class Line:
    """One partner's path, as its requests are made here."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.path, _, self.query = url.partition("?")
        self.headers = dict(headers or {})

    def asked(self, document: Any) -> Asked:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return Asked(path=self.path, query=self.query, headers=self.headers, body=body, now=NOW)

    def read(self, document: Any) -> Read:
        return partner_of(self.path).read(self.asked(document))

    def faults(self, document: Any) -> list[str]:
        return list(self.read(document).verdict())

    def play(self, document: Any, stage: Stage | None = None) -> Played:
        return (stage or Stage()).play(self.asked(document))

    def says(self, document: Any) -> tuple[int, Any]:
        """Status and JSON of the answer; an empty body is None."""
        answer = self.play(document).answer
        return answer.status, json.loads(answer.body) if answer.body else None

    def survives(self, sound: Any) -> None:
        """No value in any place breaks it."""
        for path in places(sound):
            for value in HOSTILE:
                self.play(changed(sound, *path, to=value) if path else value)
        for body in (b"", b"\xff", b"[1", b"[" * 100_000, b"9" * 5_000):
            self.play(body)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Sequence[tuple[str | int, ...]]:
    """Every place in a document, the whole of it first."""
    found = [path]
    inner = (
        value.items() if isinstance(value, dict) else
        enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for key, held in inner:
        found += places(held, (*path, key))
    return found
