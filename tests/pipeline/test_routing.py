from __future__ import annotations

from msgspec.structs import replace

from server.containers.decide import compile_container
from server.containers.model import Transformation
from server.containers.model.variable import FirstParty
from server.delivery import Delivery, delivery_id
from server.model import NO_VISITOR, Person, Withheld
from server.pipeline.queue import unpack
from server.pipeline.routing import HitSeal, Visit, route, subjects_of, withdrawals
from server.pipeline.state import Withdrawal
from tests.pipeline.conftest import CONTAINERS, HOOK, PLANS, SEAL, TYPES
from tests.samples import NOON, VISITOR_ID, event

GRANTED = {"analytics_storage": "granted"}
ORDER = event(name="purchase", container_id="shop", consent=GRANTED)


def test_a_delivery_holds_the_event_and_the_tag_as_it_is_now() -> None:
    routed = route(ORDER, Person(email="a@shop.example"), PLANS["shop"], HitSeal(SEAL))
    assert routed.event == ORDER
    assert [one.spool for one in routed.owed] == ["tag.shop.hook"]
    assert [unpack(one.payload) for one in routed.owed] == [
        Delivery(
            delivery_id=delivery_id(ORDER.event_id, "shop", "hook"),
            container_id="shop",
            tag="hook",
            type="webhook",
            settings={"url": "http://127.0.0.1:9/purchase"},
            needs_consent=("analytics_storage",),
            event=ORDER,
        )
    ]


def test_what_is_withheld_stands_on_the_event() -> None:
    routed = route(replace(ORDER, consent={}), Person(), PLANS["shop"], HitSeal(SEAL))
    assert routed.owed == []
    assert routed.event.withheld == [Withheld(tag="hook", reason="consent:analytics_storage")]


def test_a_person_goes_sealed_and_only_to_destinations_that_need_one() -> None:
    needy = {**TYPES, "webhook": replace(TYPES["webhook"], needs_person=True)}
    person = Person(email="a@shop.example")
    plan = compile_container(CONTAINERS["shop"], needy)
    [owed] = route(ORDER, person, plan, HitSeal(SEAL)).owed
    delivery = unpack(owed.payload)
    assert SEAL.unseal(delivery.person) == person
    assert b"a@shop.example" not in delivery.person


def test_a_delivery_too_long_for_a_spool_is_withheld_and_told() -> None:
    twice = {"body": {"a": "{{ event.props }}", "b": "{{ event.props }}"}}
    tag = replace(HOOK, settings={**HOOK.settings, **twice})
    container = replace(CONTAINERS["shop"], tags={"hook": tag})
    large = replace(ORDER, props={f"p{n}": "x" * 8_000 for n in range(60)})
    routed = route(large, Person(), compile_container(container, TYPES), HitSeal(SEAL))
    assert routed.owed == []
    assert routed.event.withheld == [Withheld(tag="hook", reason="too_long")]


def test_a_refusal_speaks_for_the_visitor_and_a_changed_mind_for_its_page() -> None:
    refused = {"ad_storage": "denied", "analytics_storage": "denied"}
    known = event(consent=refused, page_id="p1", container_id="shop")
    unknown = replace(known, visitor_id=NO_VISITOR)
    changed = replace(unknown, name="consent_update")
    plan = PLANS["shop"]

    def taken(subject: str, purpose: str = "analytics_storage") -> Withdrawal:
        return Withdrawal(container_id="shop", subject=subject, purpose=purpose, at=NOON + 1)

    assert list(withdrawals(known, plan, "")) == [taken(VISITOR_ID)]
    assert list(withdrawals(unknown, plan, "")) == []
    assert list(withdrawals(changed, plan, "")) == [taken("p1")]
    # Whose cookie it was is told once: all of it is noted, for tags that come later.
    both = [taken("v9", "ad_storage"), taken("v9")]
    assert list(withdrawals(changed, plan, "v9")) == [*both, taken("p1")]
    assert list(withdrawals(known, PLANS["demo"], "v9")) == both
    assert subjects_of(known) == [VISITOR_ID, "p1"]
    assert subjects_of(replace(unknown, page_id="")) == []


def test_a_tag_is_sent_what_its_transformations_leave_and_the_row_stays_whole() -> None:
    needy = {**TYPES, "webhook": replace(TYPES["webhook"], needs_person=True)}
    hidden = Transformation(
        tags=["hook"],
        exclude=["user_id", "person.email", "person.cookies"],
        augment={"props.loyal": "{{ loyal }}"},
    )
    container = replace(
        CONTAINERS["shop"],
        variables={"loyal": FirstParty(name="loyal", default="no")},
        transformations={"less": hidden},
        tags={"hook": HOOK, "whole": HOOK},
    )
    person = Person(email="a@shop.example", ip="203.0.113.9", cookies={"loyal": "yes"})
    known = replace(ORDER, user_id="u1")
    routed = route(known, person, compile_container(container, needy), HitSeal(SEAL))
    assert routed.event == known
    less, whole = (unpack(owed.payload) for owed in routed.owed)
    assert less.event == replace(known, user_id="", props={"loyal": "yes"})
    assert SEAL.unseal(less.person) == Person(ip="203.0.113.9")
    assert (whole.event, SEAL.unseal(whole.person)) == (known, person)


def test_a_limit_is_counted_in_what_is_to_be_remembered() -> None:
    plan = PLANS["once"]
    first = route(ORDER, Person(), plan, HitSeal(SEAL))
    assert (len(first.owed), len(first.remembered)) == (1, 1)
    visit = Visit(recall=first.remembered.get)
    again = route(replace(ORDER, event_id=event(2).event_id), Person(), plan, HitSeal(SEAL), visit)
    assert (again.owed, again.remembered) == ([], {})
    assert again.event.withheld == [Withheld(tag="hook", reason="limit:session")]


def test_the_events_of_a_hit_share_the_token_of_their_person() -> None:
    seal = HitSeal(SEAL)
    jo, other = Person(email="jo@shop.example"), Person(email="x@shop.example")
    assert seal.seal(jo) == seal.seal(replace(jo))
    assert [SEAL.unseal(seal.seal(one)) for one in (other, jo, Person(), jo)] == [
        other,
        jo,
        Person(),
        jo,
    ]
    assert HitSeal(SEAL).seal(jo) != HitSeal(SEAL).seal(jo)
    hidden = frozenset({"email"})
    assert [SEAL.unseal(seal.seal(jo, one)) for one in (hidden, frozenset[str](), hidden)] == [
        Person(),
        jo,
        Person(),
    ]
