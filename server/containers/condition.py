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

import re2
from msgspec import Struct

from server.containers.explain import Fault, Malformed, shown
from server.containers.lookup import MISSING, SECRET, Read, number_of, reader, text_of
from server.containers.model import Condition, Scalar
from server.containers.values import compile_value

MAX_PATTERN_CHARS = 512
MAX_PATTERN_BYTES = 256 * 1024
"""What a compiled pattern may take in memory. Above it are those that take a tenth of a second for
one text, such as `.{0,1000}b.{0,900}c`; `^.{1,255}$` is far below."""
MAX_MATCHED_CHARS = 2048
"""What a pattern looks at."""
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

    def words(self, seen: Any) -> str:
        """What was seen, and what was expected of it."""
        if seen is MISSING:
            return f"{self.label} is missing"
        if self.negate:
            return f"{self.label} is {quoted(seen)}; the condition wants it not {self.expected}"
        return f"{self.label} is {quoted(seen)}, not {self.expected}"


def compile_condition(condition: Condition) -> Check:
    """The condition, ready; raises Malformed with all its faults."""
    faults = list(value_faults(condition.value))
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
    compiled = compile_value(source)
    is_alone = source.startswith("{{") and source.endswith("}}") and len(compiled.placeholders) == 1
    label = compiled.placeholders[0] if is_alone else source
    return Check(
        label=f"`{shown(label)}`",
        read=compiled.read,
        test=test,
        negate=condition.negate,
        expected=expected,
    )


def value_faults(value: str) -> Iterator[Fault]:
    """What is wrong with what a condition looks at."""
    try:
        compiled = compile_value(value)
    except Malformed as error:
        yield from (fault.under("value") for fault in error.faults)
        return
    if compiled.placeholders:
        return
    known = _is_known(value.strip())
    example = f"; did you mean {{{{ {value.strip()} }}}}?" if known else ""
    yield Fault(("value",), f"expected such as {{{{ event.path }}}}{example}")


def _is_known(name: str) -> bool:
    try:
        reader(name)
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
        if len(operand) > MAX_PATTERN_CHARS:
            yield Fault((word,), f"a pattern has {MAX_PATTERN_CHARS} characters at most")
            return
        try:
            _pattern(operand, ignore_case=ignore_case)
        except re2.error as error:
            yield Fault((word,), f"RE2: {_re2_words(error)}")


def _test(word: str, operand: Any, ignore_case: bool) -> tuple[Test, str]:
    """The comparison with the operand, and the words for it."""
    if word in _ORDER:
        compare, words = _ORDER[word]
        return _order(compare, operand), f"{words} {quoted(operand)}"
    if word == "matches":
        search = _pattern(operand, ignore_case=ignore_case).search
        return lambda seen: search(_looked_at(seen)) is not None, f"matching {quoted(operand)}"
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

    return test


def _looked_at(seen: Any) -> bytes:
    return text_of(seen)[:MAX_MATCHED_CHARS].encode(errors="replace")


def _pattern(pattern: str, *, ignore_case: bool) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_PATTERN_BYTES
    options.case_sensitive = not ignore_case
    options.never_capture = True
    return re2.compile(pattern, options)


def _re2_words(error: Exception) -> str:
    said = error.args[0] if error.args else "not a pattern"
    return shown(said.decode(errors="replace") if isinstance(said, bytes) else str(said))


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
