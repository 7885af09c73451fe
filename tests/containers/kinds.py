"""Destinations that tests of containers know, and a container's tree to begin with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from server.clock import HOUR_MS
from server.containers.model import TagType


class Hook(Struct, frozen=True, kw_only=True):
    """Open to unknown keys by itself: that they are refused is the checks' work."""

    url: Annotated[str, Meta(pattern=r"^https?://", description="http:// or https://")]
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    secret: str | None = None
    body: dict[str, Any] | None = None


class Map(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    from_: str
    to: str | None = None


class Measure(Struct, frozen=True, kw_only=True):
    """It has something against a name, which types cannot say."""

    measurement_id: str
    api_secret: str
    maps: list[Map] = field(default_factory=list)
    events: Annotated[list[str], Meta(min_length=1)] | None = None
    engagement_ms: int = 0
    debug: bool = False
    name: str = "page"

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"name: {self.name!r} is no name")


TYPES = {
    "webhook": TagType(
        name="webhook",
        config=Hook,
        secrets=frozenset({"secret"}),
        urls=frozenset({"url"}),
        headers=frozenset({"headers"}),
        consent=(),
        needs_person=False,
    ),
    "measure": TagType(
        name="measure",
        config=Measure,
        secrets=frozenset({"api_secret"}),
        consent=("analytics_storage", "ad_user_data"),
        needs_person=True,
        title="Measure",
        window_ms=72 * HOUR_MS,
        cookies=lambda _: ("_ga",),
    ),
}


def tree(**more: Any) -> dict[str, Any]:
    """The smallest container, and more keys."""
    return {"id": "shop", "sites": ["self"], **more}


def hook(**more: Any) -> dict[str, Any]:
    """A webhook tag that fires on everything."""
    return {"type": "webhook", "fires_on": ["all_events"], "with": {"url": "https://a", **more}}
