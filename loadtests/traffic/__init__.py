"""Realistic hits of one shop, always the same for the same seed: what drains and sorters are
measured with.

    visitors   a million, each with its own browser, language and consent; Zipf-like returns
    pages      twenty thousand, Zipf; a landing page with its campaign, click id and referrer
    events     GA4's words, 3 to 6 props, 2 % of them with a key that nobody has used before
    ids        UUIDv7 of the moment, as the tag makes them
"""

from __future__ import annotations

from loadtests.traffic.hits import CONTAINER_ID, Traffic

__all__ = ["CONTAINER_ID", "Traffic"]
