from __future__ import annotations

import pytest
import scipy.linalg  # noqa: F401 - it brings its own linear algebra, which must be there to be limited
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Matrices here are small: on a busy machine, threads of the linear algebra only wait for one another."""
    with threadpool_limits(limits=1):
        yield
