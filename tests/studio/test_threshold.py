from __future__ import annotations

from collections import Counter

import pytest

from server.studio.compared import Comparison, TagChange
from server.studio.threshold import BadThreshold, holds, read_threshold

FOUND = Comparison(
    container="shop",
    before="live",
    after="file",
    since=0,
    until=1,
    visitors=7,
    tags={
        "ga4": TagChange(type="ga4", before=100, after=90, more=5, less=15, changed=40),
        "new.one": TagChange(type="webhook", after=3, more=3, refusals=2, unknown=Counter(x=4)),
    },
)


@pytest.mark.parametrize(
    ("text", "is_crossed"),
    [
        ("deliveries<-5%", True),
        ("deliveries < -7%", False),
        ("deliveries<=-7%", True),
        ("deliveries<0", True),
        ("tag.ga4.deliveries<-9.5%", True),
        ("tag.new.one.deliveries>1000%", True),
        ("refusals>0", True),
        ("tag.ga4.refusals>0", False),
        ("tag.ga4.changed>=40", True),
        ("more>8", False),
        ("less>=15", True),
        ("unknown>3", True),
        ("visitors>6", True),
    ],
)
def test_a_threshold_is_crossed_or_not(text: str, is_crossed: bool) -> None:
    assert holds(read_threshold(text), FOUND) is is_crossed


@pytest.mark.parametrize(
    "text", ["", "deliveries", "deliveries=5", "tags>1", "tag.ga4.visitors>1", "visitors>5%"]
)
def test_what_is_no_threshold_is_told(text: str) -> None:
    with pytest.raises(BadThreshold):
        read_threshold(text)


def test_a_tag_that_is_not_there_is_told() -> None:
    with pytest.raises(BadThreshold, match="no tag 'meta'"):
        holds(read_threshold("tag.meta.less>0"), FOUND)
