from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.destinations.ga4.names import is_event, is_param, is_user_property, nearest_event


@pytest.mark.parametrize("name", ["page_view", "A", "Add_2", "a" * 40, "gas_pump", "GA_x"])
def test_a_legal_name(name: str) -> None:
    assert is_event(name)
    assert is_param(name)


@pytest.mark.parametrize(
    "name",
    ["", "a" * 41, "_x", "1x", "a-b", "a b", "été", "ga_x", "google_x", "firebase_x", "x\n", "a.b"],
)
def test_an_illegal_name(name: str) -> None:
    assert not is_event(name)
    assert not is_param(name)
    assert not is_user_property(name)


@pytest.mark.parametrize("name", ["session_start", "first_visit", "error", "screen_view"])
def test_ga4s_own_events_are_its_own_but_parameters_may_be_called_so(name: str) -> None:
    assert not is_event(name)
    assert is_param(name)


def test_user_properties_have_shorter_names_and_some_are_ga4s_own() -> None:
    assert is_user_property("a" * 24)
    assert not is_user_property("a" * 25)
    assert not is_user_property("user_id")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Add to cart", "Add_to_cart"),
        ("add-to-cart!", "add_to_cart"),
        ("2nd step", "nd_step"),
        ("ga_google_vote", "vote"),
        ("session_start", "session_start_event"),
        ("購入", "event"),
        ("", "event"),
        ("x" * 60, "x" * 40),
        ("checkout: étape 2", "checkout_tape_2"),
    ],
)
def test_a_name_comes_near_to_what_was_meant(name: str, nearest: str) -> None:
    assert nearest_event(name) == nearest


@given(st.text() | st.sampled_from(["error", "ga_error", "ga_"]) | st.from_regex(r"[ga_1]{0,9}x?"))
def test_the_nearest_name_is_always_legal(name: str) -> None:
    assert is_event(nearest_event(name))
