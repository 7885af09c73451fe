"""The small words that a container's keys are made of: names, patterns, choices."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

ContainerId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9-]{2,31}$",
        description="3 to 32 of a-z, 0-9 and -, a letter first",
    ),
]
CookieName = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="at most 64 of A-Z, a-z, 0-9, _ and -")
]
AdoptedCookie = Annotated[
    str,
    Meta(
        pattern=r"^(_ga|FPID|ajs_anonymous_id|sp|_(pk|sp)_id(\.[A-Za-z0-9]{1,32}){0,3})$",
        description="_ga, FPID, ajs_anonymous_id, sp, _sp_id or _pk_id, with a suffix perhaps:"
        " _pk_id.1.1fff",
    ),
]
CookieDomain = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$", description="such as example.com"),
]
LinkDomain = Annotated[
    str,
    Meta(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        max_length=253,
        description="a host without scheme, port and path: shop.example",
    ),
]
Leaf = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$",
        description="one part of a path: at most 64 of A-Z, a-z, 0-9, ., _ and -",
    ),
]
GlobalName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_$][A-Za-z0-9_$]{1,31}$",
        description="2 to 32 of A-Z, a-z, 0-9, _ and $, no digit first",
    ),
]
Site = Annotated[str, Meta(min_length=1, max_length=260)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="three capitals such as EUR")]
Region = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="a country or region such as FR, US-CA"
    ),
]
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_-]{0,63}$",
        description="at most 64 of a-z, 0-9, _ and -, a letter first",
    ),
]
"""Of a tag, a trigger, a variable, a transformation or a folder."""
EventName = Annotated[str, Meta(min_length=1, max_length=100)]
Selector = Annotated[
    str, Meta(min_length=1, max_length=500, description="a CSS selector such as `nav a`")
]
Parameter = Annotated[
    str, Meta(min_length=1, max_length=64, description="a parameter of an address, such as q")
]
CategoryId = Annotated[
    str, Meta(min_length=1, max_length=100, description="an id of a consent platform's, C0002")
]
Note = Annotated[str, Meta(max_length=2000)]
Scalar = bool | int | float | str


class Purpose(StrEnum):
    """What a visitor is asked to consent to, in the words of Google's Consent Mode."""

    AD_STORAGE = "ad_storage"
    ANALYTICS_STORAGE = "analytics_storage"
    AD_USER_DATA = "ad_user_data"
    AD_PERSONALIZATION = "ad_personalization"
