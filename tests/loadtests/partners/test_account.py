from __future__ import annotations

from loadtests.partners.account import Lag, Stretch, balance, lags
from server.demo.taken import Once


def once(event_id: str, at: int = 0, *, key: str = "", times: int = 1, missed: int = 0) -> Once:
    return Once(key=key or event_id, id=event_id, at=at, times=times, missed=missed)


def test_each_event_is_taken_once_or_is_a_dead_letter_with_a_reason() -> None:
    found = balance("meta", ["a", "b", "c"], [once("a", times=2), once("b")], {"c": "http_400"})
    assert (found.taken, found.keys, found.again, found.dead) == (2, 2, 1, {"http_400": 1})
    assert found.is_well


def test_what_is_lost_strange_or_doubled_is_not_well() -> None:
    lost = balance("meta", ["a", "b"], [once("a")], {})
    assert (lost.lost, lost.is_well) == (1, False)
    strange = balance("meta", ["a"], [once("a"), once("z")], {})
    assert (strange.strange, strange.is_well) == (1, False)
    doubled = balance("meta", ["a"], [once("a", key="a|1"), once("a", key="a|2")], {})
    assert (doubled.keys, doubled.taken, doubled.is_well) == (2, 1, False)


def test_lag_is_that_of_a_stage_s_events_and_of_those_that_no_error_struck() -> None:
    acknowledged = {"early": 5, "a": 10, "b": 19, "c": 20, "d": 26, "late": 30}
    taken = [
        once("early", 6), once("a", 14), once("b", 119, missed=1), once("c", 27),
        once("late", 99), once("strange", 99),
    ]  # fmt: skip
    stretches = [
        Stretch(stage="calm", begins=10, ends=20),
        Stretch(stage="storm", begins=20, ends=25),
        Stretch(stage="calm", begins=25, ends=30),
    ]
    assert lags(acknowledged, [*taken, once("d", 34)], stretches) == {
        "calm": Lag(count=3, p50=8, p99=8, p99_of_all=100),
        "storm": Lag(count=1, p50=7, p99=7, p99_of_all=7),
    }
    assert lags(acknowledged, [], stretches) == {}
