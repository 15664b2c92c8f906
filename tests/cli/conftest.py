import pytest


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    """No test is answered from what another, or the user, has computed."""
    monkeypatch.setenv("MODECOLLAPSE_CACHE_DIR", str(tmp_path / "cache"))
