from __future__ import annotations

from server.containers.gtm.report import Item, Outcome, Report, markdown

REPORT = Report(
    source="a|b.json",
    items=[
        Item(kind="tag", name="One | <b>", type="html", outcome=Outcome.REFUSED, notes=("why",)),
        Item(kind="trigger", name="Two\nlines", outcome=Outcome.CONVERTED, became="two"),
    ],
    to_do=["set it"],
)


def test_each_kind_is_counted() -> None:
    assert REPORT.counts("tag") == {
        Outcome.CONVERTED: 0,
        Outcome.APPROXIMATED: 0,
        Outcome.REFUSED: 1,
        Outcome.WAITING: 0,
    }
    assert sum(REPORT.counts().values()) == 2


def test_the_page_stays_a_page_whatever_the_names_are() -> None:
    assert markdown(REPORT) == (
        "# Import of a\\|b.json\n"
        "\n"
        "|  | converted | approximated | refused | waiting |\n"
        "|---|---:|---:|---:|---:|\n"
        "| Tags | 0 | 0 | 1 | 0 |\n"
        "| Triggers | 1 | 0 | 0 | 0 |\n"
        "| **All** | 1 | 0 | 1 | 0 |\n"
        "\n## To do\n\n- set it\n"
        "\n## Tags\n\n| GTM | type | outcome | here | |\n|---|---|---|---|---|\n"
        "| One \\| &lt;b> | html | refused |  | why |\n"
        "\n## Triggers\n\n| GTM | type | outcome | here | |\n|---|---|---|---|---|\n"
        "| Two\\nlines |  | converted | `two` |  |\n"
    )
