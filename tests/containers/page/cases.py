"""What a condition says of a value, on the server and in the page: one table for both.

A case is a prop's value as a page would send it, None for a prop that is not there; an operator
with its operand, as a container has them; and whether the condition holds.
"""

from __future__ import annotations

import random
from typing import Any

from server.containers.condition import OPERATORS

Case = tuple[Any, dict[str, Any], bool]

IGNORING = {"ignore_case": True}
CASES: list[Case] = [
    ("shoes", {"equals": "shoes"}, True),
    ("shoes", {"equals": "Shoes"}, False),
    ("shoes", {"equals": "Shoes", **IGNORING}, True),
    ("shoes!", {"equals": "shoes"}, False),
    ("a.c", {"equals": "a.c"}, True),
    ("abc", {"equals": "a.c"}, False),
    ("(x)|[y]{2}^$\\/", {"equals": "(x)|[y]{2}^$\\/"}, True),
    ("one\ntwo", {"equals": "one\ntwo"}, True),
    ("12", {"equals": 12}, True),
    (12, {"equals": "12"}, True),
    ("12.50", {"equals": 12.5}, True),
    ("12.0", {"equals": 12}, True),
    ("012", {"equals": 12}, False),
    ("12abc", {"equals": 12}, False),
    (" 12", {"equals": 12}, False),
    ("1e3", {"equals": 1000}, False),
    ("-0", {"equals": 0}, True),
    (0, {"equals": 0}, True),
    (-7.25, {"equals": -7.25}, True),
    ("007", {"equals": "007"}, True),
    ("7", {"equals": "007"}, False),
    ("1.50", {"equals": "1.5"}, True),
    (True, {"equals": True}, True),
    ("true", {"equals": True}, True),
    (False, {"equals": "true"}, False),
    ("", {"equals": "x"}, False),
    ("", {"equals": "x", "not": True}, True),
    (None, {"equals": "x"}, False),
    (None, {"equals": "x", "not": True}, True),
    ("y", {"equals": "x", "not": True}, True),
    ("x", {"equals": "x", "not": True}, False),
    ("b", {"in": ["a", "b", 3]}, True),
    ("3.0", {"in": ["a", "b", 3]}, True),
    ("c", {"in": ["a", "b", 3]}, False),
    ("B", {"in": ["a", "b"], **IGNORING}, True),
    ("red shoes", {"contains": "d s"}, True),
    ("red shoes", {"contains": "D S"}, False),
    ("ÉTÉ", {"contains": "été", **IGNORING}, True),
    ("a+b", {"contains": "+"}, True),
    ("ab", {"contains": "+"}, False),
    ([1, "x"], {"contains": ',"x"'}, True),
    ({"a": {"b": 1}}, {"equals": '{"a":{"b":1}}'}, True),
    ("/fr/a", {"starts_with": "/fr/"}, True),
    ("x/fr/a", {"starts_with": "/fr/"}, False),
    ("a.html", {"ends_with": ".html"}, True),
    ("a-html", {"ends_with": ".html"}, False),
    ("a.HTML", {"ends_with": ".html", **IGNORING}, True),
    ("sku-1234", {"matches": r"^sku-\d{4}$"}, True),
    ("sku-12345", {"matches": r"^sku-\d{4}$"}, False),
    ("xx SKU xx", {"matches": "sku", **IGNORING}, True),
    ("a\rb", {"matches": "a.b"}, True),
    ("a\nb", {"matches": "a.b"}, False),
    ("a\u00a0b", {"matches": r"a\sb"}, False),
    ("٣", {"matches": r"\d"}, False),
    ("😀", {"matches": "^.$"}, True),
    ("x-y", {"matches": r"^[\w-]+$"}, True),
    ("a]b", {"matches": "^[]ab]+$"}, True),
    ("a{b", {"matches": "a{b"}, True),
    ("", {"matches": ".*"}, False),
    (100, {"greater": 100}, False),
    (100.01, {"greater": 100}, True),
    ("100.01", {"greater": 100}, True),
    (100, {"greater_or_equal": 100}, True),
    ("99.99", {"less": 100}, True),
    (100, {"less": 100}, False),
    (100, {"less_or_equal": 100}, True),
    (-1, {"less": 0}, True),
    ("many", {"less": 100}, False),
    ("many", {"less": 100, "not": True}, True),
    (None, {"greater": 0, "not": True}, True),
    ("9" * 31, {"greater": 9007199254740991}, True),
    ("9" * 32, {"greater": 9007199254740991}, False),
    (0.1 + 0.2, {"equals": 0.3}, False),
    (0.1 + 0.2, {"greater": 0.3}, True),
]

_LETTERS = "abAB./?-+*()[]}|\\^$ 01é\n"
_VALUES: list[Any] = [
    None,
    "",
    True,
    0,
    1,
    -1,
    0.5,
    12,
    1200,
    "12.50",
    "-0.0",
    "1e3",
    "00",
    [1],
    "a b",
]
_PATTERNS = (
    *("a", "^a", "b$", "a.b", "[ab]+", "[^ab]", "a|B", r"\d+", r"\D", r"\w+$", r"\W", r"\s", r"\S"),
    *(r"[\d.]+", r"^[^\n]*$", "(?:ab)?c", "a{2}", "a{1,2}b", "a{,2}", r"\.", r"\/", r"[\]\-a]"),
    *(r"\ba", r"a\B", "é", r"\x41", r"\x{e9}", "a*?b", "()", "[a-]", "[.-0]", r"[\w.-]+"),
)


def drawn(count: int, seed: int) -> list[tuple[Any, dict[str, Any]]]:
    """Values and operators by chance, the same for the same seed."""
    chance = random.Random(seed)
    return [(_value(chance), _condition(chance)) for _ in range(count)]


def _text(chance: random.Random, least: int = 0) -> str:
    return "".join(chance.choices(_LETTERS, k=chance.randint(least, 6)))


def _number(chance: random.Random) -> int | float:
    return chance.choice([chance.randint(-20, 20), round(chance.uniform(-20, 20), 2), 0, 12, 12.5])


def _value(chance: random.Random) -> Any:
    return chance.choice([_text(chance), _text(chance), _number(chance), chance.choice(_VALUES)])


def _condition(chance: random.Random) -> dict[str, Any]:
    word = chance.choice((*OPERATORS, "matches"))
    operand: Any = _text(chance, 1)
    if word.startswith(("greater", "less")):
        operand = _number(chance)
    elif word == "matches":
        operand = chance.choice(_PATTERNS)
    elif word == "in":
        operand = [_text(chance, 1), _number(chance), chance.choice([True, "a b", "00"])]
    elif word == "equals" and chance.random() < 0.5:
        operand = _number(chance)
    switches = {key: True for key in ("not", "ignore_case") if chance.random() < 0.3}
    return {word: operand, **switches}
