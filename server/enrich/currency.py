"""Puts the currency of an amount: in capitals, and the container's where the page named none.

It stands last. A currency that could not be read stays among the props, and is then no reason to
believe in another one.
"""

from __future__ import annotations

from msgspec.structs import replace

from server.enrich.contract import Context, Subject
from server.model import Event


def put_currency(subject: Subject, context: Context) -> Subject:
    """The currency in capitals; that of the container for amounts of none."""
    event = subject.event
    if event.currency:
        currency = event.currency.upper()
    elif _has_amount(event) and not event.props.get("currency"):
        currency = context.container.currency
    else:
        return subject
    if currency == event.currency:
        return subject
    return replace(subject, event=replace(event, currency=currency))


def _has_amount(event: Event) -> bool:
    if event.value is not None or not event.items:
        return event.value is not None
    return any(item.price is not None for item in event.items)
