"""All of a page tag: what the page gets of it, and what is wrong with it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from server.containers.checks import check
from server.containers.lint import warnings
from server.containers.model import Container
from server.containers.page.compiled import ALWAYS, page_tags

Tree = dict[str, Any]
IMAGE = {"type": "image", "src": "https://px.example/", "fires_on": ["all_pages"], "enabled": True}
TRIGGERS = {
    "french": {"when": [{"value": "{{ event.path }}", "starts_with": "/fr/"}]},
    "cheap": {
        "event": ["purchase", "refund"],
        "when": [{"value": "{{ event.value }}", "less": 10}],
    },
    "staging": {"when": [{"value": "{{ running }}", "equals": "staging"}]},
    "abroad": {"when": [{"value": "{{ event.country }}", "equals": "FR", "not": True}]},
    "twice": {"all_of": ["french", "cheap"]},
    "wide": {"when": [{"value": f"{{{{ event.props.p{n} }}}}", "equals": 1} for n in range(15)]},
}


def tree(*tags: Tree, **more: Any) -> dict[str, Any]:
    named = {f"t{number}": {**IMAGE, **tag} for number, tag in enumerate(tags)}
    variables = {"running": {"type": "environment"}}
    site = {"id": "shop", "sites": ["self"], "triggers": TRIGGERS, "variables": variables}
    return {**site, "page_tags": named, **more}


def compiled(*tags: Tree, **more: Any) -> list[Any]:
    return page_tags(msgspec.convert(tree(*tags, **more), Container))


def names(made: list[Any]) -> list[str]:
    return [one[-1] for one in made]


def test_only_what_is_enabled_is_served_in_the_order_of_priority() -> None:
    tags: list[Tree] = [{}, {"priority": 1}, {"enabled": False}, {"environments": ["staging"]}]
    assert names(compiled(*tags)) == ["t1", "t0"]
    assert names(compiled(*tags, id="shop-staging")) == ["t1", "t0", "t3"]


def test_what_can_never_fire_is_not_served() -> None:
    assert compiled({"fires_on": ["staging"]}) == []
    assert compiled({"except": ["all_events"]}) == []
    assert names(compiled({"fires_on": ["staging"]}, id="shop-staging")) == ["t0"]


def test_what_blocks_is_a_condition_more_of_what_fires() -> None:
    [made] = compiled({"fires_on": ["all_pages", "french"], "except": ["cheap", "staging"]})
    fires = [[(check[1], check[3:4]) for check in trigger] for trigger in made[1]]
    page, path, cheap = "^(?:page_view)$", r"^\/fr\/", "^(?:purchase|refund)$"
    amount = made[1][1][-1][1]
    assert fires == [
        [(page, []), (cheap, [1])],
        [(page, []), (amount, [1])],
        [(path, []), (cheap, [1])],
        [(path, []), (amount, [1])],
    ]
    assert re.match(amount, "9.99")


def test_it_needs_all_consent_unless_it_says_less_and_by_whom_it_counts() -> None:
    limits = {"limit": {"per": "session", "times": 2}}
    sources = {"consent": {"sources": ["banner", "tcf"]}}
    tags: list[Tree] = [{}, {"needs_consent": ["ad_storage"], **limits}, {"needs_consent": []}]
    first, second, third = compiled(*tags, **sources)
    assert [look[1] for look, *_ in first[2]] == [
        *("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization", "source")
    ]
    assert [look[1] for look, *_ in second[2]] == ["ad_storage", "source"]
    assert re.search(second[2][1][1], "tcf:31")
    assert third[2] == []
    assert (first[3:5], second[3:5]) == ([ALWAYS, 0], [2, 1])


@pytest.mark.parametrize(
    ("tag", "path", "told"),
    [
        ({"fires_on": ["abroad"]}, "fires_on[0]", "trigger abroad asks for `event.country`, which"),
        ({"except": ["twice"]}, "except[0]", "trigger twice asks for `all_of`, which a page"),
        ({"except": ["wide", "wide", "french", "cheap"] * 5 + ["wide"]}, "", ""),
        ({"fires_on": ["frnch"]}, "fires_on[0]", "no trigger 'frnch'; did you mean french?"),
        ({"limit": {"per": "visitor"}}, "limit.per", "a visitor, which a page does not know"),
        ({"html": "<p>"}, "", "expected `src` of `type: image`, and no `html`"),
        ({"type": "html"}, "", "expected `html` of `type: html`, and no `src`"),
        ({"src": "https://a.example/?k=$secret.KEY"}, "src", "no secrets"),
        ({"src": "http://a.example/"}, "src", "begins with https://"),
        ({"folder": "ads"}, "folder", "no folder 'ads'"),
        ({"needs_consent": ["ads"]}, "needs_consent[0]", "'ads' is not one of"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tag: Tree, path: str, told: str) -> None:
    found = [str(fault) for fault in check(tree(tag), None)]
    if told:
        where = f"page_tags.t0{'.' if path else ''}{path}: "
        assert [one for one in found if one.startswith(where) and told in one], found
    else:
        assert found == []


def test_too_many_ways_to_be_blocked_are_told() -> None:
    triggers = {f"w{n}": TRIGGERS["wide"] for n in range(2)}
    found = check(tree({"except": ["w0", "w1"]}, triggers=triggers), None)
    assert [str(fault) for fault in found] == [
        "page_tags.t0.except: more than 200 ways to be blocked or not"
    ]


def test_a_trigger_that_is_wrong_is_told_once() -> None:
    triggers = {"bad": {"when": [{"value": "{{ event.path }}", "matches": "("}]}}
    found = [str(fault) for fault in check(tree({"fires_on": ["bad"]}, triggers=triggers), None)]
    assert len(found) == 1
    assert found[0].startswith("triggers.bad.when[0].matches: RE2")


def test_what_is_most_likely_a_mistake_is_warned_of() -> None:
    tags: list[Tree] = [{"needs_consent": []}, {"fires_on": ["french"], "except": ["french"]}]
    found = warnings(msgspec.convert(tree(*tags), Container), None)
    told = {str(fault) for fault in found if fault.path[0] == "page_tags"}
    assert told == {
        "page_tags.t0.needs_consent: runs without anybody's consent",
        "page_tags.t1.except: blocks all that the tag fires on: it never does",
    }
    assert ("triggers", "french") not in [fault.path for fault in found]
