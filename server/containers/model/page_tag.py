"""Page tags: what runs in the visitor's page, for partners that no server can tell."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from server.containers.model.trigger import Limit
from server.containers.model.words import Name, Note, Purpose
from server.publication import Environment

ALL_PURPOSES = list(Purpose)


class PageTag(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"exceptions": "except"},
):
    """What runs in the visitor's page, with all rights of the page: HTML with its scripts, a
    script, or an image. It runs once the page has loaded and is idle, and only if `enabled`."""

    type: Literal["html", "script", "image"]
    enabled: bool = False
    """Whether it is part of the tag at all."""
    html: Annotated[str, Meta(max_length=20_000)] = ""
    """Of `type: html`: put at the end of the page, hidden, so that what is to be seen is made by
    its scripts. Placeholders stand in scripts, or after the `?` of an address."""
    src: Annotated[str, Meta(max_length=2_000)] = ""
    """Of `type: script` or `image`: the address, https only; placeholders stand after its
    `?` and are percent-encoded."""
    fires_on: Annotated[list[str], Meta(min_length=1)]
    """Triggers that ask for nothing but what a page knows; one of them is enough."""
    exceptions: list[str] = field(default_factory=list)
    """Triggers that block the tag; one of them is enough."""
    needs_consent: list[Purpose] = field(default_factory=ALL_PURPOSES.copy)
    """All must be granted; left out: all four; `[]`: none. What happens before an answer waits in
    the page for it."""
    limit: Limit | None = None
    """How often at most it runs; `per` page or session, which ends half an hour after it was asked
    for last."""
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    """Tags of higher priority run first."""
    environments: list[Environment] = field(default_factory=list)
    """Where it runs at all; left out: everywhere."""
    note: Note = ""
    folder: Name | None = None
