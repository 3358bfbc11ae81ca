"""SQL in which an amount could lose its exactness is recognised; every worked case is held to it (`worked_cases`)."""

import pytest

from tests.engine.sql_text import inexact


@pytest.mark.parametrize(
    "text",
    [
        'SELECT "a" / "b"',
        'SELECT "a" * 0.05',
        'SELECT "a" > .5',
        "SELECT 1e-3",
        'SELECT CAST("a" AS DOUBLE)',
        'SELECT AVG("a")',
        'SELECT SIGN("a")',
    ],
)
def test_inexact_sql_is_recognised(text: str) -> None:
    assert len(inexact(text)) == 1


def test_exact_sql_is_left_alone() -> None:
    exact = """SELECT "a/b" // 2, CAST('0.05' AS DECIMAL(3, 2)) AS "x.5", 'avg(1.5 / 2)', "t"."amount" /* a note */"""
    assert inexact(exact) == []
