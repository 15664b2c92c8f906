"""Long work shows how fast it goes and how long it will take, and leaves nothing on the screen."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from modecollapse import progress


@pytest.fixture
def screen(monkeypatch):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120)
    monkeypatch.setattr("rich.console.Console", lambda stderr: console)
    return stream


def test_pace_and_time_left_are_shown_once_they_are_known(screen):
    clock = iter(range(1000))
    with progress.OnTerminal() as watcher:
        watcher._progress.get_time = lambda: float(next(clock))
        watcher.stage("embedding", 100_000)
        for _ in range(5):
            watcher.advance(1000)
        watcher._progress.refresh()
    shown = screen.getvalue()
    assert "embedding" in shown
    assert "/s, " in shown
    assert " left" in shown


def test_a_stage_without_a_known_end_promises_none(screen):
    with progress.OnTerminal() as watcher:
        watcher.stage("testing")
        watcher.advance(3)
        watcher._progress.refresh()
    assert "testing" in screen.getvalue()
    assert "left" not in screen.getvalue()


def test_a_name_from_a_plug_in_is_no_markup(screen):
    with progress.OnTerminal() as watcher:
        watcher.stage("[/red]\x1b[2J", 3)
        watcher._progress.refresh()
    assert "[/red]" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()
