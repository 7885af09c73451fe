"""Rows 16 to 20: one of two partners fails in every way it can, while the forwarder is killed.

Each round both are owed some events, and the sick one fails. The other one must have all of its
own while it does; the forwarder is killed with -9, the sick one mends, and then it must have taken
each event too, at least once. What it was sent twice has the same id, so that it can tell.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from random import Random
from types import TracebackType
from urllib.parse import urlsplit

from loadtests.faults.contract import Case, Outcome, Trial
from tests.partner import Asked, LocalPartner, Says
from tests.pipeline.forwarder.owed import Forwarding, owed
from tests.running import ROOT, wait_for

EVENTS = 16
ASKED = 4
"""Requests that the sick one has to fail, at least, before it mends."""
MOST_TRIES = 60
Fails = Callable[[Random], Says]


class Node:
    """A data folder, and its forwarder in a process that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.tags = Forwarding(self.data)
        (self.data / "secrets").mkdir()
        self.names("truth")
        self.secret("right")

    def __enter__(self) -> Node:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()
        self.tags.close()

    def names(self, word: str) -> None:
        """What the name server says from now on."""
        (self.data / "names").write_text(word)

    def secret(self, word: str) -> None:
        """The tags' secret from now on."""
        path = self.data / "secrets" / "KEY"
        path.touch(0o600)
        path.write_text(word)

    def kill(self) -> None:
        """With -9, and starts it again."""
        self._process.kill()
        self._process.wait()
        self._start()

    def _start(self) -> None:
        argv = [sys.executable, "-m", "loadtests.faults._forwarding", str(self.data)]
        self._process = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL)


class Taking(LocalPartner):
    """A partner that counts what it took; `fails` makes it ill."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.fails: Fails | None = None
        self.taken: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.failed = 0
        self.always = self._answer
        self._chance = chance

    def _answer(self, asked: Asked) -> Says:
        event_id = str(asked.json()["event_id"])
        self.tries[event_id] += 1
        says = self.fails(self._chance) if self.fails else Says()
        if says == Says():
            self.taken[event_id] += 1
            return says
        self.failed += 1
        return says


def _rounds(
    trial: Trial,
    fails: Fails | None,
    *,
    ill: Callable[[Node, Taking], bool] = lambda node, sick: sick.failed >= ASKED,
    begin: Callable[[Node], None] = lambda node: None,
    mend: Callable[[Node], None] = lambda node: None,
) -> Outcome:
    """`ill` says when it has failed enough; `begin` and `mend` change what is not the partner's."""
    ids: set[str] = set()
    slowest = 0.0

    def has_all(partner: Taking) -> bool:
        return ids <= set(partner.taken)

    with Taking(trial.chance) as sick, Taking(trial.chance) as other, Node(trial.folder) as node:
        place = f"http://partner.test:{urlsplit(sick.url).port}"
        for number in range(trial.rounds):
            sick.failed, sick.fails = 0, fails
            begin(node)
            began = time.monotonic()
            ids.update(_owe(node, number, place, other.url))
            wait_for(lambda: has_all(other), "the other partner has all", 60)
            slowest = max(slowest, time.monotonic() - began)
            wait_for(lambda: ill(node, sick), "it has failed", 60)
            node.kill()
            sick.fails = None
            mend(node)
            wait_for(lambda: has_all(sick), "the sick one has all", 120)
            trial.tell()
        wait_for(lambda: _is_settled(node, len(ids)), "all is told", 60)
        again = sum(1 for times in sick.taken.values() if times > 1)
        tries = max(sick.tries.values())
        return Outcome(
            tried=trial.rounds,
            lost=len(ids - set(sick.taken)) + len(ids - set(other.taken)),
            doubled=len(set(sick.taken) - ids) + len(set(other.taken) - ids),
            detail=f"{len(ids)} events, {again} sent again, at most {tries} tries; "
            f"the other partner had its own after {slowest:.1f} s",
            is_well=tries <= MOST_TRIES and not _dead(node),
        )


def _owe(node: Node, number: int, place: str, other: str) -> set[str]:
    found = set()
    settings = {"headers": {"X-Key": "$secret.KEY"}}
    for event in range(number * EVENTS + 1, (number + 1) * EVENTS + 1):
        delivery = owed(event, place, tag="sick", settings=settings)
        node.tags.owe(delivery, owed(event, other, tag="other", settings=settings))
        found.add(delivery.event.event_id)
    return found


def _is_settled(node: Node, count: int) -> bool:
    lanes = [node.tags.lane(tag) for tag in ("sick", "other")]
    return all((one.delivered, one.waiting, one.retrying) == (count, 0, 0) for one in lanes)


def _dead(node: Node) -> int:
    return sum(node.tags.lane(tag).dead for tag in ("sick", "other"))


def storm(trial: Trial) -> Outcome:
    """Row 16: first every answer is an error, and once it is restarted none is."""
    statuses = (500, 502, 503, 504)
    return _rounds(trial, lambda chance: Says(status=chance.choice(statuses)))


def some(trial: Trial) -> Outcome:
    """Row 16: some answers are errors, or the connection is cut."""
    wrong = (Says(status=500), Says(status=503), Says(status=0))

    def fails(chance: Random) -> Says:
        return chance.choice(wrong) if chance.random() < 0.3 else Says()

    return _rounds(trial, fails, ill=lambda node, sick: sick.failed > 0)


def throttle(trial: Trial) -> Outcome:
    """Row 17: 429 with a pause in each spelling, sane or not."""

    def fails(chance: Random) -> Says:
        spelt = (formatdate(time.time() + 1, usegmt=True), "1", "0", "-5", "soon", "1e9", "")
        return Says(status=429, headers={"Retry-After": chance.choice(spelt)})

    return _rounds(trial, fails, ill=lambda node, sick: sick.failed >= 2)


def hang(trial: Trial) -> Outcome:
    """Row 18: it takes the request and never answers, drips, floods, or hangs up in its answer."""
    never = threading.Event()
    bad = (
        Says(status=200, hold=never),
        Says(status=200, body=b"x" * 999, drip_s=0.2),
        Says(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"),
        Says(raw=b"HTTP/1.1 200"),
        Says(status=503, pieces=16_384),
    )
    try:
        return _rounds(trial, lambda chance: chance.choice(bad))
    finally:
        never.set()


def mislead(trial: Trial) -> Outcome:
    """Row 19: the name server knows nothing, then names another machine of ours, then the truth."""
    words = iter(("nothing", "lie") * trial.rounds)

    def told(node: Node, sick: Taking) -> bool:
        word = (node.data / "names").read_text()
        reason = {"nothing": "unreachable", "lie": "private_address"}[word]
        before = len(sick.taken)  # events are numbered
        return any(event > before for event, _, why, *_ in node.tags.outcomes() if why == reason)

    return _rounds(
        trial, None, ill=told, begin=lambda node: node.names(next(words)),
        mend=lambda node: node.names("truth"),
    )  # fmt: skip


def revoke(trial: Trial) -> Outcome:
    """Row 20: the partner takes our secret no more, until it is another one."""

    def held(node: Node, _: Taking) -> bool:
        return node.tags.lane("sick").reason == "credentials"

    secrets = iter(f"secret {number}" for number in range(2 * trial.rounds))
    return _rounds(
        trial, lambda _: Says(status=401), ill=held, mend=lambda node: node.secret(next(secrets))
    )


CASES = (
    Case(row=16, title="a partner answers errors alone", quick=1, long=20, run=storm),
    Case(row=16, title="a partner answers some errors", quick=1, long=20, run=some),
    Case(row=17, title="a partner asks to wait", quick=1, long=20, run=throttle),
    Case(row=18, title="a partner hangs, drips, floods", quick=1, long=20, run=hang),
    Case(row=19, title="a partner's name is lost, then false", quick=2, long=20, run=mislead),
    Case(row=20, title="a partner revokes the secret", quick=1, long=20, run=revoke),
)
