from __future__ import annotations

from server.histogram import Histogram, histogram


def test_a_value_on_a_bound_is_below_it() -> None:
    one = histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        one.note(value)
    assert one == Histogram(bounds=(1.0, 2.0), counts=[2, 1, 1], total=12.0)


def test_two_are_added_unless_they_have_other_bounds() -> None:
    one = Histogram(bounds=(1.0,), counts=[1, 2], total=3.0)
    assert one.plus(one) == Histogram(bounds=(1.0,), counts=[2, 4], total=6.0)
    assert one.plus(histogram((5.0, 6.0))) == one
