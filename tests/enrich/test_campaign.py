from __future__ import annotations

import pytest

from server.enrich.campaign import put_campaign

from .subjects import CONTEXT, changes, subject_of


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "utm_source=news&utm_medium=email&utm_campaign=spring+sale&utm_term=a%26b"
            "&utm_content=top&utm_id=42&utm_source_platform=x",
            {
                "campaign_source": "news",
                "campaign_medium": "email",
                "campaign_name": "spring sale",
                "campaign_term": "a&b",
                "campaign_content": "top",
                "campaign_id": "42",
            },
        ),
        (
            "mtm_source=s&mtm_medium=m&mtm_campaign=c&mtm_kwd=k&mtm_content=o&mtm_cid=1",
            {
                "campaign_source": "s",
                "campaign_medium": "m",
                "campaign_name": "c",
                "campaign_term": "k",
                "campaign_content": "o",
                "campaign_id": "1",
            },
        ),
        ("pk_campaign=c&pk_keyword=k", {"campaign_name": "c", "campaign_term": "k"}),
        ("pk_source=c&mtm_source=b&utm_source=a", {"campaign_source": "a"}),
        ("utm_source=&mtm_source=b", {"campaign_source": "b"}),
        ("utm_source=a&utm_source=b", {"campaign_source": "a"}),
        ("UTM_Source=Google", {"campaign_source": "Google"}),
        ("utm_source=%20%20", {}),
        ("utm_source=%E9%ff", {"campaign_source": "\ufffd\ufffd"}),
        ("utm_source=" + "x" * 600, {"campaign_source": "x" * 512}),
        ("a=1&utm_=2&utm_nothing=3", {}),
        ("utm_source", {}),
        ("", {}),
    ],
)
def test_the_campaign_is_read_from_the_page_s_query(query: str, expected: dict[str, str]) -> None:
    before = subject_of(query=query)
    assert changes(before, put_campaign(before, CONTEXT)) == expected


def test_what_a_dialect_said_of_the_campaign_stays() -> None:
    before = subject_of(query="utm_source=a&utm_medium=b", campaign_source="app")
    assert changes(before, put_campaign(before, CONTEXT)) == {"campaign_medium": "b"}
