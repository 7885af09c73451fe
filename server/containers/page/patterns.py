"""RE2 patterns as JavaScript with the flag `u` has them, as far as both mean the same.

What is written otherwise there is translated (`.` `\\s` `\\x{…}` `\\-`), what JavaScript lacks is
refused: flags inside (`(?i)`), `\\pN`, `\\A`, `\\z`, `\\Q…\\E`, `[[:alpha:]]`. So is what RE2 takes
as it comes and a browser may think about forever: a repetition, or a choice, that is repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from server.containers.explain import shown
from server.containers.page.effort import MOST, ways
from server.containers.page.looks import literal

_REPEAT = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??")
_CODE = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_CONTROLS = frozenset("nrtfv")
_EDGES = frozenset(("^", "$", r"\b", r"\B"))
_SPACE = r"\t\n\f\r "
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": _SPACE}
"""What RE2 means by them: ASCII alone."""
NO_GROUP = "of groups only `(…)` and `(?:…)`; letters are alike with `ignore_case`"
SLOW = "a repetition, or a choice, that is repeated: a browser may think about it forever"
LONG = (
    "it can be read in too many ways: a browser may think about it for seconds; begin with `^`,"
    " write `[^/]+` for `.*`, or make several conditions of it"
)


class _Group(Struct):
    """A pair of brackets that is open, or what was read last."""

    is_slow: bool = False
    """Whether it may be read in more than one way."""
    is_edge: bool = False
    """Whether it is a place and no character."""


def javascript(pattern: str) -> str:
    """The pattern for a browser, without its slashes; raises ValueError in words. RE2 has taken it
    already."""
    read = list(_translated(pattern))
    if ways([token for token, _ in read]) > MOST:
        raise ValueError(LONG)
    return "".join(text for _, text in read)


def _translated(pattern: str) -> Iterator[tuple[str, str]]:
    """Each token of RE2's, and as JavaScript has it."""
    groups, last, at = [_Group()], _Group(), 0
    while at < len(pattern):
        begin, char, repeat = at, pattern[at], _REPEAT.match(pattern, at)
        if repeat:
            groups[-1].is_slow |= _is_slow(repeat[0], last)
            text, at = repeat[0], repeat.end()
        elif char == "[":
            text, at = _bracketed(pattern, at)
        elif char == "(":
            text = "(?:"
            if pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
                raise ValueError(f"{_here(pattern, at)}: {NO_GROUP}")
            at += 3 if pattern.startswith("(?:", at) else 1
            groups.append(_Group())
        elif char == "\\":
            text, at = _escaped(pattern, at)
        else:
            text, at = _plain(char, groups), at + 1
        last = groups.pop() if char == ")" else _Group(is_edge=text in _EDGES)
        groups[-1].is_slow |= last.is_slow
        yield pattern[begin:at], text


def _is_slow(repeat: str, last: _Group) -> bool:
    """Whether a repetition leaves a choice; raises ValueError for one that leaves too many."""
    if last.is_edge:
        raise ValueError(f"`{repeat}` repeats a place, which browsers do not know")
    if last.is_slow and not repeat.startswith("?"):
        raise ValueError(SLOW)
    return "," in repeat or "{" not in repeat


def _plain(char: str, groups: list[_Group]) -> str:
    """What stands for itself, or nearly."""
    if char == "|":
        groups[-1].is_slow = True
    if char in "{}]":
        return literal(char)
    return r"[^\n]" if char == "." else char


def _escaped(pattern: str, at: int) -> tuple[str, int]:
    """What follows a backslash outside of square brackets, and where it ends."""
    char = pattern[at + 1]
    if char in "bB":
        return pattern[at : at + 2], at + 2
    if char in _CLASSES:
        return f"[{_CLASSES[char]}]", at + 2
    if char.lower() in _CLASSES:
        return f"[^{_CLASSES[char.lower()]}]", at + 2
    text, at = _character(pattern, at)
    return literal(text) if len(text) == 1 else text, at


def _character(pattern: str, at: int) -> tuple[str, int]:
    """One character, written as it is or with a backslash; escapes that both know stay."""
    if pattern[at] != "\\":
        return pattern[at], at + 1
    char = pattern[at + 1]
    if char in _CONTROLS:
        return pattern[at : at + 2], at + 2
    code = _CODE.match(pattern, at)
    if code:
        return rf"\u{{{code[1] or code[2]}}}", code.end()
    if char.isalnum():
        raise ValueError(f"`{pattern[at : at + 2]}` is RE2's alone: browsers do not know it")
    return char, at + 2


def _bracketed(pattern: str, at: int) -> tuple[str, int]:
    """A class in square brackets, and where it ends."""
    begin = at
    at += 2 if pattern.startswith("[^", at) else 1
    parts, is_first = [pattern[begin:at]], True
    while is_first or pattern[at] != "]":
        if pattern.startswith("[:", at):
            raise ValueError(f"{_here(pattern, at)}: classes with names are RE2's alone")
        kind = pattern[at + 1] if pattern[at] == "\\" else ""
        if kind in _CLASSES:
            parts, at = [*parts, _CLASSES[kind]], at + 2
        elif kind and kind.lower() in _CLASSES:
            raise ValueError(f"`\\{kind}` in square brackets means something else to browsers")
        else:
            text, at = _character(pattern, at)
            last = pattern[at + 1] if pattern.startswith("-", at) else "]"
            parts.append(_in_class(text))
            if last != "]":
                text, at = _character(pattern, at + 1)
                parts += ["-", _in_class(text)]
        is_first = False
    return "".join([*parts, "]"]), at + 1


def _in_class(text: str) -> str:
    return "\\" + text if text in tuple("\\]-[^") else text


def _here(pattern: str, at: int) -> str:
    return f"`{shown(pattern[at : at + 8])}`"
