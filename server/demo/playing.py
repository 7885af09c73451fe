"""A request, played: whose it is, what goes wrong with it, what the partner takes and answers.

Asked ──▶ trouble? ──▶ read ──▶ takes ──▶ answer
"""

from __future__ import annotations

from msgspec import Struct

from server.demo.partners import partner_of
from server.demo.partners.contract import GATEWAY, Answer, Asked, Partner, Read
from server.demo.taken import Taken
from server.demo.trouble import TAKING, Trouble, Troubles

HTML = {"content-type": "text/html"}
SPOILT = "*: spoilt by the recorder"
"""The fault of an event that a script refuses."""


class Played(Struct, frozen=True, kw_only=True):
    """What came of a request."""

    partner: Partner
    read: Read
    answer: Answer
    trouble: Trouble | None = None
    taken: int = 0
    """Events that the partner took of it."""


class Standing(Struct, kw_only=True):
    """How one partner stands."""

    partner: str
    docs: str
    requests: int = 0
    faulty: int = 0
    """Requests with something wrong in them."""
    troubled: int = 0
    """Requests that a script let go wrong."""
    taken: int = 0
    """Different events."""


class Stage:
    """The partners, their troubles and their books."""

    def __init__(self, troubles: Troubles | None = None, taken: Taken | None = None) -> None:
        self.troubles = troubles or Troubles()
        self.taken = taken or Taken()
        self._standings: dict[str, Standing] = {}

    def standings(self) -> list[Standing]:
        """Those that were asked."""
        return [self._standings[name] for name in sorted(self._standings)]

    def play(self, asked: Asked) -> Played:
        """Any bytes do."""
        partner = partner_of(asked.path)
        trouble = self.troubles.strike(partner.name, asked.path, now=asked.now)
        read = partner.read(asked)
        for item in read.items:
            if trouble and self.troubles.spoils(trouble, item):
                item.faults.append(SPOILT)
        items = partner.takes(read) if trouble is None or trouble.kind in TAKING else ()
        self.taken.add(partner.name, items, now=asked.now)
        if trouble and trouble.kind not in TAKING:
            self.taken.miss(partner.name, read.items)
        self._count(partner, read, trouble)
        answer = _spoken(partner, read, trouble)
        return Played(partner=partner, read=read, answer=answer, trouble=trouble, taken=len(items))

    def _count(self, partner: Partner, read: Read, trouble: Trouble | None) -> None:
        name = partner.name
        known = self._standings.get(name)
        if known is None:
            known = self._standings[name] = Standing(partner=partner.title, docs=partner.docs)
        known.requests += 1
        known.faulty += any(not fault.endswith(SPOILT) for fault in read.verdict())
        known.troubled += trouble is not None
        known.taken = self.taken.count(name)


def _spoken(partner: Partner, read: Read, trouble: Trouble | None) -> Answer:
    """What is said in the end."""
    kind = trouble.kind if trouble else ""
    if trouble and kind == "error":
        answer = Answer(status=trouble.status, headers=HTML, body=GATEWAY)
    elif kind == "throttle":
        answer = partner.throttled
    elif kind == "revoked" or read.denied:
        answer = partner.revoked
    else:
        answer = partner.answer(read)
    if trouble and trouble.retry_after and kind in ("error", "throttle"):
        headers = {**answer.headers, "retry-after": trouble.retry_after}
        return Answer(status=answer.status, headers=headers, body=answer.body)
    return answer
