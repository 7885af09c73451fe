"""Google's Data Manager by the whole loop: a signed request for a token, a batch that fails for one
of its events, and the others sent again; judged by the recorder's reading of Google's rules."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.clock import now_ms
from server.delivery import Delivery
from server.demo.partners.contract import Asked as Request
from server.demo.partners.google_data_manager import PARTNER
from server.demo.partners.oauth import PARTNER as OAUTH
from server.model import Person
from tests.destinations.contract.test_oauth import key_file
from tests.partner import Asked, LocalPartner, Says
from tests.pipeline.conftest import SEAL
from tests.pipeline.forwarder.owed import Forwarding, owed

CONSENT = {"ad_storage": "granted", "ad_user_data": "granted"}


def google(asked: Asked) -> Says:
    playing = OAUTH if OAUTH.path.fullmatch(asked.path) else PARTNER
    headers = {name.lower(): text for name, text in asked.headers.items()}
    request = Request(path=asked.path, headers=headers, body=asked.body, now=now_ms())
    answer = playing.answer(playing.read(request))
    return Says(status=answer.status, body=answer.body)


def conversion(number: int, url: str, **more: Any) -> Delivery:
    settings = {
        "customer_id": "123-456-7890",
        "conversion_action_id": "9",
        "service_account": "$secret.GOOGLE",
        "params": {"conversionValue": number},
        "endpoint": url,
        "token_endpoint": url,
    }
    made = owed(number, url, **{"currency": "EUR", "consent": CONSENT, **more})
    return replace(
        made,
        type="google_data_manager",
        settings=settings,
        needs_consent=tuple(CONSENT),
        person=SEAL.seal(Person(click_ids={"gclid": f"click{number}"})),
    )


def test_all_are_taken_but_the_one_that_google_blames(
    forwarding: Forwarding, partner: LocalPartner
) -> None:
    partner.always = google
    forwarding.environ["FREEHOLD_SECRET_GOOGLE"] = key_file()
    currencies = {1: "EUR", 2: "EURO", 3: "USD"}
    for number, currency in currencies.items():
        forwarding.owe(conversion(number, partner.url, currency=currency))
    forwarding.start()
    forwarding.wait(lambda: len(forwarding.told()) == 3, "three rows")
    assert sorted(forwarding.outcomes()) == [
        (1, "delivered", "", 1, 200),
        (2, "refused", "http_400", 1, 400),
        (3, "delivered", "", 1, 200),
    ]
    tokens = [asked for asked in partner.asked if asked.path == "/token"]
    assert len(tokens) == 1
    assert b"jwt-bearer" in tokens[0].body
    taken = [asked.json() for asked in partner.asked if asked.path != "/token"]
    clicks = [one["adIdentifiers"]["gclid"] for sent in taken for one in sent["events"]]
    assert set(clicks) == {"click1", "click2", "click3"}
