"""What a destination asks of its partner, as the forwarder has it ask."""

from __future__ import annotations

from server.delivery import Refused, Request
from server.destinations.contract import Destination, Message, Sending


def said(destination: Destination, sending: Sending) -> Message:
    """The event in the partner's words; it must not be refused."""
    message = destination.message(sending)
    assert not isinstance(message, Refused), message
    return message


def refusal(destination: Destination, sending: Sending) -> Refused | None:
    """Why an event is not sent; None: it is."""
    message = destination.message(sending)
    return message if isinstance(message, Refused) else None


def ask(destination: Destination, *sendings: Sending) -> Request:
    """One request of all of them."""
    return destination.wrap(sendings, [said(destination, sending) for sending in sendings])
