from __future__ import annotations

import pytest

from server.containers.explain import Fault
from server.containers.linked import link_faults
from server.containers.model import Container, Links


def container(name: str, *sites: str, domains: list[str] | None = None) -> Container:
    return Container(id=name, sites=list(sites), links=Links(domains=domains or []))


BRAND = ["cups.example", "rugs.example"]
CUPS = container("cups", "https://www.cups.example", domains=BRAND)
RUGS = container("rugs", "https://rugs.example", domains=BRAND)
BOTH = container("both", "https://www.cups.example", "https://rugs.example", domains=BRAND)


@pytest.mark.parametrize(
    ("one", "others"),
    [
        (CUPS, [CUPS, RUGS]),
        (container("cups", "https://cups.example", domains=["rugs.example"]), [RUGS]),
        (CUPS, [container("rugs", "self", domains=["cups.example"])]),
        (container("cups", "self", domains=BRAND), [RUGS]),
        (BOTH, []),
        (container("shop", "https://shop.example"), [CUPS]),
    ],
)
def test_two_who_list_each_other_are_told_nothing(one: Container, others: list[Container]) -> None:
    assert list(link_faults(one, others)) == []


@pytest.mark.parametrize("others", [[], [container("rugs", "https://rugs.example")]])
def test_a_domain_where_nobody_takes_a_visitor_over_is_told(others: list[Container]) -> None:
    [fault] = link_faults(CUPS, others)
    assert fault.path == ("links", "domains", 1)
    assert "no container with `links` has a site on rugs.example" in fault.text


def test_a_container_that_does_not_list_the_other_is_told() -> None:
    alone = container("rugs", "https://rugs.example", domains=["rugs.example"])
    assert list(link_faults(CUPS, [alone])) == [
        Fault(
            ("links", "domains", 1),
            "container 'rugs' lists no domain of this one's sites under `links`: it takes no"
            " visitor over",
        )
    ]


def test_a_site_of_its_own_that_is_on_no_domain_is_told() -> None:
    more = container("both", *BOTH.sites, "https://mats.example", domains=BRAND)
    [fault] = link_faults(more, [])
    assert fault.path == ("links", "domains")
    assert fault.text.startswith("mats.example: on none of them")
