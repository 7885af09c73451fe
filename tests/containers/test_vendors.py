"""Whose consent, of the TCF's vendors, tags need beside that to purposes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.containers.decide import Plan, compile_container, decide
from server.containers.model import Container
from server.containers.vendors import vendors_needed
from server.destinations import tag_types
from server.pipeline.routing import withdrawals
from tests.samples import event

PURPOSES = {"analytics_storage": "granted", "ad_storage": "granted", "ad_user_data": "granted"}
GA4 = {"measurement_id": "G-ABC1234567", "api_secret": "$secret.GA4"}
META = {"pixel_id": "1234567890", "access_token": "$secret.META"}


def container(cmps: list[str], **more: Any) -> Container:
    """GA4, whose partner is vendor 755, and Meta, whose partner is none."""
    tags = {
        "ga4": {"type": "ga4", "fires_on": ["all_events"], "with": GA4, **more},
        "meta": {"type": "meta", "fires_on": ["all_events"], "with": META},
    }
    said = {"id": "shop", "sites": ["self"], "consent": {"from": cmps}, "tags": tags}
    return msgspec.convert(said, Container)


def plan(cmps: list[str], **more: Any) -> Plan:
    return compile_container(container(cmps, **more), tag_types())


@pytest.mark.parametrize(
    ("cmps", "more", "needed"),
    [
        (["tcf"], {}, [755]),
        (["onetrust", "tcf"], {"needs_consent": ["ad_storage"]}, [755]),
        (["tcf"], {"needs_consent": []}, []),
        (["onetrust"], {}, []),
        ([], {}, []),
    ],
)
def test_a_tag_needs_the_consent_to_its_vendor_where_a_tcf_platform_asks(
    cmps: list[str], more: dict[str, Any], needed: list[int]
) -> None:
    assert vendors_needed(container(cmps, **more), tag_types()) == needed
    [ga4, meta] = plan(cmps, **more).tags
    assert ("tcf:755" in ga4.needs_consent) is bool(needed)
    assert not [name for name in meta.needs_consent if name.startswith("tcf")]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"tcf:755": "granted"}, ""),
        ({}, ""),  # the TCF does not apply, or nobody asked: the purposes alone decide
        ({"tcf:755": "denied"}, "consent:tcf:755"),
        ({"tcf:755": "unset"}, "consent:tcf:755"),
        (
            {"tcf:755": "denied", "analytics_storage": "denied"},
            "consent:analytics_storage,tcf:755",
        ),
    ],
)
def test_a_vendor_that_was_refused_is_sent_nothing(said: dict[str, str], reason: str) -> None:
    decision = decide(event(consent={**PURPOSES, **said}), plan(["tcf"]))
    assert {one.tag: one.reason for one in decision.withheld} == ({"ga4": reason} if reason else {})
    assert {send.tag for send in decision.sends} == {"meta"} | (set() if reason else {"ga4"})


def test_a_vendor_that_is_refused_later_stops_what_is_owed() -> None:
    refused = event(consent={**PURPOSES, "tcf:755": "denied"})
    found = list(withdrawals(refused, plan(["tcf"]), ""))
    assert [(one.subject, one.purpose) for one in found] == [(refused.visitor_id, "tcf:755")]
    assert list(withdrawals(refused, plan([]), "")) == []
