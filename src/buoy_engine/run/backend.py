"""The port: what a run needs of an execution engine. `backends/` has the adapters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import Stage, Type


class Backend(Protocol):
    """Runs stages in order and reads relations back. One instance is one run."""

    dialect: str

    def register(self, table: Table) -> None:
        """Makes a fact table (rows or a file) readable under its name."""

    def describe(self, name: str) -> Mapping[str, Type]:
        """The columns of a registered relation."""

    def run(self, stage: Stage, text: str) -> None:
        """Creates the stage's relation from its SQL."""

    def read(
        self, name: str, columns: Sequence[str] | None = None, where: str | None = None
    ) -> Iterable[dict[str, Any]]:
        """The rows of a relation, numbers as Decimal."""

    def table(self, name: str, types: Mapping[str, Type]) -> pa.Table:
        """Columns of a relation as Arrow, in no order: texts, days, and numbers as DECIMAL(38, scale)."""

    def close(self) -> None:
        """Frees everything."""


class Feedable(Backend, Protocol):
    """A backend that can keep a state and add to it."""

    def append(self, target: str, source: str) -> None:
        """Adds the rows of one relation to a kept one with the same columns."""

    def correct(self, target: str, source: str, key: str) -> None:
        """Puts rows in the place of those with the same key; both relations have the same columns."""
