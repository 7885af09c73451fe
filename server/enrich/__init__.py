"""Gets an event ready for its row: one step after the other, in the order of `STEPS`.

It stands between the dialects, which say what happened, and the router, which says who is told.
Personal data goes first, so that no later step can copy it; the channel comes late, because it is
judged from what the others found.
"""

from __future__ import annotations

from server.enrich.bot import put_bot
from server.enrich.campaign import put_campaign
from server.enrich.channel import put_channel
from server.enrich.click_ids import drop_click_ids
from server.enrich.consent import put_consent
from server.enrich.contract import Context, Place, Places, Step, Subject, keeps_ads
from server.enrich.currency import put_currency
from server.enrich.device import put_device
from server.enrich.personal_props import drop_personal_props
from server.enrich.personal_query import drop_personal_query
from server.enrich.place import put_place
from server.enrich.place_reader import open_places
from server.enrich.referrer import put_referrer
from server.model import Reject

__all__ = [
    "STEPS",
    "Context",
    "Place",
    "Places",
    "Step",
    "Subject",
    "enrich",
    "keeps_ads",
    "open_places",
]

STEPS: tuple[Step, ...] = (
    drop_personal_query,
    drop_personal_props,
    put_bot,
    put_device,
    put_place,
    put_consent,
    put_referrer,
    put_campaign,
    drop_click_ids,
    put_channel,
    put_currency,
)


def enrich(
    subject: Subject, context: Context, *, steps: tuple[Step, ...] = STEPS
) -> Subject | Reject:
    """The subject after every step, or the first `Reject`."""
    for step in steps:
        outcome = step(subject, context)
        if isinstance(outcome, Reject):
            return outcome
        subject = outcome
    return subject
