"""What holds for every test."""

import pytest


@pytest.fixture(autouse=True)
def no_given_width(monkeypatch):
    """A shell, or a worker of the test runner, may say how wide its screen is: not that of what a test captures."""
    monkeypatch.delenv("COLUMNS", raising=False)
