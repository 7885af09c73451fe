from __future__ import annotations

import pytest

from server.clock import DAY_MS, HOUR_MS, now_ms
from server.delivery import Delivery, delivery_id
from server.pipeline.pauses import Pause, pause
from server.pipeline.queue import Dead, Queue, Settlement
from tests.cli.owing import Node
from tests.samples import event

SPOOL = "tag.shop.hook"
FIRST, OLD, OTHER = (event(number).event_id for number in (1, 2, 3))


def dead(number: int, *, age_ms: int, reason: str) -> Dead:
    at = now_ms() - age_ms
    made = event(number, name="purchase", container_id="shop", occurred_at=at, received_at=at)
    return Dead(
        delivery=Delivery(
            delivery_id=delivery_id(made.event_id, "shop", "hook"),
            container_id="shop",
            tag="hook",
            type="webhook",
            settings={"url": "https://erp.example/in", "secret": "$secret.ERP"},
            event=made,
            person=b"sealed",
        ),
        died_at=at,
        reason=reason,
        detail="no such [order]",
        attempts=1,
    )


@pytest.fixture(autouse=True)
def buried(node: Node) -> None:
    """One of an hour ago, one that is too old, and one of two days ago with another reason."""
    letters = [
        dead(1, age_ms=HOUR_MS, reason="http_422"),
        dead(2, age_ms=5 * DAY_MS, reason="http_422"),
        dead(3, age_ms=2 * DAY_MS, reason="bad_settings"),
    ]
    Queue(node.state()).commit(Settlement(spool=SPOOL, dead=letters), {})


def listed(node: Node, *arguments: str) -> list[str]:
    told = node.run("dead", *arguments, COLUMNS="240")
    assert told.exit_code == 0
    return [name for name in (FIRST, OLD, OTHER) if name in told.output]


def test_dead_letters_are_listed_by_tag_time_and_reason(node: Node) -> None:
    assert listed(node) == [FIRST, OLD, OTHER]
    assert listed(node, "--tag", "shop/hook", "--since", "3d") == [FIRST, OTHER]
    assert listed(node, "--reason", "bad_settings") == [OTHER]
    text = node.run("dead", "--limit", "1", COLUMNS="240").output
    assert "no such [order]" in text
    assert "and 2 more" in text


def test_a_letter_is_shown_whole_but_for_secrets_and_what_is_personal(node: Node) -> None:
    text = node.run("dead", FIRST).output
    assert "tag hook (webhook) of shop, dead since " in text
    assert f"freehold deliveries replay --tag shop/hook --event {FIRST}" in text
    assert '"secret": "$secret.ERP"' in text
    assert '"name": "purchase"' in text
    assert "what is personal is kept, sealed, until" in text
    assert "too old for the partner" in node.run("dead", OLD).output
    none = node.run("dead", event(9).event_id)
    assert (none.exit_code, "no dead letter" in none.output) == (1, True)


def test_a_replay_says_how_many_and_what_is_too_old(node: Node) -> None:
    dry = node.run("replay", "--tag", "shop/hook", "--dry-run").output
    assert dry == (
        "Dead letters of shop/hook that would be due again: 2\n"
        "Too old for the partner, they stay dead: 1\n"
    )
    assert node.run("replay", "--tag", "shop/hook", "--event", OTHER).output == (
        "Dead letters of shop/hook that are due again: 1\n"
    )
    pause(node.state(), SPOOL, Pause(author="ada", note="wait", since=1))
    told = node.run("replay", "--tag", "shop/hook", "--reason", "http_422", "--since", "1d").output
    assert told == (
        "Dead letters of shop/hook that are due again: 1\n"
        "The tag is paused by ada: wait: they wait.\n"
    )
    [lane] = Queue(node.state()).lanes([SPOOL])
    assert (lane.dead, lane.retrying, lane.replayed) == (1, 2, 2)


def test_a_replay_may_take_the_tag_as_it_is_now(node: Node) -> None:
    told = node.run("replay", "--tag", "shop/hook", "--as-now", "--event", FIRST).output
    assert told == "Dead letters of shop/hook that are due again: 1\n"
    [job] = Queue(node.state()).due(SPOOL, now=now_ms(), limit=9)
    assert job.delivery.settings == {"url": "https://erp.example/in"}  # no secret any more
    quiet = (node.containers / "shop.yaml").read_text().replace("all_events", "all_pages")
    (node.containers / "shop.yaml").write_text(quiet)
    told = node.run("replay", "--tag", "shop/hook", "--as-now", "--event", OTHER).output
    assert "would not send them, they stay dead: 1" in told
