from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from server.containers.installed import read_folder
from server.destinations import tag_types
from server.pipeline.catalogue import Catalogue
from server.pipeline.drafts import Drafts
from server.publication import Draft
from server.store.client import Connection
from server.store.publications import insert_draft
from tests.samples import NOON

TYPES = tag_types()
SHOP = "id: shop\nsites: [self]\n"


def draft(at: int, source: str = SHOP, container_id: str = "shop") -> Draft:
    return Draft(
        container_id=container_id, draft_id=str(uuid.uuid4()), saved_at=NOON + at, author="ann",
        source=source,
    )  # fmt: skip


def ids(catalogue: Catalogue) -> dict[str, str]:
    return {name: one.draft_id for name, one in catalogue.drafts.items()}


def test_the_latest_draft_is_taken_kept_on_the_disk_and_let_go(
    connection: Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, catalogue = tmp_path / "drafts", Catalogue(TYPES)
    drafts = Drafts(folder, connection, catalogue, os.replace)
    drafts.follow()
    assert ids(catalogue) == {}
    first, second = draft(1), draft(2, SHOP + "currency: USD\n")
    insert_draft(connection, first)
    drafts.follow()
    assert ids(catalogue) == {"shop": first.draft_id}
    insert_draft(connection, second)
    insert_draft(connection, draft(3, "id: [", "blog"))
    drafts.follow()
    drafts.follow()
    assert ids(catalogue) == {"shop": second.draft_id}
    assert caplog.text.count("the draft of blog cannot be looked at here") == 1
    again = Catalogue(TYPES)
    Drafts(folder, connection, again, os.replace)
    assert ids(again) == {"shop": second.draft_id}
    assert again.drafts["shop"].plan.container.currency == "USD"
    insert_draft(connection, draft(4, ""))
    drafts.follow()
    assert ids(catalogue) == {}
    assert read_folder(folder, TYPES) == ({}, [])


def test_a_draft_that_the_disk_does_not_take_is_tried_again(
    connection: Connection, tmp_path: Path
) -> None:
    is_full = True

    def rename(begun: Path, path: Path) -> None:
        if is_full:
            raise OSError(28, "No space left on device")
        os.replace(begun, path)

    folder = tmp_path / "drafts"
    drafts = Drafts(folder, connection, Catalogue(TYPES), rename)
    insert_draft(connection, draft(1))
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            drafts.follow()
    assert [path.name.startswith(".shop") for path in folder.iterdir()] == [True]
    is_full = False
    drafts.follow()
    found, _ = read_folder(folder, TYPES)
    assert list(found) == ["shop"]


def test_what_a_crash_left_of_a_draft_is_cleared_away(
    connection: Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    (folder / ".shop.99").write_text("half")
    Drafts(folder, connection, Catalogue(TYPES), os.replace)
    assert list(folder.iterdir()) == []
