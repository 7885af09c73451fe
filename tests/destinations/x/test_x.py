from __future__ import annotations

from server.containers.model import Asked
from server.delivery import Response, Retry
from server.destinations import DESTINATIONS

X = DESTINATIONS["x"]


def test_events_of_a_tag_that_names_no_id_of_theirs_are_told() -> None:
    settings = {"event_ids": {"purchase": "o87ne"}}
    asked = Asked(settings=settings, currency="EUR", events=frozenset({"purchase", "sign_up"}))
    told = "no id of X's for 'sign_up': name it, or the event is refused"
    assert list(X.warn(asked)) == [(("event_ids",), told)]
    assert (
        list(X.warn(Asked(settings={"event_name": "o87ne"}, currency="EUR", events=asked.events)))
        == []
    )


def test_a_page_of_html_is_not_x_s_answer() -> None:
    judged = X.judge(Response(status=404, body=b"<html>"))
    assert judged == Retry("unclear_answer", "<html>")
