"""Partners of GTM's whose tags convert by the table of vendors."""

from __future__ import annotations

from typing import Any

import pytest

from server.containers.gtm.report import Outcome
from tests.containers.gtm.exports import imported, part, tag

CONVERTED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        tag("cvt_1_2", {"pixelId": "a2_abc123", "accessToken": "x"}, name="Reddit CAPI"),
        {
            "type": "reddit",
            "with": {"pixel_id": "a2_abc123", "access_token": "$secret.REDDIT_ACCESS_TOKEN"},
        },
    ),
    (
        tag("cvt_1_2", {"pixelId": "o8z6j", "eventId": "tw-o8z6j-o87ne"}, name="Twitter CAPI"),
        {
            "type": "x",
            "with": {
                "pixel_id": "o8z6j",
                "event_name": "tw-o8z6j-o87ne",
                "pixel_token": "$secret.X_PIXEL_TOKEN",
            },
        },
    ),
    (
        tag(
            "awct",
            {
                "conversionId": "12",
                "conversionLabel": "abc",
                "conversionValue": "{{Event}}",
                "orderId": "T-1",
                "enableEnhancedConversion": True,
            },
        ),
        {
            "type": "google_data_manager",
            "with": {
                "customer_id": "000-000-0000",
                "conversion_action_id": "0",
                "service_account": "$secret.GOOGLE_DATA_MANAGER_SERVICE_ACCOUNT",
                "params": {"conversionValue": "{{ event.name }}", "transactionId": "T-1"},
                "send_user_data": True,
            },
        },
    ),
    (
        tag(
            "cvt_1_2",
            {
                "opCustomerId": "1234567890",
                "conversionAction": "9",
                "clientId": "c",
                "clientSecret": "hidden",
                "refreshToken": "hidden",
            },
            name="Google Ads Offline Conversion",
        ),
        {
            "type": "google_ads",
            "with": {
                "customer_id": "1234567890",
                "conversion_action_id": "9",
                "client_id": "c",
                "client_secret": "$secret.GOOGLE_ADS_CLIENT_SECRET",
                "refresh_token": "$secret.GOOGLE_ADS_REFRESH_TOKEN",
            },
        },
    ),
    (
        tag("cvt_1_2", {"conversionRuleUrn": "104012"}, name="LinkedIn CAPI"),
        {
            "type": "linkedin",
            "with": {
                "conversion_id": "104012",
                "access_token": "$secret.LINKEDIN_ACCESS_TOKEN",
            },
        },
    ),
    (
        tag("bzi", {"partnerId": "77"}),
        {
            "type": "linkedin",
            "with": {"conversion_id": "0", "access_token": "$secret.LINKEDIN_ACCESS_TOKEN"},
        },
    ),
    (
        tag("baut", {"tagId": "97012345", "eventAction": "book", "eventCategory": "trips"}),
        {
            "type": "microsoft_ads",
            "with": {
                "tag_id": "97012345",
                "access_token": "$secret.MICROSOFT_ADS_ACCESS_TOKEN",
                "event_name": "book",
                "params": {"eventCategory": "trips"},
            },
        },
    ),
    (
        tag("cvt_1_2", {"trackingUrl": "https://m.example/", "siteId": "7"}, name="Matomo"),
        {
            "type": "matomo",
            "with": {
                "endpoint": "https://m.example/",
                "site_id": "7",
                "token_auth": "$secret.MATOMO_TOKEN_AUTH",
            },
        },
    ),
    (
        tag("cvt_1_2", {"collectionDomain": "https://a.pa-cd.com", "siteId": "7"}, name="Piano"),
        {"type": "piano", "with": {"endpoint": "https://a.pa-cd.com", "site_id": "7"}},
    ),
    (
        tag(
            "cvt_1_2",
            {
                "token": "AbC123",
                "type": "event",
                "event": "Placed Order",
                "properties": [{"name": "path", "value": "{{Page Path}}"}],
                "customer_properties": [{"name": "tier", "value": "gold"}],
            },
            name="Klaviyo",
        ),
        {
            "type": "klaviyo",
            "with": {
                "api_key": "$secret.KLAVIYO_API_KEY",
                "event_name": "Placed Order",
                "params": {"path": "{{ event.path }}"},
                "profile": {"tier": "gold"},
            },
        },
    ),
    (
        tag(
            "cvt_1_2",
            {
                "token": "0123456789abcdef0123456789abcdef",
                "type": "track",
                "serverEU": True,
                "trackName": "order",
                "trackParameters": [{"name": "a", "value": "b"}, {"name": "", "value": "c"}],
            },
            name="Mixpanel",
        ),
        {
            "type": "mixpanel",
            "with": {
                "token": "0123456789abcdef0123456789abcdef",
                "endpoint": "https://api-eu.mixpanel.com",
                "event_name": "order",
                "params": {"a": "b"},
            },
        },
    ),
    (
        tag(
            "cvt_1_2",
            {
                "type": "trackCustomBehavioralEvent",
                "apiKey": "hidden",
                "customBehavioralEventEventName": "pe1234_order",
            },
            name="HubSpot",
        ),
        {
            "type": "hubspot",
            "with": {
                "access_token": "$secret.HUBSPOT_ACCESS_TOKEN",
                "hub_id": "0",
                "event_name": "pe1234_order",
            },
        },
    ),
    (
        tag("cvt_1_2", {"type": "track", "eventType": "order"}, name="Amplitude"),
        {"type": "amplitude", "with": {"api_key": "0" * 32, "event_name": "order"}},
    ),
]


@pytest.mark.parametrize(("given", "expected"), CONVERTED, ids=lambda one: one.get("type"))
def test_a_tag_of_a_known_partner_converts(given: dict[str, Any], expected: dict[str, Any]) -> None:
    made, item = part("tag", tag=[given])
    assert {"type": made["type"], "with": made["with"]} == expected
    assert item.outcome in (Outcome.CONVERTED, Outcome.APPROXIMATED)


def test_a_pixel_of_x_that_names_no_event_says_what_is_missing() -> None:
    _, item = part("tag", tag=[tag("twitter_website_tag", {"twitter_pixel_id": "o8z6j"})])
    assert item.outcome is Outcome.REFUSED
    assert "X takes an event by its id in the account" in "; ".join(item.notes)


def test_a_tag_of_which_the_export_does_not_say_all_waits_for_somebody_to_write_it() -> None:
    made, item = part("tag", tag=[tag("sgtmadsct", {"conversionId": "12"}, name="Order")])
    assert (made["paused"], made["with"]["send_user_data"]) == (True, False)
    assert item.notes[0] == (
        "paused, since the export does not say `customer_id`, `conversion_action_id`"
    )
    assert list(imported(tag=[tag("sgtmadsct", {}, name="Order")]).report.to_do[-4:-1]) == [
        "set FREEHOLD_SECRET_GOOGLE_DATA_MANAGER_SERVICE_ACCOUNT",
        "tag 'Order': write its `customer_id` in place of 000-000-0000",
        "tag 'Order': write its `conversion_action_id` in place of 0",
    ]


def test_a_row_of_which_a_part_is_lost_is_left_out_and_told() -> None:
    rows = [{"name": "a", "value": "{{Nowhere}}"}, {"name": "b", "value": "c"}]
    made, item = part("tag", tag=[tag("cvt_1_2", {"properties": rows}, name="Klaviyo")])
    assert made["with"]["params"] == {"b": "c"}
    assert any(note.startswith("`params.a` is left out: {{Nowhere}}") for note in item.notes)


def test_a_tag_of_a_template_that_sends_no_event_is_refused() -> None:
    _, item = part("tag", tag=[tag("cvt_1_2", {"type": "identify"}, name="Mixpanel")])
    assert item.outcome is Outcome.REFUSED
    assert "only tags whose `type` is `track` come over" in "; ".join(item.notes)


def test_an_event_of_hubspot_waits_for_the_number_of_its_account() -> None:
    given = {"type": "trackCustomBehavioralEvent", "customBehavioralEventEventName": "order"}
    made, item = part("tag", tag=[tag("cvt_1_2", given, name="HubSpot")])
    assert made["paused"]
    assert "paused, since the export does not say `hub_id`" in item.notes
