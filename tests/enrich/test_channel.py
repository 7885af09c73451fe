from __future__ import annotations

from typing import Any

import pytest

from server.enrich.channel import RULES, put_channel
from server.enrich.tables import sources
from server.enrich.tables.click_ids import CLICK_IDS
from server.enrich.tables.sources import ALIASES, SOURCES

from .subjects import CONTEXT, subject_of


def channel_of(**columns: Any) -> tuple[str, str, str]:
    event = put_channel(subject_of(**columns), CONTEXT).event
    return event.channel, event.channel_source, event.channel_medium


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "channel"),
    [
        ("(direct)", "(none)", "", "Direct"),
        ("google", "cpc", "Cross-network", "Cross-network"),
        ("amazon", "cpc", "", "Paid Shopping"),
        ("google", "cpc", "Spring Shopping", "Paid Shopping"),
        ("google", "ppc", "eshop", "Paid Shopping"),
        ("google", "cpc", "bishop", "Paid Search"),
        ("google", "cpc", "workshop", "Paid Search"),
        ("google", "cpc", "brand", "Paid Search"),
        ("Bing", "CPC", "", "Paid Search"),
        ("duckduckgo", "paid-search", "", "Paid Search"),
        ("facebook", "paidsocial", "", "Paid Social"),
        ("fb", "cpc", "", "Paid Social"),
        ("ig", "retargeting", "", "Paid Social"),
        ("gemini", "referral", "", "Referral"),
        ("l.instagram.com", "cpm", "", "Paid Social"),
        ("youtube", "cpv", "", "Paid Video"),
        ("youtube.com", "cpc", "", "Paid Video"),
        ("dv360", "display", "", "Display"),
        ("dv360", "cpm", "", "Display"),
        ("criteo", "retargeting", "", "Paid Other"),
        ("chatgpt.com", "cpc", "", "Paid Other"),
        ("chatgpt.com", "ai-assistant", "", "AI Assistant"),
        ("newsletter", "banner", "", "Display"),
        ("ebay.co.uk", "referral", "", "Organic Shopping"),
        ("partner", "link", "shop opening", "Organic Shopping"),
        ("m.facebook.com", "referral", "", "Organic Social"),
        ("somewhere", "social-media", "", "Organic Social"),
        ("vimeo.com", "referral", "", "Organic Video"),
        ("somewhere", "promo-video", "", "Organic Video"),
        ("google", "organic", "", "Organic Search"),
        ("somewhere", "organic", "", "Organic Search"),
        ("partner", "referral", "", "Referral"),
        ("partner", "app", "", "Referral"),
        ("news", "email", "", "Email"),
        ("e-mail", "spring", "", "Email"),
        ("awin", "affiliate", "", "Affiliates"),
        ("spotify", "audio", "", "Audio"),
        ("sms", "spring", "", "SMS"),
        ("news", "sms", "", "SMS"),
        ("app", "web-push", "", "Mobile Push Notifications"),
        ("app", "mobile banner", "", "Mobile Push Notifications"),
        ("firebase", "x", "", "Mobile Push Notifications"),
        ("partner", "newsletter", "", "Unassigned"),
    ],
)
def test_a_campaign_s_channel_is_ga4_s(
    source: str, medium: str, campaign: str, channel: str
) -> None:
    got = channel_of(campaign_source=source, campaign_medium=medium, campaign_name=campaign)
    assert got == (channel, source.lower(), medium.lower())


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("google.com", ("Organic Search", "google", "organic")),
        ("google.co.uk", ("Organic Search", "google", "organic")),
        ("google.com.br", ("Organic Search", "google", "organic")),
        ("fr.search.yahoo.com", ("Organic Search", "yahoo", "organic")),
        ("cn.bing.com", ("Organic Search", "bing", "organic")),
        ("duckduckgo.com", ("Organic Search", "duckduckgo", "organic")),
        ("yandex.ru", ("Organic Search", "yandex", "organic")),
        ("l.facebook.com", ("Organic Social", "l.facebook.com", "referral")),
        ("t.co", ("Organic Social", "t.co", "referral")),
        ("x.com", ("Organic Social", "x.com", "referral")),
        ("pinterest.fr", ("Organic Social", "pinterest.fr", "referral")),
        ("m.youtube.com", ("Organic Video", "m.youtube.com", "referral")),
        ("amazon.de", ("Organic Shopping", "amazon.de", "referral")),
        ("shopping.google.com", ("Organic Shopping", "shopping.google.com", "referral")),
        ("mail.google.com", ("Email", "mail.google.com", "email")),
        ("com.google.android.gm", ("Email", "com.google.android.gm", "email")),
        ("chatgpt.com", ("AI Assistant", "chatgpt.com", "ai-assistant")),
        ("gemini.google.com", ("AI Assistant", "gemini.google.com", "ai-assistant")),
        ("copilot.microsoft.com", ("AI Assistant", "copilot.microsoft.com", "ai-assistant")),
        ("perplexity.ai", ("AI Assistant", "perplexity.ai", "ai-assistant")),
        ("notgoogle.com", ("Referral", "notgoogle.com", "referral")),
        ("google.evil.org", ("Referral", "google.evil.org", "referral")),
        ("accounts.google.com", ("Referral", "accounts.google.com", "referral")),
        ("docs.google.com", ("Referral", "docs.google.com", "referral")),
        ("blog.google", ("Referral", "blog.google", "referral")),
        ("gemini.com", ("Referral", "gemini.com", "referral")),
        ("ig.com.br", ("Referral", "ig.com.br", "referral")),
        ("example.org", ("Referral", "example.org", "referral")),
        ("192.0.2.1", ("Referral", "192.0.2.1", "referral")),
    ],
)
def test_a_referrer_s_channel_follows_from_the_kind_of_its_site(
    host: str, expected: tuple[str, str, str]
) -> None:
    assert channel_of(referrer=f"https://{host}/", referrer_host=host) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"click_ids": ["gclid"]}, ("Paid Search", "google", "cpc")),
        ({"click_ids": ["msclkid"]}, ("Paid Search", "bing", "cpc")),
        ({"click_ids": ["ttclid"]}, ("Paid Social", "tiktok", "cpc")),
        ({"click_ids": ["dclid"]}, ("Paid Search", "google", "cpm")),
        ({"click_ids": ["awc"]}, ("Affiliates", "awin", "affiliate")),
        ({"click_ids": ["fbclid"]}, ("Organic Social", "facebook", "social")),
        ({"click_ids": ["srsltid"]}, ("Organic Search", "google", "organic")),
        ({"click_ids": ["fbclid", "gclid"]}, ("Paid Search", "google", "cpc")),
        ({"click_ids": ["unheard_of"]}, ("Direct", "(direct)", "(none)")),
        (
            {"click_ids": ["gclid"], "referrer_host": "example.org"},
            ("Paid Search", "google", "cpc"),
        ),
        (
            {"click_ids": ["fbclid"], "referrer_host": "l.instagram.com"},
            ("Organic Social", "l.instagram.com", "referral"),
        ),
        (
            {"click_ids": ["gclid"], "campaign_source": "news", "campaign_medium": "email"},
            ("Email", "news", "email"),
        ),
        (
            {"click_ids": ["gclid"], "campaign_name": "Spring"},
            ("Paid Search", "google", "cpc"),
        ),
        (
            {"click_ids": ["gclid"], "campaign_source": "Google"},
            ("Paid Search", "google", "cpc"),
        ),
        (
            {"click_ids": ["fbclid"], "campaign_source": "facebook", "campaign_medium": "cpc"},
            ("Paid Social", "facebook", "cpc"),
        ),
        (
            {"referrer_host": "google.com", "campaign_source": "news"},
            ("Unassigned", "news", "(not set)"),
        ),
        (
            {"referrer_host": "google.com", "campaign_medium": "email"},
            ("Organic Search", "google", "email"),
        ),
        ({"campaign_name": "Spring"}, ("Unassigned", "(not set)", "(not set)")),
        ({"campaign_source": "chatgpt.com"}, ("AI Assistant", "chatgpt.com", "ai-assistant")),
        ({"campaign_source": "Gemini"}, ("AI Assistant", "gemini", "ai-assistant")),
        ({"campaign_source": "facebook"}, ("Organic Social", "facebook", "(not set)")),
    ],
)
def test_the_campaign_comes_before_the_click_and_the_click_before_the_referrer(
    columns: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert channel_of(**columns) == expected


def test_a_visit_from_nowhere_is_direct() -> None:
    assert channel_of() == ("Direct", "(direct)", "(none)")


def test_a_referrer_that_is_no_address_is_direct() -> None:
    assert channel_of(referrer="about:blank") == ("Direct", "(direct)", "(none)")


def test_a_page_reached_from_the_site_itself_is_no_touch() -> None:
    assert channel_of(referrer="https://shop.example.com/") == ("", "", "")


def test_a_campaign_within_the_site_is_a_touch() -> None:
    got = channel_of(
        referrer="https://shop.example.com/", campaign_source="n", campaign_medium="email"
    )
    assert got == ("Email", "n", "email")


def test_every_click_id_has_a_channel() -> None:
    assert [kind for kind in CLICK_IDS if channel_of(click_ids=[kind])[0] == "Unassigned"] == []


def test_the_order_is_ga4_s() -> None:
    assert [channel for channel, _ in RULES] == [
        "Direct",
        "Cross-network",
        "Paid Shopping",
        "Paid Search",
        "Paid Social",
        "Paid Video",
        "Display",
        "Paid Other",
        "AI Assistant",
        "Organic Shopping",
        "Organic Social",
        "Organic Video",
        "Organic Search",
        "Referral",
        "Email",
        "Affiliates",
        "Audio",
        "SMS",
        "Mobile Push Notifications",
    ]


def test_sources_are_lower_case() -> None:
    assert [word for word in [*SOURCES, *ALIASES] if word != word.lower()] == []


def test_no_source_has_two_kinds() -> None:
    assert SOURCES.keys() & ALIASES.keys() == set()
    assert len(SOURCES) == sum(len(words.split()) for words in sources._WORDS.values())
