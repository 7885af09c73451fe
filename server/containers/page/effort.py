"""In how many ways a browser may read a text by a pattern, at worst, before it says no.

    ^https?://[^/]+/[a-z]+$     each repetition ends where the next character says: one way
    a.*b.*c                     each `.*` may end anywhere, and each `a` may be the first one

A browser tries one after the other, RE2 all at once. What comes last is not tried again, and round
brackets are taken for any character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf

import re2
from msgspec import Struct

from server.containers.patterns import MAX_MATCHED_CHARS

MOST = 16 * MAX_MATCHED_CHARS**2
"""Two things that the text leaves open, and a few choices."""

_SAMPLE = frozenset({*map(chr, range(128)), "é", "ж", "中", "😀"})
"""The characters by which two classes are compared, beside those of the pattern."""
_BRACKETS = frozenset({"(", "(?:", ")", "|"})
_EDGES = frozenset({"^", r"\b", r"\B"})
_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}")


class _Atom(Struct):
    """What is read next."""

    chars: frozenset[str] = _SAMPLE
    is_needed: bool = False
    ways: float = 1
    """In how many ways, if nothing that follows decides."""


def ways(parts: Sequence[str]) -> float:
    """Of a pattern, given by RE2's tokens: characters, classes, brackets and repetitions. Where an
    atom's end is decided it is still read, as often as what stands before it is tried."""
    atoms = _atoms(parts)
    tried = most = 1.0
    for place, atom in enumerate(atoms):
        rest = atoms[place + 1 :]
        needed = next((place for place, one in enumerate(rest) if one.is_needed), None)
        if needed is None:
            break
        most = max(most, tried * atom.ways)
        if not all(atom.chars.isdisjoint(one.chars) for one in rest[: needed + 1]):
            tried *= atom.ways
    return most


def _atoms(parts: Sequence[str]) -> list[_Atom]:
    """The first one is where the reading begins."""
    more = "".join(parts)
    atoms = [_Atom()]
    choices = [False]
    for part in parts:
        if part[0] in "*+?" or _COUNT.match(part):
            least, most = _bounds(part)
            atoms[-1].is_needed &= least > 0
            atoms[-1].ways *= min(most, MAX_MATCHED_CHARS) - least + 1
        elif part in _BRACKETS:
            choices[-1] |= part == "|"
            choices += [False] * part.startswith("(")
            atoms.append(_Atom(ways=1 + choices.pop() if part == ")" else 1))
        elif part not in _EDGES:
            atoms.append(_Atom(chars=_chars(part, more), is_needed=True))
    if parts[:1] != ["^"] or choices[0]:
        atoms[0].ways = MAX_MATCHED_CHARS
    return atoms


def _bounds(repeat: str) -> tuple[int, float]:
    count = _COUNT.match(repeat)
    if count is None:
        return int(repeat[0] == "+"), 1 if repeat[0] == "?" else inf
    least = int(count[1])
    return least, int(count[3]) if count[3] else inf if count[2] else least


@lru_cache(maxsize=1024)
def _chars(part: str, more: str) -> frozenset[str]:
    """What a token finds, large or small, of the sample and more characters: nothing at the end of
    the text; one that finds none of them is taken for any."""
    if part == "$":
        return frozenset()
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    found = re2.compile(part, options)
    sample = _SAMPLE | set(more)
    return frozenset(one for one in sample if found.fullmatch(one)) or sample
