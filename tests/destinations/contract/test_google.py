from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from msgspec import Struct

from server.delivery import Delivered, Refused, Response, Retry
from server.destinations.contract import PERSON, PURCHASE, sample
from server.destinations.contract.google import (
    amount,
    check_google_access,
    google_access,
    google_clicks,
    google_consent,
    google_hashes,
    judge_google,
)
from server.model import Person
from tests.destinations.contract.test_oauth import key_file


class Access(Struct):
    service_account: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    token_endpoint: str = "https://oauth2.googleapis.com"
    send_user_data: bool = True


BY_USER = Access(client_id="c", client_secret="s", refresh_token="r")
BY_ACCOUNT = Access(service_account=key_file())
BOTH = Access(service_account=key_file(), client_id="c")


@pytest.mark.parametrize("access", [Access(), Access(client_id="c", client_secret="s"), BOTH])
def test_there_is_one_way_in_and_it_is_whole(access: Access) -> None:
    with pytest.raises(ValueError, match="either `service_account`, or `client_id`"):
        check_google_access(access)


def test_a_key_is_looked_at_as_soon_as_it_is_there() -> None:
    for access in (BY_USER, BY_ACCOUNT, Access(service_account="$secret.KEY")):
        check_google_access(access)
    with pytest.raises(ValueError, match="service_account: expected the JSON key"):
        check_google_access(Access(service_account="{}"))


def test_each_way_asks_at_the_same_place() -> None:
    asked = [google_access(one, 1_760_000_000_000, scope="s") for one in (BY_USER, BY_ACCOUNT)]
    assert [one.url for one in asked] == ["https://oauth2.googleapis.com/token"] * 2
    kinds = [parse_qs(one.body.decode())["grant_type"][0].rpartition(":")[2] for one in asked]
    assert kinds == ["refresh_token", "jwt-bearer"]


def test_a_click_has_one_id_of_ios_at_most() -> None:
    ids = {"gclid": "g", "gbraid": "b", "wbraid": "w", "fbclid": "f"}
    assert google_clicks(Person(click_ids=ids)) == {"gclid": "g", "gbraid": "b"}
    assert google_clicks(Person(click_ids={"wbraid": "w", "gclid": ""})) == {"wbraid": "w"}
    times = {"gbraid": 1_760_000_000_000, "wbraid": 1_760_000_000_001}
    assert google_clicks(Person(click_ids=ids, clicked_at=times)) == {"gclid": "g", "wbraid": "w"}


def test_a_person_is_hashed_where_it_was_allowed_alone() -> None:
    assert google_hashes(sample(BY_USER, PURCHASE, PERSON)).keys() == {
        *("email", "phone", "givenName", "familyName"),
    }
    assert google_hashes(sample(BY_USER, PURCHASE, PERSON, denied=("ad_user_data",))) == {}
    assert google_hashes(sample(Access(send_user_data=False), PURCHASE, PERSON)) == {}


def test_what_was_not_asked_is_not_said() -> None:
    event = sample(BY_USER, PURCHASE, denied=("ad_personalization",)).event
    words = {"granted": "YES", "denied": "NO"}
    assert google_consent(event, words) == {"adUserData": "YES", "adPersonalization": "NO"}
    event.consent["ad_personalization"] = "unset"
    assert google_consent(event, words) == {"adUserData": "YES"}


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (5, 5),
        (2.5, 2.5),
        (" 12.50 ", Decimal("12.5")),
        ("60.00", 60),
        ("12,50", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_a_text_may_be_a_number(given: object, number: object) -> None:
    assert amount(given) == number


def answer(status: int, error: object) -> Response:
    return Response(status=status, body=json.dumps({"error": error}).encode())


def test_an_error_is_told_in_google_s_words() -> None:
    error = {"status": "INVALID_ARGUMENT", "message": "No.", "details": 7}
    assert judge_google(answer(400, error)) == Refused("http_400", "No.", "INVALID_ARGUMENT")
    assert judge_google(answer(400, error), "WHY", "Because.") == Refused(
        "http_400", "No. Because.", "WHY"
    )
    assert judge_google(Response(status=200, body=b"{}")) == Delivered()


@pytest.mark.parametrize(
    ("delay", "after_s"),
    [("36s", 36.0), ("0.5s", 0.5), ("soon", None), (None, None), ("NaNs", None)],
)
def test_the_pause_that_google_asks_for(delay: object, after_s: float | None) -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    error = {"status": "UNAVAILABLE", "message": "", "details": ["x", {}, detail]}
    assert judge_google(answer(503, error)) == Retry("http_503", "", after_s, "UNAVAILABLE")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error":"x"}', b'{"error":[]}', b"\xff"])
def test_an_answer_of_another_shape_is_judged_by_its_status(body: bytes) -> None:
    assert isinstance(judge_google(Response(status=400, body=body)), Refused)
