from __future__ import annotations

import ipaddress

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.studio.safari import Resolved, why_capped


def host(name: str, *addresses: str, cname: str = "") -> Resolved:
    found = tuple(map(ipaddress.ip_address, addresses))
    return Resolved(host=name, canonical=cname or name, addresses=found)


SITE = host("www.shop.example.com", "198.51.100.7", "2001:db8:1:1::7")
CLOAKED = "c.example.com is a CNAME that leads to tracker.net, and www.shop.example.com does not"
HOSTED = host("www.shop.example.com", "198.51.100.7", cname="a1.edge.example.net")


@pytest.mark.parametrize(
    ("site", "collector"),
    [
        (SITE, host("www.shop.example.com", "203.0.113.1")),
        (SITE, host("c.example.com", "198.51.255.1", "2001:db8:1:1:ffff::1")),
        (SITE, host("c.example.com", "203.0.113.1", cname="lb.example.com")),
        (HOSTED, host("c.example.com", "203.0.113.1", cname="a1.edge.example.net")),
        (HOSTED, host("c.example.com", "203.0.113.1", cname="b2.example.net")),
        (HOSTED, host("c.example.com", "198.51.1.1")),
    ],
)
def test_it_lasts(site: Resolved, collector: Resolved) -> None:
    assert why_capped(site, collector) == []


@pytest.mark.parametrize(
    ("site", "collector", "reasons"),
    [
        (
            SITE,
            host("c.example.com", "198.51.100.7", "2001:db8:1:1::7", cname="x.tracker.net"),
            [CLOAKED],
        ),
        (
            HOSTED,
            host("c.example.com", "198.51.100.7", cname="x.tracker.net"),
            [CLOAKED],
        ),
        (
            SITE,
            host("c.example.com", "198.52.100.7", "2001:db8:1:2::7"),
            [
                "the first 16 bits of 198.51.100.7 (www.shop.example.com) and 198.52.100.7 differ",
                "the first 64 bits of 2001:db8:1:1::7 (www.shop.example.com) and 2001:db8:1:2::7"
                " differ",
            ],
        ),
        (
            SITE,
            host("c.example.com", "198.51.100.8"),
            ["www.shop.example.com has an IPv6 address, and c.example.com has none"],
        ),
        (
            host("www.example.com", "198.51.100.7"),
            host("c.example.com", "198.51.100.8", "203.0.113.1"),
            ["the first 16 bits of 198.51.100.7 (www.example.com) and 203.0.113.1 differ"],
        ),
        (
            SITE,
            host("c.example.net", "198.51.100.7"),
            [
                "c.example.net is another site than www.shop.example.com:"
                " Safari keeps no cookie of it"
            ],
        ),
    ],
)
def test_it_is_cut_and_why(site: Resolved, collector: Resolved, reasons: list[str]) -> None:
    assert why_capped(site, collector) == reasons


def check(site: str, origin: str) -> Result:
    return CliRunner().invoke(main, ["check", "--site", site, "--origin", origin])


def test_the_command_resolves_both_hosts() -> None:
    same = check("https://www.example.invalid", "https://www.example.invalid/fh")
    assert (same.exit_code, "is the page's own host" in same.output) == (0, True)
    other = check("http://127.0.0.1", "http://[::1]:8000")
    assert other.exit_code == 1
    assert "127.0.0.1: 127.0.0.1\n::1: ::1\n" in other.output
    assert "::1 is another site than 127.0.0.1" in other.output


def test_the_command_says_which_host_is_not_known() -> None:
    label = "c" * 64  # one more than the DNS has room for: nobody is asked
    told = check("http://127.0.0.1", f"https://{label}.example")
    assert told.exit_code == 1
    assert f"{label}.example cannot be resolved" in told.output


def test_the_command_needs_both() -> None:
    for arguments in (["--site", "https://a.example"], ["--origin", "https://a.example/fh"]):
        told = CliRunner().invoke(main, ["check", *arguments])
        assert (told.exit_code, "together" in told.output) == (2, True)
