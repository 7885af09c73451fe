"""Transformations of server containers: what some tags do not see, or see otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.containers.gtm.export import Element
from server.containers.gtm.fields import EVENT_DATA
from server.containers.gtm.references import Meanings, constant, translate

PREFIX = "tf_"
TYPES = {"tf_allow_params": "allow", "tf_exclude_params": "exclude", "tf_augment_event": "augment"}
_COLUMNS = EVENT_DATA | {name: name for name in ("value", "currency", "transaction_id", "items")}
_PERSONAL = {
    "ip_override": ["person.ip"],
    "user_agent": ["person.user_agent"],
    "user_data": ["person"],
    "user_data.email_address": ["person.email"],
    "user_data.phone_number": ["person.phone"],
}


def transformation(element: Element, tags: Mapping[str, str], meanings: Meanings) -> dict[str, Any]:
    """The transformation of ours; `tags`: GTM's name → ours. Raises ValueError."""
    if element.type not in TYPES:
        raise ValueError(f"no transformation here for GTM's type {element.type!r:.40}")
    if element.params.get("matchingConditionsEnabled") is True:
        raise ValueError("has conditions of its own, which the export does not tell in full")
    tree = _tags(element, tags)
    key = TYPES[element.type]
    rows = [row for name in element.params for row in element.rows(name) if "paramName" in row]
    if not rows:
        raise ValueError("names no parameter")
    if key == "augment":
        return {**tree, key: _set(rows, meanings)}
    fields = [name for row in rows for name in _fields(str(row["paramName"]), meanings)]
    return {**tree, key: list(dict.fromkeys(fields))}


def affected(element: Element, tags: Mapping[str, str]) -> tuple[list[str], bool]:
    """The tags of ours that it names, and whether it is for all others. What is no list names
    none, and is for all."""
    given = element.params.get("affectedTags", [])
    given = given if isinstance(given, list) else []
    names = [tags[one] for one in given if isinstance(one, str) and one in tags]
    return names, element.params.get("allTagsExcept") is True or not given


def _tags(element: Element, tags: Mapping[str, str]) -> dict[str, Any]:
    """For which tags it is; raises ValueError when none of them is here."""
    if not isinstance(element.params.get("affectedTags", []), list):
        raise ValueError("its tags are no list")
    names, is_but = affected(element, tags)
    if is_but:
        return {"except_tags": names} if names else {}
    if not names:
        raise ValueError("none of the tags that it is for is here")
    return {"tags": names}


def _set(rows: list[dict[str, Any]], meanings: Meanings) -> dict[str, str]:
    found = {}
    for row in rows:
        text = translate(str(row.get("paramValue", "")), meanings)
        if text.lost:
            raise ValueError("; ".join(text.lost))
        for name in _fields(str(row["paramName"]), meanings):
            found[name] = text.value
    return found


def _fields(name: str, meanings: Meanings) -> list[str]:
    """What a parameter of GTM's event is with us."""
    fixed = constant(name, meanings)
    if not fixed:
        raise ValueError(f"{name!r:.60} is no constant name")
    if fixed in _PERSONAL:
        return _PERSONAL[fixed]
    return [_COLUMNS.get(fixed) or f"props.{fixed}"]
