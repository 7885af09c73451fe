"""Variables: values with a name, usable as `{{ name }}` wherever `{{ event.… }}` is.

Each has a `type`, the keys of that type, and the keys that all have, which shape what was found.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from server.containers.model.words import CookieName, Name, Note, Scalar
from server.model import HeaderName

MAX_PATTERNS = 100


class Case(StrEnum):
    """How a text's letters are written."""

    LOWER = "lower"
    UPPER = "upper"


class Kind(StrEnum):
    """What a value is made into."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Part(StrEnum):
    """A part of an address."""

    HREF = "href"
    """All of it."""
    SCHEME = "scheme"
    HOST = "host"
    """Without `www.` and port."""
    PORT = "port"
    PATH = "path"
    EXTENSION = "extension"
    """Of the path's last part, without the dot."""
    QUERY = "query"
    """All of the query, or the value of `key`."""
    FRAGMENT = "fragment"


class VisitorField(StrEnum):
    """What is known of who visits."""

    VISITOR_ID = "visitor_id"
    USER_ID = "user_id"
    SESSION_ID = "session_id"
    SESSION_NUMBER = "session_number"
    IS_NEW = "is_new"
    """Whether it is the visitor's first session."""


class Shaped(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"kind": "as"}):
    """The keys of every variable. They are applied in this order, `default` last."""

    trim: bool = False
    """Takes spaces around a text away."""
    when_true: Scalar | None = None
    """What stands for true."""
    when_false: Scalar | None = None
    """What stands for false."""
    kind: Kind | None = None
    """Makes a text, a number, or true or false (`true`, `yes`, `1`, `on`) of it."""
    case: Case | None = None
    """Writes a text in small letters or in capitals."""
    hash: Literal["sha256"] | None = None
    """Gives the SHA-256 of the text, in hexadecimal."""
    default: Scalar | None = None
    """What stands for a value that is missing or empty."""
    note: Note = ""
    folder: Name | None = None


class EventField(Shaped, frozen=True, tag_field="type", tag="event"):
    """A field of the event, as `{{ event.… }}` gives it."""

    field: str
    """Such as `props.colour`, `value` or `consent.ad_storage`."""


class Address(Shaped, frozen=True, tag_field="type", tag="url"):
    """A part of the page's address."""

    part: Part = Part.HREF
    key: str | None = None
    """With `part: query`: the parameter whose value is meant."""
    of: str = "{{ event.url }}"
    """Another address than the page's."""


class Referrer(Shaped, frozen=True, tag_field="type", tag="referrer"):
    """A part of the address that the visitor came from."""

    part: Part = Part.HREF
    key: str | None = None
    """With `part: query`: the parameter whose value is meant."""


class FirstParty(Shaped, frozen=True, tag_field="type", tag="cookie"):
    """A cookie of the site's own host; it is kept with the hit because a variable names it, and
    only of visitors who may be recognised."""

    name: CookieName


class Header(Shaped, frozen=True, tag_field="type", tag="header"):
    """A header of the request, in small letters."""

    name: HeaderName


class Constant(Shaped, frozen=True, tag_field="type", tag="constant"):
    """Always the same."""

    value: Any
    """A text, number, list or mapping, taken as it is written."""


class Written(Shaped, frozen=True, tag_field="type", tag="value"):
    """A text, list or mapping with placeholders in it: a value that is made of others."""

    value: Any
    """Such as `"{{ country }}-{{ event.language }}"`."""


class Lookup(Shaped, frozen=True, tag_field="type", tag="lookup"):
    """A table from texts to values; what is not in it is missing, so `default` stands for it."""

    input: str
    """What is looked up: `"{{ event.currency }}"`."""
    table: Annotated[dict[str, Any], Meta(min_length=1)]
    """Values may hold placeholders."""
    ignore_case: bool = False


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of a table of patterns."""

    matches: str
    """RE2, anywhere in the input's first 2,048 characters."""
    gives: Any
    """A value; `$1` to `$9` in a text are what the pattern's brackets found, `$0` all of it."""


class Patterns(Shaped, frozen=True, tag_field="type", tag="pattern"):
    """A table of RE2 patterns; the first that matches gives the value."""

    input: str
    """What is looked at: `"{{ event.path }}"`."""
    rows: Annotated[list[Row], Meta(min_length=1, max_length=MAX_PATTERNS)]
    ignore_case: bool = False


class Random(
    Shaped,
    frozen=True,
    tag_field="type",
    tag="random",
    rename={"kind": "as", "least": "from", "most": "to"},
):
    """A whole number by chance: the same for one event however often it is asked."""

    least: Annotated[int, Meta(ge=0, le=2**31)] = 0
    most: Annotated[int, Meta(ge=0, le=2**31)] = 2**31


class Version(Shaped, frozen=True, tag_field="type", tag="container_version"):
    """The number of the container's version; 0 for a file that was never published."""


class Running(Shaped, frozen=True, tag_field="type", tag="environment"):
    """Where the container runs: `live` or `staging`."""


class Who(Shaped, frozen=True, tag_field="type", tag="visitor"):
    """What is known of the visitor and their session."""

    field: VisitorField


class DataLayer(Shaped, frozen=True, tag_field="type", tag="data_layer"):
    """A value by its path in what the page pushed with this event: earlier pushes are not merged
    in."""

    path: Annotated[str, Meta(min_length=1, max_length=200)]
    """Such as `ecommerce.items.0.item_id` or `user.plan`."""


class ItemValues(Shaped, frozen=True, tag_field="type", tag="items"):
    """One thing of each of the event's items, as a list."""

    key: Annotated[str, Meta(min_length=1, max_length=128)]
    """Such as `item_id`, `price`, or a prop of items."""


Variable = (
    EventField
    | Address
    | Referrer
    | FirstParty
    | Header
    | Constant
    | Written
    | Lookup
    | Patterns
    | Random
    | Version
    | Running
    | Who
    | DataLayer
    | ItemValues
)
