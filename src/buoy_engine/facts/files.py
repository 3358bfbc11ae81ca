"""Fact tables from files: a folder of Parquet and CSV becomes `Facts`, or problems.

The problem
    A file of ten million sales must reach the engine without passing through Python, and a file of three hundred
    partners typed by hand must not reach it with `1,234.50` read as a float, a date read by an American eye, or a
    column that is not there read as nothing.

Chosen steps
    1. `lines.parquet`, `lines.csv`, or a folder `lines/` of either is the table `lines`. Two of them are a mistake.
    2. A Parquet file whose columns have exact types stays where it is: the table is a path, the columns it has, and
       their types. Nothing of its rows is read here, save where a type alone does not say enough (a moment that must
       be a day, an integer that may be too long).
    3. Everything else (CSV; Parquet with numbers or dates as text) is read in batches, twice: once to find what cannot
       be read and how many decimals there are, once to write it as Parquet with exact types into `scratch`.
    4. `hierarchy` and `rates` are read into memory, because the closure and the rate of each day are computed here.

What this module does not do
    It does not look at what values mean together (keys, references, dates, sums): that is `run.intake`, which asks the
    engine. It never changes the files, and it writes nothing but the tables in `scratch`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from buoy_engine.facts.schemas import GENERATED, Schema, schema_of
from buoy_engine.facts.sources import CsvFiles, Source, csv_files, parquet_files, problem
from buoy_engine.facts.tables import DATES, IDENTIFIERS, Facts, Row, Table
from buoy_engine.facts.values import DIGITS, EXPECTED, LISTED, TextColumn, arrow_type, trimmed
from buoy_engine.kernel.ir import BOOL, DATE, TEXT, TIMESTAMP, Kind, Type, number
from buoy_engine.kernel.problems import Problem, Severity

_KNOWN = (".parquet", ".csv")


@dataclass(frozen=True)
class FileTable(Table):
    """A fact table that stays in files.

    `types` has every column, also those that the files lack (they are null); `columns` maps the ones there are to their
    names in the files. `once`: identical rows are to be read once. `parts` are what the engine reads, `inputs` the
    files that were given.
    """

    parts: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    row_count: int = 0
    once: bool = False


def open_facts(paths: Path | Sequence[Path], scratch: Path) -> tuple[Facts, list[Problem]]:
    """The tables of a folder, or of single files and folders of parts; and everything that could not be read.

    A table with a blocking problem is left out. `scratch` is an existing folder that lives as long as the facts.
    """
    given = [paths] if isinstance(paths, Path) else list(paths)
    found, problems = _find(given)
    facts = Facts()
    for name, files in sorted(found.items()):
        table, said = read_table(name, files, scratch)
        problems += said
        if table is not None:
            facts.tables[name] = table
    if not facts.tables and not problems:
        where = ", ".join(path.name for path in given)
        problems.append(
            problem(
                "facts-missing",
                where,
                "no Parquet or CSV file",
                "at least lines.parquet or lines.csv",
                "name the folder that holds the fact tables",
            )
        )
    return facts, problems


# ---------------------------------------------------------------- which files


def _find(paths: Iterable[Path]) -> tuple[dict[str, list[Path]], list[Problem]]:
    """Table → its files."""
    found: dict[str, list[Path]] = {}
    problems: list[Problem] = []
    for path in paths:
        if not path.exists():
            problems.append(
                problem("facts-missing", path.name, "nothing there", "a folder or a file", "correct the path")
            )
            continue
        for entry in sorted(path.iterdir()) if path.is_dir() else [path]:
            files = _files_of(entry)
            name = entry.name.lower() if entry.is_dir() else entry.stem.lower()
            said = _misplaced(entry, name, files, found)
            problems += said
            if files and not said:
                found[name] = files
    return found, problems


def _files_of(entry: Path) -> list[Path]:
    """A file, or the parts in a folder."""
    files = sorted(entry.iterdir()) if entry.is_dir() else [entry]
    return [file for file in files if file.suffix.lower() in _KNOWN and not file.name.startswith((".", "_"))]


def _misplaced(entry: Path, name: str, files: Sequence[Path], found: Mapping[str, object]) -> list[Problem]:
    if entry.name.startswith((".", "_")):
        return []
    if not files:
        return [
            problem(
                "file-ignored",
                entry.name,
                "neither Parquet nor CSV",
                "a fact table",
                "save it as Parquet or CSV if it is one",
                severity=Severity.NOTE,
            )
        ]
    if name in GENERATED:
        return [
            problem("table-reserved", entry.name, f"a table {name}, which every run makes", "another name", "rename it")
        ]
    if name in found or len({file.suffix.lower() for file in files}) > 1:
        return [
            problem(
                "table-twice",
                entry.name,
                f"the table {name} a second time",
                "one file, or one folder of parts",
                "remove one of them",
            )
        ]
    return []


# ---------------------------------------------------------------- one table


def read_table(name: str, files: Sequence[Path], scratch: Path) -> tuple[Table | None, list[Problem]]:
    """One table from its files; None when a problem is blocking."""
    source = csv_files(files) if files[0].suffix.lower() == ".csv" else parquet_files(files)
    if isinstance(source, Problem):
        return None, [source]
    schema = schema_of(name)
    plan, problems = _plan_columns(schema, source)
    problems += _missing(schema, source)
    if _blocking(problems):
        return None, problems
    problems += _look(source, plan)
    if _blocking(problems):
        return None, problems
    table = _made(schema, source, plan, scratch)
    return (in_memory(table) if schema.whole else table), problems


@dataclass
class _Column:
    """What is to be done with a column: taken as it is, or read from text."""

    name: str
    stored: str
    type: Type
    text: TextColumn | None = None
    check: str = ""

    @property
    def final(self) -> Type:
        """The type once everything has been looked at."""
        return self.text.type if self.text else self.type


def _plan_columns(schema: Schema, source: Source) -> tuple[list[_Column], list[Problem]]:
    columns: list[_Column] = []
    problems = list(source.problems)
    for name, stored in source.columns.items():
        declared = _declared(schema, name)
        made = _judge(
            name, stored, source.types[stored], declared, declared is not None and name in schema.columns, source
        )
        if isinstance(made, Problem):
            problems.append(made)
        else:
            columns.append(made)
    return columns, problems


def _declared(schema: Schema, name: str) -> Type | None:
    if name in schema.columns:
        return schema.columns[name].type
    if name in IDENTIFIERS or name.endswith("_id"):
        return TEXT
    return DATE if name in DATES else None


def _judge(
    name: str, stored: str, found: pa.DataType, declared: Type | None, listed: bool, source: Source
) -> _Column | Problem:
    """What to do with a column of a stored type. Free columns that cannot be used are left out with a warning."""
    if isinstance(source, CsvFiles):
        return _Column(name, stored, declared or TEXT, TextColumn(name, declared))
    native = _native(found)
    if native is None:
        return _unusable(name, found, listed, source)
    if declared is None or declared.kind is native.kind:
        scale = max(native.scale, declared.scale if declared else 0)
        kind = number(scale) if native.kind is Kind.NUMBER else native
        return _Column(name, stored, kind, check="" if _fits_surely(found, kind) else "digits")
    if native.kind is Kind.TEXT:
        return _Column(name, stored, declared, TextColumn(name, declared))
    if declared.kind is Kind.TEXT and pa.types.is_integer(found):
        return _Column(name, stored, TEXT)
    if declared.kind is Kind.DATE and native.kind is Kind.TIMESTAMP and found.tz is None:
        return _Column(name, stored, DATE, check="day")
    if declared.kind is Kind.TIMESTAMP and native.kind is Kind.DATE:
        return _Column(name, stored, TIMESTAMP)
    return _unusable(name, found, True, source, declared)


def _native(found: pa.DataType) -> Type | None:
    """The type that a Parquet column has exactly, None if none."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    if pa.types.is_decimal(found):
        return number(max(0, found.scale))
    if pa.types.is_integer(found):
        return number(0)
    if pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_null(found):
        return TEXT
    if pa.types.is_date(found):
        return DATE
    if pa.types.is_timestamp(found):
        return TIMESTAMP
    return BOOL if pa.types.is_boolean(found) else None


def _fits_surely(found: pa.DataType, kind: Type) -> bool:
    """Whether the stored type alone shows that no value has more digits than are kept."""
    if pa.types.is_decimal(found):
        return bool(found.precision - found.scale + kind.scale <= DIGITS)
    return not pa.types.is_integer(found) or (found.bit_width < 64 and 10 + kind.scale <= DIGITS)


def _unusable(name: str, found: pa.DataType, listed: bool, source: Source, declared: Type | None = None) -> Problem:
    if pa.types.is_floating(found):
        code, kept = "float-column", "an exact DECIMAL column"
        fix = (
            "write it as DECIMAL (in SQL: CAST(round(x, 4) AS DECIMAL(18, 4)); in pandas: Decimal values), so that "
            "somebody has decided on the rounding; an id becomes text"
        )
    else:
        code, kept = "column-type", EXPECTED[declared.kind] if declared else "text, exact numbers, dates or true/false"
        fix = "convert the column when writing the file"
    severity = Severity.BLOCKING if listed else Severity.WARNING
    left = "" if listed else "; the column is left out"
    return problem(code, source.where, f"{name} is {found}{left}", kept, fix, severity=severity)


def _missing(schema: Schema, source: Source) -> list[Problem]:
    there = ", ".join(source.columns) or "none"
    return [
        problem(
            "missing-column",
            source.where,
            f"no column {name}; there are {there}",
            f"the columns {', '.join(schema.required)}",
            f"add {name}, or rename the column that it is",
        )
        for name in schema.required
        if name not in source.columns
    ]


# ---------------------------------------------------------------- the first pass: what cannot be read


def _look(source: Source, columns: Sequence[_Column]) -> list[Problem]:
    """Reads the columns whose type does not say enough."""
    doubtful = [column for column in columns if column.text or column.check]
    stored = [column.stored for column in doubtful]
    names = [*stored, *(source.columns[key] for key in ("id",) if key in source.columns and stored)]
    faults: dict[str, _Fault] = {}
    ids: dict[int, str] = {}
    for first, batch in source.batches(list(dict.fromkeys(names))) if stored else ():
        for column in doubtful:
            values = batch[column.stored]
            if column.text:
                before = len(column.text.listed)
                column.text.look(trimmed(values), first)
                rows = [row for row, _ in column.text.listed[before:]]
            else:
                rows = faults.setdefault(column.name, _Fault()).look(column, values, first)
            if rows and "id" in source.columns:
                ids |= {row: str(batch[source.columns["id"]][row - first].as_py()) for row in rows}
    return [*source.problems_after(), *(p for c in doubtful for p in _said(source, c, faults.get(c.name), ids))]


@dataclass
class _Fault:
    """Values of a typed column that do not fit: how many, and the first of them."""

    bad: int = 0
    listed: list[tuple[int, str]] = field(default_factory=list)

    def look(self, column: _Column, values: pa.Array, first: int) -> list[int]:
        """Takes in a batch; the rows newly listed."""
        wrong = pc.fill_null(_not_a_day(values) if column.check == "day" else _too_long(values, column.type), False)
        count = pc.sum(wrong).as_py() or 0
        self.bad += count
        places = pc.indices_nonzero(wrong)[: LISTED - len(self.listed)].to_pylist() if count else []
        self.listed += [(first + at, str(values[at].as_py())) for at in places]
        return [first + at for at in places]


def _not_a_day(values: pa.Array) -> pa.Array:
    return pc.not_equal(values, pc.floor_temporal(values, unit="day"))


def _too_long(values: pa.Array, kind: Type) -> pa.Array:
    limit = Decimal(10) ** (DIGITS - kind.scale)
    wide = values.cast(pa.decimal256(76, kind.scale))
    above, below = pa.scalar(limit, wide.type), pa.scalar(-limit, wide.type)
    return pc.or_(pc.greater_equal(wide, above), pc.less_equal(wide, below))


def _said(source: Source, column: _Column, fault: _Fault | None, ids: Mapping[int, str]) -> list[Problem]:
    held = column.text or fault
    if held is None or not held.bad:
        return [_too_many_digits(source, column)] if column.text and column.text.too_long else []
    listed = ", ".join(f"{source.place(row)} {value!r}" for row, value in held.listed)
    more = f" and {held.bad - len(held.listed):,} more" if held.bad > len(held.listed) else ""
    expected = f"numbers of at most {DIGITS} digits" if column.check == "digits" else EXPECTED[column.type.kind]
    return [
        problem(
            "fact-value",
            source.where,
            f"{held.bad:,} unreadable values in {column.name}: {listed}{more}",
            expected,
            _advice(column, [value for _, value in held.listed]),
            rows=tuple(ids.get(row, source.place(row)) for row, _ in held.listed),
            params={"column": column.name, "count": held.bad},
        )
    ]


def _too_many_digits(source: Source, column: _Column) -> Problem:
    assert column.text is not None
    whole, scale = column.text.whole, column.text.type.scale
    return problem(
        "fact-value",
        source.where,
        f"{column.name} has up to {whole} digits before and {scale} after the point",
        f"at most {DIGITS} digits together",
        "round the column when writing the file: digits like these come from binary floating point",
        params={"column": column.name},
    )


_ADVICE = (
    (r"^[^eE]*\d[eE][+-]?\d", "write the number in full: 150000, not 1.5e5"),
    (r"%$", "write a share as a number: 0.05, not 5%"),
    (
        r"\d[., '\u00a0\u202f]\d",
        "write the decimals after a point and nothing between thousands: 1234.50, not 1,234.50, 1.234,50 or 1234,50",
    ),
)


def _advice(column: _Column, values: Sequence[str]) -> str:
    if column.type.kind is Kind.NUMBER:
        for pattern, advice in _ADVICE:
            if any(re.search(pattern, value) for value in values):
                return advice
    if column.check == "day" or column.type.kind is Kind.DATE:
        return "write year-month-day without a time: 2025-01-31; 01/02/2025 is a different day in different countries"
    return "correct these values, or leave them empty if the column may be"


# ---------------------------------------------------------------- the second pass: exact types


def _made(schema: Schema, source: Source, columns: Sequence[_Column], scratch: Path) -> FileTable:
    """The table in its own files when their types are exact, else in a file of `scratch`."""
    types = {**schema.types, **{column.name: column.final for column in columns}}
    inputs = tuple(map(str, source.parts))
    if not any(column.text for column in columns):
        return FileTable(
            schema.name,
            types,
            path=str(source.parts[0]),
            parts=inputs,
            inputs=inputs,
            columns={c.name: c.stored for c in columns},
            row_count=source.rows,
        )
    path = scratch / f"{schema.name}.parquet"
    rows = _write(path, source, columns)
    names = {column.name: column.name for column in columns}
    return FileTable(
        schema.name, types, path=str(path), parts=(str(path),), inputs=inputs, columns=names, row_count=rows
    )


def _write(path: Path, source: Source, columns: Sequence[_Column]) -> int:
    fields = pa.schema([(column.name, arrow_type(column.final)) for column in columns])
    rows = 0
    with pq.ParquetWriter(path, fields, compression="zstd", store_decimal_as_integer=True) as writer:
        for _, batch in source.batches([column.stored for column in columns]):
            arrays = [_exact(column, batch[column.stored]) for column in columns]
            writer.write_table(pa.table(arrays, schema=fields))
            rows += len(arrays[0])
    return rows


def _exact(column: _Column, values: pa.Array) -> pa.Array:
    return column.text.converted(trimmed(values)) if column.text else typed(values, column.type)


def typed(values: pa.Array, kind: Type) -> pa.Array:
    """Stored values as values of their exact type; a moment with a zone becomes UTC."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_integer(values.type) and kind.kind is Kind.NUMBER:
        values = values.cast(pa.decimal128(38, kind.scale))
    return values.cast(arrow_type(kind))


def in_memory(table: Table) -> Table:
    """The table with its rows, wherever they were: numbers as Decimal, null for every column that the files lack."""
    if not isinstance(table, FileTable):
        return table
    rows: list[Row] = []
    for part in table.parts:
        read = pq.read_table(part, columns=list(table.columns.values()))
        columns = [
            typed(read[table.columns[name]].combine_chunks(), kind).to_pylist()
            if name in table.columns
            else [None] * len(read)
            for name, kind in table.types.items()
        ]
        rows += zip(*columns, strict=True)
    return Table(table.name, table.types, list(dict.fromkeys(rows)) if table.once else rows)


def _blocking(problems: Iterable[Problem]) -> bool:
    return any(found.is_blocking for found in problems)
