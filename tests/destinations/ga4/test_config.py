from __future__ import annotations

import msgspec
import pytest

from server.destinations.ga4.config import Config

LEAST = {"measurement_id": "G-ABC123", "api_secret": "$secret.GA4"}


def test_two_settings_are_enough() -> None:
    assert msgspec.convert(LEAST, Config) == Config(
        measurement_id="G-ABC123",
        api_secret="$secret.GA4",
        endpoint="https://www.google-analytics.com",
    )


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"measurement_id": "UA-1234-1"}, "measurement_id"),
        ({"measurement_id": "g-abc"}, "measurement_id"),
        ({"api_secret": ""}, "api_secret"),
        ({"endpoint": "https://www.google-analytics.com/mp/collect"}, "endpoint"),
        ({"params": {"items": []}}, "params: GA4 takes no parameter 'items'"),
        ({"params": {"page-type": "x"}}, "params: GA4 takes no parameter 'page-type'"),
        ({"user_properties": {"user_id": "x"}}, "GA4 takes no user property 'user_id'"),
        ({"user_properties": {"a" * 25: "x"}}, "GA4 takes no user property 'a"),
        (
            {"event_name": "Page View!"},
            "event_name: GA4 takes no event 'Page View!'; did you mean Page_View",
        ),
        ({"debug": True}, "unknown field `debug`"),
    ],
)
def test_what_ga4_would_silently_ignore_is_refused(settings: dict[str, object], text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=text):
        msgspec.convert(LEAST | settings, Config)


@pytest.mark.parametrize("endpoint", ["https://region1.google-analytics.com", "http://[::1]:8000"])
def test_other_hosts_may_be_asked(endpoint: str) -> None:
    assert msgspec.convert(LEAST | {"endpoint": endpoint}, Config).endpoint == endpoint
