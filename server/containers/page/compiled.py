"""All page tags of a container, ready for the page; and what is wrong with one.

    [parts, triggers, conditions of consent, times, whether a session's, name]

Triggers that block are part of those that fire: "not in the shop" is one condition more of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import msgspec

from server.containers.explain import Fault, Malformed
from server.containers.lookup import SECRET
from server.containers.match import BUILT_IN
from server.containers.model import Container, Purpose, Span, Trigger, Variable
from server.containers.model.page_tag import PageTag
from server.containers.page.conditions import Never, asked, negated
from server.containers.page.looks import UNKNOWN, Known, Look, literal
from server.containers.page.markup import cut, element
from server.containers.templates import expanded
from server.publication import SUFFIX, Environment

ALWAYS = 1000
"""How often a tag without a limit runs on one page; the page's script stops each one sooner, after
five hundred times a page load."""
MAX_WAYS = 200
SPANS = (Span.PAGE, Span.SESSION)


def page_tags(container: Container) -> list[Any]:
    """What runs in the page, in its order; of a container that is well."""
    environment = environment_of(container)
    whole = expanded(container)
    known = Known(
        variables=whole.variables,
        version=container.version,
        environment=environment,
        currency=container.currency,
    )
    tags = [(name, tag) for name, tag in container.page_tags.items() if is_here(tag, environment)]
    tags.sort(key=lambda named: -named[1].priority)
    made = [_ready(name, tag, whole, known) for name, tag in tags]
    return [one for one in made if one[1]]


def environment_of(container: Container) -> Environment:
    """Where the container runs, by its id."""
    return Environment.STAGING if container.id.endswith(SUFFIX) else Environment.LIVE


def is_here(tag: PageTag, environment: Environment) -> bool:
    """Whether a tag is part of the script that is served."""
    return tag.enabled and (not tag.environments or environment in tag.environments)


def page_tag_faults(
    raw: dict[str, Any], variables: Mapping[str, Variable], triggers: Mapping[str, Trigger]
) -> Iterator[Fault]:
    """What is wrong with a page tag as it is written; of variables and triggers, the sound ones."""
    try:
        tag = msgspec.convert(raw, PageTag)
    except msgspec.ValidationError:
        return
    known = Known(variables=variables)
    yield from _text_faults(tag, known)
    if tag.limit is not None and tag.limit.per not in SPANS:
        yield Fault(("limit", "per"), f"a {tag.limit.per}, {UNKNOWN}: expected page or session")
    found = list(_trigger_faults(tag, triggers, known))
    yield from found
    if not found and triggers.keys() >= {*tag.fires_on, *tag.exceptions}:
        try:
            _fires(tag, triggers, known)
        except ValueError as error:
            yield Fault(("except",), str(error))


def _text_faults(tag: PageTag, known: Known) -> Iterator[Fault]:
    key, other = ("html", "src") if tag.type == "html" else ("src", "html")
    if getattr(tag, other) or not getattr(tag, key):
        yield Fault((), f"expected `{key}` of `type: {tag.type}`, and no `{other}`")
    elif SECRET in getattr(tag, key):
        yield Fault((key,), "no secrets: everybody can read what a page gets")
    else:
        try:
            _parts(tag, known)
        except ValueError as error:
            yield Fault((key,), str(error))


def _trigger_faults(tag: PageTag, triggers: Mapping[str, Trigger], known: Known) -> Iterator[Fault]:
    for key, names in (("fires_on", tag.fires_on), ("except", tag.exceptions)):
        for index, name in enumerate(names):
            try:
                asked(triggers.get(name, Trigger()), known)
            except Malformed as error:
                told = "; ".join(fault.text for fault in error.faults)
                yield Fault((key, index), f"trigger {name} asks for {told}")


def _ready(name: str, tag: PageTag, whole: Container, known: Known) -> list[Any]:
    triggers = BUILT_IN | whole.triggers
    limit = tag.limit
    return [
        _parts(tag, known),
        _fires(tag, triggers, known),
        _consent(tag.needs_consent, whole.consent.sources),
        ALWAYS if limit is None else limit.times,
        int(limit is not None and limit.per is Span.SESSION),
        name,
    ]


def _parts(tag: PageTag, known: Known) -> list[Any]:
    if tag.type == "html":
        first, *rest = cut(tag.html, known)
        return [f"<div hidden>{first}", *rest]
    return element(tag.type, tag.src, known)


def _fires(tag: PageTag, triggers: Mapping[str, Trigger], known: Known) -> list[Any]:
    """The conditions of each trigger, with one of each that blocks turned round: whichever it is
    that does not hold, the tag is not blocked."""
    blocks = [[negated(check) for check in one] for one in _asked(tag.exceptions, triggers, known)]
    ways = math.prod(map(len, blocks)) * len(tag.fires_on)
    if ways > MAX_WAYS:
        raise ValueError(f"more than {MAX_WAYS} ways to be blocked or not")
    found = _asked(tag.fires_on, triggers, known)
    return [[*one, *free] for one in found for free in product(*blocks)]


def _asked(names: Iterable[str], triggers: Mapping[str, Trigger], known: Known) -> list[Any]:
    made = [asked(triggers[name], known) for name in dict.fromkeys(names)]
    return [one for one in made if not isinstance(one, Never)]


def _consent(purposes: Iterable[Purpose], sources: list[str]) -> list[Any]:
    """That all were granted, by somebody whose word counts: `tcf` stands for `tcf:31` too."""
    looks = [Look(root="purposes", key=str(one)) for one in purposes]
    granted: list[Any] = [[look.tree, "^granted$", "u"] for look in looks]
    if granted and sources:
        believed = f"^(?:{'|'.join(map(literal, sources))})(?::|$)"
        granted.append([Look(root="consent", key="source").tree, believed, "u"])
    return granted
