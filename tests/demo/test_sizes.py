from __future__ import annotations

import re

from server.demo.sizes import sizes_pdf


def test_every_offset_of_the_table_points_at_its_object() -> None:
    pdf = sizes_pdf("Sizes", ["Cup: 9 cm", "Bowl: 7 cm"])
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", pdf)[0])
    assert pdf[start:].startswith(b"xref\n0 6\n0000000000 65535 f \n")
    offsets = [int(found) for found in re.findall(rb"(\d{10}) 00000 n \n", pdf)]
    assert [pdf[at : at + 8] for at in offsets] == [b"%d 0 obj\n" % n for n in range(1, 6)]


def test_the_stream_is_as_long_as_it_says() -> None:
    pdf = sizes_pdf("Sizes", ["Cup: 9 cm"])
    length, stream = re.findall(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", pdf, re.DOTALL)[0]
    assert len(stream) == int(length)
    assert stream.count(b"Tj") == 2


def test_text_cannot_leave_its_parentheses() -> None:
    pdf = sizes_pdf("A)B(C\\", ["größe ☃"])
    assert b"(A\\)B\\(C\\\\) Tj" in pdf
    assert "(größe ?) Tj".encode("cp1252") in pdf
