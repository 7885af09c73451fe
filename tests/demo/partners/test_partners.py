from __future__ import annotations

import pytest

from server.demo.partners import PARTNERS, partner_of

PATHS = {
    "/2/httpapi": "amplitude",
    "/batch": "amplitude",
    "/users/track": "braze",
    "/v1/events:ingest": "data_manager",
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
