"""The folder of facts and the plan that these tests start from."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.spec.model import Plan
from tests.engine.unit.facts.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    backend = DuckDb(threads=1)
    yield Folder(tmp_path, backend)
    backend.close()


@pytest.fixture
def plan() -> Callable[..., Plan]:
    """A plan in dollars for 2025, with changes."""

    def make(**changes: object) -> Plan:
        said: dict[str, object] = {
            "plan": "test",
            "currency": "USD",
            "period": "month",
            "valid": {"from": "2025-01-01", "to": "2025-12-31"},
            "components": [{"id": "commission", "rate": "5%"}],
        }
        return Plan.model_validate(said | changes)

    return make
