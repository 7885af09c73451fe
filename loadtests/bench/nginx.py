"""nginx as a baseline: it logs cookie and body of each hit and answers 204; nothing is synced.

It reads a body only for who needs it: here for a mirror that throws it away.
"""

from __future__ import annotations

import shutil
from pathlib import Path

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
    location / {{ mirror /sink; error_page 405 =204 @done; empty_gif; }}
    location @done {{ return 204; }}
    location = /sink {{ internal; access_log off; return 204; }}
  }}
}}
"""


def is_there() -> bool:
    """Whether nginx and what pins it are installed."""
    return all(map(shutil.which, ("nginx", "taskset")))


def command(folder: Path, port: int, core: int) -> list[str]:
    """The command line of one nginx process on a core."""
    folder.mkdir(parents=True)
    path = folder / "nginx.conf"
    path.write_text(CONFIGURATION.format(folder=folder, port=port))
    return ["taskset", "-c", str(core), "nginx", "-p", str(folder), "-c", str(path)]
