"""Fills README's table of destinations: python docs/fill.py README.md < table."""

import re
import sys
from pathlib import Path

path, table = Path(sys.argv[1]), sys.stdin.read()
text = path.read_text(encoding="utf-8")
filled, count = re.subn(r"(?m)^\| `type:` \|.*\n(?:\|.*\n)+", lambda _: table, text)
if count != 1:
    sys.exit(f"{path}: expected one table that begins with | `type:` |, found {count}")
path.write_text(filled, encoding="utf-8")
