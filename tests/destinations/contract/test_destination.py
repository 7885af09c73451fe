from __future__ import annotations

from types import SimpleNamespace

from server.delivery import Refused
from server.destinations.contract import (
    PURCHASE,
    allows_user_data,
    has,
    partner_name,
    sample,
)

CONFIG = SimpleNamespace(event_name=None, send_user_data=True)


def test_a_path_looks_into_objects_and_lists() -> None:
    message = {"user": {"ids": [{"em": ""}, {"ph": "x"}], "em": ""}}
    found = [has(path)(message) for path in ("user.ids.ph", "user.ids.em", "user.em", "user.x.y")]
    assert found == [True, False, False, False]
    assert has("user")(message)


def test_user_data_goes_where_the_tag_and_the_visitor_say_so() -> None:
    assert allows_user_data(sample(CONFIG, PURCHASE))
    assert not allows_user_data(sample(CONFIG, PURCHASE, denied=("ad_user_data",)))
    quiet = SimpleNamespace(send_user_data=False)
    assert not allows_user_data(sample(quiet, PURCHASE))


def test_an_event_has_the_tag_s_name_else_the_table_s_else_none() -> None:
    events = {"purchase": "Purchase", "page_view": "PageView"}
    assert partner_name(sample(CONFIG, PURCHASE), events) == "Purchase"
    named = SimpleNamespace(event_name="Order")
    assert partner_name(sample(named, PURCHASE), {}) == "Order"
    refused = partner_name(sample(CONFIG, PURCHASE), {"search": "Search"})
    assert isinstance(refused, Refused)
    assert (refused.reason, "on one of search" in refused.detail) == ("no_mapping", True)
