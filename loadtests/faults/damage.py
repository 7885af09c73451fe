"""Rows 6 and 7: a segment is cut at every byte; every bit of it is flipped."""

from __future__ import annotations

import random
from pathlib import Path

from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.reading import drain
from server.journal import DamageReason, SegmentWriter, segments
from server.journal.header import HEADER_BYTES

FRAMES = 20
NOW = 1_767_225_600_000


class Sample:
    """A segment of 20 frames, its payloads, and where each frame ends."""

    def __init__(self, folder: Path, chance: random.Random, *, is_sealed: bool) -> None:
        self.frames: list[list[bytes]] = []
        self.ends: list[int] = []
        writer = SegmentWriter(folder, now=lambda: NOW)
        for number in range(FRAMES):
            frame = [
                b"%d.%d:" % (number, n) + chance.randbytes(chance.randrange(20))
                for n in range(chance.randrange(1, 4))
            ]
            writer.write(frame)
            writer.sync()
            self.frames.append(frame)
            self.ends.append(writer.mark.at)
        [segment] = segments(folder)
        self.name = segment.path.name
        live = segment.path.read_bytes()[: self.ends[-1]]
        writer.close()
        self.bytes = segment.path.read_bytes() if is_sealed else live

    def whole_before(self, size: int) -> list[bytes]:
        """The payloads of the frames that end at or before a byte."""
        whole = [frame for frame, end in zip(self.frames, self.ends, strict=True) if end <= size]
        return [payload for frame in whole for payload in frame]

    def frame_at(self, at: int) -> int | None:
        """Which frame a byte is in; none: the header or the seal."""
        if at < HEADER_BYTES or at >= self.ends[-1]:
            return None
        return next(number for number, end in enumerate(self.ends) if at < end)


def places(size: int, rounds: int, chance: random.Random) -> list[int]:
    """Every byte, or as many as there are rounds, drawn among them."""
    return list(range(size)) if rounds >= size else sorted(chance.sample(range(size), rounds))


def cut_everywhere(trial: Trial) -> Outcome:
    """A live and a finished segment, cut: exactly the whole frames before the cut are read."""
    chance = trial.chance
    sample = Sample(trial.folder / "sample", chance, is_sealed=False)
    lost = wrong = 0
    detail = ""
    chosen = places(len(sample.bytes) + 1, trial.rounds, chance)
    for round_number in range(trial.rounds):
        if round_number < len(chosen):
            size = chosen[round_number]
            missing, problem = _cut(trial.folder / f"cut{size}", sample, size)
            lost += missing
            wrong += bool(problem)
            detail = detail or problem
        trial.tell()
    summary = detail or f"{len(chosen)} of {len(sample.bytes) + 1} offsets, live and finished"
    return Outcome(tried=len(chosen), lost=lost, detail=summary, is_well=not wrong)


def _cut(folder: Path, sample: Sample, size: int) -> tuple[int, str]:
    """How many records are missing at this offset, and what is wrong."""
    folder.mkdir()
    (folder / sample.name).write_bytes(sample.bytes[:size])
    live = drain(folder)
    writer = SegmentWriter(folder, now=lambda: NOW)  # a new boot: the segment is finished now
    writer.write([b"after"])
    writer.close()
    rest = drain(folder, live.mark)
    expected = sample.whole_before(size)
    found = [record.payload for record in live.records]
    missing = len(set(expected) - set(found))
    tail = size - max([HEADER_BYTES, *(end for end in sample.ends if end <= size)])
    reasons = [damage.reason for damage in rest.damage if damage.lost == 0]
    told = {True: [DamageReason.TORN_TAIL], False: []}[tail > 0]
    if size < HEADER_BYTES:
        told = [DamageReason.BAD_HEADER]
    if found != expected or [r.payload for r in rest.records] != [b"after"]:
        return missing, f"cut at {size}: {len(found)} records, {len(expected)} expected"
    if live.damage or reasons != told or len(reasons) != len(rest.damage):
        return missing, f"cut at {size}: told {rest.damage}"
    return missing, ""


def flip_everywhere(trial: Trial) -> Outcome:
    """One bit of each byte of a sealed segment: all are noticed, and only the frame is lost."""
    chance = trial.chance
    sample = Sample(trial.folder / "sample", chance, is_sealed=True)
    wrong, noticed = [], 0
    chosen = places(len(sample.bytes), trial.rounds, chance)
    for round_number in range(trial.rounds):
        if round_number < len(chosen):
            at = chosen[round_number]
            bits = range(8) if trial.rounds >= len(sample.bytes) else [chance.randrange(8)]
            for bit in bits:
                problem = _flip(trial.folder / f"flip{at}.{bit}", sample, at, bit)
                noticed += not problem
                wrong += [problem] * bool(problem)
        trial.tell()
    detail = wrong[0] if wrong else f"{len(chosen)} of {len(sample.bytes)} bytes, all noticed"
    return Outcome(tried=noticed + len(wrong), detail=detail, is_well=not wrong)


def _flip(folder: Path, sample: Sample, at: int, bit: int) -> str:
    """What is wrong with how one flipped bit is told; "" when it is told exactly."""
    changed = bytearray(sample.bytes)
    changed[at] ^= 1 << bit
    folder.mkdir()
    (folder / sample.name).write_bytes(changed)
    # What follows makes the segment finished, as it is when its seal is written.
    successor = f"{int(sample.name.removesuffix('.j')) + 1:012}.j"
    (folder / successor).write_bytes(b"")
    chunk = drain(folder)
    hit = sample.frame_at(at)
    expected = [p for n, frame in enumerate(sample.frames) if n != hit for p in frame]
    found = [record.payload for record in chunk.records]
    told = [(damage.reason, damage.lost) for damage in chunk.damage]
    where = f"byte {at}, bit {bit}"
    if found != expected:
        return f"{where}: {len(found)} records, {len(expected)} expected"
    if told != _expected_damage(sample, at, hit):
        return f"{where}: told {told}"
    return ""


def _expected_damage(sample: Sample, at: int, hit: int | None) -> list[tuple[DamageReason, int]]:
    if hit is not None:
        return [(DamageReason.CORRUPT, len(sample.frames[hit]))]
    if at < HEADER_BYTES:
        return [(DamageReason.BAD_HEADER, 0)]
    return [(DamageReason.TORN_TAIL, 0)]  # the seal: nothing of value, but counted


CASES = (
    Case(row=6, title="cut at every byte", quick=150, long=2_500, run=cut_everywhere),
    Case(row=7, title="a flipped bit", quick=300, long=2_500, run=flip_everywhere),
)
