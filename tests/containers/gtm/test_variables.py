from __future__ import annotations

from typing import Any

import pytest

from server.containers.gtm.report import Outcome
from tests.containers.gtm.exports import imported, parameter, part, variable

ROWS = [{"key": "a", "value": "1"}, {"key": "b", "value": "{{Page Path}}"}]
CONVERTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (variable("c", {"value": "12"}), {"type": "constant", "value": "12"}),
    (variable("v", {"name": "ecommerce.tax"}), {"type": "data_layer", "path": "ecommerce.tax"}),
    (variable("v", {"name": "event"}), {"type": "event", "field": "name"}),
    (variable("ed", {"keyPath": "page_location"}), {"type": "event", "field": "url"}),
    (variable("ed", {"keyPath": "plan.size"}), {"type": "data_layer", "path": "plan.size"}),
    (variable("qp", {"queryParamName": "epn.tax"}), {"type": "data_layer", "path": "tax"}),
    (variable("qp", {"queryParamName": "dt"}), {"type": "event", "field": "title"}),
    (variable("rh", {"headerName": "Referer"}), {"type": "header", "name": "referer"}),
    (variable("u", {"component": "HOST"}), {"type": "event", "field": "host"}),
    (variable("u", {"component": "HOST", "stripWww": True}), {"type": "url", "part": "host"}),
    (
        variable("u", {"component": "QUERY", "queryKey": "a", "customUrlSource": "{{Referrer}}"}),
        {"type": "url", "part": "query", "key": "a", "of": "{{ event.referrer }}"},
    ),
    (variable("f", {"component": "HOST"}), {"type": "event", "field": "referrer_host"}),
    (variable("f", {}), {"type": "referrer", "part": "href"}),
    (variable("e", {}), {"type": "event", "field": "name"}),
    (variable("r", {"min": "1", "max": "6"}), {"type": "random", "from": 1, "to": 6}),
    (
        variable("smm", {"input": "{{Event}}", "map": ROWS, "defaultValue": "z"}),
        {
            "type": "lookup",
            "input": "{{ event.name }}",
            "table": {"a": "1", "b": "{{ event.path }}"},
            "default": "z",
        },
    ),
    (
        variable("remm", {"input": "{{Event}}", "map": ROWS, "ignoreCase": False}),
        {
            "type": "pattern",
            "input": "{{ event.name }}",
            "rows": [
                {"matches": "^(?:a)$", "gives": "1"},
                {"matches": "^(?:b)$", "gives": "{{ event.path }}"},
            ],
        },
    ),
]


@pytest.mark.parametrize(("given", "made"), CONVERTED, ids=[str(one) for _, one in CONVERTED])
def test_a_variable_becomes_ours(given: dict[str, Any], made: dict[str, Any]) -> None:
    found, item = part("variable", variable=[given])
    assert {key: found[key] for key in found if key != "of" or "of" in made} == made
    assert item.outcome is Outcome.CONVERTED


APPROXIMATED: list[tuple[dict[str, Any], str]] = [
    (variable("v", {"name": "user.plan"}), "earlier pushes"),
    (variable("k", {"name": "seen"}), "may be recognised"),
    (variable("aev", {"varType": "TEXT"}), "of links to other hosts"),
    (variable("ctv", {}), "the version here"),
    (variable("qp", {"queryParamName": "cid"}), "Freehold's own visitor"),
    (variable("awec", {"mode": "MANUAL"}), "send_user_data"),
    (variable("u", {"component": "PATH", "defaultPages": [{"a": "b"}]}), "default pages"),
    (variable("remm", {"input": "{{Event}}", "map": ROWS, "fullMatch": False}), "around the match"),
    (variable("smm", {"input": "{{Event}}", "map": [*ROWS, {"key": "a", "value": "2"}]}), "twice"),
    (
        variable(
            "c", {"value": "a"}, formatValue={"convertNullToValue": parameter("", "{{Event}}")}
        ),
        "takes no variable",
    ),
]


@pytest.mark.parametrize(("given", "told"), APPROXIMATED, ids=[told for _, told in APPROXIMATED])
def test_what_is_not_quite_the_same_says_how(given: dict[str, Any], told: str) -> None:
    _, item = part("variable", variable=[given])
    assert item.outcome is Outcome.APPROXIMATED
    assert told in "; ".join(item.notes)


REFUSED: list[tuple[dict[str, Any], str]] = [
    (variable("jsm", {"javascript": "function(){}"}), "JavaScript is not run"),
    (variable("j", {"name": "a"}), "does not see the page"),
    (variable("d", {}), "does not see the page"),
    (variable("cvt_1_2", {}), "custom template"),
    (variable("zz", {}), "GTM's type 'zz'"),
    (variable("v", {}), "no path"),
    (variable("v", {"name": ".plan"}), "begins with nothing"),
    (variable("v", {"name": "ecommerce."}), "begins with nothing"),
    (variable("v", {"name": "user_data.email"}), "personal"),
    (variable("ed", {"keyPath": "ip_override"}), "personal"),
    (variable("rh", {"headerName": "User-Agent"}), "event.browser"),
    (variable("rh", {"headerName": "X-Own"}), "not kept"),
    (variable("qp", {"queryParamName": "gcs"}), "event.consent"),
    (variable("k", {"name": "a b"}), "name: "),
    (variable("u", {"component": "USER"}), "no part 'USER'"),
    (variable("aev", {"varType": "ELEMENT"}), "no 'ELEMENT' of elements"),
    (variable("smm", {"input": "{{Event}}"}), "no row"),
    (variable("smm", {"input": "text", "map": ROWS}), "looks nothing up"),
    (variable("smm", {"input": "{{It}}", "map": ROWS}), "needs itself"),
    (variable("remm", {"input": "{{Event}}", "map": [{"key": "(?=a)", "value": ""}]}), "RE2"),
    (variable("c", {"value": "$secret.A"}), "secret"),
]


@pytest.mark.parametrize(("given", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_what_is_not_there_says_why(given: dict[str, Any], told: str) -> None:
    made, item = part("variable", variable=[given])
    assert (made, item.outcome) == ({}, Outcome.REFUSED)
    assert told in "; ".join(item.notes)


def test_the_format_of_a_value_comes_along() -> None:
    form = {
        "caseConversionType": "UPPERCASE",
        "convertTrueToValue": parameter("", "yes"),
        "convertFalseToValue": parameter("", "no"),
        "convertUndefinedToValue": parameter("", "none"),
    }
    made, item = part("variable", variable=[variable("c", {"value": "a"}, formatValue=form)])
    assert made == {
        "type": "constant",
        "value": "a",
        "case": "upper",
        "when_true": "yes",
        "when_false": "no",
        "default": "none",
    }
    assert item.outcome is Outcome.CONVERTED


def test_what_needs_a_lost_variable_is_lost_too() -> None:
    them = [
        variable("smm", {"input": "{{Script}}", "map": ROWS}, name="Table", variableId="1"),
        variable("jsm", {}, name="Script", variableId="2"),
    ]
    (table, _) = (item for item in imported(variable=them).report.items if item.kind == "variable")
    assert table.notes == (
        "{{Script}}: JavaScript is not run on the server: let the page push the value",
    )
