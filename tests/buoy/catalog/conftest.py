"""The cast, and a small catalog."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest

from buoy.domains.catalog.actions import families, products
from tests.cast import Cast, make_cast

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
Make = Callable[..., UUID]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def product(cast: Cast) -> Make:
    """Take a product into the catalog: `product(code="B-1")`."""
    return partial(products.add_product, cast.mei, name="Buoy", family_id=None, kind="goods", unit="C62", now=NOW)


@pytest.fixture
def family(cast: Cast) -> Make:
    """Put a family into the tree: `family(name="Bikes")`."""
    return partial(families.add_family, cast.mei, parent_id=None)
