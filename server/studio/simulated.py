"""A comparison in words: for whoever simulates a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from server.studio.compared import Change, Comparison, FieldChange, PageChange, TagChange
from server.studio.why import clock, in_words

MAX_FIELDS = 20
MAX_REASONS = 5


def told(comparison: Comparison) -> Iterator[str]:
    """Lines to read from top to bottom."""
    one = comparison
    of = "" if one.sample == 1 else f", of {one.sample * 100:g} % of the visitors"
    yield f"{one.container}: {one.after}, compared with {one.before}"
    yield f"{one.events:,} events, {clock(one.since)} to {clock(one.until)}{of}"
    about = "" if one.is_exact else "about "
    yield f"It makes a difference for {about}{one.visitors:,} visitors."
    yield from (f"Mind: {note}" for note in one.notes)
    for name, tag in one.tags.items():
        yield ""
        yield from _tag_lines(name, tag)
    for name, page_tag in one.page_tags.items():
        yield ""
        yield from _page_tag_lines(name, page_tag)


def _tag_lines(name: str, tag: TagChange) -> Iterator[str]:
    yield f"Tag {name} ({tag.type}){_state(tag)}"
    yield f"  deliveries     {_counts(tag)}"
    yield from _moved("withheld", tag.withheld_before, tag.withheld_after)
    yield from _moved("refused", tag.refused_before, tag.refused_after)
    if tag.changed or tag.same:
        yield f"  requests       {tag.changed:,} changed, {tag.same:,} the same as far as is known"
    yield from _reasons("decisions", tag.unknown)
    yield from _reasons("refusals", tag.refused_unknown)
    changed = sorted(
        ((field, of) for field, of in tag.fields.items() if of.changed),
        key=lambda one: -one[1].changed,
    )
    for field, of in changed[:MAX_FIELDS]:
        yield from _field_lines(field, of)
    if len(changed) > MAX_FIELDS:
        yield f"  … and {len(changed) - MAX_FIELDS} more fields; --json tells them all"
    for field, of in tag.fields.items():
        yield from _reasons(field, of.unknown)


def _page_tag_lines(name: str, tag: PageChange) -> Iterator[str]:
    yield f"Page tag {name} ({tag.type}){_state(tag)}"
    yield f"  runs           {_counts(tag)}"
    yield from _moved("waits", tag.waits_before, tag.waits_after)
    yield from _reasons("runs", tag.unknown)


def _moved(word: str, before: Counter[str], after: Counter[str]) -> Iterator[str]:
    for reason in dict.fromkeys((*before, *after)):
        yield f"  {word:<14} {before[reason]:,} → {after[reason]:,}  {in_words(reason)}"


def _state(tag: Change) -> str:
    return " is new" if tag.is_new else " is gone" if tag.is_gone else ""


def _counts(tag: Change) -> str:
    delta = f"  (+{tag.more:,} -{tag.less:,})" if tag.more or tag.less else ""
    return f"{tag.before:,} → {tag.after:,}{delta}"


def _field_lines(name: str, field: FieldChange) -> Iterator[str]:
    yield f"  {name}: {field.changed:,} changed"
    for example in field.examples:
        before, after = (_shown(text) for text in (example.before, example.after))
        yield f"      {before} → {after}  ({example.event_id})"


def _reasons(what: str, unknown: Counter[str]) -> Iterator[str]:
    for reason, count in unknown.most_common(MAX_REASONS):
        yield f"  UNKNOWN        {count:,} {what}: {reason}"


def _shown(text: str | None) -> str:
    return "(none)" if text is None else f"`{text}`" if text else "(empty)"
