"""The container of a run, and what goes wrong in each of its stages.

calm      nothing
errors    a tenth of the requests at every partner fails: 503, a reset, an answer that is lost
storm     the same, one partner resets every connection, another one never answers
mended    nothing any more: what is owed arrives
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from server.demo.trouble import Script, Trouble

NAME = "partners"
SECRET = "PARTNERS"
ID = "0123456789abcdef0123456789abcdef"
DOWN, MUTE = "tiktok", "mixpanel"
"""The partner that is down in the storm, and the one that never answers."""
SETTINGS = {
    "ga4": {"measurement_id": "G-LOAD000001", "api_secret": f"$secret.{SECRET}"},
    "meta": {"pixel_id": "1234567890123456", "access_token": f"$secret.{SECRET}"},
    "amplitude": {"api_key": ID},
    "webhook": {},
    DOWN: {"pixel_code": "LOAD", "access_token": f"$secret.{SECRET}"},
    MUTE: {"token": ID},
}
"""A tag for each of these partners, by the name of its type."""
FIRES = {"webhook": ("begin_checkout",)}
"""Tags that do not fire on everything."""
OTHERS = [name for name in SETTINGS if name not in (DOWN, MUTE)]
ERRORS = (
    Trouble(kind="error", share=0.04),
    Trouble(kind="reset", share=0.03),
    Trouble(kind="lost", share=0.03),
)
STORM = (Trouble(kind="reset", partner=DOWN), Trouble(kind="hang", partner=MUTE))


class Stage(Struct, frozen=True, kw_only=True):
    """A stretch of a run."""

    name: str
    troubles: tuple[Trouble, ...] = ()


STAGES = (
    Stage(name="calm"),
    Stage(name="errors", troubles=ERRORS),
    Stage(name="storm", troubles=(*STORM, *ERRORS)),
)


def script(stage: Stage | None, *, seed: int) -> bytes:
    """What the recorder is told; None: that all is well again."""
    troubles = list(stage.troubles) if stage else []
    return msgspec.json.encode(Script(seed=seed, troubles=troubles))


def write_container(folder: Path, recorder: str) -> None:
    """The container's file, before Freehold starts: every tag takes every event."""
    tags = {
        name: {
            "type": name,
            "fires_on": [f"{name}_events"] if name in FIRES else ["all_events"],
            "with": {**settings, **_where(name, recorder)},
        }
        for name, settings in SETTINGS.items()
    }
    container = {
        "id": NAME,
        "sites": ["self"],
        "cookie": {"mode": "consent"},
        "triggers": {f"{name}_events": {"event": list(names)} for name, names in FIRES.items()},
        "tags": tags,
    }
    text = msgspec.json.encode(container).decode()  # JSON is YAML
    (folder / f"{NAME}.yaml").write_text(text)


def _where(name: str, recorder: str) -> dict[str, str]:
    return {"url": f"{recorder}/partners"} if name == "webhook" else {"endpoint": recorder}
