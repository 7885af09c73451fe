"""Row 21: the wall clock jumps a day ahead, a day back, an hour back, under a running collector and
pipeline; a partner refuses everything meanwhile. The monotonic clock goes on.

Dates must follow the clock and stay sane, a cookie is never from the future, and no jump may make
a storm of retries. When the clock is right again, everything is delivered.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

from loadtests.faults.collecting import Answer, Collecting
from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.reading import drain
from loadtests.faults.shim import Shim
from server.clock import DAY_MS, MINUTE_MS
from server.model import Hit
from server.pipeline.spools import STORE, spool_folder
from server.pipeline.state import STATE_FILE, State
from server.store.rows import split_row
from tests.partner import Asked, LocalPartner, Says

TAGS = """\
tags:
  hook:
    type: webhook
    fires_on: [all_events]
    needs_consent: []
    with: {{url: {url}}}
"""
JUMPS_S = (0, 86_400, -86_400, -3_600, 0)
HITS = 4
STAY_S = 1.5
END_S = 90.0
A_SECOND = 3
"""No event may be tried more often within a second."""
CLOSE_MS = MINUTE_MS
FORGIVEN_MS = 5 * MINUTE_MS
"""Clocks differ by so much without anyone being wrong."""


def run(trial: Trial) -> Outcome:
    """All jumps, as often as there are rounds; then the clock is right again."""
    shim = Shim(trial.folder / "shim")
    wrong: list[str] = []
    with LocalPartner() as partner:
        partner.always = lambda asked: Says(status=503)
        tags = TAGS.format(url=partner.url)
        collecting = Collecting(trial.folder / "node", shim=shim, tags=tags)
        collecting.environ["FREEHOLD_CLICKHOUSE"] = "http://127.0.0.1:9"
        visitor = Visitor(collecting)
        with collecting, _pipeline(collecting):
            for _ in range(trial.rounds):
                for jump_s in JUMPS_S:
                    shim.skew(jump_s)
                    wrong += visitor.come(jump_s)
                    time.sleep(STAY_S)
                    wrong += [problem for hit in collecting.hits() for problem in _hit(hit)]
                trial.tell()
            tries = Counter(map(_event_of, list(partner.asked)))
            lost, took_s = _wait_delivered(collecting, partner)
            wrong += _rows(collecting, visitor.clocks)
    busiest = _busiest(partner.asked)
    wrong += [f"one event was tried {busiest} times in a second"] * (busiest > A_SECOND)
    most = max(tries.values(), default=0)
    wrong += ["nothing was tried"] * (not most)
    detail = wrong[0] if wrong else f"{most} tries an event at most; all taken {took_s:.0f} s later"
    jumps = trial.rounds * len(JUMPS_S)
    return Outcome(tried=jumps, lost=lost, detail=detail, is_well=not wrong and not lost)


class Visitor:
    """A browser that keeps its cookie through all of it, and its own clock."""

    def __init__(self, collecting: Collecting) -> None:
        self._collecting = collecting
        self._cookie = ""
        self.clocks: dict[str, int] = {}  # by event: the collector's clock when it came, ms UTC

    def come(self, jump_s: int) -> list[str]:
        """Some hits; what is wrong with the answers."""
        wrong = []
        for _ in range(HITS):
            known = set(self._collecting.acknowledged)
            answer = self._collecting.post(cookie=self._cookie)
            for event_id in self._collecting.acknowledged - known:
                self.clocks[event_id] = int((time.time() + jump_s) * 1000)
            self._cookie = answer.set_cookie.partition(";")[0] or self._cookie
            if not answer.is_well or not _lasts(answer):
                wrong.append(f"{jump_s} s: answered {answer.status}, {answer.set_cookie!r}")
        return wrong


def _lasts(answer: Answer) -> bool:
    """A cookie is set for a time that has not run out, or none is set."""
    if not answer.set_cookie:
        return True
    told = dict(part.strip().partition("=")[::2] for part in answer.set_cookie.split(";"))
    return 0 < int(told["Max-Age"]) <= 400 * 86_400


@contextlib.contextmanager
def _pipeline(collecting: Collecting) -> Iterator[subprocess.Popen[bytes]]:
    """The pipeline beside the collector, without a ClickHouse."""
    process = collecting.run("pipeline")
    try:
        yield process
        assert process.poll() is None, f"the pipeline ended: {collecting.log[-2_000:]}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_delivered(collecting: Collecting, partner: LocalPartner) -> tuple[int, float]:
    """The partner takes everything now: how many it never got, and after how many seconds."""
    taken: set[str] = set()

    def take(asked: Asked) -> Says:
        taken.add(_event_of(asked))
        return Says()

    partner.always = take
    began = time.monotonic()
    while time.monotonic() - began < END_S and collecting.acknowledged - taken:
        time.sleep(0.1)
    return len(collecting.acknowledged - taken), time.monotonic() - began


def _event_of(asked: Asked) -> str:
    return str(asked.json()["event_id"])


def _busiest(asked: list[Asked]) -> int:
    """The most tries of one event within a second of the monotonic clock."""
    times: dict[str, list[float]] = defaultdict(list)
    for one in asked:
        times[_event_of(one)].append(one.at)
    return max(
        (sum(at <= other < at + 1 for other in tries) for tries in times.values() for at in tries),
        default=0,
    )


def _hit(hit: Hit) -> list[str]:
    """What is wrong with a visitor's times: nothing of it may lie in the future."""
    visitor = hit.visitor
    if visitor is None:
        return ["a hit has no visitor"]
    ages = [hit.received_at - visitor.issued_at, hit.received_at - visitor.session_seen_at]
    wrong = [f"a cookie is {age} ms old" for age in ages if age < -FORGIVEN_MS]
    if visitor.session_number < 1 or abs(hit.received_at - visitor.session_id * 1000) > 2 * DAY_MS:
        wrong.append(f"session {visitor.session_id}, number {visitor.session_number}")
    return wrong


def _rows(collecting: Collecting, clocks: dict[str, int]) -> list[str]:
    """What is wrong with the dates of the rows; each event has one."""
    state = State(collecting.data / STATE_FILE)
    end = state.end(STORE)
    state.close()
    wrong, seen = [], Counter[str]()
    for record in drain(spool_folder(collecting.data, STORE), until=end).records:
        table, line = split_row(record.payload)
        if table != "events":
            continue
        row = json.loads(line)
        seen[row["id"]] += 1
        received, occurred = float(row["received_at"]) * 1000, float(row["occurred_at"]) * 1000
        if abs(received - clocks[row["id"]]) > CLOSE_MS:
            wrong.append(f"received at {received}, by the clock at {clocks[row['id']]}")
        if not -7 * DAY_MS <= occurred - received <= FORGIVEN_MS:
            wrong.append(f"received at {received}, occurred at {occurred}")
    if seen != Counter(collecting.acknowledged):
        wrong.append(f"{len(collecting.acknowledged)} acknowledged, {seen.total()} rows")
    return wrong


CASES = (Case(row=21, title="the wall clock jumps", quick=1, long=5, run=run),)
