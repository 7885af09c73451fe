from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from loadtests.faults import find_cases
from loadtests.faults.__main__ import main, run_case
from loadtests.faults.contract import Case, NotRun, Outcome, Trial


def case(run: object) -> Case:
    return Case(row=1, title="a case", quick=1, long=2, run=run)  # type: ignore[arg-type]


def trial(folder: Path) -> Trial:
    return Trial(folder=folder, rounds=1, seed=1, tell=lambda: None)


def test_cases_are_found_in_the_order_of_the_matrix() -> None:
    rows = [found.row for found in find_cases()]
    assert rows == sorted(rows)
    assert set(range(1, 27)) <= set(rows)


def test_titles_are_told_apart() -> None:
    names = [(found.row, found.title) for found in find_cases()]
    assert len(names) == len(set(names))


def test_what_cannot_run_is_not_told_as_passed(tmp_path: Path) -> None:
    def run(_: Trial) -> Outcome:
        raise NotRun("no compiler")

    assert run_case(case(run), trial(tmp_path)) == "no compiler"


def test_a_case_that_breaks_is_not_well(tmp_path: Path) -> None:
    def run(_: Trial) -> Outcome:
        raise AssertionError("the harness is wrong")

    found = run_case(case(run), trial(tmp_path))
    assert found == Outcome(tried=0, detail="AssertionError: the harness is wrong", is_well=False)


def test_the_command_tells_a_table_and_the_seed() -> None:
    told = CliRunner().invoke(main, ["--only", "6", "--rounds", "5", "--seed", "9"])
    assert told.exit_code == 0, told.output
    assert "1 well, 0 wrong, 0 not run; seed 9" in told.output


def test_an_unknown_row_is_refused() -> None:
    told = CliRunner().invoke(main, ["--only", "99"])
    assert told.exit_code == 2
    assert "no such case" in told.output
