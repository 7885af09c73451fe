from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.containers.model import Asked
from server.destinations import DESTINATIONS
from server.destinations.contract import PAGE_VIEW, PERSON, sample
from server.destinations.piano.config import Config
from server.model import NO_VISITOR
from tests.destinations.asking import ask, said

PIANO = DESTINATIONS["piano"]
CONFIG = Config(endpoint="https://a.pa-cd.com", site_id=1)
UUID = "9e8d6d5f-143a-4a21-a7d5-7348b56e130d"


@pytest.mark.parametrize(
    ("name", "value", "visitor_id"),
    [
        ("_pcid", "%7B%22browserId%22%3A%22lz9wrshm3h03ewbz%22%7D", "lz9wrshm3h03ewbz"),
        ("pa_vid", f"%22{UUID}%22", UUID),
        ("atuserid", f"%7B%22name%22%3A%22atuserid%22%2C%22val%22%3A%22{UUID}%22%7D", UUID),
        ("pa_vid", "", None),
        ("pa_vid", "%22short%22", None),
        ("_pcid", "%ff" * 5000, None),
    ],
)
def test_a_visitor_is_piano_s_own_where_its_cookie_tells(
    name: str, value: str, visitor_id: str | None
) -> None:
    message = said(PIANO, sample(CONFIG, PAGE_VIEW, replace(PERSON, cookies={name: value})))
    assert message["idclient"] == (visitor_id or said(PIANO, sample(CONFIG, PAGE_VIEW))["idclient"])


def test_events_of_other_visitors_and_devices_go_apart() -> None:
    config = replace(CONFIG, send_device=True)
    nobody = replace(PAGE_VIEW, visitor_id=NO_VISITOR)
    sendings = [
        sample(config, PAGE_VIEW),
        sample(config, PAGE_VIEW, replace(PERSON, ip="203.0.113.10")),
        sample(config, PAGE_VIEW, replace(PERSON, user_agent="another")),
        sample(config, nobody, replace(PERSON, cookies={"pa_vid": f"%22{UUID}%22"})),
    ]
    assert len({PIANO.group(sending, said(PIANO, sending)) for sending in sendings}) == 4


def test_a_header_is_one_printable_line() -> None:
    person = replace(PERSON, user_agent="a\r\nx-evil: 1\u00e9", ip="203.0.113.9\x00")
    request = ask(PIANO, sample(replace(CONFIG, send_device=True), PAGE_VIEW, person))
    assert request.headers["user-agent"] == "ax-evil: 1"
    assert request.headers["x-forwarded-for"] == "203.0.113.9"


def test_a_domain_of_one_s_own_may_collect_under_another_path() -> None:
    request = ask(PIANO, sample(replace(CONFIG, path="hit"), PAGE_VIEW))
    assert request.url.startswith("https://a.pa-cd.com/hit?s=1&idclient=")


def test_names_that_the_data_model_cannot_have_are_told() -> None:
    events = frozenset({"page_view", "Sign Up!", "scroll"})
    told = "Piano takes no event 'Sign Up!': set `event_name`, or it is refused"
    assert list(PIANO.warn(Asked(settings={}, currency="EUR", events=events))) == [((), told)]
    assert (
        list(
            PIANO.warn(
                Asked(settings={"event_name": "click.action"}, currency="EUR", events=events)
            )
        )
        == []
    )
