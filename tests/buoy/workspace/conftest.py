"""The cast, and a thing to talk about: partner Alpha."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from buoy.domains.workspace import actions
from tests.cast import Cast, make_cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def cast(committed: None) -> Cast:
    return make_cast()


@pytest.fixture
def comment(cast: Cast) -> Callable[..., Any]:
    """Say something about Alpha: `comment(cast.rita, text="…")`."""
    return partial(actions.add_comment, subject_type="partner", subject_id=cast.alpha.id, now=NOW)
