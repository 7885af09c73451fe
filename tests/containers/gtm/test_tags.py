from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from server.containers.gtm.report import Outcome
from server.containers.load import read_container
from server.containers.model import Limit, Purpose, Span, TagType
from server.destinations import tag_types
from tests.containers.gtm.exports import (
    condition,
    custom,
    event_tag,
    imported,
    parameter,
    part,
    tag,
    trigger,
    variable,
)

SECRET = "$secret.GA4_API_SECRET_AB12"
WITH = {"measurement_id": "G-AB12", "api_secret": SECRET}


def needed(*purposes: str) -> dict[str, Any]:
    them = [{"type": "TEMPLATE", "value": purpose} for purpose in purposes]
    return {"consentStatus": "NEEDED", "consentType": {"type": "LIST", "list": them}}


def test_an_event_tag_comes_with_its_parameters() -> None:
    table = [{"parameter": "path", "parameterValue": "at {{Page Path}}"}]
    given = event_tag(
        {"eventSettingsTable": table, "userProperties": [{"name": "a", "value": "b"}]}
    )
    made, item = part("tag", tag=[given])
    assert made == {
        "type": "ga4",
        "fires_on": ["all_pages"],
        "with": {
            **WITH,
            "event_name": "order",
            "params": {"path": "at {{ event.path }}"},
            "user_properties": {"a": "b"},
        },
    }
    assert (item.outcome, item.notes) == (Outcome.CONVERTED, ())


@pytest.mark.parametrize("name", ["", "{{Event}}", "purchase"])
def test_the_events_own_name_is_not_written(name: str) -> None:
    fires = custom(condition("EQUALS", "{{_event}}", "purchase"))
    made, _ = part(
        "tag", tag=[event_tag({"eventName": name}, firingTriggerId=["1"])], trigger=[fires]
    )
    assert made["with"] == WITH


def test_a_tag_may_name_the_google_tag_that_has_its_stream() -> None:
    google = tag("googtag", {"tagId": "G-AB12"}, name="Config", tagId="2")
    given = event_tag({"measurementId": "Config", "measurementIdOverride": ""})
    made, _ = part("tag", tag=[given, google])
    assert made["with"]["measurement_id"] == "G-AB12"


def test_what_the_google_tag_says_of_every_event_goes_into_the_events() -> None:
    settings = [{"parameter": name, "parameterValue": "a"} for name in ("shop", "cookie_domain")]
    google = tag("googtag", {"tagId": "G-AB12", "eventSettingsTable": settings}, tagId="2")
    other = tag("googtag", {"tagId": "G-CD34", "eventSettingsTable": settings[:1]}, tagId="3")
    made, _ = part("tag", tag=[event_tag(), google, other])
    assert made["with"]["params"] == {"shop": "a"}


def test_a_google_tag_is_for_page_views() -> None:
    made, item = part(
        "tag", tag=[tag("googtag", {"tagId": "G-AB12"}, firingTriggerId=["2147479573"])]
    )
    assert made == {"type": "ga4", "fires_on": ["all_pages"], "with": WITH}
    assert "no earlier moment" in item.notes[1]


@pytest.mark.parametrize(
    "given",
    [
        tag("gaawc", {"measurementId": "G-AB12", "sendPageView": False}),
        tag(
            "googtag",
            {
                "tagId": "G-AB12",
                "configSettingsTable": [{"parameter": "send_page_view", "parameterValue": "false"}],
            },
        ),
    ],
)
def test_a_google_tag_without_page_views_is_no_tag(given: dict[str, Any]) -> None:
    made, item = part("tag", tag=[given])
    assert (made, item.outcome) == ({}, Outcome.APPROXIMATED)


LIST = {"type": "LIST", "list": []}
RULES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"paused": True}, {"paused": True}, ""),
    ({"tagFiringOption": "ONCE_PER_EVENT"}, {}, ""),
    ({"tagFiringOption": "ONCE_PER_LOAD"}, {"limit": {"per": "page", "times": 1}}, ""),
    ({"tagFiringOption": "UNLIMITED"}, {}, "once an event"),
    ({"priority": {"type": "INTEGER", "value": "-7"}}, {"priority": -7}, ""),
    ({"priority": {"type": "INTEGER", "value": "7000"}}, {"priority": 1000}, "becomes 1000"),
    ({"priority": {"type": "INTEGER", "value": "{{A}}"}}, {}, "no number"),
    ({"notes": "Of the board"}, {"note": "Of the board"}, ""),
    ({"consentSettings": {"consentStatus": "NOT_NEEDED"}}, {}, ""),
    (
        {"consentSettings": needed("ad_storage")},
        {"needs_consent": ["analytics_storage", "ad_storage"]},
        "",
    ),
    (
        {"consentSettings": needed("security_storage")},
        {"needs_consent": ["analytics_storage"], "paused": True},
        "consent to 'security_storage'",
    ),
    (
        {"consentSettings": {"consentStatus": "NEEDED"}},
        {"needs_consent": ["analytics_storage"], "paused": True},
        "does not say to what",
    ),
    ({"scheduleStartMs": "soon"}, {"paused": True}, "is no moment"),
    ({"setupTag": [{"tagName": "x"}]}, {}, "sent before it"),
    ({"teardownTag": [{"tagName": "x"}]}, {}, "sent after it"),
    ({"firingTriggerId": ["2147479553", "8"]}, {}, "no trigger '8'"),
    ({"blockingTriggerId": ["8"]}, {"paused": True}, "a trigger that blocks it is lost"),
    ({"parentFolderId": "8"}, {}, ""),
]


@pytest.mark.parametrize(("given", "more", "told"), RULES, ids=[str(one[0]) for one in RULES])
def test_when_a_tag_is_sent_comes_along(
    given: dict[str, Any], more: dict[str, Any], told: str
) -> None:
    made, item = part("tag", tag=[event_tag(**given)])
    plain = {"type": "ga4", "fires_on": ["all_pages"], "with": {**WITH, "event_name": "order"}}
    assert made == {**plain, **more}
    assert told in "; ".join(item.notes)
    assert item.outcome is (Outcome.APPROXIMATED if told else Outcome.CONVERTED)


def test_a_schedule_is_in_the_containers_time_zone() -> None:
    given = event_tag(scheduleStartMs="1767225600000", scheduleEndMs=1769904030000)
    made = imported(tag=[given])
    container = read_container(made.text, "made", tag_types())
    schedule = container.tags["it"].schedule
    assert schedule is not None
    assert (container.timezone, schedule.since, schedule.until) == (
        "UTC",
        "2026-01-01 00:00",
        "2026-02-01 00:00",
    )


def test_exceptions_and_folders_come_along() -> None:
    given = event_tag(blockingTriggerId=["1"], parentFolderId="4")
    blocks = trigger("ALWAYS", filter=[condition("EQUALS", "{{Event}}", "x")])
    folder = {"folderId": "4", "name": "Ads & more"}
    made, _ = part("tag", tag=[given], trigger=[blocks], folder=[folder])
    assert (made["except"], made["folder"]) == (["when_1"], "ads_more")


GA4_ALONE = {"ga4": tag_types()["ga4"]}
"""So that what waits here still waits when its destination has come."""
NOT_THERE: list[tuple[dict[str, Any], Outcome, str]] = [
    (event_tag(firingTriggerId=[]), Outcome.REFUSED, "fires on nothing"),
    (event_tag(firingTriggerId=["8"]), Outcome.REFUSED, "no trigger '8'"),
    (event_tag({"eventName": "first_visit"}), Outcome.REFUSED, "GA4 takes no event"),
    (event_tag({"eventName": "{{No}}"}), Outcome.REFUSED, "does not define it"),
    (event_tag({"measurementIdOverride": "UA-1-1"}), Outcome.REFUSED, "expected G-"),
    (event_tag({"measurementIdOverride": ""}), Outcome.REFUSED, "expected G-"),
    (event_tag({"measurementIdOverride": "{{No}}"}), Outcome.REFUSED, "its stream"),
    (tag("googtag", {"tagId": "AW-1"}), Outcome.REFUSED, "conversions have tags of their own"),
    (tag("googtag", {"tagId": "DC-1"}), Outcome.WAITING, "floodlight"),
    (tag("awct", {}), Outcome.WAITING, "google_data_manager"),
    (tag("sp", {}), Outcome.REFUSED, "in the browser alone"),
    (tag("awud", {}), Outcome.APPROXIMATED, "with each conversion"),
    (tag("fls", {}), Outcome.WAITING, "floodlight"),
    (tag("bzi", {}), Outcome.WAITING, "linkedin"),
    (tag("baut", {}), Outcome.WAITING, "microsoft_ads"),
    (tag("gclidw", {}), Outcome.APPROXIMATED, "click ids"),
    (tag("html", {"html": "<p>{{Page URL}}"}), Outcome.REFUSED, "cannot stand here"),
    (tag("html", {"html": "<script>document.write(1)"}), Outcome.REFUSED, "erase the page"),
    (tag("html", {"html": "<script>a({{Visitor Region}})"}), Outcome.REFUSED, "does not know"),
    (tag("html", {"html": "<script>a({{Form ID}})"}), Outcome.REFUSED, "does not define it"),
    (tag("img", {"url": "http://px.example/"}), Outcome.REFUSED, "begins with https://"),
    (tag("ua", {}), Outcome.REFUSED, "Universal Analytics"),
    (tag("cvt_1_2", {}), Outcome.REFUSED, "custom template"),
    (tag("cvt_1_2", {}, name="TikTok pixel"), Outcome.WAITING, "tiktok"),
    (tag("zz", {}), Outcome.REFUSED, "GTM's type 'zz'"),
]


@pytest.mark.parametrize(("given", "outcome", "told"), NOT_THERE, ids=lambda one: str(one)[:50])
def test_what_is_not_there_says_why(given: dict[str, Any], outcome: Outcome, told: str) -> None:
    made, item = part("tag", GA4_ALONE, tag=[given])
    assert (made, item.outcome) == ({}, outcome)
    assert told in "; ".join(item.notes)


def test_what_ga4_does_not_take_is_left_out_and_told() -> None:
    names = ("ga_own", "user_id", "user_data.email", "send_to", "good")
    table = [{"parameter": name, "parameterValue": "a"} for name in names]
    made, item = part("tag", tag=[event_tag({"eventSettingsTable": table})])
    assert made["with"] == {
        **WITH, "event_name": "order", "params": {"good": "a"}, "send_user_data": True,
    }  # fmt: skip
    assert [note.split(":")[0] for note in item.notes] == [
        "`ga_own` is left out",
        "`user_id`",
        "user data comes from `freehold('user', {…})` in the page, where consent allows",
    ]


def test_secrets_are_named_for_somebody_to_set() -> None:
    to_do = imported(tag=[event_tag(), event_tag(tagId="2")]).report.to_do
    assert sum("FREEHOLD_SECRET_GA4_API_SECRET_AB12" in one for one in to_do) == 1


def test_a_servers_tag_without_a_stream_is_held_until_somebody_names_it() -> None:
    made, item = part("tag", tag=[tag("sgtmgaaw", {"redactVisitorIp": True})])
    assert (made["paused"], made["with"]["measurement_id"]) == (True, "G-UNKNOWN")
    assert item.outcome is Outcome.APPROXIMATED


class Floodlight(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A destination that does not exist yet."""

    advertiser_id: str
    group_tag: str | None = None
    value: str | None = None
    token: str


FLOODLIGHT = TagType(
    name="floodlight",
    config=Floodlight,
    secrets=frozenset({"token"}),
    consent=("ad_storage",),
    needs_person=False,
)


def test_a_new_destination_makes_its_tags_convert() -> None:
    given = tag("fls", {"advertiserId": "12", "revenue": "{{Value}}", "rdp": False})
    value = variable("v", {"name": "ecommerce.value"}, name="Value")
    made, item = part("tag", {"floodlight": FLOODLIGHT}, tag=[given], variable=[value])
    assert made["with"] == {
        "advertiser_id": "12",
        "value": "{{ value }}",
        "token": "$secret.FLOODLIGHT_TOKEN",
    }
    assert item.notes == ("not taken over: rdp",)


def test_a_tag_that_the_destination_refuses_is_told_by_its_words() -> None:
    _, item = part("tag", {"floodlight": FLOODLIGHT}, tag=[tag("fls", {})])
    assert (item.outcome, item.notes) == (Outcome.REFUSED, ("with.advertiser_id: missing",))


def test_without_ga4_its_tags_wait() -> None:
    _, item = part("tag", {"floodlight": FLOODLIGHT}, tag=[event_tag()])
    assert item.outcome is Outcome.WAITING


def test_a_constant_with_a_format_is_no_constant() -> None:
    form = {"convertNullToValue": parameter("", "G-X")}
    stream = variable("c", {"value": "AW-1"}, name="Stream", formatValue=form)
    made, _ = part(
        "tag", tag=[event_tag({"measurementIdOverride": "{{Stream}}"})], variable=[stream]
    )
    assert made["with"]["api_secret"] == "$secret.GA4_API_SECRET"


META = {"pixel_id": "1234567890123456", "access_token": "$secret.META_ACCESS_TOKEN"}
TIKTOK = {"pixel_code": "C4T8V5", "access_token": "$secret.TIKTOK_ACCESS_TOKEN"}
PIXEL = {"pixelId": "1234567890123456"}
PIXELS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("Meta page", PIXEL, META),
    (
        "Meta order",
        {
            **PIXEL,
            "eventName": "standard",
            "standardEventName": "Purchase",
            "objectPropertyList": [
                {"name": "model", "value": "S"},
                {"name": "contents", "value": "x"},
            ],
        },
        {**META, "event_name": "Purchase", "params": {"model": "S"}},
    ),
    (
        "Facebook drive",
        {
            **PIXEL,
            "inheritEventName": "override",
            "eventName": "custom",
            "eventNameCustom": "Test drive",
            "testId": "TEST1",
            "actionSource": "website",
            "accessToken": "in clear",
        },
        {
            **META,
            "event_name": "Test drive",
            "test_event_code": "TEST1",
            "action_source": "website",
        },
    ),
    (
        "Facebook all",
        {**PIXEL, "inheritEventName": "inherit", "eventName": "custom", "eventNameCustom": "old"},
        META,
    ),
    ("Any Conversions API", PIXEL, META),
    (
        "TikTok order",
        {
            "pixel_code": "C4T8V5",
            "event": "CompletePayment",
            "custom_properties": [{"key": "shop_id", "value": "7"}],
        },
        {**TIKTOK, "event_name": "CompletePayment", "params": {"shop_id": "7"}},
    ),
    ("TikTok all", {"pixelId": "C4T8V5", "eventType": "inherit", "eventName": "Search"}, TIKTOK),
    ("TikTok ours", {"pixel_code": "C4T8V5", "event": "purchase"}, TIKTOK),
    ("TikTok event", {"pixel_code": "C4T8V5", "event": "{{Event}}"}, TIKTOK),
    (
        "Snapchat Conversions API",
        {"pixelId": "1ec32188-754e-4be2-8e55-c949a984a39f"},
        {
            "pixel_id": "1ec32188-754e-4be2-8e55-c949a984a39f",
            "access_token": "$secret.SNAPCHAT_ACCESS_TOKEN",
        },
    ),
    (
        "Pinterest lead",
        {"advertiserId": "549755885175", "eventType": "standard", "eventNameStandard": "lead"},
        {
            "ad_account_id": "549755885175",
            "access_token": "$secret.PINTEREST_ACCESS_TOKEN",
            "event_name": "lead",
        },
    ),
]


@pytest.mark.parametrize(("name", "given", "settings"), PIXELS, ids=lambda one: str(one)[:30])
def test_a_pixels_template_comes_with_its_event_and_fields(
    name: str, given: dict[str, Any], settings: dict[str, Any]
) -> None:
    made, _ = part("tag", tag=[tag("cvt_1_2", given, name=name)])
    said = {key: value for key, value in made["with"].items() if value not in (None, {}, [])}
    assert said == settings


def test_the_token_of_an_export_is_not_taken_over_nor_told() -> None:
    made, item = part("tag", tag=[tag("cvt_1_2", {**PIXEL, "accessToken": "EAAB"}, name="Meta")])
    assert "EAAB" not in f"{made} {item}"
    assert item.notes == ("not taken over: accessToken",)


def test_pinterests_own_tag_waits_for_the_ad_account() -> None:
    made, item = part("tag", tag=[tag("pntr", {"tagId": "26123"})])
    assert (made["with"]["ad_account_id"], made["paused"]) == ("0", True)
    assert "paused, since the export does not say `ad_account_id`" in item.notes


def test_custom_html_runs_in_the_page_once_it_is_let() -> None:
    html = "<script>chat('{{Page Path}}', {{Event}})</script>"
    given = tag(
        "html",
        {"html": html},
        tagFiringOption="ONCE_PER_LOAD",
        consentSettings=needed("ad_storage"),
        scheduleStartMs="1767225600000",
        blockingTriggerId=["1"],
    )
    fires = custom(condition("EQUALS", "{{_event}}", "logged_in"))
    made = imported(tag=[given], trigger=[fires])
    [chat] = read_container(made.text, "made", tag_types()).page_tags.values()
    assert chat.html == "<script>chat('{{ event.path }}', {{ event.name }})</script>"
    assert (chat.type, chat.enabled, chat.fires_on) == ("html", False, ["all_pages"])
    assert chat.exceptions == ["when_1"]
    assert chat.needs_consent == [Purpose.AD_STORAGE]
    assert chat.limit == Limit(per=Span.PAGE)
    [item] = [one for one in made.report.items if one.kind == "tag"]
    assert item.outcome is Outcome.APPROXIMATED
    assert item.notes[0].startswith("is off until `enabled: true`")
    assert "schedule" in item.notes[1]
    assert any("look at what would run in your pages" in one for one in made.report.to_do)


@pytest.mark.parametrize(
    ("values", "src"),
    [
        ({"url": "//px.example/i"}, "https://px.example/i"),
        (
            {"url": "https://px.example/i?u={{Page URL}}", "useCacheBuster": True},
            "https://px.example/i?u={{ event.url }}&gtmcb={{ event.event_id }}",
        ),
        (
            {"url": "https://px.example/", "useCacheBuster": True, "cacheBusterQueryParam": "r"},
            "https://px.example/?r={{ event.event_id }}",
        ),
    ],
)
def test_a_custom_image_is_one_in_the_page(values: dict[str, Any], src: str) -> None:
    made = imported(tag=[tag("img", values)])
    [image] = read_container(made.text, "made", tag_types()).page_tags.values()
    assert (image.type, image.src, image.enabled) == ("image", src, False)
    assert image.needs_consent == list(Purpose)
