"""The reference page of the language, in Markdown: made from the types, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import msgspec
from msgspec import UNSET, Struct

from server.containers.documented import (
    Key,
    about,
    all_structs,
    keys_of,
    structs_in,
    type_words,
)
from server.containers.match import BUILT_IN
from server.containers.model import Container, TagTypes, Variable
from server.containers.model.variable import Shaped
from server.containers.templates import TEMPLATES

INTRODUCTION = """# The language of containers

One YAML file a container. [minimal.yaml](minimal.yaml) is the smallest,
[complete.yaml](complete.yaml) uses every key, [schema.json](schema.json) completes in editors:

```yaml
# yaml-language-server: $schema=schema.json
```

`freehold container check` tells every mistake with file, line and what was expected, and warns of
what is most likely one. This page is made from the types in `server/containers/model` by
`freehold container reference`; a test compares the two.

**Placeholders.** `"{{ event.value }}"` is any column of `freehold.events`,
`"{{ event.props.colour }}"` one of its props, `"{{ name }}"` a variable. Alone in its text a
placeholder keeps its type, and what is missing is left out; in a longer text it becomes text. There
is no code: values that are made of others are variables.
"""


def reference(types: TagTypes) -> str:
    """The page."""
    sections = [INTRODUCTION, *_own(), _built_in(), *_destinations(types)]
    return "\n".join(section.strip("\n") + "\n" for section in sections)


def _own() -> Iterator[str]:
    yield _section("The container", Container, level=2)
    variables = get_args(Variable)
    for kind, title in _titles():
        if kind not in variables:
            yield _section(title, kind, level=2)
        elif kind is variables[0]:
            yield _variables()


def _titles() -> Iterator[tuple[type[Struct], str]]:
    """What a struct is called: the path by which it is first reached."""
    seen: set[type[Struct]] = {Container}
    waiting: list[tuple[str, type[Struct]]] = [("", Container)]
    while waiting:
        path, kind = waiting.pop(0)
        for key in keys_of(kind):
            for inner in structs_in(key.kind):
                if inner in seen:
                    continue
                seen.add(inner)
                where = f"{path}{key.name}"
                is_named = "dict" in str(key.kind).partition("[")[0]
                where += ".<name>" if is_named else "[]" if "list" in str(key.kind) else ""
                yield inner, f"`{where}`"
                waiting.append((f"{where}.", inner))


def _section(title: str, kind: type[Struct], *, level: int) -> str:
    keys = [key for key in keys_of(kind) if (kind, key.name) != (Container, "version")]
    return "\n".join((f"{'#' * level} {title}", "", f"{about(kind)}\n", *_table(keys)))


def _table(keys: list[Key]) -> Iterator[str]:
    yield "| key | what | default | |"
    yield "|---|---|---|---|"
    for key in keys:
        about_it = key.about.replace("|", "\\|")
        what = type_words(key.kind).replace("|", "\\|")
        yield f"| `{key.name}` | {what} | {_default(key.default)} | {about_it} |"


def _default(value: Any) -> str:
    if value is UNSET:
        return "must be there"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if value is None or value in ("", [], {}) or isinstance(value, Struct):
        return ""
    return f"`{msgspec.json.encode(value).decode().strip(chr(34))}`"


def _variables() -> str:
    lines = ["## `variables.<name>`", "", f"{about(Shaped)}", ""]
    lines += _table(keys_of(Shaped))
    for kind in get_args(Variable):
        lines += ["", f"### `type: {kind.__struct_config__.tag}`", "", about(kind)]
        own = [key for key in keys_of(kind) if key.name not in _shared() and key.name != "type"]
        if own:
            lines += ["", *_table(own)]
    return "\n".join(lines)


def _shared() -> set[str]:
    return {key.name for key in keys_of(Shaped)}


def _built_in() -> str:
    lines = ["## What is there already", "", "| trigger | |", "|---|---|"]
    words = {"all_events": "every event", "all_pages": "every `page_view`"}
    lines += [f"| `{name}` | {words[name]} |" for name in BUILT_IN]
    lines += ["", "| `templates:` | | triggers | variables |", "|---|---|---|---|"]
    for name, one in TEMPLATES.items():
        brought = [", ".join(f"`{n}`" for n in names) for names in (one.triggers, one.variables)]
        lines.append(f"| `{name}` | {one.about} | {brought[0]} | {brought[1]} |")
    return "\n".join(lines)


def _destinations(types: TagTypes) -> Iterator[str]:
    for name, kind in sorted(types.items()):
        needed = ", ".join(f"`{purpose}`" for purpose in kind.consent) or "nothing"
        told = f"{kind.about} Needs consent to {needed}."
        yield f"## `with` of `type: {name}`\n\n{told}\n"
        yield "\n".join(_table(keys_of(kind.config)))
        for inner in all_structs(kind.config)[1:]:
            yield _section(f"{inner.__name__}", inner, level=3)
