"""A run on disk: what it read, by hash, and what it found, in files that are the same bytes every time.

A run's id is the SHA-256 of the plan's canonical form (its document without comments and layout), the snapshot ids of
its facts and the version of the calculation. Equal ids mean equal earnings; the test runs twice and compares bytes.

    plan.yaml              the plan as it was written
    run.json               what the id was made of
    earnings.csv, .parquet one row per partner, component and period: exact and rounded amount, reason
    trace.parquet          one row per component and credited row, sorted by partner (fast to ask)
    relations/             what explanations need beside the trace (`stored`)
    statements.csv         one row per partner and statement period; in words when asked (`statements`)
    facts/                 the fact files as they were read; equal files of several runs are stored once
    problems.json          what was found that did not stop the run
    reconciliation.json    rows → credited, not credited by reason → earned, per component

A folder is written beside its place and moved there when it is whole. Where one with the same id stands already, it is
compared and kept: a difference would be a run that cannot be replayed, and is refused.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from buoy_engine.compile.statement import FIGURES
from buoy_engine.facts.tables import Facts
from buoy_engine.kernel.problems import Problem
from buoy_engine.run.calculate import Result
from buoy_engine.run.report import Reconciled
from buoy_engine.run.stored import write_relations
from buoy_engine.run.wording import money

KERNEL_VERSION = "3"
"""Raised whenever the same plan and facts would earn another amount than before, or a run's folder says it otherwise."""
_MONEY_DIGITS = 38


class RunDiffers(Exception):
    """A run of the same id is on disk with other contents."""

    def __init__(self, folder: Path, files: tuple[str, ...]) -> None:
        said = f"{folder} holds a run of the same plan and facts with other contents ({', '.join(files[:5])})"
        super().__init__(f"{said}; it was left as it is")
        self.folder, self.files = folder, files


@dataclass(frozen=True)
class RunRecord:
    """Everything that a run's folder holds, before it is written."""

    run_id: str
    logic: str
    plan_text: str
    snapshots: Mapping[str, str]
    result: Result
    problems: Sequence[Problem]
    reconciled: Sequence[Reconciled]
    names: Mapping[str, str]
    inputs: Mapping[str, Path]


def run_id(plan: Any, snapshots: Mapping[str, str]) -> str:
    """The name of a run. `plan` is the document as plain data; the order of its keys counts, as it does in the plan."""
    made = json.dumps([_canonical(plan), sorted(snapshots.items()), KERNEL_VERSION], ensure_ascii=False)
    return hashlib.sha256(made.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """Plain data in which equal values are written the same way: 0.50 and 0.5 are one number, texts are not numbers."""
    if isinstance(value, Mapping):
        return {"map": [[_canonical(key), _canonical(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return {"number": f"{Decimal(value).normalize():f}"}
    return {"date": value.isoformat()} if isinstance(value, date) else str(value)


def partner_names(result: Result, facts: Facts) -> dict[str, str]:
    """Partner → name, where the facts have names; of several in time the last."""
    if "partners" not in facts or "name" not in facts["partners"].types:
        return {}
    columns = [c for c in ("partner_id", "name", "valid_from") if c in facts["partners"].types]
    rows = [row for row in result.backend.read("partners", columns) if row["name"]]
    return {r["partner_id"]: r["name"] for r in sorted(rows, key=lambda r: str(r.get("valid_from") or ""))}


# ---------------------------------------------------------------- writing


def write_run(record: RunRecord, out: Path) -> tuple[Path, bool]:
    """The run's folder, and whether it is new. Raises `RunDiffers`."""
    folder, draft = out / record.run_id, out / f".{record.run_id}.part"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        _write_files(record, draft)
        _freeze(record.inputs, out / "facts", draft / "facts")
        if not folder.exists():
            draft.rename(folder)
            return folder, True
        if different := _different(draft, folder):
            raise RunDiffers(folder, different)
        return folder, False
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _different(new: Path, old: Path) -> tuple[str, ...]:
    """Files that are not the same bytes. The plan's comments and layout do not make another run."""
    names = {str(f.relative_to(folder)) for folder in (new, old) for f in folder.rglob("*") if f.is_file()}
    made = (name for name in names if name != "plan.yaml" and not name.startswith("facts"))
    return tuple(sorted(name for name in made if _bytes(new / name) != _bytes(old / name)))


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _freeze(inputs: Mapping[str, Path], store: Path, folder: Path) -> None:
    """The run's own copy of what it read: a link to a copy kept under the hash of its bytes."""
    store.mkdir(exist_ok=True)
    for name, file in sorted(inputs.items()):
        kept = store / f"{_digest(file)}{file.suffix}"
        if not kept.exists():
            draft = kept.with_suffix(".part")
            shutil.copyfile(file, draft)
            draft.rename(kept)
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            place.hardlink_to(kept)
        except OSError:  # a file system without links
            shutil.copyfile(kept, place)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_files(record: RunRecord, folder: Path) -> None:
    (folder / "plan.yaml").write_text(record.plan_text, encoding="utf-8")
    made_of = {
        "run": record.run_id,
        "logic": record.logic,
        "kernel": KERNEL_VERSION,
        "facts": dict(sorted(record.snapshots.items())),
    }
    _json(folder / "run.json", made_of)
    _json(folder / "problems.json", [asdict(problem) for problem in record.problems])
    _json(folder / "reconciliation.json", [asdict(entry) for entry in record.reconciled])
    _earnings(record.result, folder)
    write_relations(record.result, record.names, folder)
    statements = statement_rows(record.result)
    _csv(folder / "statements.csv", STATEMENT_COLUMNS, [[row[k] for k in _STATEMENT_KEYS] for row in statements])


_STATEMENT_KEYS = ("_payee", "period", *FIGURES, "currency", "paid_amount")
STATEMENT_COLUMNS = ("partner", *_STATEMENT_KEYS[1:])


def statement_rows(result: Result) -> list[dict[str, Any]]:
    """Statements with anything in them, by partner and period."""
    currency = result.program.plan.currency
    rows = [_in_money(row, FIGURES, currency) for row in result.statement() if any(row[k] for k in FIGURES)]
    rows = [_in_money(row, ("paid_amount",), row["currency"]) for row in rows]
    return sorted(rows, key=lambda row: (row["_payee"], row["seq"]))


def earning_rows(result: Result) -> list[dict[str, Any]]:
    """Earnings by partner, component (in the plan's order) and period; those of nothing for no reason are left out."""
    plan = result.program.plan
    order = {component.id: i for i, component in enumerate(plan.components)}
    rows = [row for row in result.earned() if row["amount"] or row["exact"] or row["_reason"]]
    rows = [_in_money(row, ("amount", "exact"), plan.currency) for row in rows]
    return sorted(rows, key=lambda row: (row["_payee"], order[row["component"]], row["_seq"]))


def _in_money(row: Mapping[str, Any], names: Iterable[str], currency: str) -> dict[str, Any]:
    """Amounts written as the currency is, whatever scale the engine calculated them in."""
    return {**row, **{name: money(row[name], currency) for name in names}}


def _earnings(result: Result, folder: Path) -> None:
    rows = earning_rows(result)
    keys = ("_payee", "component", "_period", "_settle", "exact", "amount", "_reason")
    names = ("partner", "component", "period", "statement", "exact", "amount", "reason")
    _csv(folder / "earnings.csv", names, [[row[k] for k in keys] for row in rows])
    columns = {name: [row[k] for row in rows] for name, k in zip(names, keys, strict=True)}
    _parquet(folder / "earnings.parquet", columns, numbers={"exact", "amount"})


def _parquet(file: Path, columns: Mapping[str, list[Any]], *, numbers: Iterable[str]) -> None:
    """Columns of texts and exact numbers. Nothing in the file depends on when or where it was written."""
    figures = set(numbers)
    arrays = [_exact(v) if name in figures else pa.array(v, type=pa.string()) for name, v in columns.items()]
    pq.write_table(pa.table(arrays, names=list(columns)), file, compression="zstd")


def _exact(values: list[Any]) -> pa.Array:
    """Numbers at the largest scale that one of them has."""
    found = pa.array(values)
    if pa.types.is_null(found.type):
        return found.cast(pa.decimal128(_MONEY_DIGITS, 0))
    return found.cast(pa.decimal128(_MONEY_DIGITS, found.type.scale))


def _csv(file: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([f"{v:f}" if isinstance(v, Decimal) else v for v in row] for row in rows)


def _json(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, date) else str(value)
