"""The arrows of docs/architecture.md hold, and each of them would be missed if it were broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.repository import ROOT


@dataclass(frozen=True)
class Planted:
    """A line that must not stand in a file of src."""

    contract: str
    file: str
    line: str


PLANTED = [
    Planted("engine-layers", "buoy_engine/kernel/planted.py", "import buoy_engine.run"),
    Planted("engine-layers", "buoy_engine/spec/planted.py", "import buoy_engine.facts"),
    Planted("engine-layers", "buoy_engine/rules/planted.py", "import buoy_engine.compile"),
    Planted("engine-layers", "buoy_engine/run/planted.py", "import buoy_engine.backends"),
    Planted("engine-is-pure", "buoy_engine/run/planted.py", "import buoy"),
    Planted("engine-is-pure", "buoy_engine/spec/planted.py", "import django.conf"),
    Planted("duckdb-in-its-backend", "buoy_engine/run/planted.py", "import duckdb"),
    Planted("duckdb-in-its-backend", "buoy/cli/planted.py", "import duckdb"),
    Planted("postgres-in-its-backend", "buoy_engine/run/planted.py", "import psycopg"),
    Planted("postgres-in-its-backend", "buoy_engine/backends/planted.py", "from psycopg import sql"),
    Planted("spark-in-its-backend", "buoy_engine/backends/planted.py", "import pyspark.sql"),
    Planted("plans-know-no-sql", "buoy_engine/spec/planted.py", "import sqlglot"),
    Planted("plans-know-no-sql", "buoy_engine/facts/planted.py", "import sqlglot.expressions"),
    Planted("plans-know-no-sql", "buoy_engine/kernel/planted.py", "from sqlglot import exp"),
    Planted("doors-of-the-engine", "buoy/planted.py", "import buoy_engine.run"),
    Planted("app-layers", "buoy/core/planted.py", "import buoy.ui"),
    Planted("app-layers", "buoy/ui/planted.py", "import buoy.domains.accounts"),
    Planted("app-layers", "buoy/domains/partners/queries.py", "import buoy.config"),
    Planted("rooms-are-a-one-way-street", "buoy/domains/accounts/models.py", "import buoy.domains.partners"),
    Planted("inside-a-room", "buoy/domains/accounts/policy.py", "import buoy.domains.accounts.models"),
    Planted("decisions-know-no-django", "buoy/domains/accounts/policy.py", "import django.db"),
    Planted("doors-of-the-engine", "buoy/cli/planted.py", "from buoy_engine.kernel import amounts"),
]


def contracts() -> dict[str, str]:
    """The name of each contract by its id."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {each["id"]: each["name"] for each in settings["tool"]["importlinter"]["contracts"]}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command as go; go(['--no-logo', '--no-cache'])"
    # A wide terminal, since the names of the contracts are looked for and must not be wrapped.
    environment = dict(os.environ, PYTHONPATH=str(root / "src"), COLUMNS="200")
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source and its contracts, to be spoiled."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_arrows_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_has_a_planted_violation() -> None:
    assert {planted.contract for planted in PLANTED} == set(contracts())


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.file}: {planted.line}")
def test_a_planted_violation_is_caught(planted: Planted, copy: Path) -> None:
    (copy / "src" / planted.file).write_text(planted.line + "\n", encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contracts()[planted.contract]} BROKEN" in result.stdout


def test_a_new_part_of_the_engine_must_be_given_its_place(copy: Path) -> None:
    (copy / "src/buoy_engine/helpers.py").touch()
    result = lint_imports(copy)
    assert result.returncode == 1
    assert "buoy_engine.helpers" in result.stdout
