from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.collector.address import client_address

TRUSTED = [ipaddress.ip_network(net) for net in ("10.0.0.0/8", "127.0.0.0/8", "fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.7", "1.2.3.4", "203.0.113.7"),
        ("127.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        ("127.0.0.1", "evil, 10.0.0.1, ::ffff:8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.2.3.4, <script>", "127.0.0.1"),
        ("127.0.0.1", "evil, 10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4:5678", "1.2.3.4"),
        ("fd00::1", "[2001:db8::5]:443", "2001:db8::5"),
        ("::ffff:10.1.1.1", "2001:db8::5%eth0", "2001:db8::5"),
        ("", "1.2.3.4", ""),
        ("unix", "1.2.3.4", ""),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded_for: str, address: str) -> None:
    assert client_address(peer, forwarded_for, TRUSTED) == address


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert client_address("127.0.0.1", "1.2.3.4", ()) == "127.0.0.1"


@given(st.text(max_size=60), st.text(max_size=100))
def test_no_text_makes_it_raise(peer: str, forwarded_for: str) -> None:
    for text in (peer, "127.0.0.1"):
        address = client_address(text, forwarded_for, TRUSTED)
        assert not address or ipaddress.ip_address(address)
