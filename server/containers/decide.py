"""Who is sent an event, and who is not and why: a container's plan, asked each time.

    Event ──▶ triggers ──no──▶ nothing            (the tag is not concerned)
                  └─yes─▶ preview? bot? paused? time? consent? limit? ──▶ Withheld(tag, reason)
                                           └──────▶ Send(tag, settings filled in)

It decides and does nothing: no clock, no socket. What was remembered of the visitor comes as an
argument, and what is to be remembered is part of the decision. `explain` says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from server.containers.match import limit_words
from server.containers.memory import Cell, Recall, Tally, recall_nothing
from server.containers.plan import Plan, Ready, Route, compile_container
from server.containers.scope import NOTHING, Beside, Scope
from server.containers.transform import transformed
from server.containers.values import fill
from server.model import VENDOR, Event, Withheld

__all__ = [
    "Decision",
    "Plan",
    "Send",
    "Verdict",
    "compile_container",
    "decide",
    "explain",
    "missing_consent",
]

GRANTED = "granted"
NOT_SAID = "not said"

Outcome = Literal["send", "withheld", "not_fired"]


class Send(Struct, frozen=True, kw_only=True):
    """A tag that is owed the event."""

    tag: str
    type: str
    settings: dict[str, Any]
    """Filled in; secrets are still names."""
    needs_consent: tuple[str, ...]
    needs_person: bool
    event: Event | None = None
    """As the tag sees it, where that differs."""
    hidden: frozenset[str] = frozenset()
    """What of the person the tag does not see."""


class Decision(Struct, frozen=True, kw_only=True):
    """What becomes of one event; tags that it does not concern are in neither list."""

    sends: list[Send]
    withheld: list[Withheld]
    remembered: dict[str, Cell] = field(default_factory=dict)
    """What is to be remembered from now on, by name."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What a tag makes of one event, in words for the marketer."""

    tag: str
    type: str
    outcome: Outcome
    reason: str = ""
    """Of what was withheld, as it is on the event's row."""
    words: list[str]


class _Moment:
    """One event while its tags are decided."""

    __slots__ = ("held", "plan", "route", "scope", "tally")

    def __init__(self, event: Event, plan: Plan, beside: Beside, recall: Recall) -> None:
        self.plan = plan
        self.route: Route = plan.by_event.get(event.name, plan.always)
        self.scope = Scope(event, beside, plan.variables)
        self.tally = Tally(event, recall, plan.zone)
        self.held = 0


def decide(
    event: Event, plan: Plan, beside: Beside = NOTHING, recall: Recall = recall_nothing
) -> Decision:
    """Which tags are sent the event, and from which it is withheld, in the plan's order."""
    moment = _Moment(event, plan, beside, recall)
    if not moment.route.tags and not moment.route.groups:
        return Decision(sends=[], withheld=[])
    _hold(moment)
    sends: list[Send] = []
    withheld: list[Withheld] = []
    held = moment.held
    for tag in moment.route.tags:
        if held & tag.fires and not held & tag.blocks:
            reason = _objection(tag, moment)
            if reason:
                withheld.append(Withheld(tag=tag.name, reason=reason))
            else:
                sends.append(_send(tag, moment.scope))
    return Decision(sends=sends, withheld=withheld, remembered=_remembered(moment))


def explain(
    event: Event, plan: Plan, beside: Beside = NOTHING, recall: Recall = recall_nothing
) -> list[Verdict]:
    """What `decide` decides, for each tag of the container, and why."""
    moment = _Moment(event, plan, beside, recall)
    _hold(moment)
    return [_verdict(tag, moment) for tag in plan.tags]


def missing_consent(needed: tuple[str, ...], granted: Mapping[str, str]) -> tuple[str, ...]:
    """The purposes that are not granted, and the vendors that are refused, in the order in which
    they are needed; of whom nobody spoke, those are not refused."""
    for name in needed:
        if granted.get(name) != GRANTED:
            break
    else:
        return ()
    return tuple(
        name
        for name in needed
        if granted.get(name, GRANTED if name.startswith(VENDOR) else "") != GRANTED
    )


def _hold(moment: _Moment) -> None:
    """Which triggers fire: each is asked once, then groups, which look at the others."""
    scope, held = moment.scope, 0
    for bit, asks in moment.route.plain:
        for ask in asks:
            if not ask(scope):
                break
        else:
            held |= bit
    for one in moment.route.limited:
        if one.matcher.holds(scope) and one.matcher.fires(moment.tally):
            held |= one.bit
    for one in moment.route.groups:
        members = frozenset(name for name, bit in one.members if held & bit)
        is_whole = one.matcher.holds(scope) and one.matcher.gathers(members, moment.tally)
        if is_whole and one.matcher.fires(moment.tally):
            held |= one.bit
    moment.held = held


def _objection(tag: Ready, moment: _Moment) -> str:
    """Why a tag that fired is not sent the event; empty: it is, and that is counted."""
    event = moment.scope.event
    if event.is_preview:
        return "preview"
    if event.bot:
        return "bot"
    if tag.paused:
        return "paused"
    for gate in tag.gates:
        if not gate.opens(event):
            return gate.reason
    missing = missing_consent(tag.needs_consent, event.consent)
    if missing:
        return f"consent:{','.join(missing)}"
    limit = tag.limit
    if limit is not None:
        if moment.tally.count(limit.per, f"tag/{tag.name}") >= limit.times:
            return f"limit:{limit.per}"
        moment.tally.add(limit.per, f"tag/{tag.name}")
    return ""


def _remembered(moment: _Moment) -> dict[str, Cell]:
    """Bots and previews leave no trace in what real visits are decided by."""
    event = moment.scope.event
    return {} if event.bot or event.is_preview else moment.tally.changed


def _send(tag: Ready, scope: Scope) -> Send:
    seen, hidden = transformed(scope, tag.transforms) if tag.transforms else (scope, frozenset())
    return Send(
        tag=tag.name,
        type=tag.type,
        settings=fill(tag.settings, seen),
        needs_consent=tag.needs_consent,
        needs_person=tag.needs_person,
        event=None if seen is scope else seen.event,
        hidden=hidden,
    )


def _verdict(tag: Ready, moment: _Moment) -> Verdict:
    fired = _names(moment, tag.fires & moment.held)
    blocking = _names(moment, tag.blocks & moment.held)
    if not tag.is_here:
        words = [f"it is for {' and '.join(tag.environments)} only"]
        return Verdict(tag=tag.name, type=tag.type, outcome="not_fired", words=words)
    if not fired:
        words = list(_noes(tag, moment))
        return Verdict(tag=tag.name, type=tag.type, outcome="not_fired", words=words)
    words = [f"fired by {', '.join(fired)}"]
    if blocking:
        words.append(f"blocked by {', '.join(blocking)}")
        return Verdict(tag=tag.name, type=tag.type, outcome="not_fired", words=words)
    reason = _objection(tag, moment)
    return Verdict(
        tag=tag.name,
        type=tag.type,
        outcome="withheld" if reason else "send",
        reason=reason,
        words=[*words, *_objection_words(tag, moment.scope.event, reason)],
    )


def _names(moment: _Moment, mask: int) -> list[str]:
    return [one.name for number, one in enumerate(moment.plan.matchers) if mask >> number & 1]


def _noes(tag: Ready, moment: _Moment) -> Iterator[str]:
    """What was the first to say no, of each of the tag's triggers."""
    for number, matcher in enumerate(moment.plan.matchers):
        if tag.fires >> number & 1:
            no = matcher.explain(moment.scope) or matcher.recount(moment.tally)
            yield f"{matcher.name}: {no}"


def _objection_words(tag: Ready, event: Event, reason: str) -> Iterator[str]:
    if reason == "preview":
        yield "the event is of a preview"
    elif reason == "bot":
        yield f"the client is no person: {event.bot_name or event.bot}"
    elif reason == "paused":
        yield "the tag is paused"
    elif reason.startswith("limit:") and tag.limit is not None:
        yield limit_words(tag.limit)
    elif reason.startswith("consent:"):
        for purpose in missing_consent(tag.needs_consent, event.consent):
            yield f"needs {purpose}, which is {event.consent.get(purpose) or NOT_SAID}"
    else:
        yield from (gate.words for gate in tag.gates if gate.reason == reason)
