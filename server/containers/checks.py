"""What is wrong with a container, all of it: types, then what types cannot say.

    tree ──▶ types (explain) ──▶ site ──▶ variables ──▶ triggers ──▶ transformations ──▶ tags

Each part that is sound by itself is looked at, so that a fault elsewhere hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

import msgspec

from server.containers.condition import compile_condition, value_faults
from server.containers.explain import MAX_FAULTS, Fault, Malformed, faults, hint, shown
from server.containers.lookup import SECRET
from server.containers.match import BUILT_IN
from server.containers.model import (
    Condition,
    Container,
    TagTypes,
    Transformation,
    Trigger,
    Variable,
)
from server.containers.page.compiled import page_tag_faults
from server.containers.site_checks import site_faults
from server.containers.sources import Runtime
from server.containers.tag_checks import (
    Known,
    all_texts,
    mapping,
    schedule_faults,
    tag_faults,
    texts,
    unknown,
)
from server.containers.templates import TEMPLATES
from server.containers.transform import compile_transformation
from server.containers.variables import compile_variables, stand_ins

NO_ELEMENTS = (
    "hits tell of no elements: compare `event.props.link_id`, `link_classes`, `link_url` or "
    "`link_text`, which `observe` sends with clicks"
)
FIRES = ("fires_on", "except")
_PARTS = ("variables", "triggers", "transformations", "tags", "page_tags")


def check(tree: dict[str, Any], types: TagTypes | None) -> list[Fault]:
    """All faults of a container as plain dicts and lists, one a path, MAX_FAULTS at most; without
    types, tags are not checked against destinations."""
    found = chain(_selector_faults(tree), faults(tree, Container), _meaning(tree, types))
    return list(islice(_once_a_path(found), MAX_FAULTS))


def _once_a_path(found: Iterator[Fault]) -> Iterator[Fault]:
    seen = set()
    for fault in found:
        if fault.path not in seen:
            seen.add(fault.path)
            yield fault


def known_names(tree: dict[str, Any], types: TagTypes | None) -> Known:
    """What the container's parts may name."""
    own = {part: mapping(tree.get(part)) for part in _PARTS}
    used = [TEMPLATES[name] for _, name in texts(tree.get("templates")) if name in TEMPLATES]
    variables: dict[str, Any] = {}
    triggers: dict[str, Any] = dict(BUILT_IN)
    for template in used:
        variables |= template.variables
        triggers |= template.triggers
    raw = own["triggers"]
    return Known(
        names=stand_ins(variables | own["variables"]),
        triggers=list(triggers | raw),
        groups=[name for name, one in raw.items() if mapping(one).get("all_of")],
        tags=list(own["tags"]),
        folders=list(mapping(tree.get("folders"))),
        types=types,
    )


def _meaning(tree: dict[str, Any], types: TagTypes | None) -> Iterator[Fault]:
    yield from site_faults(tree)
    known = known_names(tree, types)
    yield from _variable_faults(mapping(tree.get("variables")), known)
    looks = {
        "triggers": _trigger_faults,
        "transformations": _transformation_faults,
        "tags": tag_faults,
    }
    for part, look in looks.items():
        for name, raw in mapping(tree.get(part)).items():
            for fault in look(name, mapping(raw), known):
                yield fault.under(part, name)
    yield from _page_tag_faults(tree, known)
    for part in _PARTS:
        for name, raw in mapping(tree.get(part)).items():
            folder = mapping(raw).get("folder")
            if isinstance(folder, str) and folder not in known.folders:
                near = hint(folder, known.folders) or "; name it under `folders`"
                yield Fault((part, name, "folder"), f"no folder {shown(folder)!r}{near}")


def _variable_faults(raw: dict[str, Any], known: Known) -> Iterator[Fault]:
    for name, one in raw.items():
        yield from _secret_faults(("variables", name), one)
    try:
        compile_variables(_sound(raw, Variable), Runtime(), known.names)
    except Malformed as error:
        yield from (fault.under("variables") for fault in error.faults)


def _page_tag_faults(tree: dict[str, Any], known: Known) -> Iterator[Fault]:
    """Those of tags in the page, against the triggers and variables that are sound."""
    raw = mapping(tree.get("page_tags"))
    if not raw:
        return
    used = [TEMPLATES[name] for _, name in texts(tree.get("templates")) if name in TEMPLATES]
    variables = {name: one for used_ in used for name, one in used_.variables.items()}
    triggers = BUILT_IN | {name: one for used_ in used for name, one in used_.triggers.items()}
    variables |= _sound(tree.get("variables"), Variable)
    triggers |= {
        name: one
        for name, one in _sound(tree.get("triggers"), Trigger).items()
        if not list(_trigger_faults(name, mapping(tree["triggers"][name]), known))
    }
    for name, one in raw.items():
        found = [unknown(mapping(one), key, "trigger", known.triggers) for key in FIRES]
        for fault in chain(*found, page_tag_faults(mapping(one), variables, triggers)):
            yield fault.under("page_tags", name)


def _sound(raw: Any, kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in mapping(raw).items():
        with suppress(msgspec.ValidationError):
            found[name] = msgspec.convert(one, kind)
    return found


def _trigger_faults(name: str, raw: dict[str, Any], known: Known) -> Iterator[Fault]:
    if name in BUILT_IN:
        yield Fault((), "is built in; choose another name")
    yield from _condition_faults(raw, known)
    yield from schedule_faults(raw)
    yield from unknown(raw, "all_of", "trigger", known.triggers)
    for index, member in texts(raw.get("all_of")):
        if member in known.groups:
            yield Fault(("all_of", index), "is a group itself: name its triggers")
    if raw.get("all_of") and (raw.get("event") or raw.get("when")):
        yield Fault(("all_of",), "a group has neither `event` nor `when`")
    plain = Trigger().within
    if not raw.get("all_of") and raw.get("within", plain) != plain:
        yield Fault(("within",), "only of a group: `all_of`")


def _transformation_faults(name: str, raw: dict[str, Any], known: Known) -> Iterator[Fault]:
    yield from _secret_faults((), raw)
    yield from _condition_faults(raw, known)
    for key in ("tags", "except_tags"):
        yield from unknown(raw, key, "tag", known.tags)
    if raw.get("tags") and raw.get("except_tags"):
        yield Fault(("except_tags",), "expected `tags` or `except_tags`, not both")
    try:
        compile_transformation(name, msgspec.convert(raw, Transformation), known.names)
    except msgspec.ValidationError:
        return
    except Malformed as error:
        yield from error.faults


def _condition_faults(raw: dict[str, Any], known: Known) -> Iterator[Fault]:
    when = raw.get("when")
    for index, condition in enumerate(when if isinstance(when, list) else ()):
        try:
            compile_condition(msgspec.convert(condition, Condition), known.names)
        except msgspec.ValidationError:
            value = mapping(condition).get("value")
            found = list(value_faults(value, known.names)) if isinstance(value, str) else []
        except Malformed as error:
            found = error.faults
        else:
            continue
        yield from (fault.under("when", index) for fault in found)


def _secret_faults(path: tuple[str, ...], raw: Any) -> Iterator[Fault]:
    for place, text in all_texts(raw, path):
        if SECRET in text:
            yield Fault(place, "secrets stand in a tag's `with` only")


def _selector_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """An operator of GTM's that no hit can answer."""
    for part in ("triggers", "transformations"):
        for name, raw in mapping(tree.get(part)).items():
            when = mapping(raw).get("when")
            for index, condition in enumerate(when if isinstance(when, list) else ()):
                if "matches_css" in mapping(condition):
                    yield Fault((part, name, "when", index, "matches_css"), NO_ELEMENTS)
