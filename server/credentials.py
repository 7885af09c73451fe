"""Partners' secrets, by name: from the environment, else from a file; never in a container.

    $secret.GA4_API_SECRET  ──▶  FREEHOLD_SECRET_GA4_API_SECRET, else <folder>/GA4_API_SECRET

They are read at each use, so that a secret that was put right works without a restart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from server.errors import FreeholdError
from server.settings import SECRET_PREFIX

REFERENCE = "$secret."
_REFERENCE = re.compile(r"\$secret\.([A-Z][A-Z0-9_]{0,63})")
MAX_SECRET_BYTES = 64 * 1024


class SecretMissing(FreeholdError):
    """A container names a secret that is nowhere, or that cannot be read."""


class Secrets:
    """Where secrets are looked up; it never shows one."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self._environ = environ
        self._folder = folder

    def get(self, name: str) -> str:
        """The secret; raises SecretMissing with what to do."""
        variable = SECRET_PREFIX + name
        value = self._environ.get(variable, "").strip() or self._from_file(name)
        if not value:
            raise SecretMissing(
                f"the secret {name} is missing: set {variable}, or write {self._folder / name}"
            )
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise SecretMissing(f"the secret {name} is no text: {error.reason}") from error
        return value

    def _from_file(self, name: str) -> str:
        path = self._folder / name
        try:
            if path.stat().st_mode & 0o077:
                raise SecretMissing(f"{path}: others can read this secret; run: chmod 600 {path}")
            return path.read_bytes()[:MAX_SECRET_BYTES].decode().strip()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except (OSError, ValueError) as error:
            raise SecretMissing(f"the secret {name} cannot be read: {error}") from error

    def remembering(self) -> Secrets:
        """The same, each looked up once: for a moment's work, since they may be put right."""
        return _Remembering(self._environ, self._folder)

    def resolve(self, tree: Any, used: dict[str, str]) -> Any:
        """The same settings with each `$secret.NAME` replaced; what was used is noted by name."""
        if isinstance(tree, dict):
            return {key: self.resolve(value, used) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.resolve(value, used) for value in tree]
        found = _REFERENCE.fullmatch(tree) if isinstance(tree, str) else None
        if found is None:
            return tree
        used[found[1]] = self.get(found[1])
        return used[found[1]]


class _Remembering(Secrets):
    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        super().__init__(environ, folder)
        self._known: dict[str, str] = {}

    def get(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = super().get(name)
        return self._known[name]


def scrub(text: str, used: Mapping[str, str]) -> str:
    """A text without the secrets that may stand in it, such as a partner's echo."""
    for name, value in used.items():
        for written in (value, quote(value, safe=""), quote_plus(value)):
            text = text.replace(written, REFERENCE + name)
    return text


def missing_secrets(secrets: Secrets, needed: Mapping[str, list[str]]) -> list[str]:
    """Every secret that is not there: where it is used, and what to do."""
    problems = []
    for name, places in sorted(needed.items()):
        try:
            secrets.get(name)
        except SecretMissing as error:
            problems.append(f"{', '.join(places)}: {error}")
    return problems
