"""What GA4 would ignore without a word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Refused, Response, Retry
from server.destinations.contract import EVENT, Answer, Refusal, Sending
from server.destinations.ga4.config import Config
from server.model import NO_VISITOR, Person

_CONFIG = Config(measurement_id="G-ABC123", api_secret="s3cret")  # noqa: S106

REFUSALS = (
    Refusal(
        title="An event of nobody: without consent there is no cookie",
        sending=Sending(
            event=replace(EVENT, visitor_id=NO_VISITOR), person=Person(), config=_CONFIG
        ),
        refused=Refused(
            "no_client_id",
            "neither our cookie nor `_ga` came with the event, so that GA4 cannot tell whose it is;"
            " without consent there is no cookie",
        ),
    ),
    Refusal(
        title="A name that GA4 keeps for itself",
        sending=Sending(
            event=replace(EVENT, name="session_start"), person=Person(), config=_CONFIG
        ),
        refused=Refused(
            "bad_name",
            "GA4 takes no event 'session_start'; set `event_name: session_start_event` on the tag",
        ),
    ),
)

ANSWERS = (
    Answer(
        title="GA4 says no more than that it got it",
        response=Response(status=204),
        outcome=Delivered(),
    ),
    Answer(title="Busy", response=Response(status=503), outcome=Retry("http_503")),
    Answer(
        title="Larger than it takes",
        response=Response(status=413, body=b"Request Entity Too Large"),
        outcome=Refused("http_413", "Request Entity Too Large"),
    ),
    Answer(
        title="Something between us and Google wants to be let through",
        response=Response(status=403, body=b"blocked"),
        outcome=Denied("credentials", "blocked"),
    ),
)
