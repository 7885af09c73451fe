from __future__ import annotations

import os
from pathlib import Path

import pytest

from loadtests.bench import install


def test_what_is_here_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in install.PROGRAMS:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install.install() == ""


def test_who_may_not_install_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    problem = install.install()
    assert "wrk (the load) and nginx (the baseline)" in problem
    assert problem.endswith("package manager: wrk nginx util-linux")
