from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from server.containers.model import Container
from server.enrich.consent import put_consent
from server.enrich.contract import Context, Place
from server.model import Event
from tests.enrich.subjects import SITES, subject_of

DEFAULTS = [
    {"purposes": {"analytics_storage": "granted", "ad_storage": "granted"}},
    {"regions": ["FR", "DE"], "purposes": {"analytics_storage": "denied", "ad_storage": "denied"}},
    {"regions": ["US-CA", "FR-IDF"], "purposes": {"ad_storage": "denied"}},
    {"regions": ["FR-BRE"], "purposes": {"analytics_storage": "granted"}},
]


def put(rules: dict[str, Any], **event: Any) -> Event:
    container = msgspec.convert({"id": "shop", "sites": SITES, "consent": rules}, Container)
    context = Context(container=container, places=lambda ip: Place())
    headers = event.pop("headers", {})
    subject = subject_of(**event)
    hit = replace(subject.hit, headers=headers)
    return put_consent(replace(subject, hit=hit), context).event


@pytest.mark.parametrize(
    ("place", "granted"),
    [
        ({}, {"analytics_storage", "ad_storage"}),
        ({"country": "JP"}, {"analytics_storage", "ad_storage"}),
        ({"country": "FR"}, set()),
        ({"country": "FR", "region": "BRE"}, {"analytics_storage"}),
        ({"country": "US", "region": "NY"}, {"analytics_storage", "ad_storage"}),
        ({"country": "US", "region": "CA"}, {"analytics_storage"}),
    ],
)
def test_without_an_answer_the_narrowest_region_counts(
    place: dict[str, str], granted: set[str]
) -> None:
    event = put({"defaults": DEFAULTS}, **place)
    assert event.consent == dict.fromkeys(granted, "granted")
    assert event.consent_source == ("default" if granted else "")


def test_an_answer_counts_more_than_a_default_and_a_default_never_refuses() -> None:
    said = {"analytics_storage": "denied", "ad_storage": "unset", "ad_user_data": "granted"}
    event = put({"defaults": DEFAULTS}, consent=said, consent_source="gtag", country="JP")
    assert event.consent == said | {"ad_storage": "granted"}
    assert event.consent_source == "gtag"
    assert put({"defaults": DEFAULTS}, consent=said, country="FR").consent == said


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("banner", {"ad_storage": "granted", "analytics_storage": "denied"}),
        ("banner:31", {"ad_storage": "granted", "analytics_storage": "denied"}),
        ("gtag", {"analytics_storage": "denied"}),
        ("", {"analytics_storage": "denied"}),
    ],
)
def test_only_a_source_that_counts_may_grant_and_every_one_may_refuse(
    source: str, expected: dict[str, str]
) -> None:
    said = {"ad_storage": "granted", "analytics_storage": "denied"}
    event = put({"sources": ["banner"]}, consent=said, consent_source=source)
    assert event.consent == expected


def test_a_container_without_rules_takes_the_page_s_word() -> None:
    said = {"ad_storage": "granted"}
    assert put({}, consent=said, consent_source="x").consent == said


def test_global_privacy_control_refuses_ads_unless_the_container_lets_it_go() -> None:
    said = {"ad_storage": "granted", "analytics_storage": "granted"}
    opposed = dict.fromkeys(("ad_storage", "ad_user_data", "ad_personalization"), "denied")
    on, off = ({"headers": {"sec-gpc": switch}} for switch in ("1", "0"))
    event = put({}, **on, consent=said, consent_source="banner")
    assert event.consent == {"analytics_storage": "granted", **opposed}
    assert event.consent_source == "banner"
    assert put({"defaults": DEFAULTS}, **on).consent == {"analytics_storage": "granted", **opposed}
    assert put({}, **on).consent_source == "gpc"
    assert put({}, **off, consent=said).consent == said
    assert put({"gpc": False}, **on, consent=said).consent == said
