"""The shop's download: one page of sizes as a PDF, made without a library."""

from __future__ import annotations

from collections.abc import Sequence

_TOP, _LEFT, _LEADING = 760, 72, 24


def sizes_pdf(title: str, lines: Sequence[str]) -> bytes:
    """One A4 page with a title and lines of text; what Latin-1 lacks becomes a question mark."""
    stream = _content(title, lines)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
    )
    pdf = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    pdf += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(pdf + b"startxref\n%d\n%%%%EOF\n" % start)


def _content(title: str, lines: Sequence[str]) -> bytes:
    shown = [b"(%b) Tj T*" % _text(line) for line in lines]
    return b"\n".join(
        [
            b"BT /F1 22 Tf %d %d Td %d TL" % (_LEFT, _TOP, _LEADING),
            b"(%b) Tj T* T*" % _text(title),
            b"/F1 12 Tf",
            *shown,
            b"ET",
        ]
    )


def _text(line: str) -> bytes:
    """The characters of a PDF string; parentheses and backslashes are escaped."""
    for special in "\\()":
        line = line.replace(special, f"\\{special}")
    return line.encode("cp1252", errors="replace")
