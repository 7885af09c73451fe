"""`{{GTM's name}}` in a text becomes `{{ ours }}`, or is told to be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from server.containers.gtm.export import Element
from server.containers.lookup import SECRET

PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")


class Meaning(Struct, frozen=True, kw_only=True):
    """What a name in braces stands for with us."""

    look: str = ""
    """What stands between our braces: `event.path`, or a variable's name."""
    lost: str = ""
    """Why it stands for nothing."""
    constant: str | None = None
    """What it always is."""
    source: Element | None = None
    """The variable in the export; none: it is built in."""


Meanings = Mapping[str, Meaning]


class Text(Struct, frozen=True, kw_only=True):
    """A text in our words."""

    value: str
    lost: tuple[str, ...] = ()
    """`Name: why`, of each that stands for nothing."""


def translate(text: str, meanings: Meanings) -> Text:
    """The text with our names in the braces."""
    lost: list[str] = []

    def ours(match: re.Match[str]) -> str:
        name = match[1].strip()
        meaning = meanings.get(name) or Meaning(lost="the export does not define it")
        if meaning.lost:
            lost.append(f"{{{{{name}}}}}: {meaning.lost}")
            return ""
        return f"{{{{ {meaning.look} }}}}"

    value = PLACEHOLDER.sub(ours, text)
    if SECRET in text:
        lost.append("would name a secret of yours")
    rest = re.sub(r"\{\{ [\w.-]+ \}\}", "", value)
    if "{{" in rest:
        lost.append("braces that do not close")
    return Text(value=value, lost=tuple(dict.fromkeys(lost)))


def constant(text: str, meanings: Meanings, depth: int = 0) -> str | None:
    """What a text always is; None: an event has a part in it."""
    parts: list[str] = []
    at = 0
    for match in PLACEHOLDER.finditer(text):
        meaning = meanings.get(match[1].strip())
        if meaning is None or meaning.constant is None or depth > 8:
            return None
        inner = constant(meaning.constant, meanings, depth + 1)
        if inner is None:
            return None
        parts += [text[at : match.start()], inner]
        at = match.end()
        if sum(map(len, parts)) > 8192:
            return None
    return "".join(parts) + text[at:]


def names_in(tree: Any) -> Iterator[str]:
    """Every name in braces in a parameter."""
    if isinstance(tree, str):
        yield from (match[1].strip() for match in PLACEHOLDER.finditer(tree))
    elif isinstance(tree, dict | list):
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from names_in(one)
