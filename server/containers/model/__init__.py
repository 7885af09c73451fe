"""What a container is: one site's configuration, as a marketer wrote it in YAML.

    words      names and choices          trigger    when
    variable   values with a name         tag        who is sent what, and what a tag does not see
    page_tag   what runs in the page      container  all of it
    site       cookie, consent, observe

The file's keys are the fields' names. Defaults are the private choice.
"""

from __future__ import annotations

from server.containers.model.container import Container
from server.containers.model.page_tag import PageTag
from server.containers.model.site import (
    Consent,
    ConsentMode,
    Cookie,
    CookieMode,
    Default,
    Links,
    Observe,
    Paths,
)
from server.containers.model.tag import (
    Asked,
    Settings,
    Tag,
    TagType,
    TagTypes,
    Transformation,
    Warned,
    no_cookies,
    no_warnings,
)
from server.containers.model.trigger import (
    Condition,
    Limit,
    Schedule,
    Span,
    Trigger,
    Weekday,
)
from server.containers.model.variable import Variable
from server.containers.model.words import EventName, Name, Purpose, Scalar

__all__ = [
    "RESERVED_IDS",
    "SELF",
    "Asked",
    "Condition",
    "Consent",
    "ConsentMode",
    "Container",
    "Cookie",
    "CookieMode",
    "Default",
    "EventName",
    "Limit",
    "Links",
    "Name",
    "Observe",
    "PageTag",
    "Paths",
    "Purpose",
    "Scalar",
    "Schedule",
    "Settings",
    "Span",
    "Tag",
    "TagType",
    "TagTypes",
    "Transformation",
    "Trigger",
    "Variable",
    "Warned",
    "Weekday",
    "no_cookies",
    "no_warnings",
]

RESERVED_IDS = frozenset({"healthz", "readyz", "metrics", "static", "console", "ping"})
SELF = "self"
"""In `sites`: the collector's own origin, as in a Content-Security-Policy."""
