from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.condition import (
    OPERATORS,
    Check,
    compile_condition,
    listed,
    quoted,
    value_faults,
)
from server.containers.explain import Fault, Malformed
from server.containers.model import Condition
from server.containers.patterns import MAX_MATCHED_CHARS, MAX_PATTERN_CHARS
from server.containers.scope import MISSING, Scope
from server.model import Event
from tests.samples import event

PLAN = "{{ event.props.plan }}"


def check(value: str = PLAN, **more: Any) -> Check:
    words = {"not_": "not", "in_": "in"}
    tree = {words.get(name, name): given for name, given in more.items()}
    return compile_condition(msgspec.convert({"value": value, **tree}, Condition))


def met(condition: Check, given: Event) -> bool:
    return condition.ask(Scope(given))


def faults(value: str = PLAN, **more: Any) -> list[Fault]:
    with pytest.raises(Malformed) as caught:
        check(value, **more)
    return caught.value.faults


@pytest.mark.parametrize(
    ("operator", "yes", "no"),
    [
        ({"equals": "pro"}, ["pro"], ["Pro", "pro ", "1"]),
        ({"equals": "Pro", "ignore_case": True}, ["pro", "PRO"], ["prö"]),
        ({"equals": 12}, ["12", "12.0", "12.0000"], ["012", "1.2e1", "12a"]),
        ({"equals": "12.50"}, ["12.5", "12.50"], ["12.51"]),
        ({"equals": "007"}, ["007"], ["7", "07"]),
        ({"equals": "9007199254740993"}, ["9007199254740993"], ["9007199254740992"]),
        ({"equals": True}, ["true"], ["1", "True"]),
        ({"contains": "r"}, ["pro", "r"], ["R", "x"]),
        ({"contains": "R", "ignore_case": True}, ["pro"], ["x"]),
        ({"starts_with": "pr"}, ["pro"], ["xpr"]),
        ({"ends_with": "ro"}, ["pro"], ["rox"]),
        ({"ends_with": "STRASSE", "ignore_case": True}, ["Hauptstraße"], ["Straßen"]),
        ({"matches": "^p.o$"}, ["pro", "p€o"], ["prro", "xpro"]),
        ({"matches": "r+"}, ["xrrx"], ["R"]),
        ({"matches": "r+", "ignore_case": True}, ["xRx"], ["x"]),
        ({"in_": ["a", 12, True]}, ["a", "12.0", "true"], ["b", "1"]),
        ({"in_": ["A"], "ignore_case": True}, ["a"], ["b"]),
        ({"greater": 5}, ["5.01", "10"], ["5", "-9", "abc", "007"]),
        ({"greater_or_equal": 5}, ["5", "5.0", "10"], ["4.99", "9a"]),
        ({"less": 5}, ["4.99", "-10"], ["5", "10", "abc"]),
        ({"less_or_equal": 5}, ["5", "-10"], ["5.01", "abc"]),
    ],
)
def test_an_operator_compares_and_not_turns_it_round(
    operator: dict[str, Any], yes: list[str], no: list[str]
) -> None:
    positive, negative = check(**operator), check(**operator, not_=True)
    for text in [*yes, *no]:
        given = event(props={"plan": text})
        assert met(positive, given) is (text in yes), text
        assert met(negative, given) is (text in no), text


@pytest.mark.parametrize(
    ("value", "operator"),
    [
        ("{{ event.value }}", {"greater": 59}),
        ("{{ event.value }}", {"equals": "59.9"}),
        ("{{ event.nums.n }}", {"equals": 3}),
        ("{{ event.is_preview }}", {"equals": False}),
        ("{{ event.click_ids }}", {"contains": '"gclid"'}),
        ("{{ event.items }}", {"equals": "[]"}),
        ("{{ event.name }}:{{ event.user_id }}", {"equals": "page_view:"}),
    ],
)
def test_every_kind_of_value_can_be_compared(value: str, operator: dict[str, Any]) -> None:
    given = event(value="59.9000", nums={"n": 3.0}, click_ids=["gclid"])
    assert met(check(value, **operator), given)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("props", [{}, {"plan": ""}])
def test_what_is_missing_or_empty_makes_every_operator_false(
    operator: str, props: dict[str, str]
) -> None:
    numeric = operator.startswith(("greater", "less"))
    operand: Any = 0 if numeric else ["x"] if operator == "in" else "x"
    given = event(props=props)
    assert not met(check(**{operator: operand}), given)
    assert met(check(**{operator: operand, "not_": True}), given)


@given(st.text(max_size=6), st.text(min_size=1, max_size=6))
def test_text_operators_agree_with_python(seen: str, operand: str) -> None:
    given = event(props={"plan": seen})
    if "{{" not in operand:
        assert met(check(contains=operand), given) is (operand in seen)
        assert met(check(starts_with=operand), given) is seen.startswith(operand)
        assert met(check(ends_with=operand), given) is seen.endswith(operand)


@given(st.decimals(-1000, 1000, places=2), st.floats(-1000, 1000))
def test_numbers_compare_as_numbers(seen: Any, operand: float) -> None:
    given = event(props={"plan": str(seen)})
    number = float(seen)
    assert met(check(greater=operand), given) is (number > operand)
    assert met(check(less=operand), given) is (number < operand)
    assert met(check(equals=operand), given) is (number == operand)


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ({}, "; found none"),
        ({"equals": None}, "; found none"),
        ({"equals": 1, "contains": "x"}, "; found equals and contains"),
    ],
)
def test_a_condition_has_exactly_one_operator(operator: dict[str, Any], expected: str) -> None:
    assert faults(**operator) == [
        Fault((), f"expected one of {', '.join(OPERATORS)}{expected}"),
    ]


@pytest.mark.parametrize(
    ("operator", "path", "expected"),
    [
        ({"matches": "(a"}, "matches", "RE2: missing ): (a"),
        ({"matches": r"(a)\1"}, "matches", r"RE2: invalid escape sequence: \1"),
        ({"matches": "(?=a)"}, "matches", "RE2: invalid perl operator: (?="),
        (
            {"matches": r"((\pL{100}){5}\pN{100}){2}"},
            "matches",
            "RE2: pattern too large - compile failed",
        ),
        (
            {"matches": "x" * 10_000},
            "matches",
            f"a pattern has {MAX_PATTERN_CHARS} characters at most",
        ),
        ({"in_": []}, "in", "expected at least one value"),
        *[
            ({name: ""}, name, "an empty text is never met: what is empty is missing")
            for name in ("equals", "contains", "starts_with", "ends_with", "matches")
        ],
        ({"in_": ["a", ""]}, "in", "an empty text is never met: what is empty is missing"),
        *[
            ({"equals": text}, "equals", "expected plain text; placeholders stand in `value` only")
            for text in ("{{ event.host }}", "$secret.KEY")
        ],
    ],
)
def test_a_wrong_operand_is_told(operator: dict[str, Any], path: str, expected: str) -> None:
    (fault,) = faults(**operator)
    assert fault.path == (path,)
    assert fault.text.startswith(expected[:60])


def test_re2_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    faults(matches="(a")
    assert capfd.readouterr() == ("", "")


def test_a_pattern_is_linear_in_the_text() -> None:
    condition = check(matches="(a+)+$")
    given = event(props={"plan": "a" * (MAX_MATCHED_CHARS - 1) + "!"})
    start = time.thread_time()
    assert not met(condition, given)
    assert time.thread_time() - start < 0.5


def test_a_pattern_looks_at_the_beginning_of_a_long_text() -> None:
    inside = event(props={"plan": "é" * (MAX_MATCHED_CHARS - 1) + "b" + "c" * 5000})
    assert met(check(matches="b"), inside)
    assert not met(check(matches="c"), inside)


@pytest.mark.parametrize("ignore_case", [False, True])
@pytest.mark.parametrize("pattern", [".{0,1000}b.{0,900}c", ".{0,900}b.{0,900}c.{0,900}d"])
def test_a_pattern_that_a_visitor_could_keep_busy_is_refused(
    pattern: str, *, ignore_case: bool
) -> None:
    assert faults(matches=pattern, ignore_case=ignore_case) == [
        Fault(("matches",), "RE2: pattern too large - compile failed")
    ]


@pytest.mark.parametrize("ignore_case", [False, True])
@pytest.mark.parametrize(
    "pattern",
    [
        "^.{1,255}$",
        r"^/(fr|de|en)/(checkout|panier)/(step-[0-9]{1,2}|confirm)(/.*)?$",
        r"^[\w.+-]{1,64}@[\w-]{1,255}\.[a-z]{2,63}$",
        r"^[\pL\pN\s-]+$",
        r"^/[^/]{1,255}/[^/]{1,255}$",
        "^(" + "|".join(f"/product/category-{n}/" for n in range(22)) + ")",
        "x" * MAX_PATTERN_CHARS,
    ],
)
def test_the_patterns_of_marketers_are_taken(pattern: str, *, ignore_case: bool) -> None:
    assert check(matches=pattern, ignore_case=ignore_case).test("!") is (pattern == "^.{1,255}$")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("event.path", "expected such as {{ event.path }}; did you mean {{ event.path }}?"),
        ("a text", "expected such as {{ event.path }}"),
        ("$secret.KEY", "expected such as {{ event.path }}"),
        ("{{ evnt.path }}", "`evnt.path` is not known; did you mean event.path?"),
    ],
)
def test_a_condition_looks_at_something_of_the_event(value: str, expected: str) -> None:
    assert list(value_faults(value)) == [Fault(("value",), expected)]
    assert faults(value, equals=1) == [Fault(("value",), expected)]


def test_all_faults_of_a_condition_are_told_at_once() -> None:
    assert [fault.path for fault in faults("{{ x", matches="(")] == [("value",), ("matches",)]


@pytest.mark.parametrize(
    ("value", "operator", "expected"),
    [
        (PLAN, {"equals": "pro"}, "`event.props.plan` is `free`, not `pro`"),
        (
            PLAN,
            {"equals": "free", "not_": True},
            "`event.props.plan` is `free`; the condition wants it not `free`",
        ),
        (
            PLAN,
            {"in_": ["a", 2, "c", "d", "e", "f", "g"]},
            "`event.props.plan` is `free`, not one of `a`, 2, `c`, `d`, `e` and 2 more",
        ),
        (PLAN, {"contains": "x"}, "`event.props.plan` is `free`, not containing `x`"),
        (PLAN, {"starts_with": "x"}, "`event.props.plan` is `free`, not starting with `x`"),
        (PLAN, {"ends_with": "x"}, "`event.props.plan` is `free`, not ending with `x`"),
        (PLAN, {"matches": "^x"}, "`event.props.plan` is `free`, not matching `^x`"),
        ("{{ event.value }}", {"greater": 100}, "`event.value` is 12, not greater than 100"),
        ("{{ event.value }}", {"greater_or_equal": 12.5}, "`event.value` is 12, not at least 12.5"),
        ("{{ event.value }}", {"less": 1}, "`event.value` is 12, not less than 1"),
        (" {{ event.value }} ", {"less_or_equal": 1}, "`event.value` is 12, not at most 1"),
        (
            "{{ event.name }} {{ event.value }}",
            {"equals": "x"},
            "`{{ event.name }} {{ event.value }}` is `page_view 12`, not `x`",
        ),
    ],
)
def test_a_no_is_told_in_words_with_the_value_that_was_seen(
    value: str, operator: dict[str, Any], expected: str
) -> None:
    condition = check(value, **operator)
    given = event(value="12.0000", props={"plan": "free"})
    assert not met(condition, given)
    assert condition.words(condition.seen(Scope(given))) == expected


def test_words_stay_on_one_short_line() -> None:
    assert quoted("a\nb" * 100) == "`" + "a\\nb" * 26 + "a\\n…`"
    assert quoted(True) == "`true`"
    assert listed(["only"]) == "`only`"
    assert check(equals="x").words(MISSING) == "`event.props.plan` is missing"
