from __future__ import annotations

import json

import pytest

from server.collector.worth import Worth, worth
from server.model import Hit
from tests.samples import NOON


def hit(*events: object, query: str = "") -> Hit:
    body = json.dumps({"v": 1, "events": events}).encode() if events else b""
    return Hit(received_at=NOON, container_id="shop", dialect="native", body=body, query=query)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([{"name": "page_view"}], Worth.ORDINARY),
        ([{"name": "view_item", "props": {"value": 24}}], Worth.ORDINARY),
        ([{"name": "scroll", "props": {"value": 0}}], Worth.ORDINARY),
        ([{"name": "booking", "props": {"value": "24.5"}}], Worth.CONVERSION),
        ([{"name": "sign_up"}], Worth.CONVERSION),
        ([{"name": "page_view"}, {"name": "purchase"}], Worth.CONVERSION),
        ([{"name": "purchase"}, {"name": "consent_update"}], Worth.CONSENT),
        ([{"name": "x", "props": {"value": [1]}}, {"name": 7}, 3, None], Worth.ORDINARY),
        ([{"name": "x", "props": 5}, {"props": {"value": 5}}], Worth.ORDINARY),
    ],
)
def test_a_hit_is_worth_what_its_best_event_is(events: list[object], expected: Worth) -> None:
    assert worth(hit(*events)) is expected


@pytest.mark.parametrize("body", [b"{}", b'{"events":5}', b'{"events":{"name":"purchase"}}'])
def test_a_body_of_another_shape_is_ordinary(body: bytes) -> None:
    odd = Hit(received_at=NOON, container_id="shop", dialect="native", body=body)
    assert worth(odd) is Worth.ORDINARY


def test_taking_consent_back_is_consent_whatever_it_carries() -> None:
    assert worth(hit({"name": "page_view"}, query="c=2")) is Worth.CONSENT
    assert worth(hit({"name": "page_view"}, query="c=0")) is Worth.ORDINARY


def test_a_pixel_is_judged_by_its_query() -> None:
    assert worth(hit(query="name=purchase")) is Worth.CONVERSION
    assert worth(hit(query="name=open&p.value=2")) is Worth.CONVERSION
    assert worth(hit(query="name=open")) is Worth.ORDINARY
