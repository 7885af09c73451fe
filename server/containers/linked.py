"""What is most likely a mistake in how containers link to each other: it takes two to do it.

A visitor is taken over from one site to another where the first one's container lists the second
one's domain, so that links take a token along, and the second one's the first one's, so that the
token is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from server.containers.explain import Fault
from server.containers.model import SELF, Container
from server.domains import is_within

_PATH = ("links", "domains")


def link_faults(container: Container, others: Iterable[Container]) -> Iterator[Fault]:
    """Domains to which links lead in vain, and sites of its own from which they do."""
    linking = [one for one in (container, *others) if one.links.domains]
    for index, domain in enumerate(container.links.domains):
        there = [one for one in linking if _is_on(one, domain)]
        if not there:
            told = f"no container with `links` has a site on {domain}: its links lead nowhere known"
            yield Fault((*_PATH, index), told)
        elif not any(one is container or _believes(one, container) for one in there):
            names = ", ".join(repr(one.id) for one in there)
            told = f"container {names} lists no domain of this one's sites under `links`"
            yield Fault((*_PATH, index), f"{told}: it takes no visitor over")
    hosts = _hosts(container) if container.links.domains else []
    lost = [host for host in hosts if not _lists(container, host)]
    if len(hosts) > 1 and lost:
        yield Fault(_PATH, f"{', '.join(lost)}: on none of them, so who comes from there is new")


def _is_on(container: Container, domain: str) -> bool:
    """Whether it has a site there, as far as can be told."""
    return SELF in container.sites or any(is_within(host, domain) for host in _hosts(container))


def _believes(container: Container, other: Container) -> bool:
    return SELF in other.sites or any(_lists(container, host) for host in _hosts(other))


def _lists(container: Container, host: str) -> bool:
    return any(is_within(host, domain) for domain in container.links.domains)


def _hosts(container: Container) -> list[str]:
    return [urlsplit(site).hostname or "" for site in container.sites if site != SELF]
