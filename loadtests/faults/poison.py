"""Row 25: hits that an older version acknowledged and no later one can digest.

They lie in the journal between good ones. Each must become a row, a reject as a rule, and the good
ones must become what they are; nothing may stop the sorter.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import msgspec

from loadtests.faults import node
from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.reading import drain
from server.model import Hit, Visitor

KINDS_A_ROUND = 12


def nested(depth: int) -> bytes:
    """An event whose property is so deep."""
    props = b'{"a":' * depth + b"1" + b"}" * depth
    return b'{"v":1,"events":[{"name":"deep","props":' + props + b"}]}"


def with_event(fields: str) -> bytes:
    """A body with an event that has these fields, as JSON text."""
    return ('{"v":1,"events":[{"name":"poison",' + fields + "}]}").encode()


BODIES = (
    nested(300),
    nested(1_024),
    nested(100_000),
    b"[" * 100_000,
    with_event('"props":{"a":"\\ud800"}'),
    with_event('"id":"\\ud800\\udfff\\ud800"'),
    with_event('"title":"\\u0000"'),
    with_event('"props":{"\\u0000":"\\u0000"}'),
    with_event(f'"props":{{"{"k" * 65_536}":"v"}}'),
    with_event('"props":{' + ",".join(f'"k{n}":{n}' for n in range(20_000)) + "}"),
    with_event('"value":1e999'),
    with_event('"value":' + "9" * 5_000),
    with_event('"value":NaN'),
    with_event('"at":' + "9" * 30),
    with_event('"at":-9223372036854775809'),
    with_event('"items":' + json.dumps([{"item_id": "x", "price": "1e400"}] * 50)),
    with_event('"url":"http://[::1"'),
    with_event('"url":"' + "%ff" * 20_000 + '"'),
    '{"v":1,"events":[{"name":"\xff"}]}'.encode("latin-1"),
    b"\xff\xfe\x00",
    b"null",
    b"",
    b'{"v":1,"events":' + b"[" * 200 + b"]" * 200 + b"}",
    b'{"v":1,"events":[' + b",".join([b"{}"] * 5_000) + b"]}",
)


def strange_hits() -> list[bytes]:
    """Envelopes that are not as a hit is today."""
    known = msgspec.msgpack.decode(node.hit(0))
    changes: tuple[dict[str, object], ...] = (
        {"received_at": "yesterday"},
        {"received_at": 2**63 - 1},
        {"received_at": -(2**63)},
        {"container_id": "gone"},
        {"dialect": "morse"},
        {"body": "text"},
        {"hit_id": "0199c000-0000-7000-8000-000000000000", "body": b"{}"},
        {"headers": {"a": 1}},
        {"query": "%" * 70_000, "body": b"{}"},
        {"user_agent": "\0" * 70_000, "body": b"{}"},
        {"ip": "999.1.1.1", "body": b"{}"},
    )
    wrong_visitor = Visitor(
        visitor_id="no uuid", issued_at=-1, session_id=2**62, session_number=-1, session_seen_at=0
    )
    odd = Hit(
        received_at=node.NOW,
        container_id=node.CONTAINER,
        dialect="native",
        visitor=wrong_visitor,
        body=b'{"v":1,"events":[{"name":"odd"}]}',
    )
    deep = b"\x91" * 100_000 + b"\xc0"  # MessagePack: an array in an array in an array
    changed = [msgspec.msgpack.encode({**known, **change}) for change in changes]
    return [*changed, msgspec.msgpack.encode(odd), deep, b"", b"\xc1", b"\x80"]


def spoiled(payload: bytes, chance: random.Random) -> bytes:
    """A good payload with some bytes changed, cut or doubled."""
    data = bytearray(payload)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    return bytes(data)


def run(trial: Trial) -> Outcome:
    """Rounds of poison among good hits; each round is a node of its own."""
    chance = trial.chance
    kinds = [*map(node.envelope, BODIES), *strange_hits()]
    chance.shuffle(kinds)
    lost = doubled = tried = rejected = 0
    wrong = ""
    for number in range(trial.rounds):
        first = number * KINDS_A_ROUND
        poison = [kinds[(first + n) % len(kinds)] for n in range(KINDS_A_ROUND)]
        poison += [spoiled(node.hit(900_000 + n), chance) for n in range(KINDS_A_ROUND)]
        poison += [chance.randbytes(chance.randrange(1, 400)) for _ in range(KINDS_A_ROUND)]
        good = {node.event_id(n) for n in range(1, 21)}
        found, problem = _sort(trial.folder / str(number), poison, chance)
        lost += len(good - found.events.keys())
        doubled += sum(times - 1 for times in found.events.values())
        rejected += sum(found.rejects.values())
        wrong = wrong or problem
        tried += len(poison)
        trial.tell()
    detail = wrong or f"{rejected} rejects, the good ones all there"
    is_well = not wrong and not lost and not doubled
    return Outcome(tried=tried, lost=lost, doubled=doubled, detail=detail, is_well=is_well)


def _sort(data: Path, poison: list[bytes], chance: random.Random) -> tuple[node.Sorted, str]:
    """What came of poison among twenty good hits, and what is wrong with it."""
    payloads = [*poison, *(node.hit(n) for n in range(1, 21))]
    chance.shuffle(payloads)
    node.create(data)
    node.take(data, payloads)
    written = {(record.src, record.off) for record in drain(data / "journal" / "w0").records}
    node.sort(data)
    found = node.read_sorted(data)
    silent = len(written - found.positions)
    if silent > found.counts.get("duplicate", 0):
        return found, f"{silent} hits left no row"
    if found.counts["sorted"] != len(payloads):
        return found, f"{found.counts['sorted']} of {len(payloads)} hits were sorted"
    return found, ""


CASES = (Case(row=25, title="poison that an older version took", quick=3, long=300, run=run),)
