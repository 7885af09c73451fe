from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.clock import DAY_MS, MINUTE_MS
from server.model import Person
from server.person.kept_clicks import (
    NOTHING_KEPT,
    clicks_expire_at,
    kept_after,
    with_clicks,
)
from server.person.tables.click_cookies import CLICK_DAYS

AT = 1_760_000_000_000


def clicks(at: int = AT, **ids: str) -> Person:
    return Person(click_ids=ids, clicked_at=dict.fromkeys(ids, at))


def test_a_landings_clicks_are_kept_and_a_later_event_carries_them() -> None:
    kept = kept_after(NOTHING_KEPT, clicks(gclid="g", fbclid="f"))
    assert kept == clicks(gclid="g", fbclid="f")
    buyer = Person(email="jo@example.com")
    assert with_clicks(buyer, kept, AT + DAY_MS) == Person(
        email="jo@example.com",
        click_ids={"gclid": "g", "fbclid": "f"},
        clicked_at={"gclid": AT, "fbclid": AT},
    )


def test_what_brings_nothing_new_changes_nothing() -> None:
    kept = clicks(gclid="g")
    again = (
        Person(),
        clicks(AT + 9, gclid="g"),
        clicks(AT + 9, yclid="y"),
        clicks(AT - 9, gclid="o"),
    )
    for landing in again:
        assert kept_after(kept, landing) is kept
    assert kept_after(NOTHING_KEPT, Person(email="a")) is NOTHING_KEPT
    plain = Person(email="a")
    assert with_clicks(plain, NOTHING_KEPT, AT) is plain


def test_a_later_click_takes_the_place_of_the_one_before_and_of_what_has_expired() -> None:
    kept = kept_after(clicks(gclid="old", ttclid="t"), clicks(AT + 40 * DAY_MS, gclid="new"))
    assert kept == clicks(AT + 40 * DAY_MS, gclid="new")
    both = kept_after(clicks(gclid="g"), clicks(AT + DAY_MS, ttclid="t"))
    assert both.click_ids == {"gclid": "g", "ttclid": "t"}


def test_each_kind_counts_as_long_as_its_partner_looks_back() -> None:
    for kind, days in CLICK_DAYS.items():
        kept = kept_after(NOTHING_KEPT, clicks(AT, **{kind: "x"}))
        last = AT + days * DAY_MS - 1
        assert with_clicks(Person(), kept, last).click_ids == {kind: "x"}
        assert with_clicks(Person(), kept, last + 1) == Person()
        assert clicks_expire_at(kept) == last + 1
    assert clicks_expire_at(NOTHING_KEPT) == 0


def test_an_event_carries_no_click_that_came_after_it() -> None:
    kept = clicks(gclid="g")
    assert with_clicks(Person(), kept, AT - MINUTE_MS).click_ids == {"gclid": "g"}
    assert with_clicks(Person(), kept, AT - 6 * MINUTE_MS) == Person()


def test_an_events_own_click_comes_first_and_the_same_one_has_its_first_time() -> None:
    kept = clicks(gclid="g", fbclid="f")
    own = clicks(AT + 5, gclid="other", fbclid="f")
    assert with_clicks(own, kept, AT + 5) == Person(
        click_ids={"gclid": "other", "fbclid": "f"}, clicked_at={"gclid": AT + 5, "fbclid": AT}
    )


landings = st.builds(
    lambda ids, at: clicks(at, **ids),
    st.dictionaries(st.sampled_from(["gclid", "ttclid", "li_fat_id", "awc"]), st.text(min_size=1)),
    st.integers(min_value=0, max_value=200 * DAY_MS),
)


@given(st.lists(landings, max_size=8), st.integers(min_value=0, max_value=300 * DAY_MS))
def test_what_is_kept_is_bounded_timed_and_the_same_when_it_is_done_again(
    visits: list[Person], at: int
) -> None:
    kept = NOTHING_KEPT
    for landing in visits:
        after = kept_after(kept, landing)
        assert kept_after(after, landing) is after
        kept = after
    assert kept.click_ids.keys() == kept.clicked_at.keys() <= CLICK_DAYS.keys()
    carried = with_clicks(Person(), kept, at)
    assert with_clicks(carried, kept, at) == carried
    assert (carried == Person()) or at < clicks_expire_at(kept)


def test_a_click_that_comes_again_after_its_time_is_a_new_one() -> None:
    again = clicks(28 * DAY_MS, gclid="h", ttclid="t")
    kept = kept_after(kept_after(NOTHING_KEPT, clicks(0, gclid="g", ttclid="t")), again)
    assert kept.clicked_at == {"gclid": 28 * DAY_MS, "ttclid": 28 * DAY_MS}
    assert kept_after(kept, again) is kept
