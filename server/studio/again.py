"""What was refused, made anew with the tag as it is now: for what the tag itself had wrong."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan, decide
from server.containers.scope import Beside
from server.containers.transform import shown_person
from server.delivery import Delivery
from server.errors import FreeholdError
from server.model import Person
from server.person.sealing import Seal


class Anew(Struct, frozen=True, kw_only=True):
    """Makes deliveries of one tag anew."""

    only: Plan
    """The container's as it is now, with this tag alone."""
    seal: Seal

    def remake(self, delivery: Delivery) -> Delivery | None:
        """With the settings, consent and destination of now; None: the tag does not fire on it any
        more, or withholds it. Limits counted it when it was sorted, and do not again."""
        person = self._person(delivery)
        decision = decide(delivery.event, self.only, Beside(cookies=person.cookies))
        if not decision.sends:
            return None
        [send] = decision.sends
        sealed = delivery.person if send.needs_person else b""
        if sealed and send.hidden:
            sealed = self.seal.seal(shown_person(person, send.hidden))
        return replace(
            delivery,
            container_version=self.only.container.version,
            type=send.type,
            settings=send.settings,
            needs_consent=send.needs_consent,
            event=send.event or delivery.event,
            person=sealed,
        )

    def _person(self, delivery: Delivery) -> Person:
        """Nobody, if the key is gone: the send tells of it."""
        try:
            return self.seal.unseal(delivery.person)
        except FreeholdError:
            return Person()
