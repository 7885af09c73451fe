"""What is different between two versions of a container, in a marketer's words.

    tag ga4: now fires on big_orders too
    trigger big_orders: event.value: greater than 100 → 50
    tag orders is gone

It tells of what the containers mean: comments and quotes make no difference. What has no words of
its own is told by its path, so that nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from server.containers.explain import Path_, spelled
from server.containers.model import Container
from server.containers.wording import (
    Tree,
    condition_words,
    limit_words,
    looked_at_words,
    operator_words,
    said,
)

OWN = frozenset({"version"})
"""What a publication sets, and no marketer."""
SINGULAR = {
    "triggers": "trigger",
    "tags": "tag",
    "page_tags": "page tag",
    "variables": "variable",
    "transformations": "transformation",
    "templates": "template",
    "folders": "folder",
}
LISTS = {
    "fires_on": ("now fires on {} too", "does not fire on {} any more"),
    "except": ("is blocked by {} now", "is not blocked by {} any more"),
    "all_of": ("now waits for {} too", "does not wait for {} any more"),
}
"""What is said of a name that has come to a list, and of one that has left it."""
GONE = object()
"""Stands for what one side does not have."""


def diff(old: Container, new: Container) -> list[str]:
    """Lines to read from top to bottom; none: the two decide alike."""
    return list(_container(_tree(old), _tree(new)))


def _tree(container: Container) -> dict[str, Any]:
    tree = msgspec.to_builtins(container)
    return {key: value for key, value in tree.items() if key not in OWN}


def _container(old: Tree, new: Tree) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key, GONE), new.get(key, GONE)
        if same(before, after):
            continue
        if key in SINGULAR and isinstance(before, dict) and isinstance(after, dict):
            yield from _parts(SINGULAR[key], before, after)
        elif key == "sites":
            yield from _members(before, after, "site {} may send now", "site {} may not send now")
        else:
            yield from _values((key,), before, after)


def _parts(kind: str, old: Tree, new: Tree) -> Iterator[str]:
    """Tags, triggers and whatever else has names."""
    renamed = _renamed(old, new)
    for name, now in renamed.items():
        yield f"{kind} {name} is called {now} now"
    for name in old:
        if name not in new and name not in renamed:
            yield f"{kind} {name} is gone"
    for name, part in new.items():
        if name in renamed.values():
            continue
        if name not in old:
            yield f"{kind} {name} is new{_about(part)}"
        elif not same(old[name], part):
            yield from _part(f"{kind} {name}", old[name], part)
    common = [name for name in old if name in new]
    if common != [name for name in new if name in old]:
        yield f"{kind}s are in another order: {', '.join(new)}"


def _renamed(old: Tree, new: Tree) -> dict[str, str]:
    """Old names and new ones of what is the same but for its name; only where that is clear."""
    gone = {name: part for name, part in old.items() if name not in new}
    come = {name: part for name, part in new.items() if name not in old}
    found = {}
    for name, part in gone.items():
        alike = [other for other, its in come.items() if same(part, its)]
        twins = [other for other, its in gone.items() if same(part, its)]
        if len(alike) == len(twins) == 1:
            found[name] = alike[0]
    return found


def _about(part: Any) -> str:
    """What a new part is, in a few words."""
    if not isinstance(part, dict):
        return f": {said(part)}"
    words = [str(part["type"])] if isinstance(part.get("type"), str) else []
    if part.get("fires_on"):
        words.append(f"fires on {', '.join(map(str, part['fires_on']))}")
    if part.get("event"):
        words.append(f"event {said(part['event'])}")
    words += [condition_words(one) for one in part.get("when") or () if isinstance(one, dict)]
    return f": {'; '.join(words)}" if words else ""


def _part(where: str, old: Any, new: Any) -> Iterator[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield f"{where}: {said(old)} → {said(new)}"
        return
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key, GONE), new.get(key, GONE)
        if same(before, after):
            continue
        for line in _field(key, before, after):
            yield f"{where}: {line}"


def _field(key: str, old: Any, new: Any) -> Iterator[str]:
    if key == "event":
        yield f"event {said(old or 'any')} → {said(new or 'any')}"
    elif key == "when":
        yield from _conditions(old, new)
    elif key == "needs_consent":
        yield from _consent(old, new)
    elif key == "with":
        yield from _values((), old, new)
    elif key in LISTS:
        yield from _members(old, new, *LISTS[key])
    elif key == "environments":
        yield f"is for {said(old or 'everywhere')} → {said(new or 'everywhere')}"
    elif key == "paused":
        yield "is paused now" if new is True else "is not paused any more"
    elif key == "limit":
        yield f"limit: {limit_words(old)} → {limit_words(new)}"
    else:
        yield from _values((key,), old, new)


def _consent(old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, list) and isinstance(new, list) and old and new:
        more, less = "needs consent to {} too", "needs no consent to {} any more"
        yield from _members(old, new, more, less)
    else:
        yield f"needs consent to: {_needs(old)} → {_needs(new)}"


def _needs(purposes: Any) -> str:
    if purposes is None or purposes is GONE:
        return "what the destination asks for"
    return ", ".join(map(str, purposes)) or "nothing"


def _conditions(old: Any, new: Any) -> Iterator[str]:
    before, after = _listed(old), _listed(new)
    gone = [one for one in before if not any(same(one, other) for other in after)]
    come = [one for one in after if not any(same(one, other) for other in before)]
    if not gone and not come:
        yield "its conditions are in another order, or said another number of times"
    for one in gone:
        twin = next((other for other in come if _looks_at_the_same(one, other)), None)
        if twin is None:
            yield f"without the condition {condition_words(one)}"
        else:
            come.remove(twin)
            yield _changed(one, twin)
    for one in come:
        yield f"new condition {condition_words(one)}"


def _looks_at_the_same(one: Any, other: Any) -> bool:
    return isinstance(one, dict) and isinstance(other, dict) and one["value"] == other["value"]


def _changed(old: Tree, new: Tree) -> str:
    """One condition that became another; when only the number or text differs, only that."""
    looked_at, before, after = looked_at_words(old), operator_words(old), operator_words(new)
    if before[0] == after[0]:
        return f"{looked_at} {before[0]} {before[1]} → {after[1]}"
    return f"{looked_at} {' '.join(before)} → {' '.join(after)}"


def _members(old: Any, new: Any, more: str, less: str) -> Iterator[str]:
    before, after = _listed(old), _listed(new)
    for one in after:
        if one not in before:
            yield more.format(said(one))
    for one in before:
        if one not in after:
            yield less.format(said(one))
    if set(before) == set(after):
        yield f"in another order: {said(after)}"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _values(path: Path_, old: Any, new: Any) -> Iterator[str]:
    """What has no words of its own: by its path, as deep as both sides are alike."""
    name = spelled(path) or "with"
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys((*old, *new))
        changed = [key for key in keys if not same(old.get(key, GONE), new.get(key, GONE))]
        for key in changed:
            yield from _values((*path, key), old.get(key, GONE), new.get(key, GONE))
        if not changed:
            yield f"{name}: in another order"
        return
    if old is GONE:
        yield f"{name}: new, {said(new)}"
    elif new is GONE:
        yield f"{name}: gone, it was {said(old)}"
    else:
        yield f"{name}: {said(old)} → {said(new)}"


def same(one: Any, other: Any) -> bool:
    """Equality that knows 1 from true, and the order of keys."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
