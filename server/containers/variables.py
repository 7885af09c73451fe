"""All variables of a container, compiled once; each is read once an event, and only if asked for.

    variable ──source──▶ value ──shape──▶ the slot of its own in the event's Scope

A variable may look at others. One that needs itself is a fault that names the circle.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from server.containers.explain import Fault, Malformed
from server.containers.lookup import NO_NAMES, Names
from server.containers.model import Variable
from server.containers.scope import MISSING, UNREAD, Read, Scope
from server.containers.shape import shaped
from server.containers.sources import Runtime, source

EVENT = "event"
MAX_CHAIN = 16
"""How many variables may stand one behind the other."""


class Ready(Struct, frozen=True, kw_only=True):
    """A container's variables, ready."""

    reads: Names
    uses: Mapping[str, tuple[str, ...]]
    """What each looks at directly, variables only."""


def compile_variables(
    variables: Mapping[str, Variable], runtime: Runtime, others: Names = NO_NAMES
) -> Ready:
    """The variables, ready; raises Malformed with all faults, their paths begin with the name.
    `others` may be looked at too."""
    computes: list[Read] = [_nothing] * len(variables)
    own = {name: _cached(index, computes) for index, name in enumerate(variables)}
    reads = {**others, **own}
    uses: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for index, (name, variable) in enumerate(variables.items()):
        try:
            if name == EVENT:
                raise Malformed([Fault((), "is the event's own name; choose another")])
            compiled = source(name, variable, reads, runtime)
        except Malformed as error:
            faults += [fault.under(name) for fault in error.faults]
            continue
        computes[index] = shaped(compiled.read, variable)
        uses[name] = tuple(dict.fromkeys(p for p in compiled.placeholders if p in variables))
    faults += order_faults(uses)
    if faults:
        raise Malformed(faults)
    return Ready(reads=reads, uses=uses)


def stand_ins(variables: Mapping[str, object]) -> Names:
    """Reads of the declared names: what looks at a variable that is wrong is not wrong too."""
    return dict.fromkeys((name for name in variables if name != EVENT), _nothing) or NO_NAMES


def order_faults(uses: Mapping[str, tuple[str, ...]]) -> list[Fault]:
    """Variables that need themselves, and chains that are too long."""
    faults: list[Fault] = []
    depths: dict[str, int] = {}
    for name in uses:
        if name not in depths:
            _walk(name, uses, depths, faults)
    for name, depth in depths.items():
        if depth == MAX_CHAIN + 1:
            faults.append(Fault((name,), f"more than {MAX_CHAIN} variables, one behind the other"))
    return faults


def _walk(
    start: str, uses: Mapping[str, tuple[str, ...]], depths: dict[str, int], faults: list[Fault]
) -> None:
    """Depth first, on a stack of our own: a file may hold thousands of them."""
    trail: list[tuple[str, list[str]]] = [(start, list(uses.get(start, ())))]
    is_open = {start: 0}
    while trail:
        name, left = trail[-1]
        if not left:
            trail.pop()
            del is_open[name]
            depths[name] = 1 + max((depths.get(used, 0) for used in uses.get(name, ())), default=0)
            continue
        used = left.pop(0)
        if used in is_open:
            circle = [step for step, _ in trail[is_open[used] :]]
            told = " → ".join((*circle, used))
            faults.append(Fault((used,), f"needs itself: {told}"))
        elif used not in depths:
            is_open[used] = len(trail)
            trail.append((used, list(uses.get(used, ()))))


def _nothing(_: Scope) -> object:
    return MISSING


def _cached(index: int, computes: list[Read]) -> Read:
    def read(scope: Scope) -> object:
        value = scope.values[index]
        if value is UNREAD:
            value = scope.values[index] = computes[index](scope)
        return value

    return read
