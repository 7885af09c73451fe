"""What every tag of GTM's has, whoever it tells: triggers, consent, firing options, schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from server.containers.gtm.export import Element, parameter
from server.containers.gtm.references import Meanings, translate
from server.containers.gtm.triggers import Found, built_in
from server.containers.model import Purpose, TagType, TagTypes
from server.containers.model.trigger import Span

MAX_PRIORITY = 1000
_MINUTE_MS = 60_000
_PURPOSES = {purpose.value for purpose in Purpose}


class Waiting(ValueError):
    """A tag whose destination Freehold does not have."""


class Wiring(Struct, frozen=True, kw_only=True):
    """What a tag may name."""

    meanings: Meanings
    triggers: Mapping[str, Found]
    types: TagTypes
    templates: list[Element]
    google_tags: list[Element]


class Made(Struct, kw_only=True):
    """A tag of ours while it is made."""

    tree: dict[str, Any] = field(default_factory=dict)
    """Empty: the tag needs no counterpart."""
    notes: list[str] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)
    is_held: bool = False
    """Comes paused: it would send more than it did."""
    part: str = "tags"
    """Where it stands with us."""


def in_our_words(text: str, ours: str, made: Made, wiring: Wiring) -> str:
    """A text of GTM's as ours; empty, and a note, where a part of it is lost."""
    found = translate(text, wiring.meanings)
    if found.lost:
        made.notes.append(f"`{ours}` is left out: {'; '.join(found.lost)}")
    return "" if found.lost else found.value


def rule_in_page(element: Element, made: Made, wiring: Wiring) -> None:
    """Puts in when it runs in the page, where it is off until somebody lets it run."""
    _fire(element, made, wiring.triggers)
    _ask_consent(element, made, ())
    _limit(element, made)
    if element.raw.get("setupTag") or element.raw.get("teardownTag"):
        made.notes.append("no tag waits for another: each runs by itself")
    if element.raw.get("scheduleStartMs") or element.raw.get("scheduleEndMs"):
        made.notes.append("its schedule is not taken over: a page knows the visitor's clock alone")
    if not made.tree.get("needs_consent"):
        made.tree.pop("needs_consent", None)
        made.notes.append("needs consent to all four purposes: `needs_consent` may name fewer")


def rule(element: Element, made: Made, kind: TagType, wiring: Wiring) -> None:
    """Puts in when the tag is sent; raises ValueError if it never would be."""
    _fire(element, made, wiring.triggers)
    _ask_consent(element, made, kind.consent)
    _limit(element, made)
    _schedule(element, made)
    for key, when in (("setupTag", "before"), ("teardownTag", "after")):
        if element.raw.get(key):
            made.notes.append(
                f"no tag waits for another: the one to be sent {when} it is by itself"
            )
    if element.raw.get("paused") is True or made.is_held:
        made.tree["paused"] = True


def fires(element: Element, triggers: Mapping[str, Found]) -> list[Found]:
    """What a tag fires on, lost triggers too."""
    return [triggers.get(id_) or built_in(id_) for id_ in _ids(element, "firingTriggerId")]


def _fire(element: Element, made: Made, triggers: Mapping[str, Found]) -> None:
    found = fires(element, triggers)
    names = list(dict.fromkeys(one.name for one in found if one.name))
    lost = [one.lost for one in found if one.lost]
    if not names:
        told = f"fires on nothing that can be kept: {lost[0]}" if lost else "fires on nothing"
        raise ValueError(told)
    made.tree["fires_on"] = names
    made.notes += [f"no longer fires on one of its triggers: {reason}" for reason in lost]
    made.notes += [note for one in found if not one.tree for note in one.notes]
    blocks = [triggers.get(id_) or built_in(id_) for id_ in _ids(element, "blockingTriggerId")]
    if blocks:
        exceptions = list(dict.fromkeys(one.name for one in blocks if one.name))
        made.tree |= {"except": exceptions} if exceptions else {}
    for one in blocks:
        if one.lost:
            made.is_held = True
            made.notes.append(f"paused, since a trigger that blocks it is lost: {one.lost}")


def _ask_consent(element: Element, made: Made, own: Iterable[str]) -> None:
    """What GTM asks for beside what the tag itself asks for."""
    settings = element.raw.get("consentSettings")
    if not isinstance(settings, dict) or settings.get("consentStatus") != "NEEDED":
        return  # GTM asks no more than the tag itself asks for: nor do we
    try:
        asked = parameter(settings.get("consentType", {}), "consentType")
    except ValueError:
        asked = []
    given = [one for one in asked if isinstance(one, str)] if isinstance(asked, list) else []
    if not given:
        made.is_held = True
        made.notes.append("paused, since it needs consent and does not say to what")
    purposes = dict.fromkeys([*own, *(one for one in given if one in _PURPOSES)])
    made.tree["needs_consent"] = list(purposes)
    for one in given:
        if one not in _PURPOSES:
            made.is_held = True
            made.notes.append(f"paused, since nobody here is asked for consent to {one!r:.40}")


def _limit(element: Element, made: Made) -> None:
    option = element.raw.get("tagFiringOption")
    if option == "ONCE_PER_LOAD":
        made.tree["limit"] = {"per": Span.PAGE.value}
    elif option == "UNLIMITED":
        made.notes.append("sent once an event, however many of its triggers fire")
    raw = element.raw.get("priority")
    given = raw.get("value") if isinstance(raw, dict) else raw
    try:
        priority = int(str(given)[:20]) if given is not None else 0
    except ValueError:
        made.notes.append("its priority is no number")
        return
    bounded = max(-MAX_PRIORITY, min(MAX_PRIORITY, priority))
    if bounded != priority:
        made.notes.append(f"priority {priority} becomes {bounded}")
    made.tree |= {"priority": bounded} if bounded else {}


def _schedule(element: Element, made: Made) -> None:
    """GTM's moments are milliseconds UTC; ours are minutes in the container's time zone, UTC."""
    schedule = {}
    for key, ours in (("scheduleStartMs", "from"), ("scheduleEndMs", "until")):
        given = element.raw.get(key)
        if given in (None, "", "0", 0):
            continue
        try:
            ms = int(str(given)[:20])
            moment = datetime.fromtimestamp(ms / 1000, tz=UTC)
        except (ValueError, OverflowError, OSError):
            made.is_held = True
            made.notes.append(f"paused, since {key} is no moment")
            continue
        schedule[ours] = f"{moment:%Y-%m-%d %H:%M}".zfill(16)
        if ms % _MINUTE_MS:
            made.notes.append(f"`{ours}` is cut to the minute")
    if schedule:
        made.tree["schedule"] = schedule


def _ids(element: Element, key: str) -> list[str]:
    given = element.raw.get(key, [])
    return [str(one) for one in given] if isinstance(given, list) else []
