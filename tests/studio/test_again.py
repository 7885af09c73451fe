from __future__ import annotations

from msgspec.structs import replace

from server.containers.decide import compile_container
from server.containers.load import read_container
from server.containers.plan import only_tag
from server.delivery import Delivery, delivery_id
from server.destinations import tag_types
from server.model import Person
from server.person.sealing import Seal
from server.studio.again import Anew
from tests.samples import event

SEAL = Seal((b"\x01" * 32,))
SOURCE = """
id: demo
sites: [self]
variables:
  shop: {type: cookie, name: shop}
transformations:
  no_mail: {tags: [hidden], exclude: [person.email]}
triggers:
  orders: {event: purchase, limit: {per: visitor, times: 1}}
tags:
  hook:
    type: webhook
    fires_on: [orders]
    needs_consent: [ad_storage]
    with: {url: "https://new.example/{{ shop }}"}
  hidden:
    type: meta
    fires_on: [all_events]
    needs_consent: []
    with: {pixel_id: "1234567890123456", access_token: $secret.META}
"""
PERSON = Person(email="jo@example.com", cookies={"shop": "lyon"})
GRANTED = {"ad_storage": "granted"}


def made(tag: str, **more: object) -> Delivery:
    one = event(1, **{"name": "purchase", "consent": GRANTED, **more})
    return Delivery(
        delivery_id=delivery_id(one.event_id, "demo", tag),
        container_id="demo",
        tag=tag,
        type="webhook",
        settings={"url": "https://old.example/"},
        event=one,
        person=SEAL.seal(PERSON),
    )


def remade(delivery: Delivery) -> Delivery | None:
    container = replace(read_container(SOURCE, "demo", tag_types()), version=5)
    plan = compile_container(container, tag_types())
    return Anew(only=only_tag(plan, delivery.tag), seal=SEAL).remake(delivery)


def test_a_delivery_gets_what_its_tag_says_now() -> None:
    assert remade(made("hook")) == replace(
        made("hook"),
        container_version=5,
        settings={"url": "https://new.example/lyon"},
        needs_consent=("ad_storage",),
        person=b"",
    )


def test_what_the_tag_does_not_fire_on_any_more_or_withholds_is_not_made() -> None:
    assert remade(made("hook", name="scroll")) is None
    assert remade(made("hook", consent={})) is None


def test_what_the_tag_does_not_see_any_more_is_taken_out() -> None:
    again = remade(made("hidden"))
    assert again is not None
    assert again.type == "meta"
    assert SEAL.unseal(again.person) == Person(cookies={"shop": "lyon"})


def test_a_person_whose_key_is_gone_is_left_to_the_send() -> None:
    broken = replace(made("hook"), person=b"broken")
    again = remade(broken)
    assert again is not None
    assert again.settings == {"url": "https://new.example/"}
