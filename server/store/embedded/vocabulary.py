"""What statements may name: kinds, functions, tables, engines, settings; and how it is loaded.

Functions are allowed by the engine's own category, so a new string function works at once and a new
category does not; the catch-all category `Other` is allowed name by name. Table functions, table
engines, kinds of statements and tables of `system` are allowed by name: what a later engine adds is
refused. `tests/store/embedded/test_gate.py` walks through the engine's own lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from server.store.embedded.users import User

if TYPE_CHECKING:
    from server.store.embedded.engine import Connection

# Not AI (network), Introspection (memory addresses), Internal, Embedded Dictionary and Machine
# Learning (files of the server's configuration), nor whatever a later engine brings.
_CATEGORIES = frozenset(
    {
        *("Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison"),
        *("Conditional", "Dates and Times", "Dictionary", "Distance", "Encoding", "Encryption"),
        *("Financial", "Geo", "Geo Polygon", "Hash", "IP Address", "JSON", "Logical", "Map"),
        *("Mathematical", "Null", "NumericIndexedVector", "QBit", "Random Number", "Rounding"),
        *("String", "String Replacement", "String Search", "String Splitting", "Time Series"),
        *("Time Window", "Tuple", "Type Conversion", "URL", "UUID", "Nullable", "UniqTheta"),
    }
)
# From `Other` and `Internal`: pure ones, and what clients ask for when they connect. Not: file,
# filesystem*, sleep*, getMacro, getServerSetting, getClientHTTPHeader, showCertificate, serverUUID,
# fuzz*, transaction*, zookeeper*, generateSerialID, and what is unknown.
_NAMED = """
    bar blockNumber blockSerializedSize blockSize buildId byteSize caseWithExpression
    colorOKLABToSRGB colorOKLCHToSRGB colorSRGBToOKLAB colorSRGBToOKLCH connectionId connectionID
    countDigits currentDatabase currentProfiles currentQueryID currentRoles currentSchemas
    currentUser defaultRoles defaultValueOfArgumentType defaultValueOfTypeName digits displayName
    dumpColumnStructure enabledRoles errorCodeToName finalizeAggregation flipCoordinates
    formatQuery formatQueryOrNull formatQuerySingleLine formatQuerySingleLineOrNull
    formatReadableDecimalSize formatReadableQuantity formatReadableSize formatReadableTimeDelta
    FQDN getMergeTreeSetting getSetting getSettingOrDefault getSizeOfEnumType getSubcolumn
    getTypeSerializationStreams globalVariable hasColumnInTable hostName identity ignore indexHint
    initializeAggregation initialQueryID isConstant isDecimalOverflow joinGet joinGetOrNull
    lowCardinalityIndices lowCardinalityKeys MACNumToString MACStringToNum MACStringToOUI
    materialize minSampleSizeContinuous minSampleSizeConversion neighbor normalizedQueryHash
    normalizedQueryHashKeepNames normalizeQuery normalizeQueryKeepNames parseISO8601Duration
    parseReadableSize parseReadableSizeOrNull parseReadableSizeOrZero parseTimeDelta partitionId
    pgGetUserById pgTableIsVisible queryID revision rowNumberInAllBlocks rowNumberInBlock
    runningAccumulate runningDifference runningDifferenceStartingWithFirstValue shardCount shardNum
    tcpPort throwIf toColumnTypeName toTypeName transform uptime variantElement variantType version
    visibleWidth _CAST __getScalar __scalarSubqueryResult nested
"""
_FUNCTIONS = frozenset(_NAMED.split())
# For the writer's own tests and repairs: they cost time, but reach nothing.
_WRITER_FUNCTIONS = frozenset({"sleep", "sleepEachRow", "getServerSetting", "getMacro"})

# `format` is a scalar function too; as a table function the grants refuse it to analysts.
_TABLE_FUNCTIONS = frozenset(
    {
        *("numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generateSeries"),
        *("generate_series", "generateRandom", "values", "SQLStandardValues", "null", "view"),
        *("viewExplain", "format"),
    }
)
# `merge` takes a database by name, `system` too, which grants do not protect.
_WRITER_TABLE_FUNCTIONS = frozenset(
    {"merge", "loop", "input", "dictionary", "mergeTreeIndex", "mergeTreeProjection"}
)

READS = frozenset(
    {
        *("SelectWithUnionQuery", "SelectIntersectExceptQuery", "Explain", "DescribeQuery"),
        *("ShowTables", "ShowColumns", "ShowIndexes", "ShowFunctions", "ShowEngineQuery"),
        *("ShowSetting", "ShowGrantsQuery", "ShowCreateTableQuery", "ShowCreateViewQuery"),
        *("ShowCreateDatabaseQuery", "ShowCreateDictionaryQuery", "ExistsTableQuery"),
        *("ExistsViewQuery", "ExistsDatabaseQuery", "ExistsDictionaryQuery"),
    }
)
# SYSTEM and KILL are held by the grants of the role `writer`.
_WRITER_KINDS = frozenset(
    {
        *("InsertQuery", "CreateQuery", "AlterQuery", "DropQuery", "DetachQuery", "TruncateQuery"),
        *("Rename", "OptimizeQuery", "DeleteQuery", "UpdateQuery", "UndropQuery", "CheckQuery"),
        *("CreateIndexQuery", "DropIndexQuery", "AttachQuery", "Set", "UseQuery"),
        *("KillQueryQuery", "ShowProcesslistQuery", "SYSTEM"),
    }
)

# The engine's class CONTROL also holds every statement with INTO OUTFILE; these may be meant.
CONTROL_KINDS = frozenset(
    {
        *("Set", "UseQuery", "KillQueryQuery", "SYSTEM", "CreateQuery", "AlterQuery"),
        *("DetachQuery", "AttachQuery", "DropQuery", "InsertQuery"),
    }
)
# Statements that only read may go by GET; ClickHouse lets GET change the session too.
SESSION_KINDS = frozenset({"Set", "UseQuery"})

_ENGINES = frozenset(
    {
        *("MergeTree", "ReplacingMergeTree", "SummingMergeTree", "AggregatingMergeTree"),
        *("CollapsingMergeTree", "VersionedCollapsingMergeTree", "CoalescingMergeTree"),
        *("Memory", "Null", "Set", "Join", "Log", "TinyLog", "StripeLog", "Buffer", "Merge"),
        *("View", "MaterializedView", "Dictionary", "GenerateRandom", "Atomic"),
    }
)

# What drivers, DBeaver, Grafana and BI tools ask for. Not `processes`, `query_log`, `errors` and
# their like, which show other people's queries; not `users`, `named_collections`, `certificates`,
# `disks`, `macros`, `server_settings` and their like, which show how the machine is set up.
SYSTEM_TABLES = frozenset(
    {
        *("one", "numbers", "numbers_mt", "zeros", "zeros_mt", "primes"),
        *("databases", "tables", "columns", "parts", "parts_columns", "projections"),
        *(
            "data_skipping_indices",
            "constraints",
            "dictionaries",
            "settings",
            "merge_tree_settings",
        ),
        *("functions", "table_functions", "aggregate_function_combinators", "table_engines"),
        *("data_type_families", "formats", "collations", "keywords", "time_zones", "codecs"),
        *("build_options", "contributors", "licenses", "completions", "documentation"),
        *("current_roles", "enabled_roles"),
    }
)
DATABASES = frozenset({"freehold", "information_schema", "INFORMATION_SCHEMA", "system"})

# An analyst's own settings: how results are written and times are read. What costs is not.
ANALYST_SETTINGS = frozenset(
    {
        *("session_timezone", "join_use_nulls", "extremes", "max_block_size", "log_comment"),
        *("max_result_rows", "result_overflow_mode", "group_by_use_nulls", "union_default_mode"),
        *("prefer_column_name_to_alias", "date_time_input_format", "date_time_output_format"),
        *("enable_http_compression", "send_progress_in_http_headers", "log_queries"),
        *("cancel_http_readonly_queries_on_client_close", "use_client_time_zone"),
        *("network_compression_method", "max_query_size", "cast_string_to_dynamic_use_inference"),
        *("max_rows_to_read", "read_overflow_mode"),
    }
)
ANALYST_SETTING_PREFIXES = ("output_format_", "input_format_", "format_", "http_", "bool_")
# Imposed on every analyst's query, so a wish for them is heard and dropped.
ANALYST_LIMITS = frozenset({"readonly", "max_execution_time", "max_memory_usage", "max_threads"})


class Vocabulary(Struct, frozen=True, kw_only=True):
    """What one user's statements may hold; names in lower case, as the engine forgives case."""

    kinds: frozenset[str]
    forbidden_functions: frozenset[str]
    forbidden_engines: frozenset[str]
    taking_functions: frozenset[str]


def load_vocabulary(connection: Connection, user: User) -> Vocabulary:
    """Reads the engine's lists and takes away what is allowed: the rest is forbidden."""
    allowed, forbidden, taking = _functions(connection, _WRITER_FUNCTIONS, user)
    tables = _TABLE_FUNCTIONS if user.reads_only else _TABLE_FUNCTIONS | _WRITER_TABLE_FUNCTIONS
    known = _column(connection, "SELECT name FROM system.table_functions")
    engines = _column(connection, "SELECT name FROM system.table_engines")
    databases = _column(connection, "SELECT name FROM system.database_engines")
    return Vocabulary(
        kinds=READS if user.reads_only else READS | _WRITER_KINDS,
        forbidden_functions=(forbidden - allowed) | {n.lower() for n in known - tables},
        forbidden_engines=frozenset((engines | databases) - _ENGINES),
        taking_functions=taking,
    )


def _functions(
    connection: Connection, writers: frozenset[str], user: User
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Allowed, forbidden, and those that take a function by its name, as arrayMap does."""
    named = _FUNCTIONS if user.reads_only else _FUNCTIONS | writers
    allowed: set[str] = set()
    forbidden: set[str] = set()
    taking: set[str] = set()
    for row in _rows(
        connection,
        "SELECT f.name, f.alias_to, if(f.alias_to = '', f.categories, o.categories), "
        "ifNull(f.higher_order, 0) + ifNull(o.higher_order, 0) FROM system.functions AS f "
        "LEFT JOIN system.functions AS o ON o.name = f.alias_to AND f.alias_to != ''",
    ):
        name, original, categories, takes = row
        right = set(categories.split(",")) <= _CATEGORIES or {name, original} & named
        (allowed if right else forbidden).add(name.lower())
        if takes != "0":
            taking.add(name.lower())
    return frozenset(allowed), frozenset(forbidden), frozenset(taking)


def _column(connection: Connection, sql: str) -> frozenset[str]:
    return frozenset(row[0] for row in _rows(connection, sql))


def _rows(connection: Connection, sql: str) -> list[list[str]]:
    text, _ = connection.answer(sql.encode(), "TSVRaw")
    return [line.split("\t") for line in text.decode().splitlines()]
