"""What a table is read from: CSV or Parquet files of one shape, in batches, column by column.

A source knows where a row stands in its files and what came to light while reading. What its values mean is said in
`files` and `values`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from buoy_engine.facts.tables import SHORT_FORMS
from buoy_engine.facts.texts import encoding_of, header_of
from buoy_engine.facts.values import LISTED
from buoy_engine.kernel.problems import Problem, Severity

_BLOCK = 1 << 22
_BATCH = 1 << 16


def problem(
    code: str,
    where: str,
    found: str,
    expected: str,
    fix: str,
    *,
    severity: Severity = Severity.BLOCKING,
    rows: tuple[str, ...] = (),
    params: Mapping[str, object] | None = None,
) -> Problem:
    """A problem of a file, blocking unless said."""
    return Problem(
        code=code,
        severity=severity,
        where=where,
        found=found,
        expected=expected,
        fix=fix,
        rows=rows,
        params=params or {},
    )


class Source(Protocol):
    """Files of one table, read in batches under the names that the columns have in them."""

    where: str
    parts: tuple[Path, ...]
    columns: dict[str, str]
    types: Mapping[str, pa.DataType]
    problems: list[Problem]
    rows: int

    def batches(self, names: Sequence[str]) -> Iterator[tuple[int, dict[str, pa.Array]]]:
        """The number of a batch's first row, counted from 1 over all parts, and the columns asked for."""

    def problems_after(self) -> list[Problem]:
        """What came to light while reading."""

    def place(self, row: int) -> str:
        """Where a row stands, as one finds it in the file."""


def _canonical(where: str, names: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    """Name in the engine → name in the file: small letters, no space around, words joined by `_`."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    plain = {stored: re.sub(r"[\s-]+", "_", stored.strip().lower()) for stored in names}
    for stored in names:
        long = SHORT_FORMS.get(plain[stored])
        name = long if long and long not in plain.values() else plain[stored]
        if not name or name.startswith("_"):
            problems.append(
                problem(
                    "column-name",
                    where,
                    f"a column named {stored!r}; it is left out",
                    "a name that begins with a letter",
                    "name the column if it is needed",
                    severity=Severity.WARNING,
                )
            )
        elif name in found:
            problems.append(
                problem(
                    "column-name",
                    where,
                    f"{stored!r} and {found[name]!r} are both {name}",
                    "every column once",
                    "rename or remove one of them",
                )
            )
        else:
            found[name] = stored
    return found, problems


@dataclass
class CsvFiles:
    where: str
    parts: tuple[Path, ...]
    columns: dict[str, str]
    types: Mapping[str, pa.DataType]
    problems: list[Problem]
    headers: list[list[str]]
    separators: list[str]
    encodings: list[str]
    rows: int = 0
    ragged: list[tuple[str, int, int]] = field(default_factory=list)

    def batches(self, names: Sequence[str]) -> Iterator[tuple[int, dict[str, pa.Array]]]:
        """Texts as they stand. Rows with too many or too few columns are noted and passed over."""
        self.ragged.clear()
        first = 1
        for part, header, separator, encoding in zip(
            self.parts, self.headers, self.separators, self.encodings, strict=True
        ):
            places = {stored: index for index, stored in reversed(list(enumerate(header)))}
            skip = 1
            for batch in self._open(part, header, separator, encoding):
                body = batch.slice(skip)
                skip = 0
                yield first, {name: body.column(places[name]) for name in names}
                first += len(body)
        self.rows = first - 1

    def _open(self, part: Path, header: Sequence[str], separator: str, encoding: str) -> Any:
        names = [f"c{i}" for i in range(len(header))]
        return pacsv.open_csv(
            part,
            read_options=pacsv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names, encoding=encoding),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=lambda row: self._ragged(part, row)
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )

    def _ragged(self, part: Path, row: Any) -> str:
        self.ragged.append((f"{part.name} line {row.number}", row.actual_columns, row.expected_columns))
        return "skip"

    def problems_after(self) -> list[Problem]:
        """Rows of a wrong length, once the files have been read."""
        if not self.ragged:
            return []
        listed = ", ".join(f"{place} has {actual}" for place, actual, _ in self.ragged[:LISTED])
        more = f" and {len(self.ragged) - LISTED:,} more" if len(self.ragged) > LISTED else ""
        return [
            problem(
                "file-shape",
                self.where,
                f"{len(self.ragged):,} rows of another length: {listed}{more}",
                f"{self.ragged[0][2]} columns, as in the first line",
                "put values that hold the separator or a line break between double quotes",
                rows=tuple(place for place, _, _ in self.ragged[:LISTED]),
            )
        ]

    def place(self, row: int) -> str:
        """The line, the first line being the names; blank lines and breaks inside quotes are not counted."""
        return f"line {row + 1}" if len(self.parts) == 1 else f"row {row}"


def csv_files(files: Sequence[Path]) -> CsvFiles | Problem:
    headers, separators, encodings = [], [], []
    for file in files:
        encoding = encoding_of(file)
        if isinstance(encoding, Problem):
            return encoding
        header = header_of(file, encoding)
        if isinstance(header, Problem):
            return header
        headers.append(header[0])
        separators.append(header[1])
        encodings.append(encoding)
    if different := next((f for f, h in zip(files, headers, strict=True) if sorted(h) != sorted(headers[0])), None):
        return _parts_differ(files[0], different)
    where = files[0].name if len(files) == 1 else files[0].parent.name
    columns, problems = _canonical(where, headers[0])
    types = dict.fromkeys(headers[0], pa.string())
    return CsvFiles(where, tuple(files), columns, types, problems, headers, separators, encodings)


@dataclass
class ParquetFiles:
    where: str
    parts: tuple[Path, ...]
    columns: dict[str, str]
    types: Mapping[str, pa.DataType]
    problems: list[Problem]
    rows: int

    def batches(self, names: Sequence[str]) -> Iterator[tuple[int, dict[str, pa.Array]]]:
        """The columns as they are stored."""
        first = 1
        for part in self.parts:
            for batch in pq.ParquetFile(part).iter_batches(batch_size=_BATCH, columns=list(names)):
                yield first, {name: batch.column(name) for name in names}
                first += len(batch)

    def problems_after(self) -> list[Problem]:
        """None: a Parquet file that can be opened has rows of one length."""
        return []

    def place(self, row: int) -> str:
        """The row, counted from 1 over all parts."""
        return f"row {row}"


def parquet_files(files: Sequence[Path]) -> ParquetFiles | Problem:
    opened = []
    for file in files:
        try:
            opened.append(pq.ParquetFile(file))
        except (pa.ArrowInvalid, OSError) as error:
            return problem("file-shape", file.name, f"no readable Parquet: {error}", "a Parquet file", "write it again")
    schema = opened[0].schema_arrow
    for file, other in zip(files, opened, strict=True):
        if {f.name: f.type for f in other.schema_arrow} != {f.name: f.type for f in schema}:
            return _parts_differ(files[0], file)
    where = files[0].name if len(files) == 1 else files[0].parent.name
    columns, problems = _canonical(where, schema.names)
    types = {field.name: field.type for field in schema}
    return ParquetFiles(where, tuple(files), columns, types, problems, sum(file.metadata.num_rows for file in opened))


def _parts_differ(first: Path, other: Path) -> Problem:
    return problem(
        "file-shape",
        other.name,
        f"other columns or types than {first.name}",
        "parts of one shape",
        "write the parts with the same columns and types",
    )
