"""Whether Safari cuts the cookie of a collector's host to seven days, on pages of a site's host.

As WebKit's `applyCookiePolicyForThirdPartyCloaking` decides it for hosts of one domain:

    no CNAME        capped, unless the first half of the addresses' bits is alike
    CNAME           capped, unless it leads to the site's own domain, or where the site's CNAME does
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from msgspec import Struct

from server.domains import registrable_domain

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Resolved(Struct, frozen=True, kw_only=True):
    """A host as the DNS tells it."""

    host: str
    canonical: str
    """What its CNAMEs lead to; the host itself, if it has none."""
    addresses: tuple[Address, ...]


def why_capped(site: Resolved, collector: Resolved) -> list[str]:
    """Why the cookie would not last, for some visitors at least; empty: it lasts."""
    if site.host == collector.host:
        return []
    if _domain(site.host) != _domain(collector.host):
        return [f"{collector.host} is another site than {site.host}: Safari keeps no cookie of it"]
    if collector.canonical == collector.host:
        return list(_unlike(site, collector))
    leads_to, own = _domain(collector.canonical), {_domain(site.host), _domain(site.canonical)}
    if leads_to in own:
        return []
    return [f"{collector.host} is a CNAME that leads to {leads_to}, and {site.host} does not"]


def _unlike(site: Resolved, collector: Resolved) -> Iterator[str]:
    """A browser takes any address of the site, and any of the collector in the same family; in
    another one, where that is all there is."""
    for version, bits in ((4, 16), (6, 64)):
        theirs = [address for address in site.addresses if address.version == version]
        ours = [address for address in collector.addresses if address.version == version]
        if bool(theirs) != bool(ours):
            has, lacks = (site, collector) if theirs else (collector, site)
            yield f"{has.host} has an IPv{version} address, and {lacks.host} has none"
        pairs = ((one, other) for one in theirs for other in ours)
        pair = next((pair for pair in pairs if not _are_alike(*pair, bits)), None)
        if pair is not None:
            yield f"the first {bits} bits of {pair[0]} ({site.host}) and {pair[1]} differ"


def _are_alike(one: Address, other: Address, bits: int) -> bool:
    rest = one.max_prefixlen - bits
    return int(one) >> rest == int(other) >> rest


def _domain(host: str) -> str:
    return registrable_domain(host) or host
