from __future__ import annotations

from typing import Any

import pytest

from server.containers.gtm.conditions import condition as convert
from server.containers.gtm.conditions import conditions
from server.containers.gtm.references import Meaning
from tests.containers.gtm.exports import condition

KNOWN = {
    "Path": Meaning(look="event.path"),
    "_event": Meaning(look="event.name"),
    "Stream": Meaning(look="stream", constant="G-1"),
    "Script": Meaning(lost="is not run"),
}
PATH = "{{ event.path }}"

CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (condition("EQUALS", "{{Path}}", "/"), {"value": PATH, "equals": "/"}),
    (condition("CONTAINS", "{{Path}}", "a"), {"value": PATH, "contains": "a"}),
    (condition("STARTS_WITH", "{{Path}}", "a"), {"value": PATH, "starts_with": "a"}),
    (condition("ENDS_WITH", "{{Path}}", "a"), {"value": PATH, "ends_with": "a"}),
    (condition("MATCH_REGEX", "{{Path}}", "a|b"), {"value": PATH, "matches": "a|b"}),
    (condition("GREATER", "{{Path}}", "5"), {"value": PATH, "greater": 5}),
    (condition("GREATER_OR_EQUALS", "{{Path}}", "5.5"), {"value": PATH, "greater_or_equal": 5.5}),
    (condition("LESS", "{{Path}}", "-1"), {"value": PATH, "less": -1}),
    (condition("LESS_OR_EQUALS", "{{Path}}", " 2 "), {"value": PATH, "less_or_equal": 2}),
    (
        condition("CONTAINS", "{{Path}}", "a", negate=True, ignore_case=True),
        {"value": PATH, "contains": "a", "not": True, "ignore_case": True},
    ),
    (condition("EQUALS", "{{Path}}", "{{Stream}}"), {"value": PATH, "equals": "G-1"}),
    (condition("EQUALS", "{{Path}}", ""), {"value": PATH, "matches": "(?s).", "not": True}),
    (
        condition("EQUALS", "{{Path}}", "undefined", negate=True),
        {"value": PATH, "matches": "(?s)."},
    ),
    (condition("MATCH_REGEX", "{{Path}}", ".*"), {}),
    (condition("MATCH_REGEX", "{{_event}}", r"^gtm\.", negate=True), {}),
    (
        condition("EQUALS", "{{_event}}", "gtm.load"),
        {"value": "{{ event.name }}", "equals": "page_view"},
    ),
]


@pytest.mark.parametrize(("given", "made"), CASES, ids=str)
def test_an_operator_becomes_ours(given: dict[str, Any], made: dict[str, Any]) -> None:
    assert convert(given, KNOWN) == made


REFUSED = [
    (condition("CSS_SELECTOR", "{{Path}}", "a.b"), "hits tell of no elements"),
    (condition("URL_MATCHES", "{{Path}}", "a"), "MATCH_REGEX"),
    (condition("NEAR", "{{Path}}", "a"), "no operator 'NEAR'"),
    (condition("EQUALS", "{{Script}}", "a"), "is not run"),
    (condition("EQUALS", "text", "a"), "compares no variable"),
    (condition("EQUALS", "{{Path}}", "{{Path}}"), "must be plain text"),
    (condition("GREATER", "{{Path}}", "many"), "no number"),
    (condition("CONTAINS", "{{Path}}", ""), "always holds"),
    (condition("MATCH_REGEX", "{{Path}}", "(?=a)"), "RE2"),
    (condition("MATCH_REGEX", "{{Path}}", ".*", negate=True), "never holds"),
    (condition("MATCH_REGEX", "{{_event}}", r"gtm\.dom"), "GTM's own events"),
    ({"parameter": []}, "without operator"),
    ({"type": "EQUALS", "parameter": 7}, "expected a list"),
]


@pytest.mark.parametrize(("given", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_what_cannot_be_asked_is_refused_with_the_reason(given: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("'", ".")):
        convert(given, KNOWN)


def test_a_list_keeps_what_has_to_be_asked() -> None:
    given = [condition("MATCH_REGEX", "{{Path}}", ".*"), condition("EQUALS", "{{Path}}", "/")]
    assert conditions(given, KNOWN) == [{"value": PATH, "equals": "/"}]
    assert conditions(None, KNOWN) == []
    with pytest.raises(ValueError, match="no list"):
        conditions({}, KNOWN)
