"""Who is sent an event, and who is not and why: a container's tags, compiled once, asked each time.

    Event ──▶ triggers ──no──▶ nothing            (the tag is not concerned)
                  └─yes─▶ preview? bot? consent ──▶ Withheld(tag, reason)  on the event's row
                                           └──────▶ Send(tag, settings filled in)

It decides and does nothing: no clock, no memory, no socket. `explain` says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from server.containers.checks import check
from server.containers.explain import text_places
from server.containers.match import BUILT_IN, Matcher, compile_trigger
from server.containers.model import Container, Tag, TagType, TagTypes
from server.containers.values import Compiled, compile_value, fill, holed
from server.errors import ConfigError
from server.model import Event, Withheld

GRANTED = "granted"
NOT_SAID = "not said"

Outcome = Literal["send", "withheld", "not_fired"]


class Ready(Struct, frozen=True, kw_only=True):
    """One tag, ready."""

    name: str
    type: str
    matchers: tuple[Matcher, ...]
    needs_consent: tuple[str, ...]
    needs_person: bool
    settings: Compiled


class Plan(Struct, frozen=True, kw_only=True):
    """A container's tags, ready, in its order; and which of them an event's name can concern."""

    container: Container
    tags: tuple[Ready, ...] = ()
    by_event: dict[str, tuple[Ready, ...]] = field(default_factory=dict)
    always: tuple[Ready, ...] = ()
    """For events that no trigger names."""


class Send(Struct, frozen=True, kw_only=True):
    """A tag that is owed the event."""

    tag: str
    type: str
    settings: dict[str, Any]
    """Filled in; secrets are still names."""
    needs_consent: tuple[str, ...]
    needs_person: bool


class Decision(Struct, frozen=True, kw_only=True):
    """What becomes of one event; tags that it does not concern are in neither list."""

    sends: list[Send]
    withheld: list[Withheld]


class Verdict(Struct, frozen=True, kw_only=True):
    """What a tag makes of one event, in words for the marketer."""

    tag: str
    type: str
    outcome: Outcome
    reason: str = ""
    """Of what was withheld, as it is on the event's row."""
    words: list[str]


def compile_container(container: Container, types: TagTypes) -> Plan:
    """The tags, ready; raises ConfigError with all that is wrong with them."""
    found = check(msgspec.to_builtins(container), types)
    if found:
        raise ConfigError(f"container {container.id!r}: {fault}" for fault in found)
    triggers = BUILT_IN | container.triggers
    matchers = {name: compile_trigger(name, trigger) for name, trigger in triggers.items()}
    tags = tuple(
        _ready(name, tag, types[tag.type], matchers) for name, tag in container.tags.items()
    )
    names = {event for tag in tags for matcher in tag.matchers for event in matcher.events}
    return Plan(
        container=container,
        tags=tags,
        by_event={name: tuple(tag for tag in tags if _concerns(tag, name)) for name in names},
        always=tuple(tag for tag in tags if _concerns(tag, None)),
    )


def decide(event: Event, plan: Plan) -> Decision:
    """Which tags are sent the event, and from which it is withheld, in the container's order."""
    sends: list[Send] = []
    withheld: list[Withheld] = []
    for tag in plan.by_event.get(event.name, plan.always):
        if not any(matcher.holds(event) for matcher in tag.matchers):
            continue
        reason = _objection(tag, event)
        if reason:
            withheld.append(Withheld(tag=tag.name, reason=reason))
        else:
            sends.append(_send(tag, event))
    return Decision(sends=sends, withheld=withheld)


def explain(event: Event, plan: Plan) -> list[Verdict]:
    """What `decide` decides, for each tag of the container, and why."""
    return [_verdict(tag, event) for tag in plan.tags]


def missing_consent(needed: tuple[str, ...], granted: Mapping[str, str]) -> tuple[str, ...]:
    """The purposes that are not granted, in the order in which they are needed."""
    return tuple(purpose for purpose in needed if granted.get(purpose) != GRANTED)


def _ready(name: str, tag: Tag, kind: TagType, matchers: Mapping[str, Matcher]) -> Ready:
    needed = kind.consent if tag.needs_consent is None else tag.needs_consent
    texts = frozenset(text_places(holed(tag.settings), kind.config))
    return Ready(
        name=name,
        type=tag.type,
        matchers=tuple(matchers[trigger] for trigger in dict.fromkeys(tag.fires_on)),
        needs_consent=tuple(str(purpose) for purpose in dict.fromkeys(needed)),
        needs_person=kind.needs_person,
        settings=compile_value(tag.settings, texts, kind.urls),
    )


def _concerns(tag: Ready, name: str | None) -> bool:
    return any(not matcher.events or name in matcher.events for matcher in tag.matchers)


def _objection(tag: Ready, event: Event) -> str:
    """Why a tag that fired is not sent the event; empty: it is."""
    if event.is_preview:
        return "preview"
    if event.bot:
        return "bot"
    missing = missing_consent(tag.needs_consent, event.consent)
    return f"consent:{','.join(missing)}" if missing else ""


def _send(tag: Ready, event: Event) -> Send:
    return Send(
        tag=tag.name,
        type=tag.type,
        settings=fill(tag.settings, event),
        needs_consent=tag.needs_consent,
        needs_person=tag.needs_person,
    )


def _verdict(tag: Ready, event: Event) -> Verdict:
    noes = {matcher.name: matcher.explain(event) for matcher in tag.matchers}
    fired = [name for name, no in noes.items() if not no]
    if not fired:
        words = [f"{name}: {no}" for name, no in noes.items()]
        return Verdict(tag=tag.name, type=tag.type, outcome="not_fired", words=words)
    reason = _objection(tag, event)
    return Verdict(
        tag=tag.name,
        type=tag.type,
        outcome="withheld" if reason else "send",
        reason=reason,
        words=[f"fired by {', '.join(fired)}", *_objection_words(tag, event, reason)],
    )


def _objection_words(tag: Ready, event: Event, reason: str) -> Iterator[str]:
    if reason == "preview":
        yield "the event is of a preview"
    elif reason == "bot":
        yield f"the client is no person: {event.bot_name or event.bot}"
    elif reason:
        for purpose in missing_consent(tag.needs_consent, event.consent):
            yield f"needs {purpose}, which is {event.consent.get(purpose) or NOT_SAID}"
