"""The nouns that travel between the parts: what a visitor, a hit, an event and a refusal are.

    request ──▶ Hit ──▶ Event + Person ──▶ a row of `events`, a row of `event_context`
                  └───▶ Reject ─────────▶ a row of `rejects`

The same word stands in the wire's JSON, in the struct and in the SQL column. Times are `int`
milliseconds UTC and end in `_at`. Everything here is frozen: a step makes a new one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, get_args

from msgspec import Struct, field

NO_VISITOR = "00000000-0000-0000-0000-000000000000"
MAX_REJECT_BYTES = 64 * 1024
"""What is kept of a refused body."""
HeaderName = Literal[
    "accept-language",
    "dnt",
    "referer",
    "sec-ch-ua",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-mobile",
    "sec-ch-ua-model",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-gpc",
    "signature-agent",
]
"""The request headers that are kept with a hit; none of them is personal by itself."""
KEPT_HEADERS: tuple[str, ...] = get_args(HeaderName)
SHARED_ID = "event_id"
"""The prop that holds an event's id as the page wrote it, where that is not the UUID of its row."""
VENDOR = "tcf:"
"""How vendors of the TCF are named in a consent, by their numbers in the IAB's list: `tcf:755`."""
CONTEXT_HEADERS = frozenset({"accept-language", "sec-gpc", "dnt"})
"""Those of a hit that `event_context` keeps."""


Preview = Literal["", "look", "send"]


class Visitor(Struct, frozen=True, kw_only=True):
    """What the signed cookie says after this hit."""

    visitor_id: str
    issued_at: int
    session_id: int
    """The session's start in whole seconds UTC; unique within the visitor."""
    session_number: int
    session_seen_at: int
    is_new: bool = False


class Hit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request as it arrived, unjudged; the journal stores exactly this."""

    received_at: int
    container_id: str
    dialect: str
    visitor: Visitor | None = None
    ip: str = ""
    user_agent: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    """Lower-case names from an allow-list; never `cookie`, never `authorization`."""
    cookies: dict[str, str] = field(default_factory=dict)
    query: str = ""
    body: bytes = b""
    withdrawer: str = ""
    """Whose cookie it was that came with a hit which takes consent back (`?c=2`); the hit itself
    has no visitor."""
    preview: Preview = ""
    """Whether it comes from a browser in which a draft is looked at, or sent by too."""


class Position(Struct, frozen=True, kw_only=True):
    """Where an event or a reject stands in the journals: unique, and the same at each replay."""

    src: int
    """The segment's own random UInt64."""
    off: int
    """The hit in that segment, from 0."""
    idx: int = 0
    """The event in that hit, from 0."""


class Item(Struct, frozen=True, kw_only=True):
    """One line of an order, a list or a cart, in GA4's words. Money is decimal text."""

    item_id: str = ""
    item_name: str = ""
    item_brand: str = ""
    item_category: str = ""
    item_category2: str = ""
    item_category3: str = ""
    item_variant: str = ""
    item_list_id: str = ""
    item_list_name: str = ""
    index: int = 0
    coupon: str = ""
    price: str | None = None
    discount: str | None = None
    quantity: float = 1.0
    props: dict[str, str] = field(default_factory=dict)
    """What a site says of an item beyond the words above."""


class Withheld(Struct, frozen=True, kw_only=True):
    """A decision not to send: which tag, and why."""

    tag: str
    reason: str


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a visitor did; a row of `events`, column by column."""

    event_id: str
    src: int
    off: int
    idx: int
    container_id: str
    container_version: int = 0
    visitor_id: str = NO_VISITOR
    session_id: int = 0
    """0: the hit carried no session, or the event is older than it."""
    session_number: int = 0
    user_id: str = ""
    name: str
    occurred_at: int
    received_at: int
    client_ahead_ms: int | None = None
    """How far the client's clock was ahead of `occurred_at`."""
    resend: int = 0
    """How many times the tag had sent it before."""

    page_id: str = ""
    """A UInt64 in decimal, made of the tag's own id of the page load; empty: none."""
    page_seq: int = 0
    browser_seq: int = 0
    """Which hit of the browser's it was, from 1; 0: the browser does not count."""
    url: str = ""
    host: str = ""
    path: str = ""
    query: str = ""
    title: str = ""
    referrer: str = ""
    referrer_host: str = ""

    campaign_source: str = ""
    campaign_medium: str = ""
    campaign_name: str = ""
    campaign_term: str = ""
    campaign_content: str = ""
    campaign_id: str = ""
    click_ids: list[str] = field(default_factory=list)
    """Kinds of ad click seen on the landing URL (`gclid`, `fbclid`, …); values: event_context."""
    channel: str = ""
    channel_source: str = ""
    channel_medium: str = ""

    device_type: str = ""
    device_brand: str = ""
    device_model: str = ""
    os: str = ""
    os_version: str = ""
    browser: str = ""
    browser_version: str = ""
    language: str = ""
    timezone: str = ""
    screen: str = ""
    viewport: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    bot: str = ""
    """Kind of automated client (`crawler`, `ai_agent`, `tool`, `headless`, …); empty: a person."""
    bot_name: str = ""

    consent: dict[str, str] = field(default_factory=dict)
    """Purpose → `granted`, `denied` or `unset`, as the page declared it with this hit; vendors of
    the TCF too."""
    consent_source: str = ""
    consent_version: str = ""

    value: str | None = None
    currency: str = ""
    transaction_id: str = ""
    items: list[Item] = field(default_factory=list)
    props: dict[str, str] = field(default_factory=dict)
    nums: dict[str, float] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)
    is_preview: bool = False

    @property
    def shared_id(self) -> str:
        """The id by which a pixel in the page knows the event too: the page's own text, as it wrote
        it (the prop `event_id`), else `event_id`."""
        return self.props.get(SHARED_ID) or self.event_id


class Person(Struct, frozen=True, kw_only=True):
    """What is personal, beside the event; no table is made from it."""

    ip: str = ""
    user_agent: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    click_ids: dict[str, str] = field(default_factory=dict)
    """Kind → value: of this landing, and of earlier ones of the same visitor."""
    clicked_at: dict[str, int] = field(default_factory=dict)
    """Kind → when the ad was clicked, in ms."""


class EventContext(Struct, frozen=True, kw_only=True):
    """What back-fill and simulation need beside the event; a row of `event_context`, 30 days."""

    event_id: str
    src: int
    off: int
    idx: int
    container_id: str
    visitor_id: str
    received_at: int
    click_ids: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    clicked_at: dict[str, int] = field(default_factory=dict)


class Reason(StrEnum):
    """Why something that was accepted at the door did not become an event."""

    BAD_RECORD = "bad_record"
    UNEXPECTED = "unexpected"
    UNKNOWN_CONTAINER = "unknown_container"
    UNKNOWN_DIALECT = "unknown_dialect"
    BAD_BODY = "bad_body"
    BAD_VERSION = "bad_version"
    NO_EVENTS = "no_events"
    BAD_EVENT = "bad_event"
    BAD_NAME = "bad_name"
    TOO_LONG = "too_long"
    STORE_REFUSED = "store_refused"


class Reject(Struct, frozen=True, kw_only=True):
    """A refused hit, event or row, kept seven days; a row of `rejects`."""

    src: int
    off: int
    idx: int
    container_id: str = ""
    received_at: int
    reason: Reason
    detail: str
    """What was expected and found, for the developer of the page."""
    at: str = ""
    """JSON path of the fault, such as `events[2].name`."""
    body: str = ""


Durability = Literal["sync", "os"]
Log = Literal["text", "json"]
