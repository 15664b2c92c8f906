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


class Heard:
    """A watcher that writes down what it is told."""

    def __init__(self):
        self.told = []

    def stage(self, name, total=None):
        self.told.append((name, total))

    def advance(self, items):
        self.told.append(items)


def test_a_stopwatch_passes_everything_on_and_times_each_stage(monkeypatch):
    clock = iter([0.0, 1.0, 3.0, 13.0])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    heard = Heard()
    watch = progress.Stopwatch(heard)
    watch.stage("reading")
    watch.stage("embedding", 50)
    watch.advance(20)
    watch.advance(30)
    watch.stop()
    assert heard.told == [("reading", None), ("embedding", 50), 20, 30]
    told = [stage.to_dict() for stage in watch.stages]
    assert [(each["name"], each["seconds"], each["items"], each["items_per_second"]) for each in told] == [
        ("reading", 2.0, 0, None),
        ("embedding", 10.0, 50, 5.0),
    ]


def test_peak_memory_is_in_bytes():
    """A Python process with numpy takes between ten megabytes and what a machine has."""
    peak = progress.peak_memory()
    assert peak is None or 10e6 < peak < 1e12
