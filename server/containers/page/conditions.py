"""Conditions and triggers as the page's script asks them: a pattern each, or a number's bound.

    [look, pattern, flags, not]               equals, in, contains, starts_with, ends_with,
                                              matches, and the names of events
    [look, NUMBER, flags, not, least, most]   greater, greater_or_equal, less, less_or_equal

What is missing or empty makes every operator false, as on the server; a condition on what is known
beforehand is answered here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from server.containers.condition import OPERATORS, compile_condition
from server.containers.explain import Fault, Malformed
from server.containers.lookup import number_of, text_of
from server.containers.match import event_names
from server.containers.model import Condition, Trigger
from server.containers.page.looks import (
    PLACEHOLDER,
    UNKNOWN,
    Known,
    Look,
    literal,
    look_at,
)
from server.containers.page.patterns import javascript
from server.containers.variables import stand_ins

NUMBER = r"^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,20})?$"
"""A text that is a number."""
MOST = 2**53
"""From here on a browser does not tell whole numbers apart."""
MAX_PLACES = 20
FAR = 1e99
"""No number of a text's is beyond it."""
ONLY_PLACED = {("event", "id"), ("props", "currency")}
"""What can be written into HTML, and the collector may know otherwise."""
_ORDER: Mapping[str, Callable[[float], list[float]]] = {
    "greater": lambda number: [math.nextafter(number, FAR), FAR],
    "greater_or_equal": lambda number: [number, FAR],
    "less": lambda number: [-FAR, math.nextafter(number, -FAR)],
    "less_or_equal": lambda number: [-FAR, number],
}
"""The bounds, themselves included."""


_NAME = Look(root="event", key="name")


class Never(Struct, frozen=True):
    """A trigger that no event of this container can meet."""


def asked(trigger: Trigger, known: Known) -> list[Any] | Never:
    """The trigger's conditions, all of which must hold; raises Malformed."""
    told = [
        Fault((key,), f"`{key}`, {UNKNOWN}")
        for key in ("limit", "schedule", "sample", "all_of")
        if getattr(trigger, key)
    ]
    names = sorted(event_names(trigger.event))
    checks: list[Any] = [[_NAME.tree, _one_of(map(literal, names)), "u"]] if names else []
    can_hold = True
    for index, condition in enumerate(trigger.when):
        try:
            check = check_of(condition, known)
        except ValueError as error:
            told.append(Fault(("when", index), str(error)))
            continue
        can_hold &= check is not False
        checks += [check] if isinstance(check, list) else []
    if told:
        raise Malformed(told)
    return checks if can_hold else Never()


def check_of(condition: Condition, known: Known) -> list[Any] | bool:
    """The condition for the page, or its answer where that is known; raises ValueError."""
    match = PLACEHOLDER.fullmatch(condition.value.strip())
    if match is None:
        raise ValueError("a `value` that is more than one placeholder, " + UNKNOWN)
    look = look_at(match[1], known)
    if look.constant is not None:
        check = compile_condition(condition, stand_ins(known.variables))
        return (bool(look.constant) and check.test(look.constant)) is not condition.negate
    if (look.root, look.key) in ONLY_PLACED:
        raise ValueError(f"`{match[1]}`, as the collector has it, {UNKNOWN}")
    word = next(word for word in OPERATORS if _operand(condition, word) is not None)
    pattern, flags, *bound = _test(word, _operand(condition, word), condition.ignore_case, look)
    tail = [int(condition.negate), *bound]
    return [look.tree, pattern, flags, *(tail if any(tail) else [])]


def _operand(condition: Condition, word: str) -> Any:
    return getattr(condition, "one_of" if word == "in" else word)


def _test(word: str, operand: Any, ignore_case: bool, look: Look) -> list[Any]:
    """Pattern, flags, and the bound of a number."""
    if word in _ORDER:
        return [NUMBER, "u", *_ORDER[word](_bounded(operand))]
    flags = "iu" if ignore_case else "u"
    if word in ("equals", "in"):
        operands = operand if word == "in" else [operand]
        if look.is_amount and not all(number_of(one) is not None for one in operands):
            raise ValueError("`event.value` is a number")
        return [_one_of(map(_same, operands)), flags]
    if look.is_amount:
        raise ValueError("`event.value` is a number: `equals`, `in`, `greater`, …")
    if word == "matches":
        return [javascript(operand), flags]
    begin, end = "^" * (word == "starts_with"), "$" * (word == "ends_with")
    return [begin + literal(operand) + end, flags]


def _one_of(patterns: Any) -> str:
    return f"^(?:{'|'.join(patterns)})$"


def _same(operand: Any) -> str:
    """The pattern of all texts that equal a text or a number."""
    number = number_of(operand)
    if number is None:
        return literal(text_of(operand))
    whole, _, places = f"{abs(Decimal(str(_bounded(number)))):f}".partition(".")
    places = places.rstrip("0")
    if len(places) > MAX_PLACES:
        raise ValueError(f"a number with more than {MAX_PLACES} places, {UNKNOWN}")
    sign = "-?" if not number else "-" if number < 0 else ""
    zeros = f"0{{0,{MAX_PLACES - len(places)}}}"
    rest = rf"\.{places}{zeros}" if places else rf"(?:\.0{{1,{MAX_PLACES}}})?"
    return f"{sign}{whole}{rest}"


def _bounded(number: float) -> float:
    if abs(number) >= MOST:
        raise ValueError(f"a number beyond {MOST - 1:,}, {UNKNOWN}")
    return number


def negated(check: list[Any]) -> list[Any]:
    """The check that holds when this one does not."""
    look, pattern, flags, *tail = check
    is_negated, *bounds = tail or [0]
    return [look, pattern, flags, 1 - is_negated, *bounds]
