from __future__ import annotations

from ipaddress import ip_network

import pytest

from server.pipeline.forwarder.reach import Reach


@pytest.mark.parametrize(
    "host", ["93.184.215.14", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:2800:21f::1",
             "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"],
)  # fmt: skip
def test_the_internet_is_open(host: str) -> None:
    assert not Reach().refuses(host, 443)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "168.63.129.16", "100.64.0.1", "100.100.100.200", "192.0.0.192",
        "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "198.18.0.1",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "2001:db8::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_what_is_beside_us_is_closed_until_the_operator_allows_it(host: str) -> None:
    assert Reach().refuses(host, 443)
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not Reach(networks=everything).refuses(host, 443)


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "127.0.0.1.", "\u0661.1.1.1"],
)
def test_what_is_no_address_in_its_usual_spelling_is_closed(host: str) -> None:
    assert Reach(networks=(ip_network("0.0.0.0/0"),)).refuses(host, 443)


def test_a_door_is_one_port_alone() -> None:
    reach = Reach(doors=frozenset({("127.0.0.1", 8002)}))
    assert not reach.refuses("127.0.0.1", 8002)
    assert not reach.refuses("::ffff:127.0.0.1", 8002)
    assert reach.refuses("127.0.0.1", 8123)
    assert reach.refuses("127.0.0.2", 8002)


def test_a_network_opens_itself_alone() -> None:
    reach = Reach(networks=(ip_network("10.1.2.0/24"),))
    assert not reach.refuses("10.1.2.3", 443)
    assert not reach.refuses("::ffff:10.1.2.3", 443)
    assert reach.refuses("10.1.3.3", 443)
