"""A folder of small real files, and the facts that come of them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.intake import Intake, take_in
from buoy_engine.spec.model import Plan


class Folder:
    """A folder of fact tables that a test fills."""

    def __init__(self, root: Path, backend: DuckDb) -> None:
        self.root = root
        self.facts = root / "facts"
        self.scratch = root / "scratch"
        self.facts.mkdir()
        self.scratch.mkdir()
        self.backend = backend

    def csv(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """A CSV file; `name` without its ending."""
        path = self.facts / f"{name}.csv"
        path.write_bytes(text.encode(encoding))
        return path

    def parquet(self, name: str, columns: dict[str, pa.Array]) -> Path:
        """A Parquet file; `name` may lead into a folder of parts."""
        path = self.facts / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), path)
        return path

    def take_in(self, plan: Plan | None = None) -> Intake:
        """The folder opened, registered and checked."""
        return take_in(self.facts, self.scratch, self.backend, plan)

    def problems(self, plan: Plan | None = None) -> dict[str, Problem]:
        """Code → problem, of which there must be one each."""
        found = self.take_in(plan).problems
        assert len({problem.code for problem in found}) == len(found), [str(problem) for problem in found]
        return {problem.code: problem for problem in found}

    def rows(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        """The rows as the engine sees them, in order."""
        intake = self.take_in()
        assert not intake.refused, [str(problem) for problem in intake.problems]
        return sorted((tuple(row[c] for c in columns) for row in self.backend.read(table)), key=str)
