from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.collector.adoption import NAMESPACE, adopted_id, visitor_id

SOMEBODY = "5f0c1d9a-3c6f-4e0e-9d4b-5b0b7f5231c5"
KINDS = ["_ga", "FPID", "_pk_id", "ajs_anonymous_id", "sp", "_sp_id"]


@pytest.mark.parametrize(
    ("sent", "name", "stable"),
    [
        ("_ga=GA1.1.1234567890.1750000000", "_ga", "1234567890.1750000000"),
        ("_ga=GA1.2-2.1234567890.1750000000", "_ga", "1234567890.1750000000"),
        ("FPID=FPID2.2.aBc%2B9ZLM5kq0Xyz%3D.1750000000", "FPID", "aBc+9ZLM5kq0Xyz=.1750000000"),
        ("_pk_id.1.1fff=0123456789abcdef.1750000000.", "_pk_id", "0123456789abcdef"),
        ("_pk_id.1.1fff=0123456789abcdef.1.2.3.4.", "_pk_id.1.1fff", "0123456789abcdef"),
        ("_pk_id.1.1fff=0123456789abcdef", "_pk_id.1", "0123456789abcdef"),
        (f"ajs_anonymous_id=%22{SOMEBODY.upper()}%22", "ajs_anonymous_id", SOMEBODY),
        (f'ajs_anonymous_id="{SOMEBODY}"', "ajs_anonymous_id", SOMEBODY),
        (f"sp={SOMEBODY}", "sp", SOMEBODY),
        (f"_sp_id.1fff={SOMEBODY}.1750000000.2.1750000009.1.x", "_sp_id", SOMEBODY),
    ],
)
def test_the_stable_part_makes_the_id(sent: str, name: str, stable: str) -> None:
    kind = name.partition(".")[0]
    made = adopted_id(f"sid=1; {sent}; last=2", [name])
    assert made == visitor_id(kind, stable) == str(uuid.uuid5(NAMESPACE, f"{kind}:{stable}"))


def test_the_ids_never_change_for_history_was_imported_with_them() -> None:
    made = visitor_id("_ga", "1234567890.1750000000")
    assert made == "86da488d-48d6-557d-b6f8-c0443b7bbbde"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "_ga",
        "_ga=",
        "_ga=GA1.1.0.0",
        "_ga=GA1.1.5.6.7",
        "_ga=amp-aBcDeFgHiJkLmNoPqRsT",
        "_ga=GA1.1." + "1" * 600 + ".5",
        "_ga_ABC=GS2.1.s1750000000$o1$g1",
        "x_ga=GA1.1.5.6",
        "FPID=FPID2.2.short.1750000000",
        "_pk_id.1.1fff=someone@example.com",
        "_pk_ses.1.1fff=0123456789abcdef",
        "_pk_idx=0123456789abcdef",
        "ajs_anonymous_id=someone@example.com",
        "sp=00000000-0000-0000-0000-000000000000",
        f"_sp_id.1fff={SOMEBODY}",
        "sp=%ff%zz%",
    ],
)
def test_what_is_malformed_or_not_named_is_ignored(sent: str) -> None:
    assert adopted_id(sent, KINDS) is None


def test_the_container_s_order_counts_and_the_first_that_is_well_formed() -> None:
    header = f"_ga=GA1.1.5.6; _pk_id.1.a=bad; sp={SOMEBODY}; _pk_id.2.b=0123456789abcdef"
    assert adopted_id(header, ["_pk_id", "_ga"]) == visitor_id("_pk_id", "0123456789abcdef")
    assert adopted_id(header, ["_pk_id.1", "_ga"]) == visitor_id("_ga", "5.6")
    assert adopted_id(header, ["sp", "_ga"]) == visitor_id("sp", SOMEBODY)
    assert adopted_id(header, []) is None


@given(st.text(max_size=80), st.sampled_from(KINDS))
def test_no_header_is_an_error(text: str, kind: str) -> None:
    for header in (text, f"{kind}={text}", f"{kind}.{text}"):
        assert adopted_id(header, KINDS) is None or kind in header
