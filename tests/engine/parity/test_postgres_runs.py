"""A run on PostgreSQL is a guest: it takes files and long names as they come, and leaves nothing behind."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet
import pytest

from buoy_engine.backends.arrow import FloatingColumn
from buoy_engine.backends.postgres import Postgres
from buoy_engine.compile.lower import to_sql
from buoy_engine.facts.tables import Table
from buoy_engine.kernel.ir import DATE, TEXT, Col, Query, Stage, number

LONG = "a_name_of_more_than_sixty_three_bytes_which_postgresql_would_cut_off_here_"


def test_two_long_names_that_begin_alike_stay_apart(postgres: Callable[[], Postgres]) -> None:
    backend = postgres()
    backend.register(Table(LONG + "facts", {LONG + "x": number(), LONG + "y": number()}, [(Decimal(1), Decimal(2))]))
    for name in "xy":
        column = Col(number(), LONG + name, "t")
        stage = Stage(LONG + name, "row", Query({LONG + name: column}, LONG + "facts", "t"))
        backend.run(stage, to_sql(stage, "postgres"))
    assert [list(backend.read(LONG + name)) for name in "xy"] == [[{LONG + "x": 1}], [{LONG + "y": 2}]]


def test_nothing_is_seen_by_others_or_left_behind(postgres: Callable[[], Postgres], postgres_dsn: str) -> None:
    backend = postgres()
    backend.register(Table("facts", {"id": TEXT}, [("one",)]))
    assert schemas(postgres_dsn) == []
    backend.close()
    assert schemas(postgres_dsn) == []


def test_nothing_is_left_by_a_run_that_dies(postgres: Callable[[], Postgres], postgres_dsn: str) -> None:
    backend = postgres()
    backend.register(Table("facts", {"id": TEXT}, [("one",)]))
    with psycopg.connect(postgres_dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend.connection.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        list(backend.read("facts"))
    assert schemas(postgres_dsn) == []


def schemas(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as other:
        return [name for (name,) in other.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'buoy_run_%'")]


def test_a_parquet_file_is_read(tmp_path: Path, postgres: Callable[[], Postgres]) -> None:
    path = tmp_path / "lines.parquet"
    amounts = pa.array([Decimal("1.50"), None], pa.decimal128(18, 2))
    pa.parquet.write_table(
        pa.table({"id": ["a\tb\\", None], "amount": amounts, "date": pa.array([date(2025, 1, 1)] * 2)}), path
    )
    backend = postgres()
    backend.register(Table("lines", {}, path=str(path)))
    assert backend.describe("lines") == {"id": TEXT, "amount": number(2), "date": DATE}
    assert list(backend.read("lines", ["id", "amount"], "amount > 1")) == [{"id": "a\tb\\", "amount": Decimal("1.50")}]


def test_a_csv_file_is_read_with_the_declared_types(tmp_path: Path, postgres: Callable[[], Postgres]) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("id,amount,date\n007,1.50,2025-01-01\n,,\n", encoding="utf-8")
    backend = postgres()
    backend.register(Table("lines", {"id": TEXT, "amount": number(2), "date": DATE}, path=str(path)))
    found = list(backend.read("lines"))
    assert found[0] == {"id": "007", "amount": Decimal("1.50"), "date": date(2025, 1, 1)}
    assert found[1]["amount"] is None


def test_floating_amounts_are_refused(tmp_path: Path, postgres: Callable[[], Postgres]) -> None:
    path = tmp_path / "lines.parquet"
    pa.parquet.write_table(pa.table({"amount": pa.array([None], pa.float64())}), path)
    with pytest.raises(FloatingColumn, match="column amount is double"):
        postgres().register(Table("lines", {}, path=str(path)))


def test_texts_are_in_the_order_of_their_code_points(postgres: Callable[[], Postgres]) -> None:
    backend = postgres()
    backend.register(Table("texts", {"t": TEXT}, [(text,) for text in ("b", "B", "ä", "z", "a", "_")]))
    found = [row[0] for row in backend.connection.execute("SELECT t FROM texts ORDER BY t").fetchall()]
    assert found == ["B", "_", "a", "b", "z", "ä"]
