"""What is measured: groups of rows, each a server, a kind of request and so many connections."""

from __future__ import annotations

from msgspec import Struct

from loadtests.bench.request import BATCH, GIF, HIT, TAGS, Work


class Case(Struct, frozen=True, kw_only=True):
    """One row of a table."""

    server: str
    work: Work
    connections: int = 64


class Group(Struct, frozen=True, kw_only=True):
    """Rows that are compared with each other."""

    title: str
    cases: tuple[Case, ...]


def _group(title: str, work: Work, servers: str, connections: int = 64) -> Group:
    return Group(
        title=f"{title}, {connections} connections",
        cases=tuple(
            Case(server=name, work=work, connections=connections) for name in servers.split()
        ),
    )


GROUPS = (
    _group("One page view a request", HIT, "nginx bare os sync plain"),
    _group("One page view a request", HIT, "nginx bare os sync", 256),
    _group("Eight events a request", BATCH, "nginx bare sync"),
    _group("The pixel, 20 parameters", GIF, "nginx bare sync"),
    Group(
        title="The tag, 64 connections",
        cases=(
            Case(server="bare", work=TAGS[0]),
            *(Case(server="sync", work=work) for work in TAGS),
        ),
    ),
)
STEADY = ("nginx", "bare", "os", "sync")
"""Servers that also get a steady load, far below what they can take."""
