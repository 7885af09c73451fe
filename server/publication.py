"""The nouns of publishing: a version of a container, the draft of the next one, and what it makes
of an event.

    file ──save──▶ Draft ──preview──▶ one browser's events ──▶ Trace
      └───publish──▶ Version ──▶ every node's data folder ──▶ its pipeline, then its collectors

They are rows in ClickHouse: `container_versions`, `container_drafts`, `traces`. A version never
changes.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

SUFFIX = "-staging"
"""What the container of the environment staging is called behind its id."""


class Environment(StrEnum):
    """Where a version runs; both run beside each other, on the same nodes."""

    LIVE = "live"
    """As `/shop/tag.js`."""
    STAGING = "staging"
    """As `/shop-staging/tag.js`, a container of its own: cookie, rows and deliveries are apart."""


class Version(Struct, frozen=True, kw_only=True):
    """One publication of a container; a row of `container_versions`."""

    container_id: str
    version: int
    """1, 2, …, over all environments of the container."""
    environment: Environment = Environment.LIVE
    publication: str
    """A UUID that its publisher drew: it tells the winner of a race."""
    published_at: int
    author: str
    note: str = ""
    restores: int = 0
    """The older version that it brings back; 0: none."""
    source: str = ""
    """The YAML."""

    @property
    def running_id(self) -> str:
        """What the container is called where it runs."""
        return running_id(self.container_id, self.environment)


class Draft(Struct, frozen=True, kw_only=True):
    """What the next version may become, as it was saved last; a row of `container_drafts`."""

    container_id: str
    draft_id: str
    """A UUID, new at each saving."""
    saved_at: int
    author: str
    base: int = 0
    """The newest version when it was saved."""
    source: str
    """The YAML; empty: there is no draft any more."""


class TagTrace(Struct, frozen=True, kw_only=True):
    """What one tag of a draft makes of an event, and why."""

    tag: str
    type: str
    outcome: str
    """`send`, `withheld`, `refused` or `not_fired`; of what runs in the page, words."""
    reason: str = ""
    words: list[str] = field(default_factory=list)
    method: str = ""
    """Empty: nothing would be asked of the partner."""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Trace(Struct, frozen=True, kw_only=True):
    """What a draft makes of one event of a preview; a row of `traces`."""

    src: int
    off: int
    idx: int
    container_id: str
    event_id: str
    received_at: int
    draft_id: str
    is_sent: bool
    """Whether the preview sends to partners."""
    event_name: str
    url: str
    tags: list[TagTrace]


def running_id(container_id: str, environment: Environment) -> str:
    """The id by which one environment of a container runs: in URLs, rows and spools."""
    return container_id if environment is Environment.LIVE else container_id + SUFFIX
