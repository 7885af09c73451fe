from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from server.clock import MINUTE_MS
from server.delivery import Delivered, Denied, Mixed, Refused, Response, Retry
from server.demo.partners import PARTNERS, partner_of
from server.demo.partners.contract import Asked
from server.demo.playing import Played, Stage
from server.demo.speaking import unpacked
from server.demo.trouble import Kind, Trouble, Troubles
from server.destinations import DESTINATIONS
from server.destinations.contract import Destination, Example

PATHS = {
    "/2/httpapi": "amplitude",
    "/batch": "amplitude",
    "/users/track": "braze",
    "/v1/events:ingest": "google_data_manager",
    "/mp/collect": "ga4",
    "/debug/mp/collect": "ga4",
    "/v22/customers/123:uploadClickConversions": "google_ads",
    "/events/v3/send": "hubspot",
    "/events/v3/send/batch": "hubspot",
    "/api/events": "klaviyo",
    "/api/event-bulk-create-jobs/": "klaviyo",
    "/rest/conversionEvents": "linkedin",
    "/stats/matomo.php": "matomo",
    "/v24.0/123/events": "meta",
    "/v1/17654321/events": "microsoft",
    "/import": "mixpanel",
    "/token": "oauth",
    "/oauth/v2/accessToken": "oauth",
    "/event": "piano",
    "/v5/ad_accounts/549/events": "pinterest",
    "/api/v3/pixels/a2_x/conversion_events": "reddit",
    "/v1/batch": "segment",
    "/v3/pixel/events": "snapchat",
    "/open_api/v1.3/event/track/": "tiktok",
    "/orders": "webhook",
    "/v1/events": "webhook",
    "": "webhook",
    "/12/measurement/conversions/o8z6j": "x",
}


@pytest.mark.parametrize("path", PATHS)
def test_the_path_tells_the_partner(path: str) -> None:
    claimed = [one.name for one in PARTNERS.values() if one.path.fullmatch(path)]
    assert partner_of(path).name == PATHS[path]
    assert len(claimed) <= 2, "no path is two partners', but for the webhook, whose all paths are"


def test_every_partner_is_known_by_a_path_and_says_where_its_rules_are() -> None:
    assert set(PARTNERS) == set(PATHS.values())
    for name, partner in PARTNERS.items():
        assert partner.docs.startswith("https://"), name
        assert len({one.title for one in PARTNERS.values()}) == len(PARTNERS)


# What destinations send, judged by rules that were written without them


def is_played(example: Example) -> bool:
    """Whether a partner of the recorder claims its path; else it would be taken for a webhook's."""
    return partner_of(urlsplit(example.request.url).path).name != "webhook"


SILENT: dict[str, tuple[Kind, ...]] = {
    "ga4": ("partial", "revoked"),
    "piano": ("partial", "revoked"),
    "segment": ("partial",),
}
"""Partners that say well to what they do not take."""
WHEN: dict[Kind, type] = {"partial": Refused, "throttle": Retry, "revoked": Denied, "error": Retry}

JUDGED = [
    destination
    for name, destination in DESTINATIONS.items()
    if name == "webhook" or is_played(destination.examples[0])
]
"""A new destination needs no more than its own file; whoever writes down its partner's rules has it
judged too."""
EXAMPLES = [
    pytest.param(destination, example, id=f"{destination.name}-{number}")
    for destination in JUDGED
    for number, example in enumerate(destination.examples)
]


def test_the_recorder_plays_nearly_every_destination_s_partner() -> None:
    assert len(JUDGED) >= 18


def asked(example: Example) -> Asked:
    """The example's request, a minute after its newest event."""
    request, url = example.request, urlsplit(example.request.url)
    last = max(max(one.event.received_at, one.sent_at) for one in example.sendings)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(
        method=request.method,
        path=url.path,
        query=url.query,
        headers=headers,
        body=unpacked(headers, request.body) or b"",
        now=last + MINUTE_MS,
    )


def answered(destination: Destination, example: Example, *troubles: Trouble) -> tuple[Played, Any]:
    """What the partner made of the example, and what the destination makes of its answer."""
    played = Stage(Troubles(*troubles)).play(asked(example))
    answer = played.answer
    response = Response(status=answer.status, headers=answer.headers, body=answer.body)
    return played, destination.judge(response)


@pytest.mark.parametrize(("destination", "example"), EXAMPLES)
def test_what_a_destination_sends_is_without_fault_and_taken(
    destination: Destination, example: Example
) -> None:
    played, outcome = answered(destination, example)
    assert list(played.read.verdict()) == [], example.title
    assert isinstance(outcome, Delivered)
    assert played.taken >= len(example.sendings)


def first(outcome: Any) -> Any:
    """What becomes of the first event."""
    return outcome.parts.get(0, outcome.rest) if isinstance(outcome, Mixed) else outcome


@pytest.mark.parametrize("destination", JUDGED, ids=lambda one: one.name)
def test_a_destination_understands_what_its_partner_says_when_it_does_not_take_it(
    destination: Destination,
) -> None:
    example = destination.examples[0]
    silent = SILENT.get(partner_of(asked(example).path).name, ())
    for kind, expected in WHEN.items():
        if kind not in silent:
            played, outcome = answered(destination, example, Trouble(kind=kind))
            assert played.taken == 0
            assert isinstance(first(outcome), expected), (kind, outcome, played.answer.body)


@pytest.mark.parametrize("destination", JUDGED, ids=lambda one: one.name)
def test_a_token_is_asked_for_as_it_is_given(destination: Destination) -> None:
    for example in destination.examples:
        now = example.sendings[0].event.received_at
        request = destination.access(example.sendings[0].config, now)
        if request is None:
            continue
        url = urlsplit(request.url)
        asks = Asked(method=request.method, path=url.path, body=request.body, now=now)
        played = Stage().play(asks)
        assert (played.partner.name, list(played.read.verdict())) == ("oauth", [])
        assert (played.answer.status, played.taken) == (200, 1)
