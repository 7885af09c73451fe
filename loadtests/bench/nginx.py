"""nginx as a baseline: it logs cookie and body of each hit and answers 204; nothing is synced.

It reads a body only for who needs it: here for a mirror that throws it away.
"""

from __future__ import annotations

from pathlib import Path

BODY_BEGINS = rb"{\"v\":1,"
"""As the log writes it: JSON in JSON."""
CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 2048; }}
http {{
  log_format body escape=json '$msec $http_cookie $request_body';
  access_log {folder}/log body;
  client_body_temp_path {folder}/temp; proxy_temp_path {folder}/temp;
  fastcgi_temp_path {folder}/temp; uwsgi_temp_path {folder}/temp; scgi_temp_path {folder}/temp;
  client_body_buffer_size 64k; client_body_in_single_buffer on;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    location = / {{ access_log off; return 204; }}
    location / {{ mirror /sink; error_page 405 =204 @done; empty_gif; }}
    location @done {{ return 204; }}
    location = /sink {{ internal; access_log off; return 204; }}
  }}
}}
"""


def logged(folder: Path) -> tuple[int, int]:
    """Lines of the log, and those among them that have a body in them."""
    lines = bodies = 0
    with (folder / "log").open("rb") as log:
        for line in log:
            lines += 1
            bodies += BODY_BEGINS in line
    return lines, bodies


def command(folder: Path, port: int, core: int) -> list[str]:
    """The command line of one nginx process on a core."""
    folder.mkdir(parents=True)
    path = folder / "nginx.conf"
    path.write_text(CONFIGURATION.format(folder=folder, port=port))
    return ["taskset", "-c", str(core), "nginx", "-p", str(folder), "-c", str(path)]
