"""A node's data folder as the commands on deliveries see it, without a pipeline."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from server.cli import main
from server.pipeline.state import STATE_FILE, State, create_state

CONTAINER = """
id: shop
sites: [https://shop.example]
tags:
  hook:
    type: webhook
    fires_on: [all_events]
    needs_consent: []
    with: {url: "https://erp.example/in"}
"""


class Node:
    """A container `shop` with a tag `hook`, and the state of a pipeline that ran."""

    def __init__(self, folder: Path) -> None:
        self.containers = folder / "containers"
        self.containers.mkdir()
        (self.containers / "shop.yaml").write_text(CONTAINER)
        self.data = folder / "data"

    def begin(self) -> None:
        """What the pipeline does first."""
        create_state(self.data / STATE_FILE)

    def state(self) -> State:
        return State(self.data / STATE_FILE)

    def run(self, *arguments: str, answer: str = "", **environ: str) -> Result:
        """`freehold deliveries …`; `answer` is what is typed."""
        words = ["deliveries", *arguments]
        return CliRunner().invoke(main, words, env=self.environ | environ, input=answer)

    @property
    def environ(self) -> dict[str, str]:
        """Its settings."""
        return {
            "FREEHOLD_CONTAINERS": str(self.containers),
            "FREEHOLD_DATA": str(self.data),
            "FREEHOLD_CLICKHOUSE": "http://127.0.0.1:9",  # nobody answers there
        }
