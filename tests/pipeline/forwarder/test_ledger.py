from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from server.pipeline.forwarder.ledger import LAST_MS, SOON_MS, Ledger
from server.pipeline.forwarder.ready import Ending
from server.pipeline.queue import Job, Progress
from server.pipeline.state import STATE_FILE, State, create_state
from tests.pipeline.forwarder.owed import Forwarding, owed
from tests.samples import NOON

NOW = 1_795_000_000_000
SPOOL = "tag.shop.hook"
TURNS = 6


def test_what_failed_together_is_due_together_and_what_failed_later_is_not(tmp_path: Path) -> None:
    create_state(tmp_path / STATE_FILE)
    with closing(State(tmp_path / STATE_FILE)) as state:
        ledger = Ledger(tmp_path, state, now=lambda: NOW)
        for turn in range(TURNS):
            jobs = [
                Job(delivery=owed(turn * 10 + number, "http://127.0.0.1:9/"), attempts=attempts)
                for number, attempts in enumerate((0, 0, 0, 3, 3))
            ]
            endings = [Ending(job=job, outcome="retry", reason="http_503") for job in jobs]
            ledger.write(SPOOL, endings, Progress())
        ledger.close()
        rows = state.db.execute("SELECT attempts, due_at FROM retries ORDER BY rowid").fetchall()
    turns = [rows[at : at + 5] for at in range(0, len(rows), 5)]
    assert len(turns) == TURNS
    for turn_rows in turns:
        assert [attempts for attempts, _ in turn_rows] == [1, 1, 1, 4, 4]
        assert len({due for attempts, due in turn_rows if attempts == 1}) == 1
        assert len({due for attempts, due in turn_rows if attempts == 4}) == 1
    assert len({turn_rows[0][1] for turn_rows in turns}) > 1


@pytest.mark.parametrize(
    ("expires_at", "due_at"),
    [
        (0, NOON + 3_600_000),
        (NOON + 86_400_000, NOON + 3_600_000),
        (NOON + 600_000, NOON + 600_000 - LAST_MS),
        (NOON + 5_000, NOON + SOON_MS),
    ],
)
def test_what_is_tried_again_has_a_last_chance_before_its_partner_takes_it_no_more(
    forwarding: Forwarding, expires_at: int, due_at: int
) -> None:
    state = State(forwarding.data / STATE_FILE)
    ledger = Ledger(forwarding.data, state, now=lambda: NOON)
    ending = Ending(
        job=Job(delivery=owed(1, "https://partner.example")),
        outcome="retry",
        reason="http_429",
        after_s=3_600.0,
        is_attempt=True,
        expires_at=expires_at,
    )
    ledger.write(SPOOL, [ending], Progress())
    ledger.close()
    assert state.db.execute("SELECT due_at, attempts FROM retries").fetchall() == [(due_at, 1)]
    state.close()
    [row] = forwarding.told()
    assert row["next_at"] == due_at / 1000
