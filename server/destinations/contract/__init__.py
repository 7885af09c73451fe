"""What a destination is: one file that says what it needs, asks and makes of the answer.

    Event + Person ──message──▶ group ──wrap──▶ Request ··· Response ──judge──▶ Outcome | Mixed

It is pure: it never sleeps, retries, logs or opens a socket; the forwarder does. Its examples are
its tests and its documentation.

    destination   `Destination`, and what it is made of
    settings      types of a container's settings: secrets, addresses, headers
    judging       what an answer means, for partners whose status does not lie
    conversions   what ad partners ask alike: when, whose, which products
    values        money, numbers and names, as JSON says them
    cookies       what partners' scripts keep in the page
    words         an event's own props, page, order and items, in GA4's words
    oauth         requests for access tokens
    google        what Google's interfaces for advertisers have in common; not named here
    samples       events and a person, to make examples of
"""

from server.destinations.contract.conversions import (
    MATCH_KEYS,
    RULES,
    by_settings,
    contents,
    custom_data,
    denies_personalization,
    external_ids,
    missing_amount,
    no_match_key,
    occurred_s,
    quantity,
    user_data,
)
from server.destinations.contract.cookies import read_cookie
from server.destinations.contract.destination import (
    GRANTED,
    Answer,
    Destination,
    Example,
    Message,
    Refusal,
    Sending,
    Tcf,
    allows_user_data,
    has,
    no_access,
    partner_name,
)
from server.destinations.contract.judging import (
    MAX_DETAIL_CHARS,
    document,
    inner,
    judge_status,
    judge_unclear,
    listed,
    text_of,
    told,
)
from server.destinations.contract.samples import (
    ADD_TO_CART,
    ANONYMOUS,
    DEVICE,
    EVENT,
    HASHED,
    HASHED_USER,
    HASHED_VISITOR,
    LEAD,
    PAGE_VIEW,
    PERSON,
    PURCHASE,
    SIGN_UP,
    VIEW_ITEM,
    sample,
)
from server.destinations.contract.settings import HeaderName, Headers, Host, Secret, Url
from server.destinations.contract.values import (
    basic,
    cut,
    encode,
    field_names,
    json_request,
    money,
    number,
    stated,
)
from server.destinations.contract.words import (
    campaign,
    commerce,
    is_plain_number,
    iso_time,
    items,
    page,
    prop,
    props,
    screen,
    user_id,
    visitor_id,
    with_params,
)

__all__ = [
    "ADD_TO_CART",
    "ANONYMOUS",
    "DEVICE",
    "EVENT",
    "GRANTED",
    "HASHED",
    "HASHED_USER",
    "HASHED_VISITOR",
    "LEAD",
    "MATCH_KEYS",
    "MAX_DETAIL_CHARS",
    "PAGE_VIEW",
    "PERSON",
    "PURCHASE",
    "RULES",
    "SIGN_UP",
    "VIEW_ITEM",
    "Answer",
    "Destination",
    "Example",
    "HeaderName",
    "Headers",
    "Host",
    "Message",
    "Refusal",
    "Secret",
    "Sending",
    "Tcf",
    "Url",
    "allows_user_data",
    "basic",
    "by_settings",
    "campaign",
    "commerce",
    "contents",
    "custom_data",
    "cut",
    "denies_personalization",
    "document",
    "encode",
    "external_ids",
    "field_names",
    "has",
    "inner",
    "is_plain_number",
    "iso_time",
    "items",
    "json_request",
    "judge_status",
    "judge_unclear",
    "listed",
    "missing_amount",
    "money",
    "no_access",
    "no_match_key",
    "number",
    "occurred_s",
    "page",
    "partner_name",
    "prop",
    "props",
    "quantity",
    "read_cookie",
    "sample",
    "screen",
    "stated",
    "text_of",
    "told",
    "user_data",
    "user_id",
    "visitor_id",
    "with_params",
]
