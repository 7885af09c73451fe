from __future__ import annotations

from server.studio.distinct import MOST, Distinct


def test_few_are_counted_exactly_and_many_about() -> None:
    distinct = Distinct()
    for number in [*range(1000), *range(1000)]:
        distinct.add(str(number))
    assert (distinct.count, distinct.is_exact) == (1000, True)
    for number in range(50_000):
        distinct.add(str(number))
    assert not distinct.is_exact
    assert 45_000 < distinct.count < 55_000  # the same hashes at each run
    assert len(distinct._smallest) <= 2 * MOST
