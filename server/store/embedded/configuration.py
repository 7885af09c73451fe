"""The engine's own configuration: its bounds, and the grants of the two roles.

Files below the store's folder, written at each start:

    clickhouse/  engine/           the chDB directory, and nothing else
                 configuration/    config.xml, users.xml
                 scratch/          temporary files and result pipes; emptied at each start

The engine knows one user, `default`, who holds no right of his own, only two roles. A connection
of an analyst does `SET ROLE analyst` first, and has from then on what that role grants: SELECT in
`freehold`, without the tables that analysts must not read. Neither role has SOURCES, so the engine
itself refuses table functions that read files or the network.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

from msgspec import Struct

from server.errors import FreeholdError

# Personal data for thirty days, for simulation and back-fill only (architecture, section 4); and
# what is not published yet.
PRIVATE_TABLES = ("event_context", "container_drafts", "traces")
DATABASE = "freehold"

_WRITER = (
    "GRANT SHOW, SELECT, INSERT, ALTER, CREATE, DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, CHECK, "
    "KILL QUERY, dictGet, INTROSPECTION, SYSTEM MERGES, SYSTEM TTL MERGES, SYSTEM MOVES, "
    "SYSTEM VIEWS, SYSTEM FLUSH, SYSTEM RELOAD, SYSTEM DROP CACHE, SYSTEM SYNC REPLICA ON *.*",
    "GRANT TABLE ENGINE ON *",
)
_ANALYST = (
    f"GRANT SHOW, SELECT, dictGet ON {DATABASE}.*",
    "GRANT SHOW, SELECT ON information_schema.*",
    "GRANT SHOW, SELECT ON INFORMATION_SCHEMA.*",
    *(f"REVOKE SELECT ON {DATABASE}.{table}" for table in PRIVATE_TABLES),
)


class Layout(Struct, frozen=True, kw_only=True):
    """Where the parts of the store's folder are."""

    folder: Path
    engine: Path
    configuration: Path
    scratch: Path

    @property
    def connection_string(self) -> str:
        return f"{self.engine}?config-file={self.configuration / 'config.xml'}"


def lay_out(folder: Path) -> Layout:
    folder = folder.resolve()
    if set(str(folder)) & set("?&#%"):
        raise FreeholdError(f"{folder}: the store's folder may not have ?, &, # or % in its name")
    return Layout(
        folder=folder,
        engine=folder / "engine",
        configuration=folder / "configuration",
        scratch=folder / "scratch",
    )


def prepare(layout: Layout, memory_bytes: int) -> None:
    """Makes the folders, wipes what a killed process left behind, writes the configuration."""
    shutil.rmtree(layout.scratch, ignore_errors=True)
    shutil.rmtree(layout.engine / "tmp", ignore_errors=True)
    for folder in (layout.engine, layout.configuration, layout.scratch):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = layout.configuration / "users.xml"
    _write(users, _users())
    _write(layout.configuration / "config.xml", _config(layout, users, memory_bytes))


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    os.replace(draft, path)


def _config(layout: Layout, users: Path, memory_bytes: int) -> str:
    values = {
        "max_server_memory_usage": memory_bytes,
        "mark_cache_size": memory_bytes // 16,
        "uncompressed_cache_size": 0,
        "query_cache.max_size_in_bytes": 0,
        "compiled_expression_cache_size": memory_bytes // 64,
        "background_pool_size": max(2, (os.cpu_count() or 2) // 2),
        "background_schedule_pool_size": 4,
        "background_common_pool_size": 2,
        "background_fetches_pool_size": 1,
        "background_move_pool_size": 1,
        "tmp_path": f"{layout.scratch}/",
    }
    settings = "".join(
        f"  <{name}>{escape(str(value))}</{name}>\n" for name, value in values.items()
    )
    return (
        f"<clickhouse>\n{settings}  <user_directories><users_xml>"
        f"<path>{escape(str(users))}</path></users_xml></user_directories>\n</clickhouse>\n"
    )


def _users() -> str:
    return (
        "<clickhouse>\n<profiles><default/></profiles>\n<quotas><default/></quotas>\n<roles>\n"
        f"<writer>{_grants(_WRITER)}</writer>\n<analyst>{_grants(_ANALYST)}</analyst>\n</roles>\n"
        "<users><default><password/><networks><ip>::/0</ip></networks>"
        "<profile>default</profile><quota>default</quota>"
        f"{_grants(('GRANT writer', 'GRANT analyst'))}</default></users>\n</clickhouse>\n"
    )


def _grants(queries: tuple[str, ...]) -> str:
    return f"<grants>{''.join(f'<query>{escape(query)}</query>' for query in queries)}</grants>"
