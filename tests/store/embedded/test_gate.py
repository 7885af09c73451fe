"""What each user may do, asked of a real store: gate, grants and readonly together."""

from __future__ import annotations

import re

import httpx2
import pytest

from server.store.embedded.vocabulary import SYSTEM_TABLES

ALLOWED_TABLE_FUNCTIONS = {
    *("SQLStandardValues", "format", "generateRandom", "generateSeries", "generate_series", "null"),
    *("numbers", "numbers_mt", "primes", "values", "view", "viewExplain", "zeros", "zeros_mt"),
}

REFUSED_TO_ANALYSTS = [
    "INSERT INTO seen VALUES (1, 'x')",
    "INSERT INTO seen SELECT 1, 'x'",
    "INSERT INTO FUNCTION file('x') SELECT 1",
    "DROP TABLE seen",
    "TRUNCATE TABLE seen",
    "CREATE TABLE x (a UInt8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE x (a UInt8)",
    "CREATE FUNCTION f AS (x) -> file(x)",
    "CREATE USER x",
    "GRANT ALL ON *.* TO default",
    "ALTER TABLE seen DELETE WHERE 1",
    "OPTIMIZE TABLE seen",
    "KILL QUERY WHERE 1",
    "SYSTEM SHUTDOWN",
    "BACKUP TABLE seen TO Disk('a', 'b')",
    "SET max_threads = 1",
    "SET ROLE writer",
    "SET ROLE DEFAULT",
    "USE system",
    "EXECUTE AS default SELECT 1",
    "CHECK TABLE seen",
    "SHOW PROCESSLIST",
    "SELECT 1; SELECT 2",
    "SELECT 1; SET ROLE DEFAULT; SELECT * FROM event_context",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO OUTFILE '/tmp/x' TRUNCATE FORMAT CSV",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_execution_time = 0",
    "SELECT 1 SETTINGS dialect = 'kusto', allow_experimental_kusto_dialect = 1",
    "SHOW TABLES INTO OUTFILE '/tmp/x'",
    "DESCRIBE seen INTO OUTFILE '/tmp/x'",
    "EXPLAIN SELECT 1 INTO OUTFILE '/tmp/x'",
    "(SELECT 1) INTO OUTFILE '/tmp/x'",
    # functions that read
    "SELECT file('/etc/passwd')",
    "SELECT FILE('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    "SELECT \"file\"('/etc/passwd')",
    "SELECT file('/etc/passwd') AS `x\ny`",
    "SELECT file('/etc/passwd') AS `x) (children 1)\ny`",
    "SELECT 1 WHERE file('/etc/passwd') != ''",
    "SELECT 1 ORDER BY file('/etc/passwd')",
    "SELECT 1 LIMIT length(file('/etc/passwd'))",
    "WITH (SELECT file('/etc/passwd')) AS x SELECT x",
    "WITH x AS (SELECT file('/etc/passwd')) SELECT * FROM x",
    "SELECT sum(1) OVER (ORDER BY file('/etc/passwd'))",
    "SELECT (SELECT file('/etc/passwd')) IN (SELECT 1)",
    "SELECT * REPLACE (file('/etc/passwd') AS a) FROM seen",
    "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')",
    "SELECT COLUMNS('.*') APPLY(x -> file(x)) FROM (SELECT '/etc/passwd' AS a)",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "SELECT arrayMap(`file`, ['/etc/passwd']) AS `q\n Function lower`",
    "SELECT 1 UNION ALL SELECT length(file('/etc/passwd'))",
    "SELECT * FROM seen JOIN (SELECT file('/etc/passwd')) AS x ON 1",
    "SELECT 1 /* ' */ , file('/etc/passwd') -- '",
    "SELECT $$a$$, file($$/etc/passwd$$)",
    # tables that are files
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM `/etc/passwd`",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM default.`/etc/passwd`",
    "SELECT * FROM (SELECT * FROM '/etc/passwd')",
    "SELECT * FROM view(SELECT * FROM '/etc/passwd')",
    "SELECT 1 IN '/etc/passwd' FROM '/etc/passwd'",
    "DESCRIBE TABLE '/etc/passwd'",
    # table functions in disguise
    "DESCRIBE TABLE file('/etc/passwd')",
    "DESC url('http://127.0.0.1:1/')",
    "EXPLAIN SELECT * FROM file('/etc/passwd')",
    "EXPLAIN AST SELECT * FROM file('/etc/passwd')",
    "EXPLAIN SYNTAX SELECT * FROM url('http://127.0.0.1:1/')",
    "SELECT * FROM (EXPLAIN SELECT * FROM file('/etc/passwd'))",
    "SELECT * FROM viewIfPermitted(SELECT 1 ELSE null('a UInt8'))",
    "WITH x AS (SELECT * FROM url('http://127.0.0.1:1/')) SELECT * FROM x",
    "SELECT 1 IN (SELECT * FROM remote('127.0.0.1:1', 'system.one'))",
    "SELECT * FROM merge('system', 'processes')",
    "SELECT * FROM merge('freehold', '.*')",
    # other people's queries, and the machine
    "SELECT * FROM system.processes",
    "SELECT * FROM `system`.`processes`",
    "SELECT * FROM system . processes",
    "SELECT 1 IN system.processes",
    "SELECT 1 IN (system.processes)",
    "SELECT 1 GLOBAL NOT IN `system`.processes",
    "SELECT * FROM numbers(1) WHERE number IN (SELECT 1 FROM system.query_log)",
    "SELECT * FROM seen, system.users",
    "DESCRIBE TABLE system.server_settings",
    # what stays private
    "SELECT * FROM event_context",
    "SELECT (1, 'x') IN event_context",
    "SELECT count() FROM freehold.event_context",
    "SELECT * FROM leak",
    # waiting, and what changes with time or place
    "SELECT sleep(1)",
    "SELECT sleepEachRow(1) FROM numbers(3)",
    "SELECT getMacro('x')",
    "SELECT getServerSetting('path')",
    "SELECT filesystemAvailable()",
    "SELECT showCertificate()",
    "SELECT aiGenerate('x')",
    "SELECT addressToLine(1)",
    "SELECT generateSerialID('x')",
]

ALLOWED_TO_ANALYSTS = [
    "SELECT * FROM seen",
    "SELECT * FROM freehold.seen AS x JOIN seen AS y USING a",
    "SELECT file FROM (SELECT 1 AS file)",
    "SELECT s, uniq(a), sumIf(a, a > 1), quantile(0.9)(a) FROM seen GROUP BY s WITH TOTALS",
    "SELECT avgMerge(x) FROM (SELECT avgState(a) AS x FROM seen)",
    "SELECT countIf(a > 1), sumOrNull(a), argMax(s, a), groupUniqArray(3)(s) FROM seen",
    "SELECT lagInFrame(a) OVER (PARTITION BY s ORDER BY a), row_number() OVER w FROM seen "
    "WINDOW w AS (ORDER BY a)",
    "SELECT windowFunnel(10)(toDateTime(a), a = 1), retention(a = 1, a = 2) FROM seen",
    "SELECT arrayMap(x -> x + 1, [1]), mapKeys(map('a', 1)), tupleElement((1, 2), 1), [1][1]",
    "SELECT toStartOfHour(now()), today() + INTERVAL 1 DAY, dateDiff('day', now(), now())",
    "SELECT JSONExtractString('{}', 'a'), domain('http://x/'), cutQueryString('x'), sipHash64('x')",
    "SELECT if(1, 2, 3), CASE WHEN 1 THEN 2 ELSE 3 END, CASE 1 WHEN 1 THEN 2 END, 1 ? 2 : 3",
    "SELECT CAST(1 AS String), 1::String, NOT 1, -(1), 1 IN (1, 2), 1 BETWEEN 0 AND 2",
    "SELECT a FROM seen WHERE a IN (SELECT a FROM seen) AND EXISTS (SELECT 1)",
    "WITH x AS (SELECT a FROM seen) SELECT * FROM x",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r",
    "SELECT 1 UNION ALL SELECT 2",
    "(SELECT 1) EXCEPT (SELECT 2)",
    "SELECT * EXCEPT (s) FROM seen",
    "SELECT number FROM numbers(3) ORDER BY number WITH FILL",
    "SELECT * FROM (VALUES (1), (2))",
    "SELECT * FROM ranged(low = 1)",
    "SELECT version(), currentUser(), currentDatabase(), timezone(), hostName(), uptime()",
    "SELECT @@version_comment",
    "SELECT name FROM system.tables",
    "SELECT count() FROM information_schema.columns",
    "SHOW TABLES",
    "SHOW DATABASES",
    "SHOW CREATE TABLE seen",
    "SHOW COLUMNS FROM seen",
    "SHOW SETTINGS LIKE 'max_threads'",
    "DESCRIBE TABLE seen",
    "DESCRIBE (SELECT a FROM seen)",
    "EXISTS TABLE seen",
    "EXPLAIN SELECT * FROM seen",
    "EXPLAIN PIPELINE SELECT * FROM seen",
    "EXPLAIN indexes = 1 SELECT * FROM seen WHERE a = 1",
]


@pytest.fixture(autouse=True, scope="module")
def tables(http: httpx2.Client) -> None:
    for statement in (
        "CREATE TABLE seen (a UInt32, s String) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO seen VALUES (1, 'x'), (2, 'y')",
        "CREATE TABLE event_context (a UInt32, s String) ENGINE = MergeTree ORDER BY a",
        "CREATE VIEW leak AS SELECT * FROM event_context",
        "CREATE VIEW ranged AS SELECT * FROM seen WHERE a > {low:UInt32}",
    ):
        http.post("/", content=statement).raise_for_status()


@pytest.mark.parametrize("query", REFUSED_TO_ANALYSTS)
def test_an_analyst_is_refused(analyst_http: httpx2.Client, query: str) -> None:
    answer = analyst_http.post("/", content=query)
    code = answer.headers.get("X-ClickHouse-Exception-Code")
    assert code in {"497", "164", "62"}, (code, answer.text)
    assert "root:" not in answer.text


@pytest.mark.parametrize("query", ALLOWED_TO_ANALYSTS)
def test_an_analyst_may(analyst_http: httpx2.Client, query: str) -> None:
    answer = analyst_http.post("/", content=query)
    assert (answer.status_code, answer.text.split("Code")[0]) == (200, answer.text)


@pytest.mark.parametrize("query", ["SELECT 1", "SHOW TABLES", "SELECT * FROM seen"])
def test_an_analyst_may_by_get(analyst_http: httpx2.Client, query: str) -> None:
    assert analyst_http.get("/", params={"query": query}).status_code == 200


def names(client: httpx2.Client, query: str) -> list[str]:
    answer = client.post("/", content=f"{query} FORMAT TSVRaw")
    answer.raise_for_status()
    return answer.text.split()


def test_every_table_function_that_is_not_allowed_is_refused(
    http: httpx2.Client, analyst_http: httpx2.Client
) -> None:
    """Walks through the engine's own list, so a new engine cannot add one in silence."""
    known = names(http, "SELECT name FROM system.table_functions")
    assert len(known) > 80
    for name in set(known) - ALLOWED_TABLE_FUNCTIONS:
        arguments = "SELECT 1 ELSE null('a UInt8')" if name == "viewIfPermitted" else "'a', 'b'"
        for query in (f"SELECT * FROM {name}({arguments})", f"DESC {name}({arguments})"):
            answer = analyst_http.post("/", content=query)
            assert answer.headers["X-ClickHouse-Exception-Code"] == "497", (query, answer.text)


def test_every_table_of_system_that_is_not_allowed_is_refused(
    http: httpx2.Client, analyst_http: httpx2.Client
) -> None:
    known = names(http, "SELECT name FROM system.tables WHERE database = 'system'")
    assert len(known) > 100
    for name in known:
        answer = analyst_http.post("/", content=f"SELECT 1 FROM system.{name} LIMIT 0")
        assert (answer.status_code == 200) is (name in SYSTEM_TABLES), (name, answer.text)


def refused_of(client: httpx2.Client, functions: list[str]) -> set[str]:
    """Those that the gate does not let pass; halves where the parser wants a special syntax."""
    calls = ", ".join(f"`{name}`()" for name in functions)
    text = client.post("/", content=f"EXPLAIN AST SELECT {calls}").text
    found = re.search(r"Not enough privileges for the function (\w+)", text)
    if found:
        return {found[1]} | refused_of(client, [name for name in functions if name != found[1]])
    if "(SYNTAX_ERROR)" not in text or len(functions) == 1:
        return set()
    half = len(functions) // 2
    return refused_of(client, functions[:half]) | refused_of(client, functions[half:])


def test_functions_of_unknown_kinds_are_refused(
    http: httpx2.Client, analyst_http: httpx2.Client
) -> None:
    """A new category, and a new name in `Other`, is refused until someone has looked at it."""
    known = names(http, "SELECT name FROM system.functions")
    some = (known[start : start + 100] for start in range(0, len(known), 100))
    refused = set().union(*(refused_of(analyst_http, functions) for functions in some))
    assert {"file", "sleep", "aiGenerate", "AIGenerate", "addressToLine", "getMacro"} <= refused
    assert not refused & {"sum", "count", "if", "toDate", "arrayMap", "replace", "median", "user"}
    assert len(refused) < 120, sorted(refused)


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        ("/etc/passwd", "SELECT * FROM {t:Identifier}"),
        ("processes", "SELECT * FROM system.{t:Identifier}"),
        ("system.processes", "SELECT 1 IN {t:Identifier}"),
        ("processes", "SELECT 1 IN system.{t:Identifier}"),
        ("file", "SELECT arrayMap({t:Identifier}, ['/etc/passwd'])"),
        ("event_context", "SELECT * FROM {t:Identifier}"),
    ],
)
def test_names_in_parameters_are_judged_too(
    analyst_http: httpx2.Client, parameter: str, query: str
) -> None:
    answer = analyst_http.post("/", params={"param_t": parameter}, content=query)
    assert answer.headers.get("X-ClickHouse-Exception-Code") in {"497", "62", "60", "47"}, (
        answer.text
    )
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"database": "system"}, "497"),
        ({"database": "default"}, None),
        ({"database": "information_schema"}, None),
        ({"dialect": "kusto"}, "164"),
        ({"additional_table_filters": "{'seen':'1'}"}, "164"),
        ({"allow_introspection_functions": "1"}, "164"),
        ({"output_format_json_quote_64bit_integers": "1"}, None),
        ({"session_timezone": "Europe/Paris"}, None),
        ({"session_id": "a", "session_check": "1"}, None),
        ({"readonly": "0"}, None),
    ],
)
def test_an_analysts_parameters(
    analyst_http: httpx2.Client, parameters: dict[str, str], code: str | None
) -> None:
    answer = analyst_http.post("/", params=parameters, content="SELECT 1")
    assert answer.headers.get("X-ClickHouse-Exception-Code") == code


def test_an_analysts_limits_are_not_his_to_change(analyst_http: httpx2.Client) -> None:
    wishes = {"readonly": "0", "max_execution_time": "0", "max_memory_usage": "0"}
    query = (
        "SELECT getSetting('readonly'), getSetting('max_execution_time'), "
        "getSetting('max_memory_usage') > 0"
    )
    assert analyst_http.post("/", params=wishes, content=query).text == "1\t60\t1\n"


def test_an_analyst_who_asks_for_too_much_memory_is_stopped(analyst_http: httpx2.Client) -> None:
    query = "SELECT groupArray(number) FROM numbers(1000000000)"
    answer = analyst_http.post("/", content=query)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "241"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT file('/etc/passwd')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "INSERT INTO seen SELECT * FROM file('/etc/passwd')",
        "INSERT INTO FUNCTION file('x', 'CSV', 'a UInt8') VALUES (1)",
        "INSERT INTO seen FROM INFILE '/etc/passwd' FORMAT CSV",
        "SELECT 1 INTO OUTFILE 'x'",
        "SHOW TABLES INTO OUTFILE 'x'",
        "EXISTS seen INTO OUTFILE 'x'",
        "CREATE TABLE x (a String) ENGINE = File(CSV)",
        "CREATE TABLE x (a String) ENGINE = URL('http://127.0.0.1:1/', CSV)",
        "CREATE TABLE x (a String) ENGINE = S3('http://127.0.0.1:1/', CSV)",
        "CREATE TABLE x (a String) ENGINE = Distributed(a, b, c)",
        "CREATE TABLE x AS file('/etc/passwd')",
        "CREATE TABLE x (a String DEFAULT file('/etc/passwd')) ENGINE = Memory",
        "CREATE MATERIALIZED VIEW x ENGINE = File(CSV) AS SELECT 1",
        "CREATE VIEW x AS SELECT * FROM file('/etc/passwd')",
        "CREATE DATABASE x ENGINE = MySQL('127.0.0.1:1', 'a', 'b', 'c')",
        "CREATE DATABASE x ENGINE = Filesystem('/etc')",
        "CREATE DICTIONARY x (a UInt8) PRIMARY KEY a SOURCE(FILE(PATH 'x' FORMAT 'CSV')) "
        "LAYOUT(FLAT())",
        "CREATE FUNCTION f AS (x) -> file(x)",
        "CREATE USER x",
        "ALTER TABLE seen ADD COLUMN x String DEFAULT file('/etc/passwd')",
        "ALTER TABLE seen MODIFY TTL toDate(file('/etc/passwd'))",
        "GRANT ALL ON *.* TO default",
        "SET ROLE analyst",
        "SYSTEM SHUTDOWN",
        "SYSTEM KILL",
        "BACKUP TABLE seen TO File('/tmp/x')",
        "DELETE FROM seen WHERE s = file('/etc/passwd')",
        "SELECT 1; SELECT 2",
    ],
)
def test_the_writer_reaches_nothing_outside_either(http: httpx2.Client, statement: str) -> None:
    answer = http.post("/", content=statement)
    assert answer.headers.get("X-ClickHouse-Exception-Code") in {"497", "62"}, answer.text


def test_the_writer_does_what_a_warehouse_needs(http: httpx2.Client) -> None:
    for statement in (
        "CREATE DATABASE IF NOT EXISTS other",
        "CREATE TABLE other.w (d Date, a UInt32, INDEX i a TYPE minmax) ENGINE = MergeTree "
        "PARTITION BY toYYYYMM(d) ORDER BY a TTL d + INTERVAL 1 MONTH",
        "CREATE TABLE other.sums (a UInt32, n UInt64) ENGINE = SummingMergeTree ORDER BY a",
        "CREATE MATERIALIZED VIEW other.mv TO other.sums AS "
        "SELECT a, count() AS n FROM other.w GROUP BY a",
        "INSERT INTO other.w SELECT today(), number FROM numbers(10)",
        "ALTER TABLE other.w ADD COLUMN s String DEFAULT 'x'",
        "ALTER TABLE other.w UPDATE s = 'y' WHERE a = 1 SETTINGS mutations_sync = 1",
        "ALTER TABLE other.w DELETE WHERE a = 2 SETTINGS mutations_sync = 1",
        "DELETE FROM other.w WHERE a = 3",
        "OPTIMIZE TABLE other.w FINAL",
        "ALTER TABLE other.w DETACH PARTITION tuple(toYYYYMM(today()))",
        "ALTER TABLE other.w ATTACH PARTITION tuple(toYYYYMM(today()))",
        "ALTER TABLE other.w FREEZE",
        "CREATE VIEW other.v AS SELECT * FROM other.w",
        "CREATE OR REPLACE VIEW other.v AS SELECT a FROM other.w",
        "CREATE TABLE other.c AS other.w",
        "INSERT INTO other.c SELECT * FROM other.w",
        "EXCHANGE TABLES other.c AND other.w",
        "RENAME TABLE other.c TO other.e",
        "CHECK TABLE other.w",
        "SYSTEM STOP MERGES other.w",
        "SYSTEM START MERGES other.w",
        "SYSTEM FLUSH LOGS",
        "DETACH TABLE other.e",
        "ATTACH TABLE other.e",
        "TRUNCATE TABLE other.e",
        "DROP TABLE other.e SYNC",
        "KILL MUTATION WHERE 0",
        "SHOW PROCESSLIST",
        "SELECT * FROM merge('other', 'w')",
        "SELECT * FROM system.mutations",
        "DROP DATABASE other SYNC",
    ):
        answer = http.post("/", content=statement)
        assert answer.status_code == 200, (statement, answer.text)
