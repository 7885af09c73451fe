from __future__ import annotations

import threading
import time

import httpx2
import pytest


def run(http: httpx2.Client, session: str, text: str, **parameters: str) -> httpx2.Response:
    return http.post("/", params={"session_id": session, **parameters}, content=text)


def test_what_is_set_stays_and_what_was_in_a_url_does_not(http: httpx2.Client) -> None:
    size = "SELECT getSetting('max_block_size')"
    assert run(http, "set", size).text == "65409\n"
    run(http, "set", "SET max_block_size = 100")
    assert run(http, "set", size).text == "100\n"
    assert run(http, "set", size, max_block_size="7").text == "7\n"
    assert run(http, "set", size).text == "100\n"
    assert http.post("/", content=size).text == "65409\n"


def test_use_stays_and_the_database_of_a_url_does_not(http: httpx2.Client) -> None:
    database = "SELECT currentDatabase()"
    assert run(http, "use", database).text == "freehold\n"
    assert run(http, "use", database, database="system").text == "system\n"
    assert run(http, "use", database).text == "freehold\n"
    run(http, "use", "USE system")
    assert run(http, "use", database).text == "system\n"


def test_temporary_tables_belong_to_a_session(http: httpx2.Client) -> None:
    run(http, "temporary", "CREATE TEMPORARY TABLE own AS SELECT 5 AS a")
    assert run(http, "temporary", "SELECT a FROM own").text == "5\n"
    assert run(http, "another", "SELECT a FROM own").status_code == 404
    assert http.post("/", content="SELECT a FROM own").status_code == 404


def test_without_a_session_nothing_stays(http: httpx2.Client) -> None:
    http.post("/", content="SET max_block_size = 100")
    assert http.post("/", content="SELECT getSetting('max_block_size')").text == "65409\n"


def test_a_session_serves_one_query_at_a_time(http: httpx2.Client) -> None:
    query = "SELECT sleepEachRow(0.1) FROM numbers(40) SETTINGS max_block_size = 1"
    first = threading.Thread(target=run, args=(http, "busy", query))
    first.start()
    time.sleep(2)
    answer = run(http, "busy", "SELECT 1")
    first.join()
    assert answer.headers["X-ClickHouse-Exception-Code"] == "373"
    assert run(http, "busy", "SELECT 1").text == "1\n"


def test_a_session_that_must_exist_and_does_not(http: httpx2.Client) -> None:
    answer = run(http, "unheard of", "SELECT 1", session_check="1")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "372"


def test_a_session_ends_after_its_timeout(http: httpx2.Client) -> None:
    run(http, "short", "CREATE TEMPORARY TABLE own AS SELECT 5 AS a", session_timeout="0")
    time.sleep(0.05)
    assert run(http, "short", "SELECT 1", session_check="1").status_code == 500


def test_a_session_can_be_closed(http: httpx2.Client) -> None:
    run(http, "closed", "SELECT 1", close_session="1")
    answer = run(http, "closed", "SELECT 1", session_check="1")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "372"


def test_the_oldest_idle_session_makes_room(http: httpx2.Client) -> None:
    for number in range(140):
        assert run(http, f"many {number}", "SELECT 1").status_code == 200
    assert run(http, "many 0", "SELECT 1", session_check="1").status_code == 500
    assert run(http, "many 139", "SELECT 1", session_check="1").status_code == 200


@pytest.mark.parametrize("timeout", ["-1", "x", "3601"])
def test_a_timeout_has_bounds(http: httpx2.Client, timeout: str) -> None:
    answer = run(http, "timeout", "SELECT 1", session_timeout=timeout)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "374"
