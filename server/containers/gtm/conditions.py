"""Conditions of triggers: GTM's operators as ours, or why there is none."""

from __future__ import annotations

from typing import Any

from server.containers.gtm.built_in import EVENTS, NO_ELEMENTS
from server.containers.gtm.export import parameters
from server.containers.gtm.references import Meanings, constant, translate
from server.containers.lookup import number_of
from server.containers.patterns import compile_pattern

OPERATORS = {
    "EQUALS": "equals",
    "CONTAINS": "contains",
    "STARTS_WITH": "starts_with",
    "ENDS_WITH": "ends_with",
    "MATCH_REGEX": "matches",
    "GREATER": "greater",
    "GREATER_OR_EQUALS": "greater_or_equal",
    "LESS": "less",
    "LESS_OR_EQUALS": "less_or_equal",
}
NOT_HERE = {
    "CSS_SELECTOR": NO_ELEMENTS,
    "URL_MATCHES": "no such operator here: MATCH_REGEX says the same",
}
NOTHING = frozenset({"", "undefined", "null"})
"""What people compare with to say that there is no value."""
EVERYTHING = frozenset({".*", "^.*$", "^.*", ".*$", "(.*)", "(.+)", ".+", "^.+$"})
NAME = "{{ event.name }}"
_ORDERED = frozenset({"greater", "greater_or_equal", "less", "less_or_equal"})


def conditions(raw: Any, meanings: Meanings) -> list[dict[str, Any]]:
    """The conditions of one list, all of which have to hold; raises ValueError."""
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise ValueError("its conditions are no list")
    found = [condition(one, meanings) for one in raw]
    return [one for one in found if one]


def condition(raw: Any, meanings: Meanings) -> dict[str, Any]:
    """One condition; empty: it always holds. Raises ValueError with the reason."""
    kind, given = _asked(raw)
    look = translate(str(given.get("arg0", "")), meanings)
    if look.lost or "{{" not in look.value:
        raise ValueError("; ".join(look.lost) or "compares no variable")
    right = str(given.get("arg1", ""))
    text = constant(right, meanings)
    if text is None:
        raise ValueError(f"compares with {right!r:.60}: the right side must be plain text here")
    if look.value == NAME and kind == "EQUALS":
        text = EVENTS.get(text, text)
    negate = given.get("negate") is True
    if _always_holds(look.value, kind, text, negate=negate):
        return {}
    made = {"value": look.value, **_compared(OPERATORS[kind], text)}
    if negate is not made.pop("not", False):
        made["not"] = True
    if given.get("ignore_case") is True and not _ORDERED & made.keys():
        made["ignore_case"] = True
    if "matches" in made:
        compile_pattern(made["matches"], ignore_case="ignore_case" in made)
    return made


def _asked(raw: Any) -> tuple[str, dict[str, Any]]:
    """The operator, which is one of OPERATORS, and its parameters; raises ValueError."""
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise ValueError("a condition without operator")
    kind = raw["type"]
    if kind not in OPERATORS:
        raise ValueError(NOT_HERE.get(kind, f"no operator {kind!r:.40}"))
    return kind, parameters(raw.get("parameter", []), "a condition")


def _always_holds(look: str, kind: str, text: str, *, negate: bool) -> bool:
    """Whether nothing has to be asked; raises ValueError where it never holds."""
    is_gtm = look == NAME and text.replace("\\", "").lstrip("^(").startswith("gtm.")
    is_all = kind == "MATCH_REGEX" and text in EVERYTHING
    if is_gtm and not negate:
        raise ValueError(f"asks for {text!r:.60}: GTM's own events are not sent")
    if is_all and negate:
        raise ValueError("never holds: nothing is not matched by everything")
    return is_gtm or is_all


def _compared(word: str, text: str) -> dict[str, Any]:
    """The operator with its operand, as GTM means it; raises ValueError."""
    if word in _ORDERED:
        number = number_of(text.strip())
        if number is None:
            raise ValueError(f"{word} than {text!r:.40}, which is no number")
        return {word: number}
    if word == "equals" and text in NOTHING:
        return {"matches": "(?s).", "not": True}
    if not text:
        raise ValueError(f"{word} nothing always holds: the condition says nothing")
    return {word: text}
