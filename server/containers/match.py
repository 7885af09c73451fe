"""Triggers, compiled once: does an event fire a tag, and if not, what was the first to say no."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec import Struct

from server.containers.condition import Check, compile_condition, listed, quoted
from server.containers.explain import Fault, Malformed
from server.containers.gate import Gate, compile_gates
from server.containers.lookup import NO_NAMES, Names
from server.containers.memory import Tally
from server.containers.model import Condition, EventName, Limit, Span, Trigger
from server.containers.scope import Scope

BUILT_IN = {"all_events": Trigger(), "all_pages": Trigger(event="page_view")}
UTC = ZoneInfo("UTC")


class Matcher(Struct, frozen=True, kw_only=True):
    """One trigger, ready."""

    name: str
    events: frozenset[str]
    """Empty: every event."""
    checks: tuple[Check, ...] = ()
    gates: tuple[Gate, ...] = ()
    asks: tuple[Callable[[Scope], bool], ...] = ()
    """All conditions and gates, for when nobody asks why."""
    limit: Limit | None = None
    members: tuple[str, ...] = ()
    """Of a group."""
    within: Span = Span.PAGE

    @property
    def is_counted(self) -> bool:
        """Whether it depends on what fired before."""
        return self.limit is not None or bool(self.members)

    def holds(self, scope: Scope) -> bool:
        """Whether the event is one of the trigger's, all conditions hold and all gates are open;
        what fired before is not looked at."""
        if self.events and scope.event.name not in self.events:
            return False
        return all(ask(scope) for ask in self.asks)

    def fires(self, tally: Tally) -> bool:
        """Whether a trigger that holds is within its limit; then it is counted."""
        limit = self.limit
        if limit is None:
            return True
        if tally.count(limit.per, self._key) >= limit.times:
            return False
        tally.add(limit.per, self._key)
        return True

    def gathers(self, held: frozenset[str], tally: Tally) -> bool:
        """Whether a group is whole with the members that hold now, for the first time."""
        for member in self.members:
            if member in held and not tally.count(self.within, self._member(member)):
                tally.add(self.within, self._member(member))
        is_whole = all(tally.count(self.within, self._member(one)) for one in self.members)
        if not is_whole or tally.count(self.within, self._whole):
            return False
        tally.add(self.within, self._whole)
        return True

    def explain(self, scope: Scope) -> str:
        """The first thing that said no, in plain words; empty when the trigger holds."""
        if self.events and scope.event.name not in self.events:
            return f"event is {quoted(scope.event.name)}, not {listed(sorted(self.events))}"
        for check in self.checks:
            if not check.ask(scope):
                return check.words(check.seen(scope))
        for gate in self.gates:
            if not gate.opens(scope.event):
                return gate.words
        return ""

    def recount(self, tally: Tally) -> str:
        """Why a trigger that holds does not fire, when that is for what fired before."""
        if self.members:
            missing = [m for m in self.members if not tally.count(self.within, self._member(m))]
            if missing:
                return f"has not fired on this {self.within} yet: {', '.join(missing)}"
            return f"was whole before on this {self.within}, and fires once"
        return limit_words(self.limit) if self.limit else ""

    @property
    def _key(self) -> str:
        return f"trigger/{self.name}"

    @property
    def _whole(self) -> str:
        return f"group/{self.name}"

    def _member(self, member: str) -> str:
        return f"group/{self.name}/{member}"


def limit_words(limit: Limit) -> str:
    """That a limit is reached."""
    times = "once" if limit.times == 1 else f"{limit.times} times"
    return f"its limit is reached: {times} per {limit.per}"


def compile_trigger(
    name: str, trigger: Trigger, names: Names = NO_NAMES, zone: ZoneInfo = UTC
) -> Matcher:
    """The trigger, ready; raises Malformed with all its faults."""
    faults: list[Fault] = []
    checks = compile_conditions(trigger.when, names, faults)
    gates: tuple[Gate, ...] = ()
    try:
        gates = compile_gates(trigger.schedule, trigger.sample, zone)
    except Malformed as error:
        faults += error.faults
    if trigger.all_of and (trigger.event or trigger.when):
        faults.append(Fault(("all_of",), "a group has neither `event` nor `when`"))
    if faults:
        raise Malformed(faults)
    return Matcher(
        name=name,
        events=event_names(trigger.event),
        checks=checks,
        gates=gates,
        asks=(*(check.ask for check in checks), *map(_ask, gates)),
        limit=trigger.limit,
        members=tuple(dict.fromkeys(trigger.all_of)),
        within=trigger.within,
    )


def compile_conditions(
    conditions: list[Condition], names: Names, faults: list[Fault]
) -> tuple[Check, ...]:
    """The conditions that are sound, ready; what is wrong with the others is added to `faults`."""
    checks: list[Check] = []
    for index, condition in enumerate(conditions):
        try:
            checks.append(compile_condition(condition, names))
        except Malformed as error:
            faults += [fault.under("when", index) for fault in error.faults]
    return tuple(checks)


def event_names(event: EventName | list[EventName]) -> frozenset[str]:
    """The names that `event:` gives; none: every event."""
    return frozenset([event] if isinstance(event, str) else event)


def _ask(gate: Gate) -> Callable[[Scope], bool]:
    opens = gate.opens
    return lambda scope: opens(scope.event)
