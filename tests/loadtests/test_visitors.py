"""Locust's visitors against a whole Freehold, a few of them and for some seconds."""

from __future__ import annotations

import subprocess
import sys

from tests.running import ROOT


def test_visitors_are_told_the_truth() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.visitors", "--users", "12", "--seconds", "5"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 given up" in done.stdout
