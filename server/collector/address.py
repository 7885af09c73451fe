"""The visitor's address: the peer's, unless the peer is a proxy that the operator trusts."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from server.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The right-most address of X-Forwarded-For that is not a trusted proxy's; else the peer.

    Whatever stands left of it was written by the client and means nothing.
    """
    if not trusted:
        return _text(peer)
    address = _parse(peer)
    if address is None:
        return ""
    hops = forwarded_for.split(",")
    while hops and _is_trusted(address, trusted):
        hop = _parse(hops.pop().strip())
        if hop is None:
            break
        address = hop
    return str(address)


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == net.version and address in net for net in trusted)


@lru_cache(maxsize=4096)
def _text(peer: str) -> str:
    return str(_parse(peer) or "")


@lru_cache(maxsize=4096)
def _parse(text: str) -> Address | None:
    """An address without port or zone; an IPv4 one in IPv6 clothes is an IPv4 one."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
