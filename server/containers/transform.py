"""Transformations, compiled once: what some tags do not see of an event, or see otherwise.

Scope ──allow──▶ ──exclude──▶ ──augment──▶ another Scope, and what of the person is hidden
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from msgspec import Struct
from msgspec.structs import replace

from server.containers.condition import Check
from server.containers.explain import Fault, Malformed
from server.containers.fields import (
    PERSONAL,
    kept,
    left_out,
    put,
    removable_fault,
    settable_fault,
)
from server.containers.lookup import Names
from server.containers.match import compile_conditions, event_names
from server.containers.model import Transformation
from server.containers.scope import MISSING, Beside, Read, Scope
from server.containers.values import compile_at
from server.model import Person

_NOBODY = Person()


def shown_person(person: Person, hidden: frozenset[str]) -> Person:
    """The person without what a tag does not see."""
    if not hidden:
        return person
    if "click_ids" in hidden:
        hidden |= {"clicked_at"}
    return replace(person, **{name: getattr(_NOBODY, name) for name in hidden})


class Transform(Struct, frozen=True, kw_only=True):
    """One transformation, ready."""

    name: str
    tags: frozenset[str]
    """Empty: all but `except_tags`."""
    except_tags: frozenset[str]
    events: frozenset[str]
    checks: tuple[Check, ...]
    allowed: frozenset[str] | None
    excluded: frozenset[str]
    sets: tuple[tuple[str, Read], ...]
    hidden: frozenset[str]
    """Of the person."""

    def concerns(self, tag: str) -> bool:
        """Whether it is for a tag."""
        return tag in self.tags if self.tags else tag not in self.except_tags

    def applies(self, scope: Scope) -> bool:
        """Whether it is for an event, as that came."""
        if self.events and scope.event.name not in self.events:
            return False
        return all(check.ask(scope) for check in self.checks)

    def changed(self, scope: Scope) -> Scope:
        """What the tag sees."""
        event = scope.event
        if self.allowed is not None:
            event = replace(event, **kept(event, self.allowed))
        if self.excluded:
            event = replace(event, **left_out(event, self.excluded))
        if self.sets:
            changes: dict[str, object] = {}
            for name, read in self.sets:
                value = read(scope)
                if value is not MISSING:
                    put(changes, event, name, value)
            event = replace(event, **changes)
        beside = scope.beside
        if "cookies" in self.hidden:
            beside = Beside(headers=beside.headers)
        return Scope(event, beside, len(scope.values))


def transformed(scope: Scope, transforms: Iterable[Transform]) -> tuple[Scope, frozenset[str]]:
    """What a tag sees after all transformations, and what of the person is hidden from it."""
    seen, hidden = scope, frozenset[str]()
    for transform in transforms:
        if transform.applies(scope):
            seen = transform.changed(seen)
            hidden |= transform.hidden
    return seen, hidden


def compile_transformation(name: str, raw: Transformation, names: Names) -> Transform:
    """The transformation, ready; raises Malformed with all its faults."""
    faults = [
        *_name_faults(raw.allow or (), "allow", removable_fault),
        *_name_faults(raw.exclude, "exclude", removable_fault),
        *_name_faults(raw.augment, "augment", settable_fault),
    ]
    checks = compile_conditions(raw.when, names, faults)
    sets: list[tuple[str, Read]] = []
    for field, tree in raw.augment.items():
        try:
            sets.append((field, compile_at(field, tree, names).read))
        except Malformed as error:
            faults += [fault.under("augment") for fault in error.faults]
    if raw.allow is None and not raw.exclude and not raw.augment:
        faults.append(Fault((), "expected `allow`, `exclude` or `augment`"))
    if faults:
        raise Malformed(faults)
    allowed = None if raw.allow is None else frozenset(raw.allow)
    return Transform(
        name=name,
        tags=frozenset(raw.tags),
        except_tags=frozenset(raw.except_tags),
        events=event_names(raw.event),
        checks=checks,
        allowed=allowed,
        excluded=frozenset(raw.exclude),
        sets=tuple(sets),
        hidden=_hidden(allowed, raw.exclude),
    )


def _name_faults(given: Iterable[str], key: str, told: Callable[[str], str]) -> Iterable[Fault]:
    for index, name in enumerate(given):
        words = told(name)
        if words:
            yield Fault((key, name if key == "augment" else index), words)


def _hidden(allowed: frozenset[str] | None, excluded: Collection[str]) -> frozenset[str]:
    """What of the person is hidden: all that is not allowed, and what is excluded."""
    gone = _personal(excluded)
    if allowed is not None:
        gone |= set(PERSONAL) - _personal(allowed)
    return frozenset(gone)


def _personal(names: Collection[str]) -> set[str]:
    """What of the person a list of fields names."""
    if "person" in names:
        return set(PERSONAL)
    return {name.removeprefix("person.") for name in names if name.startswith("person.")}
