"""Whatever a container says and whatever comes: deciding never raises, is the same each time, does
no more work than both are long, and says in words what it does."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.clock import DAY_MS, HOUR_MS
from server.containers.decide import Decision, Plan, compile_container, decide, explain
from server.containers.memory import MAX_COUNTS, Cell
from server.containers.model import Container
from server.containers.scope import Beside
from server.model import NO_VISITOR, Event, Item
from tests.containers.kinds import TYPES, tree
from tests.samples import NOON, event

NAMES = ("page_view", "purchase", "scroll", "größe")
LOOKS = ("event.name", "event.value", "event.props.p", "event.items", "event.path", "v0", "v1")
TEXTS = st.sampled_from(["", "a", "A b", "12", "007", "1e9", "true", "{{", "é\x00", "x" * 3000])
CALLS_EACH = 60
"""Calls of Python functions, at most, for each thing in the container and in the event."""


def looks(number: int) -> Any:
    """Placeholders that a variable of this number may have: of lower ones only."""
    names = [f"v{n}" for n in range(number)] + [name for name in LOOKS if name[0] != "v"]
    return st.sampled_from(names).map(lambda name: f"{{{{ {name} }}}}")


def variable(number: int) -> Any:
    look = looks(number)
    text = st.lists(look | st.sampled_from(["-", "a"]), min_size=1, max_size=3).map("".join)
    rows = st.lists(
        st.fixed_dictionaries(
            {"matches": st.sampled_from(["^a", "(.)(.*)", "[0-9]+$"]), "gives": st.just("$0")}
        ),
        min_size=1,
        max_size=3,
    )
    kinds: list[dict[str, Any]] = [
        {"type": st.just("event"), "field": st.sampled_from(["name", "value", "props.p", "items"])},
        {"type": st.just("url"), "part": st.sampled_from(["host", "path", "query", "port"])},
        {"type": st.just("url"), "of": text},
        {"type": st.just("referrer"), "part": st.just("query"), "key": st.just("a")},
        {"type": st.just("cookie"), "name": st.just("c")},
        {"type": st.just("header"), "name": st.just("dnt")},
        {"type": st.just("constant"), "value": TEXTS.filter(lambda text: "$" not in text)},
        {"type": st.just("value"), "value": text | st.fixed_dictionaries({"k": look, "l": text})},
        {
            "type": st.just("lookup"),
            "input": look,
            "table": st.just({"a": 1, "12": "{{ event.name }}"}),
        },
        {"type": st.just("pattern"), "input": look, "rows": rows},
        {"type": st.just("random"), "from": st.just(1), "to": st.just(3)},
        {
            "type": st.just("data_layer"),
            "path": st.sampled_from(["p.a.0", "items.0.item_id", "event"]),
        },
        {"type": st.just("items"), "key": st.sampled_from(["item_id", "size"])},
        {"type": st.just("visitor"), "field": st.sampled_from(["is_new", "visitor_id"])},
    ]
    shape: dict[str, Any] = {
        "as": st.sampled_from([None, "text", "number", "boolean"]),
        "case": st.sampled_from([None, "lower", "upper"]),
        "trim": st.booleans(),
        "hash": st.sampled_from([None, None, "sha256"]),
        "default": st.sampled_from([None, "d", 0]),
        "when_true": st.sampled_from([None, "yes"]),
    }
    return st.one_of([st.fixed_dictionaries({**kind, **shape}) for kind in kinds])


OPERATORS = st.sampled_from(
    [
        *({"equals": "a"}, {"equals": 12}, {"in": ["a", 12]}, {"contains": "a"}),
        *({"starts_with": "A"}, {"ends_with": "b"}, {"matches": "^.{1,9}$"}, {"greater": 3}),
        *({"greater_or_equal": 3}, {"less": 3}, {"less_or_equal": 3}),
    ]
)
CONDITIONS = st.builds(
    lambda look, operator, negate, fold: {
        "value": f"{{{{ {look} }}}}",
        "not": negate,
        "ignore_case": fold,
        **operator,
    },
    st.sampled_from(LOOKS),
    OPERATORS,
    st.booleans(),
    st.booleans(),
)
GATED = {
    "limit": st.none()
    | st.fixed_dictionaries(
        {
            "per": st.sampled_from(["page", "session", "visitor", "day"]),
            "times": st.integers(1, 3),
        }
    ),
    "schedule": st.sampled_from([None, None, {"hours": ["06:00-22:00"]}, {"days": ["mon", "sun"]}]),
    "sample": st.sampled_from([None, None, 50]),
}
NAMED = st.lists(st.sampled_from(NAMES), max_size=2)
TRIGGERS = st.fixed_dictionaries(
    {"event": NAMED, "when": st.lists(CONDITIONS, max_size=2), **GATED}
)
GROUPS = st.fixed_dictionaries(
    {
        "all_of": st.lists(st.sampled_from(["t0", "t1", "t2"]), min_size=1, max_size=3),
        "within": st.sampled_from(["page", "session", "visitor", "day"]),
        **GATED,
    }
)
FIRED = st.lists(
    st.sampled_from(["t0", "t1", "t2", "g0", "all_events", "all_pages"]), min_size=1, max_size=3
)
TAGS = st.fixed_dictionaries(
    {
        "type": st.just("webhook"),
        "fires_on": FIRED,
        "except": FIRED | st.just([]),
        "needs_consent": st.sampled_from([None, [], ["ad_storage"]]),
        "paused": st.sampled_from([False, False, True]),
        "priority": st.integers(-2, 2),
        "environments": st.sampled_from([[], ["live"], ["staging"]]),
        "with": st.fixed_dictionaries(
            {
                "url": st.just("https://a.example/{{ v0 }}"),
                "body": st.dictionaries(
                    st.sampled_from(["a", "b", "c"]),
                    looks(2) | TEXTS.filter(lambda t: "{" not in t),
                ),
            }
        ),
        **GATED,
    }
)
TRANSFORMATIONS = st.fixed_dictionaries(
    {
        "when": st.lists(CONDITIONS, max_size=1),
        "allow": st.sampled_from([None, ["value", "props.p"], ["person"]]),
        "exclude": st.sampled_from([["user_id"], ["props", "person.cookies"], ["items", "url"]]),
        "augment": st.dictionaries(
            st.sampled_from(["name", "value", "props.p", "title"]), looks(2)
        ),
    }
)
CONTAINERS = st.builds(
    lambda variables, triggers, group, transformations, tags: tree(
        timezone="Europe/Paris",
        variables={f"v{n}": one for n, one in enumerate(variables)},
        triggers={**{f"t{n}": one for n, one in enumerate(triggers)}, "g0": group},
        transformations={f"x{n}": one for n, one in enumerate(transformations)},
        tags={f"tag{n}": one for n, one in enumerate(tags)},
    ),
    st.tuples(*(variable(n) for n in range(2))),
    st.lists(TRIGGERS, min_size=3, max_size=3),
    GROUPS,
    st.lists(TRANSFORMATIONS, max_size=2),
    st.lists(TAGS, min_size=1, max_size=4),
)
EVENTS = st.builds(
    lambda number, name, text, who, when, flags, items: event(
        number,
        name=name,
        path=text,
        url=f"https://shop.example/{text}?a={text}",
        referrer=text,
        props={"p": text},
        value=None if len(text) % 2 else "12.5000",
        items=[Item(item_id=text, price="1.0000", props={"size": text})] * items,
        page_id=who[0],
        visitor_id=who[1],
        session_id=who[2],
        occurred_at=NOON + when,
        received_at=NOON + when,
        consent={"ad_storage": flags[0]},
        bot=flags[1],
        is_preview=flags[2],
    ),
    st.integers(0, 10**6),
    st.sampled_from(NAMES),
    TEXTS,
    st.sampled_from(
        [("p1", "a", 1), ("p2", "a", 1), ("p2", "b", 0), ("p3", NO_VISITOR, 0), ("", NO_VISITOR, 0)]
    ),
    st.sampled_from([0, HOUR_MS, DAY_MS, 3 * DAY_MS, 500 * DAY_MS]),
    st.tuples(
        st.sampled_from(["granted", "denied"]),
        st.sampled_from(["", "", "", "crawler"]),
        st.sampled_from([False, False, False, True]),
    ),
    st.integers(0, 3),
)
BESIDE = Beside(cookies={"c": "cookie"}, headers={"dnt": "1"})
SLOW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def compiled(container: dict[str, Any]) -> Plan:
    return compile_container(msgspec.convert(container, Container), TYPES)


def play(plan: Plan, events: list[Event]) -> list[Decision]:
    """One event after the other, with one memory; what `explain` says is what is decided."""
    memory: dict[str, Cell] = {}
    decisions = []
    for one in events:
        verdicts = {v.tag: v for v in explain(one, plan, BESIDE, memory.get)}
        decision = decide(one, plan, BESIDE, memory.get)
        assert list(verdicts) == [tag.name for tag in plan.tags]
        assert [send.tag for send in decision.sends] == [
            name for name, verdict in verdicts.items() if verdict.outcome == "send"
        ]
        assert {held.tag: held.reason for held in decision.withheld} == {
            name: verdict.reason
            for name, verdict in verdicts.items()
            if verdict.outcome == "withheld"
        }
        assert all(verdict.words and all(verdict.words) for verdict in verdicts.values())
        memory |= decision.remembered
        decisions.append(decision)
    assert all(len(cell.counts) <= MAX_COUNTS for cell in memory.values())
    return decisions


@SLOW
@given(CONTAINERS, st.lists(EVENTS, max_size=6))
def test_deciding_never_raises_agrees_with_its_words_and_repeats_itself(
    container: dict[str, Any], events: list[Event]
) -> None:
    first = play(compiled(container), events)
    assert first == play(compiled(container), events)
    for decision in first:
        msgspec.msgpack.encode([(send.settings, send.event) for send in decision.sends])


def size(node: Any) -> int:
    """How many values a tree has."""
    if isinstance(node, dict):
        return 1 + sum(size(child) for child in node.values())
    return 1 + sum(size(child) for child in node) if isinstance(node, list | tuple) else 1


def calls(plan: Plan, given_event: Event) -> int:
    """How many functions deciding calls."""
    count = 0

    def note(_: FrameType, what: str, __: Any) -> None:
        nonlocal count
        count += what in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        decide(given_event, plan, BESIDE)
    finally:
        sys.setprofile(before)
    return count


@SLOW
@given(CONTAINERS, EVENTS)
def test_the_work_is_bounded_by_what_the_container_and_the_event_say(
    container: dict[str, Any], given_event: Event
) -> None:
    plan = compiled(container)
    tags_that_see_another_event = sum(bool(tag.transforms) for tag in plan.tags)
    things = size(container) + size(msgspec.to_builtins(given_event))
    assert calls(plan, given_event) <= CALLS_EACH * things * (1 + tags_that_see_another_event)


def test_the_work_grows_with_the_container_and_not_with_its_square() -> None:
    def work(count: int) -> int:
        look = {"value": "{{ v0 }}", "equals": "a"}
        container = tree(
            variables={
                f"v{n}": {"type": "value", "value": "{{ event.props.p }}"} for n in range(count)
            },
            triggers={f"t{n}": {"when": [look]} for n in range(count)},
            tags={
                f"tag{n}": {
                    "type": "webhook",
                    "fires_on": [f"t{n}"],
                    "with": {"url": "https://a.example", "body": {"v": f"{{{{ v{n} }}}}"}},
                }
                for n in range(count)
            },
        )
        return calls(compiled(container), event(props={"p": "a"}))

    assert work(200) < 4.5 * work(50)
