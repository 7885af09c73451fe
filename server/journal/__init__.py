r"""The journal: append-only folders of checksummed frames, in which nothing acknowledged is lost.

It is used twice. Each collector worker appends its hits to a folder of its own (`Journal`, over a
`SegmentWriter`) and answers when they are on disk. The pipeline appends what it has sorted to
*spools* (`SegmentWriter` alone), syncs, and commits their ends in its own state; after a crash
`cut_back` takes them back there. Both are read with `read`, from a `Mark` that the reader keeps.

The folder
----------

    data/journal/w0/            0700; one writer, which holds the lock
      .lock                     flock; never removed
      001767225600.j            0440; sealed, cut to its length
      001767225601.j            0600; live, space allocated ahead (zeros)
      .spare                    0600; the next segment's space (zeros), renamed when it is needed
      quarantine/               copies of damaged spans: <segment>-<offset>.bad

A segment's number is its predecessor's + 1; in an empty folder it is the time in seconds, so that a
folder that was wiped does not begin again behind the marks of its readers. Segments without a gap:
a missing number is damage. The newest is never removed, except by `cut_back`.

A segment: header, frames, seal, zeros
--------------------------------------

All integers are little-endian, all CRCs zlib's CRC-32.

    header     64 bytes
      0  magic      8    f5 "FHJRNL" 0a
      8  version    u16  1
     10  slot       u16  the worker's number
     12  flags      u32  0
     16  seq        u64  the number in the file's name
     24  src        u64  random, never 0: the first half of every position in this segment
     32  created_at u64  ms UTC
     40  boot       16   random, the same in all segments of one writer's life
     56  salt       u32  random; every CRC of a frame starts from it
     60  crc        u32  of the 60 bytes before, without salt

    frame      32 bytes and a body; at most 1 MiB together; not aligned
      0  magic      4    f5 "fhf"
      4  body_bytes u32
      8  first_off  u32  index in the segment of the first record
     12  n          u16  records in the body; a writer puts 4,096 at most
     14  flags      u16  1 = seal; reserved: 2 = body in zstd, 4 = body encrypted
     16  written_at u64  ms UTC
     24  body_crc   u32  of the body as stored, salted
     28  crc        u32  of the 28 bytes before, salted
     32  body            n times: size u32, payload

    seal       a frame, flags = 1, n = 0, first_off = the records of the segment; its body:
      0  header     64   a second copy, for the day when the first is unreadable
     64  frames     u32  how many before this one
     68  at         u64  where this frame begins

The salt makes a frame of another segment invalid here: neither a block that the disk kept from a
deleted file, nor a journal inside a payload, can pass for a frame. That the frame's header has a
CRC of its own means that a damaged size is never followed.

**What a reader does not know.** The header's size, magic, version and crc stay where they are in
every version. Before a segment with another version or a flag, and before a frame with a flag bit
that it does not know (today all but the seal's), a reader stops: `Chunk.is_stopped`. Those bytes
are whole; they wait for the newer Freehold that wrote them.

Invariants
----------

- A segment has one writer in its life, which only appends; nobody opens it for writing again,
  `cut_back` apart. So there is no recovery, no ledger and nothing to agree with each other.
- A position `(src, off)` names one record for ever. `off` counts 0, 1, 2 … without a gap, so that a
  gap between two whole frames is exactly what was lost. What a failed write has shown to a reader
  gets its segment closed, never its positions used again.
- One `write` lies wholly in one segment: it is there or it is not. Only a write larger than a
  segment makes one larger than `segment_bytes`.
- The collector's next segment is allocated before it is needed, beside the hits, so that a roll
  waits for no space. No reader knows a spare's name; a new writer removes the one that it finds.
- The name of a segment is synced before the first record in it is acknowledged, and its
  predecessor is synced and sealed, or given up, before it is created. So: a segment with a
  successor is finished, and what is not whole at its end was never acknowledged.
- A file whose sync has failed is never synced or written again.
- Zeros where a frame should begin: the end so far (live), or the end (finished).

The disk is believed in one thing, as SQLite believes it: that writing the rest of a sector does not
destroy the synced bytes at its beginning.

What a reader makes of bytes that are not a whole frame
-------------------------------------------------------

    newest segment, nothing whole behind        wait; the mark stays before it, no damage
    finished segment, nothing whole behind      torn_tail: counted, 0 lost, go on in the next
    a whole frame behind (found by its magic)   corrupt: copied, the gap in `off` is lost, go on
    …, up to `until`, nothing whole             corrupt: what `until` counts is lost, go on at it
    segment header                              bad_header: the seal's copy is used, 0 lost; without
                                                a seal skip it (newest: wait), None lost, or 0 when
                                                nothing in the file ever began like a frame

Damage is in the chunk whose mark is behind it, so who keeps the mark sees it once. An unsealed
segment's last frame is the one place where damage looks like a crash: that is why segments end
with a seal, and why a torn tail is counted.
"""

from __future__ import annotations

from server.errors import JournalUnwritable
from server.journal.ahead import Ahead, ahead, numbered
from server.journal.cut import cut_back
from server.journal.errors import CommittedDataMissing, FolderInUse, JournalBroken
from server.journal.folder import SegmentInfo, remove_before, segments
from server.journal.frame import MAX_RECORD_BYTES
from server.journal.journal import Journal
from server.journal.lock import FolderLock
from server.journal.reader import Chunk, read
from server.journal.record import Damage, DamageReason, Mark, Record
from server.journal.room import Room, Shed, grown, look, survives_h
from server.journal.slots import claim_slot
from server.journal.writer import SegmentWriter

__all__ = [
    "MAX_RECORD_BYTES",
    "Ahead",
    "Chunk",
    "CommittedDataMissing",
    "Damage",
    "DamageReason",
    "FolderInUse",
    "FolderLock",
    "Journal",
    "JournalBroken",
    "JournalUnwritable",
    "Mark",
    "Record",
    "Room",
    "SegmentInfo",
    "SegmentWriter",
    "Shed",
    "ahead",
    "claim_slot",
    "cut_back",
    "grown",
    "look",
    "numbered",
    "read",
    "remove_before",
    "segments",
    "survives_h",
]
