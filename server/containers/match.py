"""Triggers, compiled once: does an event fire a tag, and if not, what was the first to say no."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from server.containers.condition import Check, compile_condition, listed, quoted
from server.containers.explain import Fault, Malformed
from server.containers.lookup import MISSING
from server.containers.model import Trigger
from server.model import Event

BUILT_IN = {"all_events": Trigger(), "all_pages": Trigger(event="page_view")}


class Matcher(Struct, frozen=True, kw_only=True):
    """One trigger, ready."""

    name: str
    events: frozenset[str]
    """Empty: every event."""
    checks: tuple[Check, ...]

    def holds(self, event: Event) -> bool:
        """Whether the event is one of the trigger's, and all conditions hold."""
        return self._first_no(event) is None

    def explain(self, event: Event) -> str:
        """The first thing that said no, in plain words; empty when the trigger holds."""
        no = self._first_no(event)
        if no is None:
            return ""
        check, seen = no
        if check is not None:
            return check.words(seen)
        return f"event is {quoted(event.name)}, not {listed(sorted(self.events))}"

    def _first_no(self, event: Event) -> tuple[Check | None, Any] | None:
        if self.events and event.name not in self.events:
            return None, event.name
        for check in self.checks:
            seen = check.read(event)
            if seen == "":
                seen = MISSING
            if (seen is not MISSING and check.test(seen)) is check.negate:
                return check, seen
        return None


def compile_trigger(name: str, trigger: Trigger) -> Matcher:
    """The trigger, ready; raises Malformed with all faults of its conditions."""
    checks: list[Check] = []
    faults: list[Fault] = []
    for index, condition in enumerate(trigger.when):
        try:
            checks.append(compile_condition(condition))
        except Malformed as error:
            faults += [fault.under("when", index) for fault in error.faults]
    if faults:
        raise Malformed(faults)
    events = [trigger.event] if isinstance(trigger.event, str) else trigger.event
    return Matcher(name=name, events=frozenset(events), checks=tuple(checks))
