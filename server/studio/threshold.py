"""What fails a simulation in CI: `deliveries<-5%`, `refusals>0`, `tag.ga4.changed>100`.

    [tag.NAME.] deliveries more less changed refusals unknown visitors   < <= > >=   NUMBER[%]

`deliveries` is how many more (or, below 0, fewer) there are; with %, of those that there were.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from msgspec import Struct

from server.errors import FreeholdError
from server.studio.compared import Comparison, TagChange

_FORM = re.compile(
    r"\s*(?:tag\.(?P<tag>.+)\.)?(?P<name>[a-z]+)\s*(?P<sign>[<>]=?)\s*"
    r"(?P<number>[+-]?[0-9]+(?:\.[0-9]+)?)(?P<percent>%?)\s*"
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COUNTS: dict[str, Callable[[TagChange], int]] = {
    "deliveries": lambda tag: tag.after - tag.before,
    "more": lambda tag: tag.more,
    "less": lambda tag: tag.less,
    "changed": lambda tag: tag.changed,
    "refusals": lambda tag: tag.refusals,
    "unknown": lambda tag: tag.unknown.total(),
}
_VISITORS = "visitors"


class BadThreshold(FreeholdError):
    """It cannot be understood; the text says what was expected."""


class Threshold(Struct, frozen=True, kw_only=True):
    """One of them."""

    text: str
    tag: str
    """Empty: all together."""
    name: str
    sign: str
    number: float
    is_percent: bool


def read_threshold(text: str) -> Threshold:
    """A threshold as it is typed; raises BadThreshold."""
    found = _FORM.fullmatch(text)
    known = (*_COUNTS, _VISITORS)
    if found is None or found["name"] not in known:
        raise BadThreshold(
            f"{text!r}: expected such as `deliveries<-5%`, `refusals>0`, `tag.NAME.changed>100`; "
            f"there are {', '.join(known)}"
        )
    tag, name = found["tag"] or "", found["name"]
    if tag and name == _VISITORS:
        raise BadThreshold(f"{text!r}: visitors are counted for all tags together")
    if name == _VISITORS and found["percent"]:
        raise BadThreshold(f"{text!r}: a number of visitors has no percentage")
    return Threshold(
        text=text.strip(),
        tag=tag,
        name=name,
        sign=found["sign"],
        number=float(found["number"]),
        is_percent=bool(found["percent"]),
    )


def holds(threshold: Threshold, comparison: Comparison) -> bool:
    """Whether it is crossed; raises BadThreshold for a tag that there is not."""
    if threshold.tag and threshold.tag not in comparison.tags:
        raise BadThreshold(f"{threshold.text!r}: there is no tag {threshold.tag!r}")
    tags = [tag for name, tag in comparison.tags.items() if threshold.tag in ("", name)]
    if threshold.name == _VISITORS:
        seen: float = comparison.visitors
    else:
        seen = sum(_COUNTS[threshold.name](tag) for tag in tags)
    if threshold.is_percent:
        seen = _percent(seen, sum(tag.before for tag in tags))
    return _SIGNS[threshold.sign](seen, threshold.number)


def _percent(part: float, whole: int) -> float:
    """Of nothing, anything more is without end."""
    if whole:
        return part * 100 / whole
    return 0.0 if not part else float("inf") if part > 0 else float("-inf")
