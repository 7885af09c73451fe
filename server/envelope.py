"""A hit as bytes in the journal: MessagePack with the fields' names, so that a later version adds
fields and still reads what an earlier one wrote."""

from __future__ import annotations

import msgspec

from server.model import Hit

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Hit)


def seal(hit: Hit) -> bytes:
    """The journal's payload of one hit."""
    return _ENCODER.encode(hit)


def unseal(payload: bytes) -> Hit:
    """The hit of a payload; raises msgspec.DecodeError for what is not one."""
    try:
        return _DECODER.decode(payload)
    except UnicodeDecodeError as error:  # msgspec has no error of its own for it
        raise msgspec.DecodeError(str(error)) from error
