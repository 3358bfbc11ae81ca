"""Facts come in: files are opened, tables registered and checked, before anything is calculated.

Checks run on the engine (`checks`), so that a file of ten million lines is never read into Python. A blocking problem
means that nothing is calculated and nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from buoy_engine.facts.files import FileTable, open_facts
from buoy_engine.facts.schemas import schema_of
from buoy_engine.facts.tables import Facts, Table
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.backend import Backend
from buoy_engine.run.checks import TableCheck
from buoy_engine.run.relations import register
from buoy_engine.spec.model import Plan


@dataclass(frozen=True)
class Intake:
    """Facts that have been opened, registered and checked."""

    facts: Facts
    problems: list[Problem]

    @property
    def refused(self) -> bool:
        """Whether nothing may be calculated on these facts."""
        return any(problem.is_blocking for problem in self.problems)


def take_in(paths: Path | Sequence[Path], scratch: Path, backend: Backend, plan: Plan | None = None) -> Intake:
    """Opens the files, registers the tables and checks them; with a plan, also against its currency and dates.

    `backend` is one for checking only: it is left with the relations of the checks.
    """
    facts, problems = open_facts(paths, scratch)
    if any(problem.is_blocking for problem in problems):
        return Intake(facts, problems)
    checked, found = check_facts(facts, backend, plan)
    return Intake(checked, [*problems, *found])


def check_facts(facts: Facts, backend: Backend, plan: Plan | None = None) -> tuple[Facts, list[Problem]]:
    """Registers every table and checks it. The facts come back with identical rows taken once."""
    for table in facts.tables.values():
        register(backend, table)
    made, problems = Facts(dict(facts.tables)), []
    for name, table in facts.tables.items():
        check = TableCheck(backend, facts, table, schema_of(name), plan)
        problems += check.all()
        if check.twins:
            made.tables[name] = _once(table)
            register(backend, made.tables[name])
    return made, problems


def _once(table: Table) -> Table:
    if isinstance(table, FileTable):
        return replace(table, once=True)
    return replace(table, rows=list(dict.fromkeys(table.rows)))
