from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.clock import HOUR_MS, now_ms
from server.model import Person
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.forwarder.screen import screen
from server.pipeline.queue import Job
from tests.pipeline.conftest import SEAL
from tests.pipeline.forwarder.owed import Forwarding, owed

URL = "https://partner.example/in"


def ending(forwarding: Forwarding, **more: Any) -> tuple[str, str, str]:
    [found] = screen([Job(delivery=replace(owed(1, URL), **more))], forwarding.screen())
    assert isinstance(found, Ending)
    return found.outcome, found.reason, found.detail


def test_what_may_be_sent_is_ready_with_its_settings_and_person(forwarding: Forwarding) -> None:
    forwarding.environ["FREEHOLD_SECRET_KEY"] = "s3cr3t"
    person = Person(email="a@shop.example")
    delivery = owed(1, URL, settings={"headers": {"X-Key": "$secret.KEY"}})
    job = Job(delivery=replace(delivery, person=SEAL.seal(person)))
    [found] = screen([job], forwarding.screen())
    assert isinstance(found, Ready)
    assert (found.sending.event, found.sending.person) == (delivery.event, person)
    assert (found.sending.config.url, found.sending.config.headers) == (URL, {"X-Key": "s3cr3t"})
    assert found.used == {"KEY": "s3cr3t"}


def test_an_event_that_is_too_old_for_the_partner_is_given_up(forwarding: Forwarding) -> None:
    old = replace(owed(1, URL).event, occurred_at=now_ms() - 80 * HOUR_MS)
    outcome, reason, detail = ending(forwarding, event=old)
    assert (outcome, reason) == ("expired", "too_old")
    assert detail.startswith("80 hours old; ")


def test_without_the_event_s_own_consent_nothing_is_sent(forwarding: Forwarding) -> None:
    found = ending(forwarding, needs_consent=("ad_storage", "analytics_storage"))
    assert found == ("withheld", "consent:ad_storage", "")


def test_a_tag_that_needs_no_consent_is_not_asked_for_any(forwarding: Forwarding) -> None:
    silent = replace(owed(1, URL).event, consent={})
    job = Job(delivery=replace(owed(1, URL), event=silent, needs_consent=()))
    [found] = screen([job], forwarding.screen())
    assert isinstance(found, Ready)


@pytest.mark.parametrize(
    ("more", "reason", "word"),
    [
        ({"type": "gone"}, "unknown_destination", "'gone'"),
        ({"settings": {"url": 5}}, "bad_settings", "url"),
        ({"settings": {}}, "bad_settings", "url"),
        ({"person": b"rubbish"}, "person_unreadable", "sealed"),
    ],
)
def test_what_can_never_be_sent_is_refused_with_a_reason(
    forwarding: Forwarding, more: dict[str, Any], reason: str, word: str
) -> None:
    outcome, found, detail = ending(forwarding, **more)
    assert (outcome, found) == ("refused", reason)
    assert word in detail


def test_a_wrong_setting_does_not_show_the_secret(forwarding: Forwarding) -> None:
    forwarding.environ["FREEHOLD_SECRET_KEY"] = "s3cr3t"
    _, reason, detail = ending(forwarding, settings={"url": URL, "method": "$secret.KEY"})
    assert reason == "bad_settings"
    assert "s3cr3t" not in detail
