"""The containers of this node as they are now, ready to route.

They are swapped one by one while the sorter and the forwarder run: whoever asks for a container's
plan gets the old one or the new one, whole. A hit asks once.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.containers.decide import Plan, compile_container
from server.containers.installed import Installed
from server.containers.model import TagTypes
from server.containers.values import secrets_of
from server.pipeline.previewing import DraftPlan
from server.pipeline.spools import tag_of, tag_spool


class Catalogue:
    """Written by the follower, read by the others."""

    def __init__(self, types: TagTypes, running: Iterable[Installed] = ()) -> None:
        self.types = types
        self.running: dict[str, Installed] = {}
        """By the id that each runs as."""
        self.plans: dict[str, Plan] = {}
        self.needed: dict[str, frozenset[str]] = {}
        """Secrets that each tag needs now, by its spool."""
        self.destinations: dict[str, str] = {}
        """Whom each tag sends to, by its spool; also those that are gone, and owe still."""
        self.drafts: dict[str, DraftPlan] = {}
        """For previews, by container."""
        for one in running:
            self.take(one)

    def take(self, one: Installed) -> None:
        """From now on this one runs; raises ConfigError, and then nothing has changed."""
        container = one.container
        plan = compile_container(container, self.types)
        for name, tag in container.tags.items():
            spool = tag_spool(container.id, name)
            self.needed[spool] = frozenset(secrets_of(tag.settings))
            self.destinations[spool] = tag.type
        self.plans[container.id] = plan
        self.running[container.id] = one
        for spool in list(self.needed):  # a tag that is gone waits for any secret, as it did
            container_id, tag_name = tag_of(spool)
            if container_id == container.id and tag_name not in container.tags:
                del self.needed[spool]

    def take_draft(self, one: Installed) -> None:
        """From now on previews run through this one; raises ConfigError."""
        plan = compile_container(one.container, self.types)
        draft_id = one.version.publication
        self.drafts[one.container.id] = DraftPlan(draft_id=draft_id, plan=plan)
