from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.enrich.tables.click_ids import CLICK_IDS
from server.model import Person
from server.person.clicks import NO_CLICK, Click, click_cookies, click_id
from server.person.tables.click_cookies import CLICK_COOKIES, CLICK_DAYS

S = 1_760_000_000
MS = S * 1000


@pytest.mark.parametrize(
    ("kind", "cookie", "value", "click"),
    [
        ("gclid", "_gcl_aw", f"GCL.{S}.Cj0K_-x", Click("Cj0K_-x", MS)),
        ("gclid", "_gcl_aw", f"GCL.{S}.Cj0K.label.more", Click("Cj0K", MS)),
        ("gclid", "FPGCLAW", f"2.1.kCj0K$i{S}", Click("Cj0K", MS)),
        ("gbraid", "_gcl_ag", f"2.1.kGB-1$i{S}", Click("GB-1", MS)),
        ("wbraid", "_gcl_gb", f"GCL.{S}.WB_1", Click("WB_1", MS)),
        ("dclid", "_gcl_dc", f"GCL.{S}.DC", Click("DC", MS)),
        ("fbclid", "_fbc", f"fb.1.{MS}.IwAR0", Click("IwAR0", MS)),
        ("fbclid", "_fbc", f"fb.2.{MS}.IwAR0.AQECAQIA", Click("IwAR0", MS)),
        ("msclkid", "_uetmsclkid", "_uetb1240587f865192a", Click("b1240587f865192a", 0)),
        ("twclid", "twclid", "2-4f0", Click("2-4f0", 0)),
        (
            "twclid",
            "_twclid",
            "%7B%22pixelVersion%22%3A%221%22%2C%22twclid%22%3A%222-4f0%22%7D",
            Click("2-4f0", 0),
        ),
        ("li_fat_id", "li_fat_id", "c2a5-11", Click("c2a5-11", 0)),
        ("epik", "_epik", "dj0yJnU9", Click("dj0yJnU9", 0)),
        ("rdt_cid", "_rdt_cid", "4612", Click("4612", 0)),
        ("ttclid", "ttclid", "E.C.P.CtUB", Click("E.C.P.CtUB", 0)),
        ("sccid", "_scclid", "a-b", Click("a-b", 0)),
    ],
)
def test_a_partners_cookie_tells_of_a_click(
    kind: str, cookie: str, value: str, click: Click
) -> None:
    assert click_id(Person(cookies={cookie: value}), kind) == click


@pytest.mark.parametrize(
    ("kind", "cookie", "value"),
    [
        ("gclid", "_gcl_aw", "GCL.soon.Cj0K"),
        ("gclid", "_gcl_aw", "Cj0K"),
        ("gbraid", "_gcl_ag", ""),
        ("fbclid", "_fbc", "fb.1.1760000000.IwAR0"),
        ("fbclid", "_fbc", f"fb.1.{MS}."),
        ("msclkid", "_uetmsclkid", "_uet"),
        ("li_fat_id", "li_fat_id", "two words"),
        ("li_fat_id", "li_fat_id", "x" * 513),
        ("gclid", "li_fat_id", "c2a5"),
        ("yclid", "yclid", "1"),
    ],
)
def test_a_cookie_that_is_none_of_the_partners_tells_nothing(
    kind: str, cookie: str, value: str
) -> None:
    assert click_id(Person(cookies={cookie: value}), kind) == NO_CLICK


def test_the_landings_click_beats_a_cookie_that_is_older_or_has_no_time() -> None:
    person = Person(
        click_ids={"gclid": "ours", "twclid": "ours"},
        clicked_at={"gclid": MS + 1, "twclid": MS},
        cookies={"_gcl_aw": f"GCL.{S}.theirs", "twclid": "theirs"},
    )
    assert click_id(person, "gclid") == Click("ours", MS + 1)
    assert click_id(person, "twclid") == Click("ours", MS)


def test_a_cookie_that_tells_of_a_later_click_beats_ours() -> None:
    person = Person(
        click_ids={"gclid": "ours"},
        clicked_at={"gclid": MS - 1},
        cookies={"_gcl_aw": f"GCL.{S}.theirs"},
    )
    assert click_id(person, "gclid") == Click("theirs", MS)


def test_the_same_click_keeps_the_time_at_which_we_saw_it() -> None:
    person = Person(
        click_ids={"gclid": "same"},
        clicked_at={"gclid": MS - 1},
        cookies={"_gcl_aw": f"GCL.{S}.same"},
    )
    assert click_id(person, "gclid") == Click("same", MS - 1)


def test_a_click_without_a_time_is_still_ours() -> None:
    person = Person(click_ids={"gclid": "ours"}, cookies={"_gcl_aw": f"GCL.{S}.theirs"})
    assert click_id(person, "gclid") == Click("ours", 0)


def test_a_destination_names_the_cookies_of_its_kinds() -> None:
    assert click_cookies("fbclid", "gclid") == ("_fbc", "_gcl_aw", "FPGCLAW")


def test_the_tables_know_the_same_kinds() -> None:
    assert CLICK_DAYS.keys() == CLICK_COOKIES.keys()
    assert CLICK_DAYS.keys() <= CLICK_IDS.keys()
    assert all(0 < days <= 90 for days in CLICK_DAYS.values())


@given(st.sampled_from(sorted(CLICK_COOKIES)), st.text(max_size=600))
def test_no_cookie_makes_it_raise(kind: str, text: str) -> None:
    click = click_id(Person(cookies=dict.fromkeys(CLICK_COOKIES[kind], text)), kind)
    assert len(click.value) <= 512
