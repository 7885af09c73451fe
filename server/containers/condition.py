"""One condition, compiled once: what it looks at, the comparison, and the words for both.

A value that is missing, or an empty text, makes every operator false, so `not` makes it true. Two
numbers, or texts that are numbers (`12`, `-0.50`; not `007`), compare as numbers; else both compare
as text. What is no number is neither greater nor less. Lists and mappings are looked at as JSON,
texts up to MAX_TEXT_BYTES, patterns at the first MAX_MATCHED_CHARS: a visitor chooses the text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from server.containers.explain import Fault, Malformed, shown
from server.containers.lookup import NO_NAMES, SECRET, Names, number_of, reader, text_of
from server.containers.model import Condition, Scalar
from server.containers.patterns import compile_pattern, looked_at
from server.containers.scope import MISSING, Read, Scope
from server.containers.values import compile_value

MAX_LISTED = 5

Test = Callable[[Any], bool]

_FIELDS = {
    "equals": "equals",
    "contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "matches": "matches",
    "in": "one_of",
    "greater": "greater",
    "greater_or_equal": "greater_or_equal",
    "less": "less",
    "less_or_equal": "less_or_equal",
}
OPERATORS = tuple(_FIELDS)
"""As they are written in a container."""
_TEXTUAL: dict[str, tuple[Callable[[str, str], bool], str]] = {
    "contains": (operator.contains, "containing"),
    "starts_with": (str.startswith, "starting with"),
    "ends_with": (str.endswith, "ending with"),
}
_ORDER: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "greater": (operator.gt, "greater than"),
    "greater_or_equal": (operator.ge, "at least"),
    "less": (operator.lt, "less than"),
    "less_or_equal": (operator.le, "at most"),
}


class Check(Struct, frozen=True, kw_only=True):
    """One condition, ready."""

    label: str
    read: Read
    test: Test
    negate: bool
    expected: str
    ask: Callable[[Scope], bool]
    """Whether it holds: all that is needed while events pass by."""

    def seen(self, scope: Scope) -> Any:
        """What it looks at; MISSING when that is empty."""
        seen = self.read(scope)
        return MISSING if seen == "" else seen

    def words(self, seen: Any) -> str:
        """What was seen, and what was expected of it."""
        if seen is MISSING:
            return f"{self.label} is missing"
        if self.negate:
            return f"{self.label} is {quoted(seen)}; the condition wants it not {self.expected}"
        return f"{self.label} is {quoted(seen)}, not {self.expected}"


def compile_condition(condition: Condition, names: Names = NO_NAMES) -> Check:
    """The condition, ready; raises Malformed with all its faults."""
    faults = list(value_faults(condition.value, names))
    given = [word for word, name in _FIELDS.items() if getattr(condition, name) is not None]
    if len(given) == 1:
        operand = getattr(condition, _FIELDS[given[0]])
        faults += _operand_faults(given[0], operand, ignore_case=condition.ignore_case)
    else:
        found = " and ".join(given) or "none"
        faults.append(Fault((), f"expected one of {', '.join(OPERATORS)}; found {found}"))
    if faults:
        raise Malformed(faults)
    operand = getattr(condition, _FIELDS[given[0]])
    test, expected = _test(given[0], operand, condition.ignore_case)
    source = condition.value.strip()
    compiled = compile_value(source, names=names)
    is_alone = source.startswith("{{") and source.endswith("}}") and len(compiled.placeholders) == 1
    label = compiled.placeholders[0] if is_alone else source
    return Check(
        label=f"`{shown(label)}`",
        read=compiled.read,
        test=test,
        negate=condition.negate,
        expected=expected,
        ask=_ask(compiled.read, test, negate=condition.negate),
    )


def _ask(read: Read, test: Test, *, negate: bool) -> Callable[[Scope], bool]:
    def ask(scope: Scope) -> bool:
        seen = read(scope)
        return (seen is not MISSING and seen != "" and test(seen)) is not negate

    return ask


def value_faults(value: str, names: Names = NO_NAMES) -> Iterator[Fault]:
    """What is wrong with what a condition looks at."""
    try:
        compiled = compile_value(value, names=names)
    except Malformed as error:
        yield from (fault.under("value") for fault in error.faults)
        return
    if compiled.placeholders:
        return
    known = _is_known(value.strip(), names)
    example = f"; did you mean {{{{ {value.strip()} }}}}?" if known else ""
    yield Fault(("value",), f"expected such as {{{{ event.path }}}}{example}")


def _is_known(name: str, names: Names) -> bool:
    try:
        reader(name, names)
    except ValueError:
        return False
    return True


def _operand_faults(word: str, operand: Any, *, ignore_case: bool) -> Iterator[Fault]:
    if operand == []:
        yield Fault((word,), "expected at least one value")
    for text in operand if isinstance(operand, list) else [operand]:
        if text == "":
            yield Fault((word,), "an empty text is never met: what is empty is missing")
        elif isinstance(text, str) and ("{{" in text or SECRET in text):
            yield Fault((word,), "expected plain text; placeholders stand in `value` only")
    if word == "matches" and operand:
        try:
            compile_pattern(operand, ignore_case=ignore_case)
        except ValueError as error:
            yield Fault((word,), str(error))


def _test(word: str, operand: Any, ignore_case: bool) -> tuple[Test, str]:
    """The comparison with the operand, and the words for it."""
    if word in _ORDER:
        compare, words = _ORDER[word]
        return _order(compare, operand), f"{words} {quoted(operand)}"
    if word == "matches":
        search = compile_pattern(operand, ignore_case=ignore_case).search
        return lambda seen: search(looked_at(seen)) is not None, f"matching {quoted(operand)}"
    fold = str.casefold if ignore_case else str
    if word in _TEXTUAL:
        holds, words = _TEXTUAL[word]
        text = fold(operand)
        return lambda seen: holds(fold(text_of(seen)), text), f"{words} {quoted(operand)}"
    operands = operand if word == "in" else [operand]
    return _equal(operands, fold), listed(operands)


def _order(compare: Callable[[float, float], bool], operand: float) -> Test:
    def test(seen: Any) -> bool:
        number = number_of(seen)
        return number is not None and compare(number, operand)

    return test


def _equal(operands: list[Scalar], fold: Callable[[str], str]) -> Test:
    numbers = {number for number in map(number_of, operands) if number is not None}
    texts = {fold(text_of(operand)) for operand in operands}

    def test(seen: Any) -> bool:
        return number_of(seen) in numbers or fold(text_of(seen)) in texts

    return test if numbers else lambda seen: fold(text_of(seen)) in texts


def listed(values: list[Any]) -> str:
    """`one of a, b`, or the only one."""
    if len(values) == 1:
        return quoted(values[0])
    more = f" and {len(values) - MAX_LISTED} more" if len(values) > MAX_LISTED else ""
    return f"one of {', '.join(map(quoted, values[:MAX_LISTED]))}{more}"


def quoted(value: Any) -> str:
    """A value in a sentence: numbers bare, texts between backticks."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text_of(number_of(value))
    return f"`{shown(text_of(value))}`"
