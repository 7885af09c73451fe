from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.collector.linker import AHEAD_MS, LASTS_MS, Linker, Refusal
from server.collector.used_links import UsedLinks
from server.model import Visitor
from tests.collector.doors import KEYS
from tests.samples import NOON, visitor

CLICKED = visitor()
NEWCOMER = Visitor(
    visitor_id="11111111-2222-4333-8444-555555555555",
    issued_at=NOON,
    session_id=NOON // 1000,
    session_number=1,
    session_seen_at=NOON,
    is_new=True,
)
KNOWN = replace(NEWCOMER, is_new=False, issued_at=NOON - 1_000)


@pytest.fixture
def linker(tmp_path: Path) -> Linker:
    return Linker(KEYS, ["cups.example"], UsedLinks(tmp_path))


def given_by(linker: Linker, host: str = "cups.example", page: str = "p1") -> str:
    """What a hit says after a click on a page of the host."""
    return f"{linker.token(CLICKED, host=host, now=NOON)}.{page}"


def test_a_newcomer_is_who_clicked_in_the_same_session(linker: Linker) -> None:
    came = linker.follow(NEWCOMER, given_by(linker), NOON + 5_000)
    assert came == (CLICKED, None)
    assert not came[0].is_new


def test_who_was_known_before_the_click_stays_and_who_came_with_it_does_not(
    linker: Linker,
) -> None:
    assert linker.follow(KNOWN, given_by(linker), NOON) == (KNOWN, None)
    fresh = replace(KNOWN, issued_at=NOON)
    assert linker.follow(fresh, given_by(linker), NOON) == (CLICKED, None)


def test_the_same_visitor_goes_on_with_the_later_session(linker: Linker) -> None:
    earlier = replace(CLICKED, session_id=CLICKED.session_id - 9_000, session_number=1)
    later = replace(CLICKED, session_id=CLICKED.session_id + 9, session_number=3)
    assert linker.follow(earlier, given_by(linker), NOON) == (CLICKED, None)
    assert linker.follow(later, given_by(linker), NOON) == (later, None)


def test_a_link_is_good_once_but_its_hits_may_be_sent_again(linker: Linker) -> None:
    first = given_by(linker)
    other = first.replace(".p1", ".p2")
    uses = [linker.follow(NEWCOMER, one, NOON)[1] for one in (first, first, other, first)]
    assert uses == [None, None, Refusal.USED, None]


@pytest.mark.parametrize(
    ("after", "refusal"),
    [
        (-AHEAD_MS - 1, Refusal.LATE),
        (-AHEAD_MS, None),
        (LASTS_MS - 1, None),
        (LASTS_MS, Refusal.LATE),
        (10 * LASTS_MS, Refusal.LATE),
    ],
)
def test_it_lasts_two_minutes(linker: Linker, after: int, refusal: Refusal | None) -> None:
    assert linker.follow(NEWCOMER, given_by(linker), NOON + after)[1] is refusal


@pytest.mark.parametrize(
    ("host", "refusal"),
    [
        ("cups.example", None),
        ("www.cups.example", None),
        ("badcups.example", Refusal.FOREIGN),
        ("cups.example.evil.example", Refusal.FOREIGN),
        ("example", Refusal.FOREIGN),
        ("", Refusal.FOREIGN),
    ],
)
def test_who_comes_from_a_site_that_is_not_listed_is_a_newcomer(
    linker: Linker, host: str, refusal: Refusal | None
) -> None:
    visitor_, why = linker.follow(NEWCOMER, given_by(linker, host), NOON)
    assert (visitor_, why) == (NEWCOMER if refusal else CLICKED, refusal)


@pytest.mark.parametrize("page", ["", "../p1", "a/b", "p" * 65, "é", "p1.p2", "p 1", "\x00"])
def test_a_page_load_has_to_say_which_it_is(linker: Linker, page: str) -> None:
    came = linker.follow(NEWCOMER, given_by(linker, page=page), NOON)
    assert came == (NEWCOMER, Refusal.FORGED)


def test_without_a_place_to_note_it_nobody_is_taken_over(tmp_path: Path) -> None:
    linker = Linker(KEYS, ["cups.example"], UsedLinks(tmp_path / "gone"))
    assert linker.follow(NEWCOMER, given_by(linker), NOON) == (NEWCOMER, Refusal.UNWRITABLE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_no_text_is_an_error(linker: Linker, text: str) -> None:
    for said in (text, f"{text}.p1", given_by(linker) + text + "."):
        assert linker.follow(NEWCOMER, said, NOON) == (NEWCOMER, Refusal.FORGED)
