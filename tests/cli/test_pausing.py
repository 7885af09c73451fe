from __future__ import annotations

from pathlib import Path

from server.pipeline.pauses import pauses
from tests.cli.owing import Node


def test_a_tag_that_is_paused_says_so_until_it_is_resumed(node: Node) -> None:
    told = node.run("pause", "shop/hook", "--note", "their release", "--author", "ada")
    assert told.exit_code == 0
    assert "shop/hook is paused on this node since " in told.output
    assert "freehold deliveries resume shop/hook" in told.output
    [pause] = pauses(node.state()).values()
    assert (pause.author, pause.note) == ("ada", "their release")
    assert node.run("resume", "shop/hook").output == "shop/hook sends again.\n"
    told = node.run("resume", "shop/hook")
    assert told.output == "shop/hook was not paused; what waits for another try is tried now.\n"
    assert pauses(node.state()) == {}


def test_a_tag_that_was_taken_out_of_its_container_can_still_be_paused(node: Node) -> None:
    state = node.state()
    state.commit_ends({"tag.shop.old": state.end("tag.shop.old")})
    assert node.run("pause", "shop/old").exit_code == 0


def test_a_tag_that_is_none_is_refused_and_the_others_are_named(node: Node) -> None:
    told = node.run("pause", "shop/hok")
    assert told.exit_code == 1
    assert "no tag 'shop/hok' here; there are: shop/hook" in told.output


def test_without_a_state_there_is_nothing_to_pause(tmp_path: Path) -> None:
    told = Node(tmp_path).run("pause", "shop/hook")
    assert (told.exit_code, "no pipeline has run" in told.output) == (1, True)
