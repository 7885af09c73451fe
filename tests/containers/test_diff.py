from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.condition import OPERATORS as KNOWN
from server.containers.diff import diff
from server.containers.load import read_container
from server.containers.model import Container, CookieMode
from server.containers.wording import OPERATORS
from server.resources import resource

BASE = """
id: shop
sites: [https://shop.example, self]
cookie: {mode: consent}
triggers:
  big_orders:
    event: purchase
    when:
      - value: "{{ event.value }}"
        greater: 100
      - value: "{{ event.path }}"
        not: true
        contains: /test
  anything: {}
tags:
  ga4:
    type: ga4
    fires_on: [all_pages]
    with: {measurement_id: G-ABC1234567, api_secret: $secret.GA4}
  orders:
    type: webhook
    fires_on: [big_orders]
    needs_consent: [analytics_storage, ad_user_data]
    with:
      url: https://erp.example/orders
      body: {order: "{{ event.transaction_id }}", value: "{{ event.value }}"}
"""


def changed(*pairs: tuple[str, str]) -> list[str]:
    text = BASE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return diff(read_container(BASE, "old"), read_container(text, "new"))


CASES = [
    ("fires_on: [all_pages]", "fires_on: [all_pages, big_orders]",
     "tag ga4: now fires on big_orders too"),
    ("fires_on: [big_orders]", "fires_on: [all_events]",
     "tag orders: now fires on all_events too",
     "tag orders: does not fire on big_orders any more"),
    ("greater: 100", "greater: 50", "trigger big_orders: event.value greater than 100 → 50"),
    ("greater: 100", "greater_or_equal: 100",
     "trigger big_orders: event.value greater than 100 → at least 100"),
    ("        not: true\n", "",
     "trigger big_orders: event.path not contains /test → contains /test"),
    ("        contains: /test", "        contains: /test\n        ignore_case: true",
     "trigger big_orders: event.path not contains /test → /test, upper or lower case"),
    ('      - value: "{{ event.value }}"\n        greater: 100\n', "",
     "trigger big_orders: without the condition event.value greater than 100"),
    ("  anything: {}", "  anything:\n    when: [{value: '{{ event.host }}', in: [a, b]}]",
     "trigger anything: new condition event.host is one of a, b"),
    ("    event: purchase", "    event: [purchase, refund]",
     "trigger big_orders: event purchase → purchase, refund"),
    ("  anything: {}", "  anything: {event: scroll}", "trigger anything: event any → scroll"),
    ("  anything: {}", "  all_else: {}", "trigger anything is called all_else now"),
    ("  anything: {}\n", "", "trigger anything is gone"),
    ("  anything: {}", "  anything: {}\n  leads: {event: generate_lead}",
     "trigger leads is new: event generate_lead"),
    ("needs_consent: [analytics_storage, ad_user_data]", "needs_consent: [ad_user_data]",
     "tag orders: needs no consent to analytics_storage any more"),
    ("needs_consent: [analytics_storage, ad_user_data]", "needs_consent: []",
     "tag orders: needs consent to: analytics_storage, ad_user_data → nothing"),
    ("    fires_on: [all_pages]", "    fires_on: [all_pages]\n    needs_consent: [ad_storage]",
     "tag ga4: needs consent to: what the destination asks for → ad_storage"),
    ("G-ABC1234567", "G-XYZ", "tag ga4: measurement_id: G-ABC1234567 → G-XYZ"),
    (", api_secret: $secret.GA4", "", "tag ga4: api_secret: gone, it was $secret.GA4"),
    ("url: https://erp.example/orders", "url: https://erp.example/orders\n      method: PUT",
     "tag orders: method: new, PUT"),
    ('value: "{{ event.value }}"}', 'value: "{{ event.nums.net }}"}',
     "tag orders: body.value: {{ event.value }} → {{ event.nums.net }}"),
    ("    fires_on: [all_pages]", "    fires_on: [all_pages]\n    except: [anything]",
     "tag ga4: is blocked by anything now"),
    ("    fires_on: [all_pages]", "    fires_on: [all_pages]\n    paused: true",
     "tag ga4: is paused now"),
    ("    fires_on: [all_pages]", "    fires_on: [all_pages]\n    limit: {per: session, times: 3}",
     "tag ga4: limit: none → 3 a session at most"),
    ("    fires_on: [all_pages]", "    fires_on: [all_pages]\n    environments: [staging]",
     "tag ga4: is for everywhere → staging"),
    ("  anything: {}", "  anything: {all_of: [big_orders]}",
     "trigger anything: now waits for big_orders too"),
    ("triggers:", "variables: {net: {type: event, field: nums.net}}\ntriggers:",
     "variable net is new: event"),
    ("type: ga4", "type: webhook", "tag ga4: type: ga4 → webhook"),
    (", self]", "]", "site self may not send now"),
    (", self]", ", self, https://m.shop.example]", "site https://m.shop.example may send now"),
    ("cookie: {mode: consent}", "cookie: {mode: always, days: 30}",
     "cookie.mode: consent → always", "cookie.days: 390 → 30"),
    ("cookie: {mode: consent}", "observe: {history: true}", "observe.history: off → on"),
    ("cookie: {mode: consent}", "timezone: Europe/Paris", "timezone: UTC → Europe/Paris"),
    ("cookie: {mode: consent}", "keep_cookies: [_ga]", "keep_cookies: nothing → _ga"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[2])
def test_each_kind_of_change_has_its_words(case: tuple[str, ...]) -> None:
    old, new, *words = case
    assert changed((old, new)) == words


def test_every_operator_has_its_words() -> None:
    assert tuple(OPERATORS) == KNOWN


def test_several_changes_are_told_from_top_to_bottom() -> None:
    assert changed(("greater: 100", "greater: 50"), (", self]", "]"), ("  ga4:", "  google:")) == [
        "site self may not send now",
        "trigger big_orders: event.value greater than 100 → 50",
        "tag ga4 is called google now",
    ]


def test_a_new_tag_is_told_with_what_it_is_and_one_that_is_gone() -> None:
    start = BASE.index("  orders:\n")
    without = read_container(BASE[:start], "without")
    whole = read_container(BASE, "whole")
    assert diff(without, whole) == ["tag orders is new: webhook; fires on big_orders"]
    assert diff(whole, without) == ["tag orders is gone"]


def test_comments_quotes_and_the_version_make_no_difference() -> None:
    old = read_container(BASE, "old")
    spelled = BASE.replace("id: shop", "id: 'shop' # ours").replace("consent}", '"consent"}')
    new = msgspec.structs.replace(read_container(spelled, "new"), version=7)
    assert diff(old, new) == []


def test_twins_are_not_taken_for_renamed() -> None:
    old = Container(id="shop", sites=["self"], triggers={})
    raw = msgspec.to_builtins(old)
    two = msgspec.convert({**raw, "triggers": {"a": {}, "b": {}}}, Container)
    other = msgspec.convert({**raw, "triggers": {"c": {}, "d": {}}}, Container)
    assert diff(two, other) == [
        *("trigger a is gone", "trigger b is gone", "trigger c is new", "trigger d is new")
    ]


NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["{{ event.path }}", "{{ event.value }}", "x", ""])
SCALARS = st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from([1.0, 0.5]), TEXTS)
CONDITIONS = st.fixed_dictionaries(
    {"value": TEXTS},
    optional={
        "not": st.booleans(),
        "ignore_case": st.booleans(),
        "equals": SCALARS,
        "in": st.lists(SCALARS, max_size=2),
        "greater": st.integers(0, 2),
    },
)
TRIGGERS = st.fixed_dictionaries(
    {},
    optional={
        "event": st.one_of(NAMES, st.lists(NAMES, max_size=2)),
        "when": st.lists(CONDITIONS, max_size=3),
    },
)
SETTINGS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2)
)
PURPOSES = st.lists(st.sampled_from(["ad_storage", "analytics_storage"]), max_size=2)
TAGS = st.fixed_dictionaries(
    {"type": NAMES, "fires_on": st.lists(NAMES, min_size=1, max_size=3)},
    optional={
        "needs_consent": st.none() | PURPOSES,
        "with": st.dictionaries(NAMES, SETTINGS, max_size=2),
    },
)
CONTAINERS = st.fixed_dictionaries(
    {"id": st.just("shop"), "sites": st.lists(st.sampled_from(["self", "x"]), min_size=1)},
    optional={
        "triggers": st.dictionaries(NAMES, TRIGGERS, max_size=3),
        "tags": st.dictionaries(NAMES, TAGS, max_size=3),
        "keep_cookies": st.lists(NAMES, max_size=2),
        "cookie": st.fixed_dictionaries({"mode": st.sampled_from([*CookieMode])}),
        "name": TEXTS,
    },
)


@given(CONTAINERS, CONTAINERS)
def test_there_are_words_whenever_there_is_a_difference(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before, after = (msgspec.convert(tree, Container) for tree in (old, new))
    lines = diff(before, after)
    is_same = msgspec.json.encode(before) == msgspec.json.encode(after)
    assert bool(lines) is not is_same
    assert all("\n" not in line and line for line in lines)


def test_the_demo_compared_with_the_minimal_one_is_readable() -> None:
    folder = resource("tag_configs")
    texts = [(folder / name).read_text() for name in ("minimal.yaml", "demo.yaml")]
    lines = diff(*(read_container(text, "") for text in texts))
    assert "tag orders is new: webhook; fires on orders" in lines
    assert max(map(len, lines)) < 200
