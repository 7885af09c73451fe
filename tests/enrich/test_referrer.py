from __future__ import annotations

import pytest

from server.enrich.referrer import put_referrer

from .subjects import CONTEXT, changes, subject_of


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Google.com/", "google.com"),
        ("https://www.google.co.uk/search?q=x", "google.co.uk"),
        ("http://news.ycombinator.com", "news.ycombinator.com"),
        ("https://example.org:8080/a", "example.org"),
        ("http://[2001:db8::1]/a", "[2001:db8::1]"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://jo.github.io/", "jo.github.io"),
        ("https://example.com.evil.org/", "example.com.evil.org"),
        ("https://bücher.example/", "bücher.example"),
        ("https://a b.org/", ""),
        ("about:blank", ""),
        ("google.com", ""),
        ("", ""),
    ],
)
def test_the_linking_page_s_host_is_kept_without_www(referrer: str, host: str) -> None:
    before = subject_of(host="www.shop.example.com", referrer=referrer)
    expected = {"referrer_host": host} if host else {}
    assert changes(before, put_referrer(before, CONTEXT)) == expected


@pytest.mark.parametrize(
    ("host", "referrer"),
    [
        ("www.shop.example.com", "https://www.shop.example.com/a"),
        ("www.shop.example.com", "https://blog.example.com/a"),
        ("www.shop.example.com", "https://example.com/"),
        ("www.shop.example.com", "https://shop.example.de/"),
        ("", "https://m.example.com/"),
        ("jo.github.io", "https://www.jo.github.io/"),
        ("localhost", "http://localhost:3000/"),
        ("192.0.2.1", "http://192.0.2.1/a"),
        ("www.shop.co.uk", "https://pay.shop.co.uk/"),
        ("www.shop.example.com", "https://www.cups.example/"),
    ],
)
def test_the_site_s_own_pages_are_no_referrers(host: str, referrer: str) -> None:
    before = subject_of(host=host, referrer=referrer)
    assert put_referrer(before, CONTEXT) == before


@pytest.mark.parametrize(
    ("host", "referrer"),
    [
        ("jo.github.io", "https://ann.github.io/"),
        ("www.shop.co.uk", "https://www.other.co.uk/"),
        ("192.0.2.1", "http://192.0.2.2/"),
    ],
)
def test_a_shared_suffix_does_not_make_two_sites_one(host: str, referrer: str) -> None:
    before = subject_of(host=host, referrer=referrer)
    after = put_referrer(before, CONTEXT)
    assert changes(before, after)["referrer_host"] in referrer
