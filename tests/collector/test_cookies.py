from __future__ import annotations

import pytest

from server import identity
from server.clock import DAY_MS
from server.collector import cookies
from server.collector.adoption import visitor_id
from server.collector.site import Site, make_site
from server.containers.model import Container, Cookie, CookieMode
from server.identity import KeyRing
from tests.samples import NOON, VISITOR_ID, visitor

KEYS = KeyRing(("a-key-of-at-least-thirty-two-characters",))


def site(**cookie: object) -> Site:
    made = Cookie(mode=CookieMode.ALWAYS, **cookie)  # type: ignore[arg-type]
    return make_site(Container(id="demo", sites=["https://www.shop.example"], cookie=made), KEYS)


def value(of: Site) -> str:
    return identity.sign(visitor(), signer=of.signer)


def test_the_first_genuine_cookie_wins() -> None:
    shop = site()
    header = f"sid=CANARY; fh_demo=forged; fh_demo={value(shop)}; fh_demo=x"
    assert cookies.recognise(header, shop, now=NOON).visitor_id == VISITOR_ID


@pytest.mark.parametrize(
    "header",
    [
        "",
        "fh_demo",
        "fh_demo=",
        "fh_demo=" + "x" * 9000,
        "fh_demo=\xe9",
        "; ; =; fh_demo=a.b.c",
        "; ".join(f"c{n}=x" for n in range(200)),
    ],
)
def test_no_cookie_header_is_an_error(header: str) -> None:
    assert cookies.recognise(header, site(), now=NOON).is_new


def test_only_named_cookies_are_kept() -> None:
    header = "_ga=GA1.1.5.6; sid=CANARY; _ga=second; _fbp=fb.1"
    assert cookies.keep(header, ["_ga", "_gcl_au"]) == {"_ga": "GA1.1.5.6"}
    assert cookies.keep(f"tc={'x' * 900}", ["tc"]) == {"tc": "x" * 900}


def test_the_cookie_is_first_party_and_out_of_scripts_reach() -> None:
    shop = site()
    assert cookies.set_cookie(visitor(), shop, host="c.shop.example", now=NOON) == (
        f"fh_demo={value(shop)}; Max-Age=33696000; Path=/; HttpOnly; SameSite=Lax; Secure"
    )


def test_a_domain_shares_it_and_localhost_needs_no_tls() -> None:
    shop = site(domain="shop.example", name="v", days=1)
    assert cookies.set_cookie(visitor(), shop, host="localhost:8000", now=NOON) == (
        f"v={value(shop)}; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax; Domain=shop.example"
    )


def test_in_exempt_mode_the_cookie_ends_with_the_identity() -> None:
    exempt = Cookie(mode=CookieMode.EXEMPT, days=100)
    shop = make_site(Container(id="demo", sites=["self"], cookie=exempt), KEYS)
    later = NOON + 40 * DAY_MS
    header = cookies.set_cookie(visitor(), shop, host="localhost", now=later)
    assert f"Max-Age={60 * 86_400 - 1}" in header
    assert not cookies.recognise(header, shop, now=NOON + 99 * DAY_MS).is_new
    assert cookies.recognise(header, shop, now=NOON + 101 * DAY_MS).is_new


def test_a_new_visitor_is_adopted_and_a_known_one_never() -> None:
    shop, plain = site(adopt=["_ga"]), site()
    header = "_ga=GA1.1.5.6; fh_demo=forged"
    adopted = cookies.recognise(header, shop, now=NOON)
    assert (adopted.visitor_id, adopted.is_new) == (visitor_id("_ga", "5.6"), True)
    assert cookies.recognise("_ga=GA1.1.7.8", shop, now=NOON).visitor_id != adopted.visitor_id
    assert cookies.recognise(header, plain, now=NOON).visitor_id != adopted.visitor_id
    known = cookies.recognise(f"_ga=GA1.1.5.6; fh_demo={value(shop)}", shop, now=NOON)
    assert (known.visitor_id, known.is_new) == (VISITOR_ID, False)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("127.0.0.1:80", True),
        ("[::1]:8000", True),
        ("shop.localhost:1", True),
        ("localhost.evil.example", False),
        ("shop.example", False),
        ("", False),
    ],
)
def test_local_hosts(host: str, is_local: bool) -> None:
    assert cookies.is_local(host) is is_local
