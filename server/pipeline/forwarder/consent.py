"""Whether visitors still consent, asked for many deliveries at once."""

from __future__ import annotations

from collections.abc import Sequence

from server.containers.decide import missing_consent
from server.delivery import Delivery
from server.pipeline.routing import subjects_of
from server.pipeline.state import State


def refusals(deliveries: Sequence[Delivery], state: State) -> list[str]:
    """Of each, which consent is missing, on the event itself or since it was taken back; else
    empty. All are of one container."""
    asked = {
        subject
        for delivery in deliveries
        if delivery.needs_consent
        for subject in subjects_of(delivery.event)
    }
    if not asked:
        return [_refusal(delivery, {}) for delivery in deliveries]
    withdrawn = state.withdrawn(deliveries[0].event.container_id, asked)
    return [_refusal(delivery, withdrawn) for delivery in deliveries]


def _refusal(delivery: Delivery, withdrawn: dict[str, dict[str, int]]) -> str:
    event, needed = delivery.event, delivery.needs_consent
    missing = missing_consent(needed, event.consent)
    if missing:
        return f"consent:{','.join(missing)}"
    if not withdrawn or not needed:
        return ""
    # A resend carries the consent that it first left with, and may come after the refusal.
    since = min(event.received_at, event.occurred_at)
    found = [withdrawn[subject] for subject in subjects_of(event) if subject in withdrawn]
    taken_back = [
        purpose for purpose in needed if any(times.get(purpose, 0) > since for times in found)
    ]
    return f"withdrawn:{','.join(taken_back)}" if taken_back else ""
