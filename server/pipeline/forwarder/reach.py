"""Which addresses a partner may have: those of the internet, and what the operator allows.

A container's address, or a name server, could lead us to a machine that trusts us for being
inside: to a router, a database, a cloud's metadata. What is asked is the address that is about to
be connected to, so no spelling of it and no second answer of a name server gets around it.
"""

from __future__ import annotations

import ipaddress

from msgspec import Struct

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_CLOSED_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; a metadata service too
        "127.0.0.0/8",
        "168.63.129.16/32",  # a metadata service
        "169.254.0.0/16",  # link-local; metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols' own; a metadata service
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # measurements
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # kept for later; broadcast
    )
)
_OPEN_6 = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that is routed."""
_CLOSED_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocols' own; tunnels
        "2001:db8::/32",  # documentation
        "2002::/16",  # tunnels to any IPv4 address
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Reach(Struct, frozen=True, kw_only=True):
    """What is allowed beside the internet."""

    networks: tuple[Network, ...] = ()
    doors: frozenset[tuple[str, int]] = frozenset()
    """Single ports: address and number."""

    def refuses(self, host: str, port: int) -> bool:
        """Whether nothing may be sent there; `host` is an address, in its usual spelling."""
        try:
            address = _bare(ipaddress.ip_address(host.partition("%")[0]))
        except ValueError:
            return True
        if (str(address), port) in self.doors:
            return False
        return not is_public(address) and not any(address in one for one in self.networks)


def is_public(address: Ip) -> bool:
    """Whether it is one of the internet's, and no machine's beside us."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in one for one in _CLOSED_4)
    return address in _OPEN_6 and not any(address in one for one in _CLOSED_6)


def _bare(address: Ip) -> Ip:
    """The IPv4 address that one of IPv6 stands for, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
