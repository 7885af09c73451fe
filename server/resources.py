"""Where SQL, JavaScript and YAML lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, such as `resource("clickhouse", "migrations")`."""
    packed = _PACKAGE / "_resources"
    return (packed if packed.is_dir() else _PACKAGE.parent).joinpath(*parts)
