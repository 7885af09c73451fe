"""HTML5 videos, `observe: video`."""

from __future__ import annotations

import base64
import io
import wave

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser


def silence(seconds: float) -> str:
    """A sound that a video element plays, and that every browser knows."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(8000 * seconds))
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()


def test_a_video_that_is_watched_to_its_end_is_told_step_by_step(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "video", page_views=False)
    page.goto(recorder.page(f"<video muted title=Kiln src='{silence(1)}'></video>"))
    page.wait_for_function("!freehold.q")
    page.evaluate("document.querySelector('video').play()")
    recorder.until("video_complete")
    told = [
        (event["name"], event["props"]["video_percent"])
        for event in recorder.until("video_complete")
    ]
    assert told == [
        ("video_start", 0),
        *(("video_progress", percent) for percent in (10, 25, 50, 75)),
        ("video_complete", 100),
    ]
    assert recorder.told("video_start")[0] == {
        "video_title": "Kiln",
        "video_provider": "html5",
        "video_duration": 1,
        "video_current_time": 0,
        "video_percent": 0,
    }
