from __future__ import annotations

from msgspec.structs import replace

from server.destinations.braze.config import Config
from server.destinations.braze.user import attributes, user
from server.destinations.contract import PAGE_VIEW, PERSON, sample

CONFIG = Config(api_key="k", endpoint="https://rest.fra-02.braze.eu", send_user_data=True)


def test_the_site_s_own_id_comes_first_and_an_email_last() -> None:
    both = replace(CONFIG, alias_label="visitor", braze_id="b")
    known = replace(PAGE_VIEW, user_id="u-1")
    alias = {"alias_name": PAGE_VIEW.visitor_id, "alias_label": "visitor"}
    assert user(sample(both, known)) == {"external_id": "u-1"}
    assert user(sample(both, PAGE_VIEW)) == {"braze_id": "b"}
    assert user(sample(replace(both, braze_id=None), PAGE_VIEW)) == {"user_alias": alias}
    assert user(sample(CONFIG, PAGE_VIEW)) == {"email": "jo.doe@gmail.com"}
    assert user(sample(CONFIG, PAGE_VIEW, denied=("ad_user_data",))) == {}


def test_what_a_tag_says_beats_what_the_page_says() -> None:
    mine = replace(CONFIG, attributes={"first_name": "J.", "tier": None})
    found = attributes(sample(mine, PAGE_VIEW, replace(PERSON, phone="?", city="")))
    assert found == {
        "email": "jo.doe@gmail.com",
        "first_name": "J.",
        "last_name": "Doe",
        "country": "FR",
    }
