from __future__ import annotations

from server.publication import Environment, running_id


def test_staging_runs_beside_live_under_a_name_of_its_own() -> None:
    assert running_id("shop", Environment.LIVE) == "shop"
    assert running_id("shop", Environment.STAGING) == "shop-staging"
