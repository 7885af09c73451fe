from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.containers.decide import compile_container, decide
from server.containers.model import Container
from server.containers.templates import TEMPLATES, expanded
from server.model import Item
from tests.containers.kinds import TYPES, tree
from tests.samples import event


def container(**more: Any) -> Container:
    return msgspec.convert(tree(**more), Container)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles_by_itself_and_says_what_it_is_for(name: str) -> None:
    compile_container(container(templates=[name]), TYPES)
    assert TEMPLATES[name].about.endswith(".")


def test_all_templates_together_give_each_name_once() -> None:
    brought = [name for one in TEMPLATES.values() for name in (*one.triggers, *one.variables)]
    assert len(brought) == len(set(brought))


def test_a_tag_uses_the_triggers_and_variables_of_a_template() -> None:
    tag = {
        "type": "webhook",
        "fires_on": ["purchases"],
        "with": {
            "url": "https://a.example",
            "body": {"order": "{{ order }}", "ids": "{{ item_ids }}"},
        },
    }
    plan = compile_container(container(templates=["ga4_ecommerce"], tags={"a": tag}), TYPES)
    assert decide(event(), plan).sends == []
    order = event(name="purchase", transaction_id="T1", value="5.0000", items=[Item(item_id="A")])
    (send,) = decide(order, plan).sends
    assert send.settings["body"] == {
        "order": {"id": "T1", "value": 5, "items": [{"item_id": "A", "quantity": 1}]},
        "ids": ["A"],
    }


def test_what_the_container_says_itself_counts() -> None:
    own = {"purchases": {"event": "order"}}
    whole = expanded(container(templates=["ga4_ecommerce"], triggers=own))
    assert whole.triggers["purchases"].event == "order"
    assert "refunds" in whole.triggers
    plain = container()
    assert expanded(plain) is plain
