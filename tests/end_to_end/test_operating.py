"""What an operator does: fill it, stop it, read its log, give it another ClickHouse."""

from __future__ import annotations

import json
import random
import urllib.error
import urllib.request
from pathlib import Path

from loadtests.faults.oracle import judge
from loadtests.faults.supervised import TARGETS, Supervised, crash_round
from loadtests.flapping import NAME as FLAPPING
from loadtests.flapping import write_container
from loadtests.load import Load
from tests.embedded_store import EmbeddedStore
from tests.partner import LocalPartner, Says
from tests.running import ROOT, Running, wait_for

FEW = {"busy_pages": 0, "funnel": 1, "lost_hits": 1}
"""Queries whose answer has fewer rows than three."""


def test_the_demo_fills_an_installation_that_the_queries_make_sense_of(tmp_path: Path) -> None:
    with Running(tmp_path) as freehold:
        freehold.command("demo", "--visitors", "120")
        events = "SELECT toUInt32(count()) FROM freehold.events"
        wait_for(lambda: freehold.ask(events)[0][0] > 800, "rows", 60)
        outcomes = (ROOT / "clickhouse" / "queries" / "deliveries_by_outcome.sql").read_text()
        wait_for(lambda: len(freehold.ask(outcomes)) >= 4, "deliveries", 60)
        standings = freehold.recorded()["partners"]
        answers = {
            file.stem: freehold.ask(file.read_text())
            for file in (ROOT / "clickhouse" / "queries").glob("*.sql")
        }
    assert {one["partner"] for one in standings} == {"GA4", "Meta", "TikTok", "Webhook"}
    assert [one for one in standings if one["faulty"] or not one["taken"]] == []
    assert set(answers) >= {"sessions", "top_pages", "traffic_by_channel"}
    assert [name for name, answer in answers.items() if len(answer) < FEW.get(name, 3)] == []


def test_everything_stops_within_five_seconds_under_load_and_loses_nothing(
    tmp_path: Path,
) -> None:
    with Supervised(tmp_path) as freehold:
        load = Load(f"{freehold.url}/demo/hit", threads=2, seed=3)
        load.start()
        wait_for(lambda: len(load.acknowledged) > 100, "a load")
        assert freehold.stop() < 5
        freehold.start()
        outcome = judge(freehold, load.stop(), tried=1)
        assert (outcome.lost, outcome.doubled, outcome.is_well) == (0, 0, True)


CANARIES = {
    "address": "203.0.113.77",
    "agent": "Canary/77.5",
    "mail": "canary@shop.example",
    "cookie": "canary-cookie-77",
    "name": "Canarina",
}


def canary_hit(freehold: Running, body: bytes) -> int:
    """A hit that has every canary around it; returns the status."""
    request = urllib.request.Request(
        f"{freehold.url}/{FLAPPING}/hit?c=1",
        data=body,
        headers={
            "Content-Type": "text/plain",
            "User-Agent": CANARIES["agent"],
            "X-Forwarded-For": CANARIES["address"],
            "Cookie": f"_ga={CANARIES['cookie']}; fh_{FLAPPING}={CANARIES['cookie']}",
            "Referer": f"https://shop.example/?mail={CANARIES['mail']}",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_log_is_json_and_knows_nothing_of_a_visitor(tmp_path: Path) -> None:
    with LocalPartner() as partner:
        # A partner that quotes what it was sent, and a dead letter for it.
        partner.always = lambda asked: Says(status=400, body=asked.body)
        freehold = Supervised(
            tmp_path, FREEHOLD_LOG="json", FREEHOLD_TRUSTED_PROXIES="127.0.0.1/32"
        )
        write_container(freehold.containers, partner.url)
        with freehold:
            event = {
                "name": "purchase",
                "title": CANARIES["name"],
                "user": {"id": CANARIES["mail"], "email": CANARIES["mail"]},
                "props": {"name": CANARIES["name"]},
            }
            consent = {"purposes": {"analytics_storage": "granted", "ad_user_data": "granted"}}
            good = {"v": 1, "consent": consent, "events": [event, {**event, "name": 5}]}
            assert canary_hit(freehold, json.dumps(good).encode()) == 204
            assert canary_hit(freehold, f'{{"x": {CANARIES["mail"]}'.encode()) == 400
            wait_for(lambda: freehold.ask("EXISTS freehold.deliveries") == [[1]], "tables")
            sql = "SELECT toUInt32(count()) FROM freehold.deliveries WHERE outcome = 'refused'"
            wait_for(lambda: freehold.ask(sql) == [[1]], "a dead letter")
            assert CANARIES["name"] in str(freehold.ask("SELECT detail FROM freehold.deliveries"))
            freehold.kill("collect", "pipeline")
            wait_for(lambda: "again in" in freehold.log, "a new start")
    lines = [line for line in freehold.log.splitlines() if line.startswith("{")]
    assert {"server.supervise", "server.pipeline.forwarder.ledger"} <= {
        json.loads(line)["logger"] for line in lines
    }
    assert [name for name, canary in CANARIES.items() if canary in freehold.log] == []


def test_a_clickhouse_elsewhere_is_used_as_the_embedded_one_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with EmbeddedStore(elsewhere) as store:
        url = f"http://freehold:{store.passwords.freehold}@127.0.0.1:{store.port}"
        with Supervised(tmp_path, FREEHOLD_CLICKHOUSE=url) as freehold:
            assert set(freehold.children()) == {"pipeline", "collect", "recorder"}
            ids = crash_round(freehold, TARGETS.index(("pipeline",)), random.Random(5))
            outcome = judge(freehold, ids, tried=1)
            assert (outcome.lost, outcome.doubled, outcome.is_well) == (0, 0, True)
            assert not (freehold.data / "clickhouse").exists()
