from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.clock import HOUR_MS
from server.containers.decide import (
    Decision,
    Plan,
    Send,
    Verdict,
    compile_container,
    decide,
    explain,
    missing_consent,
)
from server.containers.memory import Cell
from server.containers.model import Container
from server.containers.plan import Route
from server.errors import ConfigError
from server.model import Event, Withheld
from tests.containers.kinds import TYPES, tree
from tests.samples import event

MEASURE: dict[str, Any] = {
    "type": "measure",
    "with": {"measurement_id": "G-1", "api_secret": "$secret.KEY"},
}
GRANTED = {"analytics_storage": "granted", "ad_user_data": "granted"}
TREE = tree(
    triggers={
        "buy": {"event": "purchase"},
        "big": {
            "event": ["purchase", "refund"],
            "when": [{"value": "{{ event.value }}", "greater": 100}],
        },
        "pro": {"when": [{"value": "{{ event.props.plan }}", "equals": "pro"}]},
    },
    tags={
        "hook": {
            "type": "webhook",
            "fires_on": ["buy", "big"],
            "with": {
                "url": "https://a.example/{{ event.name }}",
                "headers": {"X-Value": "{{ event.value }}", "X-User": "{{ event.user_id }}"},
                "body": {"value": "{{ event.value }}"},
            },
        },
        "ga4": {**MEASURE, "fires_on": ["all_pages", "big"]},
        "ads": {**MEASURE, "fires_on": ["pro"], "needs_consent": ["ad_storage", "ad_user_data"]},
        "free": {**MEASURE, "fires_on": ["all_events"], "needs_consent": []},
    },
)


def plan(more: dict[str, Any] = TREE) -> Plan:
    return compile_container(msgspec.convert(more, Container), TYPES)


def outcomes(decision: Decision) -> dict[str, str]:
    """Tag → empty when it is sent, else why it is withheld."""
    withheld = {held.tag: held.reason for held in decision.withheld}
    return {send.tag: "" for send in decision.sends} | withheld


def test_a_tag_that_fires_is_sent_with_its_settings_filled_in() -> None:
    purchase = event(name="purchase", value="120.0000", consent=GRANTED)
    settings = {"measurement_id": "G-1", "api_secret": "$secret.KEY"}
    assert decide(purchase, plan()) == Decision(
        sends=[
            Send(
                tag="hook",
                type="webhook",
                settings={
                    "url": "https://a.example/purchase",
                    "headers": {"X-Value": "120"},
                    "body": {"value": 120},
                },
                needs_consent=(),
                needs_person=False,
            ),
            Send(
                tag="ga4",
                type="measure",
                settings=settings,
                needs_consent=("analytics_storage", "ad_user_data"),
                needs_person=True,
            ),
            Send(
                tag="free", type="measure", settings=settings, needs_consent=(), needs_person=True
            ),
        ],
        withheld=[],
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"name": "scroll"}, {"free": ""}),
        ({"name": "refund", "value": "5.0000"}, {"free": ""}),
        (
            {"name": "refund", "value": "500.0000"},
            {"hook": "", "ga4": "consent:analytics_storage,ad_user_data", "free": ""},
        ),
        (
            {"consent": {"analytics_storage": "granted", "ad_user_data": "unset"}},
            {"ga4": "consent:ad_user_data", "free": ""},
        ),
        ({"consent": GRANTED}, {"ga4": "", "free": ""}),
        (
            {"name": "scroll", "props": {"plan": "pro"}, "consent": {"ad_storage": "denied"}},
            {"ads": "consent:ad_storage,ad_user_data", "free": ""},
        ),
        ({"bot": "crawler"}, {"ga4": "bot", "free": "bot"}),
        ({"bot": "crawler", "is_preview": True}, {"ga4": "preview", "free": "preview"}),
        ({"is_preview": True, "consent": GRANTED}, {"ga4": "preview", "free": "preview"}),
    ],
)
def test_what_is_not_sent_says_why_and_tags_that_do_not_fire_say_nothing(
    more: dict[str, Any], expected: dict[str, str]
) -> None:
    assert outcomes(decide(event(**more), plan())) == expected


def test_what_is_withheld_is_in_the_order_of_the_container() -> None:
    assert decide(event(name="purchase", bot="tool", value="500.0000"), plan()).withheld == [
        Withheld(tag=tag, reason="bot") for tag in ("hook", "ga4", "free")
    ]


def test_the_verdicts_tell_each_tag_s_reason_in_words() -> None:
    given_event = event(name="refund", value="12.0000", consent={"ad_storage": "denied"})
    assert explain(given_event, plan()) == [
        Verdict(
            tag="hook",
            type="webhook",
            outcome="not_fired",
            words=[
                "buy: event is `refund`, not `purchase`",
                "big: `event.value` is 12, not greater than 100",
            ],
        ),
        Verdict(
            tag="ga4",
            type="measure",
            outcome="not_fired",
            words=[
                "all_pages: event is `refund`, not `page_view`",
                "big: `event.value` is 12, not greater than 100",
            ],
        ),
        Verdict(
            tag="ads",
            type="measure",
            outcome="not_fired",
            words=["pro: `event.props.plan` is missing"],
        ),
        Verdict(tag="free", type="measure", outcome="send", words=["fired by all_events"]),
    ]


@pytest.mark.parametrize(
    ("more", "reason", "words"),
    [
        ({}, "consent:ad_storage,ad_user_data", ["ad_storage, which is denied"]),
        ({"bot": "crawler", "bot_name": "Examplebot"}, "bot", ["no person: Examplebot"]),
        ({"bot": "crawler"}, "bot", ["no person: crawler"]),
        ({"is_preview": True}, "preview", ["the event is of a preview"]),
    ],
)
def test_a_verdict_of_what_is_withheld_names_what_stood_against_it(
    more: dict[str, Any], reason: str, words: list[str]
) -> None:
    given_event = event(props={"plan": "pro"}, consent={"ad_storage": "denied"}, **more)
    verdict = explain(given_event, plan())[2]
    assert (verdict.tag, verdict.outcome, verdict.reason) == ("ads", "withheld", reason)
    assert verdict.words[0] == "fired by pro"
    assert verdict.words[1].endswith(words[0])


@given(
    st.builds(
        lambda name, value, props, consent, flags: event(
            name=name,
            value=value,
            props=props,
            consent=consent,
            bot="crawler" if flags[0] else "",
            is_preview=flags[1],
        ),
        st.sampled_from(["purchase", "refund", "page_view", "other"]),
        st.sampled_from([None, "5.0000", "500.0000"]),
        st.sampled_from([{}, {"plan": "pro"}, {"plan": "free"}]),
        st.dictionaries(
            st.sampled_from(["ad_storage", "analytics_storage", "ad_user_data"]),
            st.sampled_from(["granted", "granted", "denied", "unset"]),
        ),
        st.tuples(st.booleans(), st.booleans()),
    )
)
def test_deciding_and_explaining_never_disagree(given_event: Any) -> None:
    verdicts = explain(given_event, PLAN)
    assert [verdict.tag for verdict in verdicts] == list(TREE["tags"])
    assert outcomes(decide(given_event, PLAN)) == {
        verdict.tag: verdict.reason for verdict in verdicts if verdict.outcome != "not_fired"
    }


PLAN = plan()


def test_only_granted_is_consent() -> None:
    granted = {"a": "granted", "b": "denied", "c": "unset", "d": "GRANTED", "e": ""}
    assert missing_consent(("f", "e", "d", "c", "b", "a"), granted) == ("f", "e", "d", "c", "b")
    assert missing_consent((), {}) == ()


def test_an_event_that_no_tag_wants_meets_no_tag() -> None:
    tags = {f"t{n}": {**MEASURE, "fires_on": ["buy", "all_pages"]} for n in range(20)}
    compiled = plan(tree(triggers={"buy": {"event": "purchase"}}, tags=tags))
    assert {name: len(found.tags) for name, found in compiled.by_event.items()} == {
        "purchase": 20,
        "page_view": 20,
    }
    assert compiled.always == Route()
    assert decide(event(name="scroll"), compiled) == Decision(sends=[], withheld=[])


def flow(**parts: Any) -> Plan:
    """A container whose tags are free of consent."""
    tags = {
        name: {**MEASURE, "needs_consent": [], "fires_on": ["all_events"], **tag}
        for name, tag in parts.pop("tags").items()
    }
    return plan(tree(tags=tags, **parts))


def played(compiled: Plan, *events: Event) -> list[dict[str, str]]:
    """What becomes of one event after the other, with one memory; explaining agrees with it."""
    memory: dict[str, Cell] = {}
    found = []
    for one in events:
        verdicts = explain(one, compiled, recall=memory.get)
        decision = decide(one, compiled, recall=memory.get)
        memory |= decision.remembered
        assert outcomes(decision) == {
            verdict.tag: verdict.reason for verdict in verdicts if verdict.outcome != "not_fired"
        }
        found.append(outcomes(decision))
    return found


def pages(*page_ids: str, **more: Any) -> list[Event]:
    return [event(n, page_id=page_id, **more) for n, page_id in enumerate(page_ids)]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"per": "page"}, ["", "limit:page", "", "limit:page"]),
        ({"per": "page", "times": 2}, ["", "", "", "limit:page"]),
        ({"per": "session"}, ["", *["limit:session"] * 3]),
        ({"per": "visitor", "times": 3}, ["", "", "", "limit:visitor"]),
        ({"per": "day", "times": 1}, ["", *["limit:day"] * 3]),
    ],
)
def test_a_tag_s_limit_counts_what_it_was_sent(limit: dict[str, Any], expected: list[str]) -> None:
    compiled = flow(tags={"a": {"limit": limit}})
    assert compiled.remembers
    assert played(compiled, *pages("1", "1", "2", "1")) == [{"a": reason} for reason in expected]


def test_a_limit_does_not_count_what_was_not_sent() -> None:
    compiled = flow(tags={"a": {"limit": {"per": "page"}, "needs_consent": ["ad_storage"]}})
    yes = {"ad_storage": "granted"}
    events = [event(1, page_id="1"), event(2, page_id="1", bot="tool", consent=yes)]
    events += pages("1", "1", consent=yes)
    assert [found["a"] for found in played(compiled, *events)] == [
        "consent:ad_storage",
        "bot",
        "",
        "limit:page",
    ]


def test_a_trigger_s_limit_counts_how_often_it_fired_for_all_of_its_tags() -> None:
    compiled = flow(
        triggers={"first": {"limit": {"per": "page", "times": 1}}, "plain": {"event": "x"}},
        tags={
            "a": {"fires_on": ["plain", "first"]},
            "b": {"fires_on": ["first"], "needs_consent": ["ad_storage"]},
        },
    )
    assert played(compiled, *pages("1", "1", "2")) == [
        {"a": "", "b": "consent:ad_storage"},
        {},
        {"a": "", "b": "consent:ad_storage"},
    ]
    assert explain(
        event(9, page_id="1"),
        compiled,
        recall={"page/1": Cell({"trigger/first": 1}, 2**60)}.get,
    )[1].words == ["first: its limit is reached: once per page"]


GROUP = flow(
    triggers={
        "scrolled": {"event": "scroll"},
        "read": {"event": "read"},
        "engaged": {"all_of": ["scrolled", "read"], "within": "page"},
        "keen": {"all_of": ["scrolled", "read"], "within": "session"},
    },
    tags={"a": {"fires_on": ["engaged"]}, "b": {"fires_on": ["keen"]}},
)


def test_a_group_fires_once_when_all_of_it_has_fired() -> None:
    names = ["scroll", "scroll", "x", "read", "read", "scroll"]
    events = [event(n, name=name, page_id="1") for n, name in enumerate(names)]
    assert played(GROUP, *events) == [{}, {}, {}, {"a": "", "b": ""}, {}, {}]


def test_a_group_is_whole_within_its_span_only() -> None:
    steps = [("scroll", "1"), ("read", "2"), ("scroll", "2"), ("read", "1")]
    events = [event(n, name=name, page_id=page) for n, (name, page) in enumerate(steps)]
    assert played(GROUP, *events) == [{}, {"b": ""}, {"a": ""}, {"a": ""}]


def test_what_a_group_still_wants_is_told() -> None:
    first = explain(event(1, name="scroll", page_id="1"), GROUP)[0]
    assert first.words == ["engaged: has not fired on this page yet: read"]
    whole = {
        "page/1": Cell({f"group/engaged{part}": 1 for part in ("", "/read", "/scrolled")}, 2**60)
    }
    again = explain(event(1, name="scroll", page_id="1"), GROUP, recall=whole.get)[0]
    assert again.words == ["engaged: was whole before on this page, and fires once"]


def test_bots_and_previews_leave_no_trace_in_the_memory() -> None:
    compiled = flow(tags={"a": {"limit": {"per": "page"}}})
    for flags in ({"bot": "tool"}, {"is_preview": True}):
        assert decide(event(page_id="1", name="scroll", **flags), compiled).remembered == {}
        assert decide(event(page_id="1", name="scroll", **flags), GROUP).remembered == {}


def test_an_exception_blocks_a_tag_and_says_so() -> None:
    compiled = flow(
        triggers={"inside": {"when": [{"value": "{{ event.host }}", "ends_with": ".corp"}]}},
        tags={"a": {"except": ["inside"]}},
    )
    office = event(host="shop.corp")
    assert played(compiled, event(host="shop.example"), office) == [{"a": ""}, {}]
    (verdict,) = explain(office, compiled)
    assert (verdict.outcome, verdict.words) == (
        "not_fired",
        ["fired by all_events", "blocked by inside"],
    )


def test_a_paused_tag_says_so_and_is_sent_nothing() -> None:
    compiled = flow(tags={"a": {"paused": True}})
    assert played(compiled, event()) == [{"a": "paused"}]
    assert explain(event(), compiled)[0].words == ["fired by all_events", "the tag is paused"]


def test_schedules_and_samples_hold_back_tags_and_keep_triggers_from_firing() -> None:
    compiled = flow(
        triggers={"late": {"schedule": {"from": "2999-01-01"}}, "few": {"sample": 0.0001}},
        tags={
            "a": {"schedule": {"until": "2001-01-01"}},
            "b": {"sample": 0.0001},
            "c": {"fires_on": ["late", "few"]},
        },
    )
    assert played(compiled, event()) == [{"a": "schedule", "b": "sample"}]
    assert [verdict.words[-1] for verdict in explain(event(), compiled)] == [
        "it is not the time: until 2001-01-01",
        "the visitor is not among the 0.0001 % that are drawn",
        "few: the visitor is not among the 0.0001 % that are drawn",
    ]


def test_an_event_that_comes_too_late_for_the_partner_is_withheld() -> None:
    compiled = flow(tags={"a": {}})
    late = event(occurred_at=event().received_at - 73 * HOUR_MS)
    assert played(compiled, event(), late) == [{"a": ""}, {"a": "too_old"}]
    assert explain(late, compiled)[0].words[-1] == (
        "it came later than the 72 hours in which Measure takes events"
    )


def test_a_tag_is_for_its_environments_and_higher_priorities_come_first() -> None:
    tags = {
        "low": {"environments": ["staging"]},
        "middle": {"environments": ["live", "staging"], "priority": 5},
        "high": {"priority": 9},
    }
    compiled = flow(tags=tags)
    assert list(outcomes(decide(event(), compiled))) == ["high", "middle"]
    assert explain(event(), compiled)[2].words == ["it is for staging only"]
    staging = compile_container(replace(compiled.container, id="shop-staging"), TYPES)
    assert list(outcomes(decide(event(), staging))) == ["high", "middle", "low"]


def test_variables_are_usable_in_conditions_and_settings() -> None:
    compiled = flow(
        variables={
            "plan": {"type": "event", "field": "props.plan", "case": "lower", "default": "none"},
            "hello": {"type": "value", "value": "{{ plan }}/{{ event.name }}"},
        },
        triggers={"pro": {"when": [{"value": "{{ plan }}", "equals": "pro"}]}},
        tags={
            "a": {
                "fires_on": ["pro"],
                "with": {**MEASURE["with"], "maps": [{"from": "{{ hello }}", "to": "{{ plan }}"}]},
            }
        },
    )
    assert decide(event(), compiled).sends == []
    (send,) = decide(event(props={"plan": "PRO"}), compiled).sends
    assert send.settings["maps"] == [{"from": "pro/page_view", "to": "pro"}]
    (verdict,) = explain(event(), compiled)
    assert verdict.words == ["pro: `plan` is `none`, not `pro`"]


def test_a_container_without_tags_sends_nothing() -> None:
    empty = plan(tree())
    assert (empty.tags, empty.by_event, empty.always) == ((), {}, Route())
    assert decide(event(), empty) == Decision(sends=[], withheld=[])
    assert explain(event(), empty) == []


def test_a_container_that_is_wrong_is_not_compiled() -> None:
    container = msgspec.convert(
        tree(tags={"a": {"type": "x", "fires_on": ["b"], "with": {"c": "{{"}}}), Container
    )
    with pytest.raises(ConfigError) as caught:
        compile_container(container, TYPES)
    assert caught.value.problems == [
        "container 'shop': tags.a.fires_on[0]: no trigger 'b'; there are all_events, all_pages",
        "container 'shop': tags.a.type: no destination 'x'; there are measure, webhook",
        "container 'shop': tags.a.with.c: `{{`: `{{` without `}}`",
    ]


def test_filled_settings_are_the_delivery_s_own() -> None:
    page = event(consent=GRANTED)
    first = decide(page, PLAN).sends[0]
    first.settings["measurement_id"] = "changed"
    assert decide(page, PLAN).sends[0].settings["measurement_id"] == "G-1"
