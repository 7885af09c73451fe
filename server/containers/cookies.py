"""Which cookies of the site's own host go with a hit: no other one ever does."""

from __future__ import annotations

from server.containers.model import Container, TagTypes
from server.containers.model.variable import FirstParty


def cookies_read(container: Container, types: TagTypes) -> list[str]:
    """Names of the cookies that a container's variables and its tags' destinations read."""
    own = [one.name for one in container.variables.values() if isinstance(one, FirstParty)]
    theirs = [
        name for tag in container.tags.values() for name in types[tag.type].cookies(tag.settings)
    ]
    return list(dict.fromkeys((*own, *theirs)))
