"""Debian's real nginx with the recipe of docs/operating.md: `make nginx` installs it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.install import install
from tests.running import ROOT, listens, wait_for

OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
AROUND = """
daemon off; master_process off; pid pid; error_log errors;
events {{ }}
http {{
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
    uwsgi_temp_path temp; scgi_temp_path temp; access_log off;
    include conf.d/freehold.conf;
    server {{
        listen 127.0.0.1:{port};
        root www; default_type text/html;
{location}
    }}
}}
"""
"""What a Debian has around the recipe, as far as anybody needs it who is not root."""


def is_here() -> bool:
    """Whether there is an nginx; Debian keeps it where only root looks."""
    return _program() is not None


def path_recipe() -> tuple[dict[str, str], str]:
    """The files that both recipes use, and the lines of the site's own server."""
    files = dict(re.findall(r"^cat > /etc/nginx/(\S+) <<'END'\n(.*?)^END$", OPERATING, re.M | re.S))
    location = OPERATING.partition("**a. A path of the site.**")[2].partition("```nginx\n")[2]
    return files, location.partition("```")[0]


@contextmanager
def nginx_before(collector: int, folder: Path, *, port: int) -> Iterator[None]:
    """An nginx with the folder's `www` and the recipe, before a collector's port."""
    files, location = path_recipe()
    files["nginx.conf"] = AROUND.format(port=port, location=location)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{collector}"))
    command = [str(_program()), "-p", str(folder), "-c", "nginx.conf", "-e", "errors"]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: process.poll() is not None or listens(port), "nginx")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _program() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


if __name__ == "__main__":
    problem = "" if is_here() else install(("nginx",))
    if problem:
        print(f"The recipe for nginx is not tried: {problem}", file=sys.stderr)
