"""Partners out: each file here says how one partner is asked, and what its answer means.

    Event + Person ──admit──▶ group ──build──▶ Request ··· Response ──judge──▶ Outcome

A file (or a folder, if it is large) is found because it is here: nothing lists them. `contract.py`
says what its `DESTINATION` is.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin

import msgspec

from server.containers.model import Asked, TagType, TagTypes, Warned
from server.destinations.contract import Destination
from server.errors import ConfigError

__all__ = ["DESTINATIONS", "find", "tag_types"]


def find(*more: Path) -> Mapping[str, Destination]:
    """The destinations of this folder and of more, by name; raises ConfigError with all faults."""
    found: dict[str, Destination] = {}
    files: dict[str, str] = {}
    problems: list[str] = []
    for info in pkgutil.iter_modules([*__path__, *map(str, more)]):
        if info.name == "contract" or info.name.startswith("_"):
            continue
        module, file = _load(info)
        member = getattr(module, "DESTINATION", None)
        if not isinstance(member, Destination):
            problems.append(f"{file}: expected `DESTINATION = Destination(…)` in it")
        elif member.name in found:
            problems.append(f"{file}: {member.name!r} is the name of {files[member.name]} too")
        else:
            found[member.name], files[member.name] = member, file
    if problems:
        raise ConfigError(problems)
    return dict(sorted(found.items()))


def tag_types(destinations: Mapping[str, Destination] | None = None) -> TagTypes:
    """What a container has to know of each destination."""
    known = DESTINATIONS if destinations is None else destinations
    return {
        name: TagType(
            name=name,
            about=f"{member.title}. {member.about}",
            config=member.config,
            secrets=_marked(member.config, "secret"),
            urls=_marked(member.config, "url"),
            headers=_marked(member.config, "headers"),
            consent=member.consent,
            vendor=member.tcf.vendor if member.tcf else None,
            needs_person=member.needs_person,
            title=member.title,
            window_ms=member.window_ms,
            cookies=member.cookies,
            warn=partial(_warn, member),
        )
        for name, member in known.items()
    }


def _warn(member: Destination, asked: Asked) -> Iterator[Warned]:
    """What a destination says of a tag beforehand, and which of its events have no name there."""
    yield from member.warn(asked)
    if member.takes_any or not member.events or asked.settings.get("event_name"):
        return
    for event in sorted(asked.events - member.events.keys()):
        yield (), f"{member.title} has no event like {event!r}: set `event_name`, or it is refused"


def _load(info: pkgutil.ModuleInfo) -> tuple[ModuleType, str]:
    """A module of this package, or of another folder, and its file."""
    finder: Any = info.module_finder
    if finder.path in __path__:
        module = importlib.import_module(f"{__name__}.{info.name}")
        return module, str(module.__file__)
    spec = finder.find_spec(f"{finder.path}.{info.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where msgspec looks up a struct's annotations
    spec.loader.exec_module(module)
    return module, str(spec.origin)


@cache
def _marked(config: type[msgspec.Struct], mark: str) -> frozenset[str]:
    """The settings of a type that the contract marks so: `Secret`, `Url`, `Headers`."""
    return frozenset(field.encode_name for field in _fields(config) if _has(field.type, mark))


@cache
def _fields(config: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(config)


def _has(kind: Any, mark: str) -> bool:
    """Whether a type has the mark, or one of several has."""
    marks = kind.__metadata__ if get_origin(kind) is Annotated else ()
    if any(isinstance(meta, msgspec.Meta) and (meta.extra or {}).get(mark) for meta in marks):
        return True
    return any(_has(part, mark) for part in get_args(kind))


DESTINATIONS: Mapping[str, Destination] = find()
