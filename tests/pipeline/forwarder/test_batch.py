from __future__ import annotations

import hashlib

from msgspec.structs import replace

from server.delivery import Request
from server.destinations.contract import has
from server.pipeline.forwarder.batch import batches, build, rounds, sent
from server.pipeline.forwarder.ready import Ready, Sent
from tests.pipeline.forwarder.bulk import BULK, ready

URL = "http://x.example"


def numbers(found: list[list[Ready]]) -> list[list[int]]:
    return [[one.job.delivery.event.off for one in batch] for batch in found]


def test_batches_keep_groups_apart_and_the_order_in_them() -> None:
    found = batches(ready(number, URL) for number in range(1, 11))
    assert numbers(list(found)) == [[1, 3, 5, 7], [9], [2, 4, 6, 8], [10]]


def test_a_batch_is_full_by_its_bytes_too_and_one_that_is_too_large_goes_alone() -> None:
    sizes = {1: 15, 3: 15, 5: 15, 7: 90, 9: 1}
    found = batches(ready(number, URL, size=size) for number, size in sizes.items())
    assert numbers(list(found)) == [[1, 3], [5], [7], [9]]


def test_of_those_that_go_in_order_each_waits_for_the_one_before() -> None:
    keys = {1: "a", 2: "", 3: "a", 4: "b", 5: "a", 6: ""}
    found = rounds([ready(number, URL, order=key) for number, key in keys.items()])
    assert numbers(found) == [[1, 2, 4, 6], [3], [5]]


def test_a_request_is_of_its_moment_and_has_the_token() -> None:
    request = build([ready(1, URL), ready(3, URL)], "t0ken", now=1_760_000_000_000)
    assert request == Request(url=URL, headers={"authorization": "Bearer t0ken"}, body=b"[1, 3]")


def test_what_was_said_is_told_without_saying_it() -> None:
    kind = replace(BULK, match_keys={"email": has("user.em"), "ip": has("ip")})
    batch = [
        replace(ready(1, URL, kind, size=30), message={"ip": "1.2.3.4", "items": [{"id": 1}]}),
        replace(ready(3, URL, kind, size=10), message={"user": {"em": "ab", "ph": ""}}),
    ]
    digest = hashlib.sha256(b"0123456789").hexdigest()[:32]
    assert sent(batch, Request(url=URL, body=b"0123456789")) == [
        Sent(bytes=7, body_hash=digest, fields=("ip", "items.id"), match_keys=("ip",)),
        Sent(bytes=2, body_hash=digest, fields=("user.em", "user.ph"), match_keys=("email",)),
    ]
