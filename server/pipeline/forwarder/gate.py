"""Whether a lane may send now, and if not, why: the partner, its wish, or our credentials."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from server.credentials import SecretMissing, Secrets
from server.delivery import Delivered, Delivery, Denied, Outcome, Refused, Resend, Retry
from server.pipeline.forwarder.breaker import Breaker
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.forwarder.tried import Tried

DENIED_S = (60.0, 900.0)
"""How long credentials that were refused wait for their next try, at first and at most."""
MAX_DETAIL_CHARS = 300

log = logging.getLogger(__name__)


class _Blocked(Struct, frozen=True, kw_only=True):
    """Credentials that were missing, or refused as they were then."""

    delivery: Delivery
    used: dict[str, str] | None
    until: float


class Gate:
    """One lane's. `reason` and `detail` say why it is closed; empty while it is open."""

    def __init__(
        self, name: str, secrets: Secrets, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.reason = self.detail = ""
        self._name = name
        self._secrets = secrets
        self._clock = clock
        self._breaker = Breaker()
        self._asked_until = 0.0
        self._blocked: _Blocked | None = None
        self._denied_s = 0.0
        self._is_well = False
        self._is_eased = False

    @property
    def is_probing(self) -> bool:
        """Whether only one request may go, to see if the partner is back."""
        return self._breaker.is_open or self._denied_s > 0

    def is_open(self) -> bool:
        """Whether a request may go now."""
        now = self._clock()
        if self._blocked is not None:
            if self._is_blocked(self._blocked, now):
                return False
            self._is_eased |= now < self._blocked.until or self._blocked.used is None
            self._blocked = None
        return now >= self._asked_until and self._breaker.wait_s(now) == 0

    def eased(self) -> bool:
        """Whether something is said to have been put right since this was asked last."""
        is_eased, self._is_eased = self._is_eased, False
        return is_eased

    def hurry(self) -> None:
        """Asks again at once, with one request, whoever was to wait: what was wrong is said to be
        put right. Only a partner that asked for a pause is left alone until it is over."""
        now = self._clock()
        self._breaker.hurry(now)
        if self._blocked is not None:
            self._blocked = replace(self._blocked, until=min(self._blocked.until, now))
            self._denied_s = min(self._denied_s, DENIED_S[0] / 2)
        self._is_eased = True

    def note(self, tried: Tried, ready: Ready) -> Outcome:
        """Takes note of what a request came to, and returns what it means in the light of others:
        who is denied twice, while others were taken in between, is refused for itself."""
        now, outcome = self._clock(), tried.outcome
        if isinstance(outcome, Denied):
            if ready.job.attempts and self._is_well:
                reason = f"http_{tried.status}" if tried.status else outcome.reason
                return Refused(reason, outcome.detail, outcome.code)
            self._deny(outcome, ready, now)
            return outcome
        self._note_answer(tried, now)
        return outcome

    def _note_answer(self, tried: Tried, now: float) -> None:
        outcome = tried.outcome
        self._is_well = self._is_well or isinstance(outcome, Delivered)
        self._breaker.note(is_well=isinstance(outcome, Delivered | Refused | Resend), now=now)
        if isinstance(outcome, Retry):
            if tried.after_s is not None:
                self._asked_until = max(self._asked_until, now + tried.after_s)
                self._close("asked_to_wait", f"for {tried.after_s:.0f} s: {outcome.detail}")
            elif self._breaker.is_open:
                self._close("not_answering", f"{outcome.reason}: {outcome.detail}")
        elif not self._breaker.is_open and now >= self._asked_until:
            self._denied_s = 0.0
            self._open()

    def miss(self, ending: Ending) -> None:
        """Takes note of a secret that is missing, or is none that the destination takes."""
        delivery = ending.job.delivery
        used: dict[str, str] = {}
        try:
            self._secrets.resolve(delivery.settings, used)
            is_there = True
        except SecretMissing:
            is_there = False
        until = self._clock() + DENIED_S[0]
        self._blocked = _Blocked(delivery=delivery, used=used if is_there else None, until=until)
        self._close(ending.reason, ending.detail, told=ending.detail)

    def _deny(self, outcome: Denied, ready: Ready, now: float) -> None:
        self._is_well = False
        first, most = DENIED_S
        if self._blocked is None:
            self._denied_s = min(most, self._denied_s * 2 or first)
        self._blocked = _Blocked(
            delivery=ready.job.delivery, used=ready.used, until=now + self._denied_s
        )
        self._close(outcome.reason, outcome.detail)

    def _is_blocked(self, blocked: _Blocked, now: float) -> bool:
        used: dict[str, str] = {}
        try:
            self._secrets.resolve(blocked.delivery.settings, used)
        except SecretMissing:
            return True
        return used == blocked.used and now < blocked.until

    def _close(self, reason: str, detail: str, *, told: str = "") -> None:
        """`told` goes to the log: words of ours, since a partner's may quote a visitor."""
        if reason != self.reason:
            log.error("tag %s waits: %s", self._name, f"{reason}, {told}" if told else reason)
        self.reason, self.detail = reason, detail[:MAX_DETAIL_CHARS]

    def _open(self) -> None:
        if self.reason:
            log.info("tag %s sends again", self._name)
        self.reason = self.detail = ""
