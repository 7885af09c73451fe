"""Lookup tables and tables of patterns."""

from __future__ import annotations

import re
from typing import Any

from server.containers.gtm.export import Element
from server.containers.gtm.references import Meanings, translate
from server.containers.patterns import compile_pattern

_GROUP = re.compile(r"\$\d")


def lookup(element: Element, meanings: Meanings) -> tuple[dict[str, Any], list[str]]:
    """`smm`: from a text to a value; raises ValueError."""
    tree: dict[str, Any] = {"type": "lookup", "input": _input(element, meanings)}
    table: dict[str, str] = {}
    notes = []
    for row in element.rows("map"):
        key, value = _pair(row)
        text = translate(value, meanings)
        if not key.isprintable() or not key or "{{" in key or text.lost:
            notes.append(f"row {key!r:.60} is left out{_why(text.lost)}")
        elif table.setdefault(key, text.value) != text.value:
            notes.append(f"row {key!r:.60} is there twice: the first counts")
    if not table:
        raise ValueError("has no row that can be kept")
    return {**tree, "table": table}, notes


def patterns(element: Element, meanings: Meanings) -> tuple[dict[str, Any], list[str]]:
    """`remm`: the first pattern that matches gives the value; raises ValueError."""
    whole = element.params.get("fullMatch", True) is not False
    replaces = element.params.get("replaceAfterMatch", True) is not False
    ignore_case = element.params.get("ignoreCase", True) is not False
    rows, notes = [], []
    for row in element.rows("map"):
        key, value = _pair(row)
        text = translate(value, meanings)
        pattern = f"^(?:{key})$" if whole else key
        fault = "; ".join(text.lost) or _fault(pattern, ignore_case=ignore_case)
        if fault:  # a row less would let a later one win
            raise ValueError(f"row {key!r:.60}: {fault}")
        if _GROUP.search(value) and not replaces:
            notes.append(f"row {key!r:.60}: `$1` is what the brackets found, not a plain text")
        rows.append({"matches": pattern, "gives": text.value})
    if not rows:
        raise ValueError("has no row")
    if replaces and not whole:
        notes.append("gives the row's value: GTM keeps what is around the match")
    tree = {"type": "pattern", "input": _input(element, meanings), "rows": rows}
    return {**tree, **({"ignore_case": True} if ignore_case else {})}, notes


def _input(element: Element, meanings: Meanings) -> str:
    text = translate(element.text("input"), meanings)
    if text.lost or "{{" not in text.value:
        raise ValueError("; ".join(text.lost) or "looks nothing up")
    return text.value


def _pair(row: dict[str, Any]) -> tuple[str, str]:
    key, value = row.get("key", ""), row.get("value", "")
    return (key if isinstance(key, str) else "", value if isinstance(value, str) else "")


def _why(lost: tuple[str, ...]) -> str:
    return f": {'; '.join(lost)}" if lost else ""


def _fault(pattern: str, *, ignore_case: bool) -> str:
    try:
        compile_pattern(pattern, ignore_case=ignore_case)
    except ValueError as error:
        return str(error)
    return ""
