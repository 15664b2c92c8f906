"""What holds for every test."""

import pytest
from hypothesis import settings

# How long an example takes hangs on what else the machine does: speed is measured in benchmarks/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_given_width(monkeypatch):
    """A shell, or a worker of the test runner, may say how wide its screen is: not that of what a test captures."""
    monkeypatch.delenv("COLUMNS", raising=False)
