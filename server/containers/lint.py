"""What is allowed and yet most likely a mistake: warnings, each with its place.

unused     variables and triggers that nothing looks at     never    triggers no event can meet
consent    tags that need none                              secrets  what looks like one, in clear
partners   what a destination's contract says beforehand, handed in with its type
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from server.containers.condition import Check, compile_condition
from server.containers.explain import MAX_FAULTS, Fault
from server.containers.match import BUILT_IN, event_names
from server.containers.model import Asked, Container, PageTag, Tag, TagTypes, Trigger
from server.containers.sources import Runtime
from server.containers.tag_checks import all_texts
from server.containers.templates import expanded
from server.containers.values import is_secret
from server.containers.variables import compile_variables

STICKY = (
    "counts what this node saw: with several nodes, the balancer has to keep each visitor on one"
)
NO_CONSENT = "is sent without anybody's consent; name what it needs under `needs_consent`"
IN_PAGE_WITHOUT = "runs without anybody's consent"
BLOCKS_ALL = "blocks all that the tag fires on: it never does"
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_-]{0,63})\s*\}\}")
_SECRETIVE = re.compile(
    r"(?i)\b(bearer\s+[\w.-]{16,}|(sk|pk|rk)_(live|test)_\w{10,}|whsec_\w{10,}|AKIA[0-9A-Z]{16}"
    r"|gh[pousr]_\w{20,}|xox[abp]-[\w-]{10,}|AIza[\w-]{30,}|EAA[A-Za-z0-9]{30,}"
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|(api[_-]?(key|secret)|access[_-]?token|auth[_-]?token|password|secret)=[\w.%-]{8,})"
)


def warnings(container: Container, types: TagTypes | None) -> list[Fault]:
    """What is most likely a mistake in a container that is well; MAX_FAULTS at most."""
    found = [
        *_unused(container),
        *_never(container),
        *_secrets(container),
        *(fault for name in container.tags for fault in _tag(name, container, types)),
        *(fault for name, tag in container.page_tags.items() for fault in _page_tag(name, tag)),
    ]
    return found[:MAX_FAULTS]


def notes(container: Container) -> list[Fault]:
    """What whoever runs several nodes has to know."""
    parts: dict[str, Any] = {"triggers": container.triggers, "tags": container.tags}
    return [
        Fault((part, name, "all_of" if getattr(one, "all_of", None) else "limit"), STICKY)
        for part, them in parts.items()
        for name, one in them.items()
        if one.limit is not None or getattr(one, "all_of", None)
    ]


def _unused(container: Container) -> Iterator[Fault]:
    tree = msgspec.to_builtins(container)
    used = {
        name
        for part in ("variables", "triggers", "transformations", "tags", "page_tags")
        for _, text in all_texts(tree[part], ())
        for name in _PLACEHOLDER.findall(text)
    }
    for name in container.variables:
        if name not in used:
            yield Fault(("variables", name), "is used nowhere")
    tags: list[Tag | PageTag] = [*container.tags.values(), *container.page_tags.values()]
    named = {trigger for tag in tags for trigger in (*tag.fires_on, *tag.exceptions)}
    named |= {member for one in container.triggers.values() for member in one.all_of}
    for name in container.triggers:
        if name not in named:
            yield Fault(("triggers", name), "no tag and no group names it")


def _never(container: Container) -> Iterator[Fault]:
    """Triggers and transformations whose conditions exclude each other."""
    whole = expanded(container)
    names = compile_variables(whole.variables, Runtime()).reads
    for name, trigger in container.triggers.items():
        checks = [compile_condition(condition, names) for condition in trigger.when]
        looks = [" ".join(condition.value.split()) for condition in trigger.when]
        by_look: dict[str, list[Check]] = {}
        for look, check in zip(looks, checks, strict=True):
            by_look.setdefault(look, []).append(check)
        for look, alike in by_look.items():
            given = event_names(trigger.event) if look == "{{ event.name }}" else frozenset[str]()
            if not _can_meet(trigger, look, alike, given):
                told = f"no event can meet what is asked of {look}"
                yield Fault(("triggers", name, "when", looks.index(look)), told)


def _can_meet(trigger: Trigger, look: str, checks: list[Check], given: Iterable[str]) -> bool:
    """Whether one of the values that a condition or the trigger names meets all conditions; where
    none is named, any value may."""
    named: list[list[Any]] = [list(given)] if given else []
    conditions = [one for one in trigger.when if " ".join(one.value.split()) == look]
    is_one_case = all(one.ignore_case for one in conditions)
    for condition in conditions:
        if condition.negate or (condition.ignore_case and not is_one_case):
            continue  # more spellings than the one that is written
        if condition.equals is not None:
            named.append([condition.equals])
        elif condition.one_of is not None:
            named.append(list(condition.one_of))
    if named:
        return any(
            all(check.test(value) is not check.negate for check in checks) for value in named[0]
        )
    low = [c.greater for c in conditions if c.greater is not None and not c.negate]
    low += [
        c.greater_or_equal for c in conditions if c.greater_or_equal is not None and not c.negate
    ]
    high = [c.less for c in conditions if c.less is not None and not c.negate]
    high += [c.less_or_equal for c in conditions if c.less_or_equal is not None and not c.negate]
    return not low or not high or max(low) <= min(high)


def _secrets(container: Container) -> Iterator[Fault]:
    tree = msgspec.to_builtins(container)
    for part in ("variables", "transformations", "tags", "page_tags"):
        for path, text in all_texts(tree[part], (part,)):
            if not is_secret(text) and _SECRETIVE.search(text):
                yield Fault(path, "looks like a secret in clear: write $secret.NAME in its place")


def _tag(name: str, container: Container, types: TagTypes | None) -> Iterator[Fault]:
    tag = container.tags[name]
    kind = None if types is None else types.get(tag.type)
    needed = tag.needs_consent if tag.needs_consent is not None else kind and kind.consent
    if needed is not None and not needed:
        key = () if tag.needs_consent is None else ("needs_consent",)
        yield Fault(("tags", name, *key), NO_CONSENT)
    if set(tag.fires_on) <= set(tag.exceptions):
        yield Fault(("tags", name, "except"), BLOCKS_ALL)
    if kind is not None:
        asked = Asked(
            settings=tag.settings, events=_events(tag, container), currency=container.currency
        )
        for path, told in kind.warn(asked):
            yield Fault(("tags", name, "with", *path), told)


def _page_tag(name: str, tag: PageTag) -> Iterator[Fault]:
    if not tag.needs_consent:
        yield Fault(("page_tags", name, "needs_consent"), IN_PAGE_WITHOUT)
    if set(tag.fires_on) <= set(tag.exceptions):
        yield Fault(("page_tags", name, "except"), BLOCKS_ALL)


def _events(tag: Tag, container: Container) -> frozenset[str]:
    """Names of the events that a tag can fire on; none: it may be any."""
    triggers = BUILT_IN | expanded(container).triggers
    names: frozenset[str] = frozenset()
    for name in tag.fires_on:
        trigger = triggers[name]
        members = [triggers[member] for member in trigger.all_of] or [trigger]
        for one in members:
            found = event_names(one.event)
            if not found:
                return frozenset()
            names |= found
    return names
