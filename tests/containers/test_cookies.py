from __future__ import annotations

import msgspec

from server.containers.cookies import cookies_read
from server.containers.model import Container
from tests.containers.kinds import TYPES, hook, tree


def test_cookies_that_variables_and_destinations_read_are_kept() -> None:
    measure = {"type": "measure", "fires_on": ["all_events"], "with": {}}
    container = tree(
        variables={
            "loyal": {"type": "cookie", "name": "loyalty"},
            "again": {"type": "cookie", "name": "loyalty"},
            "other": {"type": "constant", "value": "x"},
        },
        tags={"a": hook(), "b": measure, "c": measure},
    )
    assert cookies_read(msgspec.convert(container, Container), TYPES) == ["loyalty", "_ga"]
