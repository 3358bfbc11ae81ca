"""Parquet with exact types stays a file; other types are made exact or refused."""

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buoy_engine.backends.duckdb import DuckDb
from buoy_engine.facts.files import FileTable
from tests.engine.unit.facts.folder import Folder

DAY = date(2025, 1, 31)


def lines(**changes: pa.Array) -> dict[str, pa.Array]:
    return {
        "id": pa.array(["L1", "L2"]),
        "partner_id": pa.array(["P1", "P2"]),
        "date": pa.array([DAY, DAY]),
        "amount": pa.array([Decimal("10.5000"), Decimal("2024.9940")], pa.decimal128(19, 4)),
    } | changes


def test_exact_columns_stay_in_the_file(folder: Folder) -> None:
    path = folder.parquet("lines", lines())
    table = folder.take_in().facts["lines"]
    assert isinstance(table, FileTable)
    assert (table.path, table.row_count, list(folder.scratch.iterdir())) == (str(path), 2, [])
    assert folder.rows("lines", "id", "amount", "deal_id") == [
        ("L1", Decimal("10.5000"), None),
        ("L2", Decimal("2024.9940"), None),
    ]


def test_a_hundred_thousand_rows_in_parts_are_read_by_the_engine(folder: Folder) -> None:
    for part in range(2):
        ids = [f"L{part}-{i}" for i in range(50_000)]
        amounts = pa.array([Decimal(i) / 100 for i in range(50_000)], pa.decimal128(18, 2))
        columns = {"id": pa.array(ids), "partner_id": pa.array(["P1"] * 50_000), "amount": amounts}
        folder.parquet(f"lines/part-{part}", columns | {"date": pa.array([DAY] * 50_000)})
    intake = folder.take_in()
    table = intake.facts["lines"]
    assert isinstance(table, FileTable)
    assert (intake.problems, table.row_count, len(table.parts), table.rows) == ([], 100_000, 2, ())
    assert sum(row["amount"] for row in folder.backend.read("lines")) == 2 * Decimal("12499750.00")


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_floating_point_amounts_are_refused(folder: Folder, kind: pa.DataType) -> None:
    folder.parquet("lines", lines(amount=pa.array([1.0, 2.0], kind)))
    problem = folder.problems()["float-column"]
    assert problem.is_blocking
    assert problem.found == f"amount is {kind}"
    assert "CAST(round(x, 4) AS DECIMAL(18, 4))" in problem.fix


def test_an_id_that_became_a_float_is_refused(folder: Folder) -> None:
    folder.parquet("lines", lines(customer_id=pa.array([17850.0, 17851.0])))
    assert folder.problems()["float-column"].is_blocking


def test_a_floating_point_column_of_your_own_is_left_out_with_a_warning(folder: Folder) -> None:
    folder.parquet("lines", lines(weight=pa.array([1.5, 2.5])))
    problem = folder.problems()["float-column"]
    assert (problem.severity, problem.found) == ("warning", "weight is double; the column is left out")
    assert "weight" not in folder.take_in().facts["lines"].types


def test_text_is_made_exact_in_a_file_of_its_own(folder: Folder) -> None:
    folder.parquet("lines", lines(amount=pa.array(["1.25", "2"]), date=pa.array(["2025-01-31", "2025-02-01"])))
    assert folder.rows("lines", "date", "amount") == [(DAY, Decimal("1.25")), (date(2025, 2, 1), Decimal("2.00"))]
    assert [path.name for path in folder.scratch.iterdir()] == ["lines.parquet"]


def test_bad_text_is_listed_by_row(folder: Folder) -> None:
    folder.parquet("lines", lines(amount=pa.array(["1.25", "1,25"])))
    assert folder.problems()["fact-value"].found == "1 unreadable values in amount: row 2 '1,25'"


def test_whole_number_ids_become_text(folder: Folder) -> None:
    folder.parquet("lines", lines(partner_id=pa.array([676, 7], pa.int64()), employee_id=pa.array([1, 2])))
    assert folder.rows("lines", "partner_id", "employee_id") == [("676", "1"), ("7", "2")]


def test_a_moment_at_midnight_is_a_day_and_another_is_refused(folder: Folder) -> None:
    midnight, noon = datetime(2025, 1, 31), datetime(2025, 1, 31, 12)  # noqa: DTZ001
    folder.parquet("lines", lines(date=pa.array([midnight, midnight], pa.timestamp("ns"))))
    assert folder.rows("lines", "date") == [(DAY,), (DAY,)]
    folder.parquet("lines", lines(date=pa.array([midnight, noon], pa.timestamp("us"))))
    assert folder.problems()["fact-value"].rows == ("L2",)


def test_a_moment_with_a_zone_is_no_day_and_is_utc_as_a_moment(folder: Folder) -> None:
    moments = pa.array([datetime(2025, 1, 31, 12, tzinfo=UTC)] * 2, pa.timestamp("us", tz="America/New_York"))
    folder.parquet("lines", lines(date=moments))
    assert folder.problems()["column-type"].is_blocking
    folder.parquet("lines", lines(posted_at=moments))
    assert folder.rows("lines", "posted_at") == [(datetime(2025, 1, 31, 12),)] * 2  # noqa: DTZ001


def test_the_zone_of_the_machine_does_not_matter(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = pa.array([datetime(2025, 1, 31, 12, tzinfo=UTC)] * 2, pa.timestamp("us", tz="UTC"))
    folder.parquet("lines", lines(posted_at=moments))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        folder.backend = DuckDb(threads=1)
        assert folder.rows("lines", "posted_at") == [(datetime(2025, 1, 31, 12),)] * 2  # noqa: DTZ001
    finally:
        monkeypatch.undo()
        time.tzset()


def test_numbers_with_more_digits_than_are_kept_are_refused(folder: Folder) -> None:
    amounts = [Decimal("12345678901234567.00"), Decimal("1.00")]
    folder.parquet("lines", lines(amount=pa.array(amounts, pa.decimal128(38, 2))))
    problem = folder.problems()["fact-value"]
    assert (problem.rows, problem.expected) == (("L1",), "numbers of at most 18 digits")


def test_parts_of_another_shape_are_refused(folder: Folder) -> None:
    folder.parquet("lines/a", lines())
    folder.parquet("lines/b", lines(amount=pa.array([1.0, 2.0])))
    assert folder.problems()["file-shape"].found == "other columns or types than a.parquet"


def test_a_damaged_file_is_refused(folder: Folder) -> None:
    folder.parquet("lines", lines()).write_bytes(b"PAR1 is not enough")
    assert folder.problems()["file-shape"].is_blocking


def test_names_are_found_whatever_their_capitals(folder: Folder) -> None:
    columns = lines()
    folder.parquet("lines", {" ID": columns.pop("id"), "Amount": columns.pop("amount"), **columns})
    assert folder.rows("lines", "id", "amount")[0] == ("L1", Decimal("10.5000"))


def test_the_hierarchy_and_rates_are_held_in_memory(folder: Folder) -> None:
    rates = {"currency": pa.array(["EUR"]), "date": pa.array([DAY]), "rate": pa.array([1], pa.int32())}
    folder.parquet("rates", rates)
    assert list(folder.take_in().facts["rates"].records()) == [
        {"currency": "EUR", "to": None, "rate_name": None, "date": DAY, "rate": Decimal("1.0000000000")}
    ]


def test_a_file_is_not_changed(folder: Folder, tmp_path: Path) -> None:
    path = folder.parquet("lines", lines(amount=pa.array(["1", "2"])))
    before = path.read_bytes()
    folder.take_in()
    assert path.read_bytes() == before
    assert pq.read_table(path).schema.field("amount").type == pa.string()
