"""What stands between a delivery and its request: time, consent, secrets, settings.

Asked at each send, since all of it may have changed since the event was sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from server.containers.decide import missing_consent
from server.containers.values import secrets_of
from server.credentials import SecretMissing, Secrets, scrub
from server.delivery import Delivery, Refused
from server.destinations.contract import Destination, Message, Sending
from server.errors import FreeholdError
from server.person.sealing import Seal
from server.pipeline.queue import Job
from server.pipeline.routing import subjects_of
from server.pipeline.spools import tag_spool
from server.pipeline.state import State


class Ending(Struct, frozen=True, kw_only=True):
    """What came of a job this time."""

    job: Job
    outcome: str
    """As in the column of `deliveries`; `untried`: the lane stopped before its turn."""
    reason: str = ""
    detail: str = ""
    status: int = 0
    duration_ms: int = 0
    batch: int = 1
    after_s: float | None = None
    is_attempt: bool = False


class Ready(Struct, frozen=True, kw_only=True):
    """A job that may be sent now."""

    job: Job
    destination: Destination
    sending: Sending
    message: Message
    group: str
    used: dict[str, str] = field(default_factory=dict)
    """Secrets in its settings, by name, to keep them out of what is told."""


class Screen(Struct, frozen=True, kw_only=True):
    """What is asked."""

    destinations: Mapping[str, Destination]
    secrets: Secrets
    seal: Seal
    state: State
    now: Callable[[], int]
    needed: Mapping[str, frozenset[str]] = {}
    """Secrets that each tag needs now, by its spool."""

    def is_too_old(self, delivery: Delivery) -> bool:
        """Whether its partner takes it no more."""
        destination = self.destinations.get(delivery.type)
        age_ms = self.now() - delivery.event.occurred_at
        return destination is not None and age_ms > destination.window_ms

    def may_wait(self, delivery: Delivery) -> bool:
        """Whether its secret may still come: not, if its tag has been given another one since."""
        needed = self.needed.get(tag_spool(delivery.container_id, delivery.tag))
        return needed is None or secrets_of(delivery.settings) <= needed


def screen(job: Job, by: Screen) -> Ready | Ending:
    """The job ready to be sent, or why it is not."""
    delivery = job.delivery
    destination = by.destinations.get(delivery.type)
    if destination is None:
        detail = f"no destination {delivery.type!r} here"
        return Ending(job=job, outcome="refused", reason="unknown_destination", detail=detail)
    if by.is_too_old(delivery):
        age_ms = by.now() - delivery.event.occurred_at
        hours = destination.window_ms // 3_600_000
        detail = f"{age_ms // 3_600_000} hours old; {destination.title} takes {hours}"
        return Ending(job=job, outcome="expired", reason="too_old", detail=detail)
    refusal = _consent(delivery, by)
    if refusal:
        return Ending(job=job, outcome="withheld", reason=refusal)
    used: dict[str, str] = {}
    try:
        settings = by.secrets.resolve(delivery.settings, used)
    except SecretMissing as error:
        outcome = "paused" if by.may_wait(delivery) else "refused"
        return Ending(job=job, outcome=outcome, reason="secret_missing", detail=str(error))
    return _prepare(job, destination, settings, used, by)


def _consent(delivery: Delivery, by: Screen) -> str:
    """Which consent is missing, on the event itself or since it was taken back; else empty."""
    event, needed = delivery.event, delivery.needs_consent
    missing = missing_consent(needed, event.consent)
    if missing:
        return f"consent:{','.join(missing)}"
    subjects = subjects_of(event)
    if not needed or not subjects:
        return ""
    # A resend carries the consent that it first left with, and may come after the refusal.
    since = min(event.received_at, event.occurred_at)
    withdrawn = by.state.withdrawn_since(event.container_id, subjects, since=since)
    taken_back = [purpose for purpose in needed if purpose in withdrawn]
    return f"withdrawn:{','.join(taken_back)}" if taken_back else ""


def _prepare(
    job: Job, destination: Destination, settings: Any, used: dict[str, str], by: Screen
) -> Ready | Ending:
    try:
        config = msgspec.convert(settings, destination.config, strict=False)
        person = by.seal.unseal(job.delivery.person)
        event = job.delivery.event
        sending = Sending(event=event, person=person, config=config, sent_at=by.now())
        message = destination.message(sending)
        if not isinstance(message, Refused):
            return Ready(
                job=job,
                destination=destination,
                sending=sending,
                message=message,
                group=destination.group(sending, message),
                used=used,
            )
    except msgspec.ValidationError as error:
        if used and _fits(job.delivery.settings, destination.config):
            detail = f"{', '.join(used)}: {scrub(str(error), used)}"
            return Ending(job=job, outcome="paused", reason="bad_secret", detail=detail)
        return _refused(job, "bad_settings", f"with: {error}", used)
    except FreeholdError as error:
        return _refused(job, "person_unreadable", str(error), used)
    except Exception as error:  # a bug of a destination costs this delivery only, and is seen
        return _refused(job, "unexpected", repr(error), used)
    return _refused(job, message.reason, message.detail, used)


def _fits(settings: dict[str, Any], config: type[Struct]) -> bool:
    """Whether the settings are well but for the secrets, whose names stand in for them."""
    try:
        msgspec.convert(settings, config, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _refused(job: Job, reason: str, detail: str, used: dict[str, str]) -> Ending:
    return Ending(job=job, outcome="refused", reason=reason, detail=scrub(detail, used))
