"""What a run finds, and how its folder keeps it, changes only together with `KERNEL_VERSION`.

A run is found again by the hash of its plan, its facts and this version. Were results to change without it, a folder that
was written before would be taken for the answer of today. So a few programmes are run, and what their folders say is
hashed. After a change that is meant: raise `KERNEL_VERSION`, and write the version and the new digest below.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.run.calculate import calculate
from buoy_engine.run.cases import facts_of
from buoy_engine.run.record import KERNEL_VERSION, RunRecord, write_run
from buoy_engine.run.report import problems_of, reconcile
from buoy_engine.spec.model import Plan
from tests.engine.worked_cases import read_case

VERSION, DIGEST = "3", "e337262d6389e3c7cff56d325ba8189580871683833a0f709590b873553de038"
RECIPES = Path(__file__).parents[2] / "recipes"
PROGRAMMES = (
    "best-sellers",
    "budget-runs-out",
    "cap-carried",
    "clawback-by-age",
    "currencies",
    "draw-forgiven",
    "override-differential",
    "paid-in-parts",
    "reasons-of-rows",
    "return-left-out-by-a-source",
    "returns-of-a-split-sale",
    "share-by-largest-remainder",
    "target-missing",
    "ytd-true-up",
)


def said_of(name: str, folder: Path) -> Iterator[str]:
    """Everything that the folder of a run says, apart from what it is called."""
    data = read_case(RECIPES / f"{name}.yaml").data
    plan, facts = Plan.model_validate(data["plan"]), data["facts"]
    backend = DuckDb(threads=1)
    result = calculate(plan, facts_of(plan, facts), backend)
    found = problems_of(result)
    record = RunRecord(name, "", "", {}, result, found, reconcile(result), {}, {})
    made, _ = write_run(record, folder)
    backend.close()
    for file in sorted(made.rglob("*")):
        if file.suffix == ".parquet":
            table = pq.read_table(file)
            yield f"{file.relative_to(made)} {table.schema.names} {list(map(str, table.schema.types))} {table.to_pylist()}"
        elif file.is_file() and file.name != "run.json":
            yield f"{file.relative_to(made)} {file.read_text(encoding='utf-8')}"


def test_results_and_folders_change_only_with_the_version(tmp_path: Path) -> None:
    said = {name: list(said_of(name, tmp_path)) for name in PROGRAMMES}
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    assert (KERNEL_VERSION, digest) == (VERSION, DIGEST), (
        "runs say something else: raise KERNEL_VERSION, then write both here"
    )
