"""A file may come again, in any order, in pieces and overlapping: the lines are the same each time."""

import itertools
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from buoy.core.scope import acting
from buoy.domains.sales.models import Line, LineRevision, MonthTotal
from buoy.domains.sales.policy import State
from tests.cast import Cast

HEAD = "Invoice no,Line no,SKU,Qty,Unit price,Date,Customer\n"
Bring = Callable[..., Any]


def named(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows)).encode()


def totals(actor: Any) -> tuple[int, Decimal | None, int, Decimal | None]:
    """Lines and their sum, as they are and as the totals of the months have them."""
    with acting(actor):
        kept = MonthTotal.objects.aggregate(count=Sum("lines"), sum=Sum("amount"))
        return Line.objects.count(), Line.objects.aggregate(sum=Sum("amount"))["sum"], kept["count"], kept["sum"]


def test_the_same_file_again_brings_no_new_row_and_says_so(cast: Cast, bring: Bring) -> None:
    content = named("A1,1,P1,2,10.50,2026-01-05,Ann", "A1,2,P2,1,5,2026-01-05,Ann", "A2,1,P1,-1,10.50,2026-02-01,Ann")
    first, second = bring(cast.mei, "a.csv", content), bring(cast.mei, "b.csv", content)
    assert (first.state, first.new, first.same, first.refused) == (State.DONE, 3, 0, 0)
    assert (second.state, second.new, second.same, second.expected_same) == (State.DONE, 0, 3, 3)
    assert totals(cast.mei) == (3, Decimal("15.50"), 3, Decimal("15.50"))


def test_the_same_key_with_another_content_is_a_correction_that_keeps_what_was(cast: Cast, bring: Bring) -> None:
    bring(cast.mei, "a.csv", named("A1,1,P1,2,10.00,2026-01-05,Ann", "A1,2,P2,1,5,2026-01-05,Ann"))
    corrected = bring(cast.mei, "b.csv", named("A1,1,P1,3,10.00,2026-02-05,Ann", "A1,2,P2,1,5,2026-01-05,Ann"))
    assert (corrected.new, corrected.same, corrected.corrected) == (0, 1, 1)
    assert totals(cast.mei) == (2, Decimal(35), 2, Decimal(35))
    with acting(cast.mei):
        (was,) = LineRevision.objects.values_list("was", flat=True)
        by_month = dict(MonthTotal.objects.filter(lines__gt=0).values_list("month__month", "amount"))
    assert (was["quantity"], was["sale_date"]) == (2, "2026-01-05")
    assert by_month == {1: Decimal(5), 2: Decimal(30)}


def test_rows_without_names_are_counted_and_the_same_file_brings_none_of_them_again(cast: Cast, bring: Bring) -> None:
    row = "17,P1,2,10,2026-01-05"
    content = ("Invoice,SKU,Qty,Price,Date\n" + "\n".join([row, row, "17,P2,1,1,2026-01-05", row])).encode()
    first, second = bring(cast.mei, "a.csv", content), bring(cast.mei, "b.csv", content)
    assert (first.new, second.new, second.same) == (4, 0, 4)
    assert totals(cast.mei)[:2] == (4, Decimal(61))


def test_overlapping_files_in_any_order_give_the_same_lines(cast: Cast, bring: Bring) -> None:
    days = {day: [f"{day}-{n},P{n % 3},{n},1.{day:02},2026-01-{day:02}" for n in (1, 2, 2, 3)] for day in range(1, 9)}
    files = [[*days[day], *days[day + 1]] for day in range(1, 8)]
    draw = random.Random(5)
    for _again in range(2):
        draw.shuffle(files)
        for rows in files:
            bring(cast.mei, "day.csv", ("Invoice,SKU,Qty,Price,Date\n" + "\n".join(rows)).encode())
    expected = sum(
        Decimal(quantity) * Decimal(price)
        for _, _, quantity, price, _ in (row.split(",") for row in itertools.chain(*days.values()))
    )
    assert totals(cast.mei) == (32, expected, 32, expected)


def test_rows_of_one_key_that_say_the_same_count_once_and_those_that_differ_are_refused(
    cast: Cast, bring: Bring
) -> None:
    rows = ["A1,1,P1,2,10,2026-01-05,Ann", "A1,1,P1,2,10,2026-01-05,Ann"]
    rows += ["A2,1,P1,2,10,2026-01-05,Ann", "A2,1,P1,3,10,2026-01-05,Ann", "A3,1,P1,1,1,2026-01-05,Bob"]
    done = bring(cast.mei, "a.csv", named(*rows))
    assert (done.rows, done.new, done.repeated, done.refused) == (5, 2, 1, 2)
    assert totals(cast.mei)[:2] == (2, Decimal(21))
