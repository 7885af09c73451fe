"""Resolves a site's and its collector's host, and says whether Safari lets the cookie last."""

from __future__ import annotations

import ipaddress
import socket
import sys
from urllib.parse import urlsplit

import click

from server.errors import FreeholdError
from server.network import in_words
from server.studio.safari import Resolved, why_capped


def tell(site: str, collector: str) -> None:
    """Prints it for two URLs; ends with exit code 1 when the cookie is capped."""
    hosts = [urlsplit(url).hostname or "" for url in (site, collector)]
    if hosts[0] == hosts[1]:
        click.echo(f"Safari lets the cookie last: {hosts[0]} is the page's own host.")
        return
    found = [_resolve(host) for host in hosts]
    for one in found:
        alias = f", CNAME {one.canonical}" if one.canonical != one.host else ""
        click.echo(f"{one.host}: {', '.join(map(str, one.addresses))}{alias}")
    reasons = why_capped(found[0], found[1])
    if not reasons:
        click.echo("Safari lets the cookie last.")
        return
    click.echo("Safari cuts the cookie to seven days, or keeps none:", err=True)
    for reason in reasons:
        click.echo(f"  {reason}", err=True)
    click.echo("A path on the page's own host has nothing to compare.", err=True)
    sys.exit(1)


def _resolve(host: str) -> Resolved:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except (OSError, UnicodeError) as error:
        words = in_words(error) if isinstance(error, OSError) else "no name of a host"
        raise FreeholdError(f"{host} cannot be resolved: {words}") from error
    addresses = dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found)
    canonical = found[0][3].rstrip(".").lower() or host
    return Resolved(
        host=host, canonical=canonical, addresses=tuple(map(ipaddress.ip_address, addresses))
    )
