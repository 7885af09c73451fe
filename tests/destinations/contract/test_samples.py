from __future__ import annotations

from server.destinations.contract import PERSON, PURCHASE, sample


def test_a_sample_is_of_someone_who_grants_all_but_what_they_deny() -> None:
    one = sample(None, PURCHASE, denied=("ad_storage",), sent_at=7)
    assert one.event.consent == {
        "ad_storage": "denied",
        "analytics_storage": "granted",
        "ad_user_data": "granted",
        "ad_personalization": "granted",
    }
    assert (one.person, one.sent_at, one.event.name) == (PERSON, 7, "purchase")
