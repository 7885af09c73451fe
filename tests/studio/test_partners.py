from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Mixed, Refused, Response, Retry
from server.destinations import DESTINATIONS
from server.destinations.contract import Answer
from server.studio.partners import page, table


def test_a_row_says_what_a_marketer_asks() -> None:
    [row] = table({"ga4": DESTINATIONS["ga4"]}).splitlines()[2:]
    assert row == (
        "| `ga4` | Google Analytics 4 | every event as it is | browser id, user id, email, phone, "
        "address, ip | `transaction_id`, of purchases alone | 71 h | 25 events, 130 kB | "
        "`analytics_storage` |"
    )


def test_a_page_has_settings_limits_every_example_and_what_is_refused() -> None:
    ga4 = DESTINATIONS["ga4"]
    lines = list(page(ga4, ga4.examples))
    text = "\n".join(lines)
    assert lines[0] == "## `ga4`: Google Analytics 4"
    assert text.count("```http") == len(ga4.examples)
    assert '      "name": "purchase",' in lines
    assert "| `measurement_id` | " in text
    assert "| A name that GA4 keeps for itself | `bad_name` |" in lines
    assert "| GA4 says no more than that it got it: 204 | delivered |" in lines


def test_a_mixed_answer_is_told_event_by_event() -> None:
    webhook = DESTINATIONS["webhook"]
    outcome = Mixed({1: Refused("bad"), 3: Retry("busy")}, Delivered())
    response = Response(status=200, body=b'{"a":"x|y"}')
    answer = Answer(title="Partly", response=response, outcome=outcome)
    lines = list(page(replace(webhook, answers=(answer,)), ()))
    assert (
        '| Partly: 200 `{"a":"x\\|y"}` | event 2 refused, event 4 retry; the others delivered |'
        in lines
    )
