"""What the engine costs on the plan "bench": each figure in a fresh process, best of the repeats by CPU.

summary   the whole plan over all lines, from files to statements
quarter   the same over the lines of one quarter
trace     the same with one row per component and credited line, written to Parquet
feed      one new line on the stored state of all lines, to corrected statements
what-if   variants of one late parameter over one crediting, per variant and quarter
compile   the plan to the SQL of all its stages
explain   one partner's quarter, from the stored run of that quarter
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.compile.lower import to_sql
from buoy_engine.compile.plan import compile_plan
from buoy_engine.facts.tables import TABLES, Facts, Row, Table, inline_table
from buoy_engine.run import stored
from buoy_engine.run.calculate import Result, calculate
from buoy_engine.run.explain import Explainer
from buoy_engine.run.incremental import State
from buoy_engine.run.whatif import what_if
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import read_plan

HERE = Path(__file__).parent
SMALL = ("partners", "products", "hierarchy", "targets", "certifications", "rates")
THIRD_QUARTER = "sale_date >= DATE '2025-07-01' AND sale_date < DATE '2025-10-01'"
RENAMED = """
    CREATE OR REPLACE VIEW lines AS
    SELECT CAST(sale_id AS VARCHAR) AS id, sale_date AS date, partner_id, product_id, customer_id, quantity, amount,
           currency, deal_id, CAST(returns AS VARCHAR) AS returns, posted_at
    FROM read_parquet('{path}') WHERE {only}
"""


class BenchDb(DuckDb):
    """DuckDB over the generator's file, whose columns have the names of the hand-written SQL."""

    only = "true"
    """Which lines of the file."""

    def register(self, table: Table) -> None:
        if table.path is None:
            super().register(table)
        else:
            self.connection.execute(RENAMED.format(path=table.path, only=self.only))


def load(data: Path, threads: int) -> tuple[Plan, Facts, BenchDb]:
    plan, problems, _ = read_plan((HERE / "plan.yaml").read_text())
    assert plan is not None, problems
    db = BenchDb(threads=threads)
    facts = Facts({name: inline_table(name, rows(db, data / f"{name}.parquet")) for name in SMALL})
    facts.tables["lines"] = Table("lines", TABLES["lines"], path=str(data / "lines.parquet"))
    return plan, facts, db


def rows(db: BenchDb, file: Path) -> list[dict[str, Any]]:
    cursor = db.connection.execute("SELECT * FROM read_parquet(?)", [str(file)])
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Stopwatch:
    """Wall and CPU seconds since it was made, and the process's peak memory."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), cpu_seconds()

    def read(self, **more: float) -> dict[str, float]:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"wall": time.perf_counter() - self.wall, "cpu": cpu_seconds() - self.cpu, "peak_mb": peak} | more


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def summary(data: Path, threads: int) -> dict[str, float]:
    """Reading master data, compiling, one pass over the lines, earnings and statements."""
    watch = Stopwatch()
    plan, facts, db = load(data, threads)
    result = calculate(plan, facts, db, summary=True)
    found = watch.read()
    return found | {"rows": earned_rows(result)}


def earned_rows(result: Result) -> int:
    made = result.program.made.values()
    return sum(1 for m in made for row in result.backend.read(m.earned, ("amount",)) if row["amount"])


def quarter(data: Path, threads: int) -> dict[str, float]:
    """As `summary`, over the lines of 2025-Q3 only."""
    watch = Stopwatch()
    plan, facts, db = load(data, threads)
    db.only = THIRD_QUARTER
    result = calculate(plan, facts, db, summary=True)
    found = watch.read()
    return found | {"rows": earned_rows(result)}


def trace(data: Path, threads: int) -> dict[str, float]:
    """As `summary`, with the trace of every component written to a file of its own."""
    watch = Stopwatch()
    plan, facts, db = load(data, threads)
    result = calculate(plan, facts, db, wanted=stored.wanted)
    written = 0
    with tempfile.TemporaryDirectory() as folder:
        for component in plan.components:
            columns = ", ".join(f'"{column}"' for column in stored.trace_columns(result.program, component))
            rows = f"SELECT {columns} FROM {result.program.made[component.id].trace}"
            copied = db.connection.execute(f"COPY ({rows}) TO '{folder}/{component.id}.parquet' (FORMAT parquet)")
            written += copied.fetchone()[0]
    return watch.read(rows=written)


def feed(data: Path, threads: int) -> dict[str, float]:
    """The third of three one-line feeds (the first ones prepare what later ones find)."""
    plan, facts, db = load(data, threads)
    state = State(plan, facts, lambda: db)
    product = rows(db, data / "products.parquet")[0]["product_id"]
    partner = sorted({r["partner_id"] for r in facts["partners"].records()})[5000]
    for i in range(3):
        watch = Stopwatch()
        differences = state.change([], [line(f"NEW-{i}", partner, product)])
        found = watch.read(rows=len(differences))
    return found


def line(id: str, partner: str, product: str) -> Row:
    values = {"id": id, "partner_id": partner, "product_id": product, "date": date(2025, 11, 3)}
    values |= {"amount": Decimal("1234.56"), "quantity": Decimal(1), "currency": "EUR"}  # type: ignore[dict-item]
    return tuple(values.get(column) for column in TABLES["lines"])


def variants(data: Path, threads: int) -> dict[str, float]:
    """Twenty variants of one rate; the figures are those of one variant and quarter."""
    plan, facts, db = load(data, threads)
    result = calculate(plan, facts, db, summary=True)
    watch = Stopwatch()
    count = 20
    paid = what_if(result, [{"top_rate": Decimal("0.03") + Decimal(i) / 1000} for i in range(count)]).paid()
    found = watch.read(rows=len(paid))
    return found | {"wall": found["wall"] / count / 8, "cpu": found["cpu"] / count / 8}


def compiling(data: Path, threads: int) -> dict[str, float]:
    """The plan to stages and their SQL, master data being there; the second time in the process."""
    plan, facts, db = load(data, threads)
    db.only = "false"
    options = calculate(plan, facts, db).compiled_with
    watch = Stopwatch()
    texts = [to_sql(stage, db.dialect) for stage in compile_plan(plan, **options).stages]
    return watch.read(rows=len(texts))


def explaining(data: Path, threads: int) -> dict[str, float]:
    """One partner's quarter, in words with its lines, from the stored run of that quarter; the second of two partners."""
    plan, facts, db = load(data, threads)
    db.only = THIRD_QUARTER
    result = calculate(plan, facts, db, wanted=stored.wanted)
    partners = sorted(row["partner_id"] for row in db.read("payees"))
    with tempfile.TemporaryDirectory() as folder:
        stored.write_relations(result, {}, Path(folder))
        for partner in (partners[4000], partners[5000]):
            watch = Stopwatch()
            found = Explainer(stored.StoredRun(Path(folder), plan, partner)).explain(partner, "2025-Q3")
            told = watch.read(rows=len(found))
    return told


FIGURES = {
    "summary": summary,
    "quarter": quarter,
    "trace": trace,
    "feed": feed,
    "what-if": variants,
    "compile": compiling,
    "explain": explaining,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("figures", nargs="*", default=list(FIGURES))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--once", action="store_true", help="run here and print JSON (used by the repeats)")
    options = parser.parse_args()
    for name in options.figures:
        if options.once:
            print(json.dumps(FIGURES[name](options.data, options.threads)))
            continue
        command = [
            sys.executable,
            __file__,
            name,
            "--data",
            str(options.data),
            "--threads",
            str(options.threads),
            "--once",
        ]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(options.repeat)
        ]
        best, worst = min(runs, key=lambda run: run["cpu"]), max(run["cpu"] for run in runs)
        print(
            f"engine {name:<11} wall {best['wall']:6.3f} s   CPU {best['cpu']:6.3f} s (worst {worst:.3f})   "
            f"peak {best['peak_mb']:6.0f} MB   {best['rows']:>9,} rows"
        )


if __name__ == "__main__":
    main()
