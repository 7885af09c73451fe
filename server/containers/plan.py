"""A container's tags, compiled once for all events.

triggers ──▶ a bit each      event name ──▶ Route: which triggers to ask, which tags to look at
tags     ──▶ the bits that fire it, those that block it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from server.containers.checks import check
from server.containers.explain import text_places
from server.containers.gate import Gate, compile_gates, window_gate
from server.containers.lookup import Names
from server.containers.match import BUILT_IN, UTC, Matcher, compile_trigger
from server.containers.model import Container, Limit, Tag, TagType, TagTypes
from server.containers.scope import Scope
from server.containers.sources import Runtime
from server.containers.templates import expanded
from server.containers.transform import Transform, compile_transformation
from server.containers.values import Compiled, compile_value, holed
from server.containers.variables import compile_variables
from server.containers.vendors import vendor_consent, vendor_of
from server.errors import ConfigError
from server.publication import SUFFIX, Environment

Asks = tuple[Callable[[Scope], bool], ...]


class Ready(Struct, frozen=True, kw_only=True):
    """One tag, ready."""

    name: str
    type: str
    fires: int
    """The triggers that it fires on, a bit each."""
    blocks: int
    """Those that block it."""
    needs_consent: tuple[str, ...]
    needs_person: bool
    settings: Compiled
    transforms: tuple[Transform, ...] = ()
    environments: tuple[Environment, ...] = ()
    is_here: bool = True
    """Whether it is for the environment that runs."""
    paused: bool = False
    gates: tuple[Gate, ...] = ()
    limit: Limit | None = None


class Counted(Struct, frozen=True, kw_only=True):
    """A trigger that depends on what fired before."""

    bit: int
    matcher: Matcher
    members: tuple[tuple[str, int], ...] = ()
    """Of a group, with their bits."""


class Route(Struct, frozen=True, kw_only=True):
    """What is asked about events of one name."""

    plain: tuple[tuple[int, Asks], ...] = ()
    """Triggers that depend on the event alone."""
    limited: tuple[Counted, ...] = ()
    groups: tuple[Counted, ...] = ()
    tags: tuple[Ready, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """A container, ready to decide."""

    container: Container
    environment: Environment = Environment.LIVE
    zone: ZoneInfo = UTC
    variables: int = 0
    """How many there are."""
    matchers: tuple[Matcher, ...] = ()
    """All triggers; the n-th has bit 2**n."""
    tags: tuple[Ready, ...] = ()
    """In the order in which they are decided: priority, then the container's."""
    by_event: dict[str, Route] = field(default_factory=dict)
    always: Route = field(default_factory=Route)
    """For events that no trigger names."""

    @property
    def remembers(self) -> bool:
        """Whether any decision depends on earlier events of a visitor."""
        return any(tag.limit for tag in self.tags) or any(one.is_counted for one in self.matchers)


def only_tag(plan: Plan, name: str) -> Plan:
    """The plan as if it had this tag alone: it decides the same about it, and looks at nothing
    that only other tags need."""
    tags = tuple(tag for tag in plan.tags if tag.name == name)
    mask = sum(tag.fires | tag.blocks for tag in tags)
    for one in (*plan.always.groups, *(g for r in plan.by_event.values() for g in r.groups)):
        if one.bit & mask:
            mask |= sum(bit for _, bit in one.members)

    def narrowed(route: Route) -> Route:
        return Route(
            plain=tuple(one for one in route.plain if one[0] & mask),
            limited=tuple(one for one in route.limited if one.bit & mask),
            groups=tuple(one for one in route.groups if one.bit & mask),
            tags=tuple(tag for tag in route.tags if tag.name == name),
        )

    by_event = {event: narrowed(route) for event, route in plan.by_event.items()}
    return msgspec.structs.replace(plan, tags=tags, by_event=by_event, always=narrowed(plan.always))


def compile_container(container: Container, types: TagTypes) -> Plan:
    """The tags, ready; raises ConfigError with all that is wrong with them."""
    found = check(msgspec.to_builtins(container), types)
    if found:
        raise ConfigError(f"container {container.id!r}: {fault}" for fault in found)
    whole = expanded(container)
    maker = _maker(whole, types)
    made = [_ready(name, tag, maker) for name, tag in whole.tags.items()]
    tags = tuple(sorted(made, key=lambda tag: -whole.tags[tag.name].priority))
    matchers = tuple(
        compile_trigger(name, one, maker.names, maker.zone)
        for name, one in (BUILT_IN | whole.triggers).items()
    )
    router = _Router(matchers=matchers, bits=maker.bits, tags=tags)
    events = {event for matcher in router.used() for event in matcher.events}
    return Plan(
        container=container,
        environment=maker.environment,
        zone=maker.zone,
        variables=len(whole.variables),
        matchers=matchers,
        tags=tags,
        by_event={name: router.route(name) for name in events},
        always=router.route(None),
    )


class _Maker(Struct, frozen=True, kw_only=True):
    """What compiling a tag needs beside the tag."""

    container: Container
    types: TagTypes
    names: Names
    zone: ZoneInfo
    environment: Environment
    bits: Mapping[str, int]
    transforms: list[Transform]

    def mask(self, triggers: Iterable[str]) -> int:
        """The bits of several triggers."""
        return sum(self.bits[name] for name in set(triggers))


def _maker(whole: Container, types: TagTypes) -> _Maker:
    is_staging = whole.id.endswith(SUFFIX)
    environment = Environment.STAGING if is_staging else Environment.LIVE
    runtime = Runtime(version=whole.version, environment=environment)
    names = compile_variables(whole.variables, runtime).reads
    return _Maker(
        container=whole,
        types=types,
        names=names,
        zone=ZoneInfo(whole.timezone),
        environment=environment,
        bits={name: 1 << number for number, name in enumerate(BUILT_IN | whole.triggers)},
        transforms=[
            compile_transformation(name, one, names)
            for name, one in whole.transformations.items()
            if not one.paused
        ],
    )


def _ready(name: str, tag: Tag, maker: _Maker) -> Ready:
    kind: TagType = maker.types[tag.type]
    purposes = kind.consent if tag.needs_consent is None else tag.needs_consent
    vendor = vendor_of(name, maker.container, maker.types)
    needed = (*purposes, *([] if vendor is None else [vendor_consent(vendor)]))
    texts = frozenset(text_places(holed(tag.settings), kind.config))
    return Ready(
        name=name,
        type=tag.type,
        fires=maker.mask(tag.fires_on),
        blocks=maker.mask(tag.exceptions),
        needs_consent=tuple(str(purpose) for purpose in dict.fromkeys(needed)),
        needs_person=kind.needs_person,
        settings=compile_value(tag.settings, texts, kind.urls, maker.names),
        transforms=tuple(one for one in maker.transforms if one.concerns(name)),
        environments=tuple(tag.environments),
        is_here=not tag.environments or maker.environment in tag.environments,
        paused=tag.paused,
        gates=(*_window(kind), *compile_gates(tag.schedule, tag.sample, maker.zone)),
        limit=tag.limit,
    )


def _window(kind: TagType) -> tuple[Gate, ...]:
    return () if kind.window_ms is None else (window_gate(kind.title, kind.window_ms),)


class _Router(Struct, frozen=True, kw_only=True):
    """Sorts triggers and tags by the events that they can concern."""

    matchers: tuple[Matcher, ...]
    bits: Mapping[str, int]
    tags: tuple[Ready, ...]

    def used(self) -> list[Matcher]:
        """The triggers that a tag depends on, in groups or by itself."""
        mask = 0
        for tag in self.tags:
            mask |= tag.fires | tag.blocks if tag.is_here else 0
        for matcher in self.matchers:
            if matcher.members and mask & self.bits[matcher.name]:
                mask |= sum(self.bits[member] for member in set(matcher.members))
        return [matcher for matcher in self.matchers if mask & self.bits[matcher.name]]

    def route(self, event: str | None) -> Route:
        """What is asked about events of a name; None: of a name that no trigger has."""
        asked = [one for one in self.used() if not one.members and _concerns(one, event)]
        names = {matcher.name for matcher in asked}
        groups = [one for one in self.used() if one.members and not names.isdisjoint(one.members)]
        mask = sum(self.bits[one.name] for one in (*asked, *groups))
        return Route(
            plain=tuple((self.bits[m.name], m.asks) for m in asked if not m.is_counted),
            limited=tuple(self._counted(m) for m in asked if m.is_counted),
            groups=tuple(self._counted(m) for m in groups),
            tags=tuple(tag for tag in self.tags if tag.is_here and tag.fires & mask),
        )

    def _counted(self, matcher: Matcher) -> Counted:
        members = tuple((name, self.bits[name]) for name in matcher.members)
        return Counted(bit=self.bits[matcher.name], matcher=matcher, members=members)


def _concerns(matcher: Matcher, event: str | None) -> bool:
    return not matcher.events or event in matcher.events
