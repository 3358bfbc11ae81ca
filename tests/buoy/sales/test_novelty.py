"""Each sale is to a new customer, more of the same, or a different product (L5), in whatever order files arrive."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any

from buoy.core.scope import acting
from buoy.domains.sales.models import Line
from buoy.domains.sales.policy import novelty
from tests.cast import JOB, Cast

Bring = Callable[..., Any]
HEAD = "Invoice no,Line no,SKU,Qty,Unit price,Date,Customer\n"


def expected(rows: list[list[str]]) -> dict[str, str]:
    """By the rule itself, line by line."""
    sales = [row for row in rows if not row[3].startswith("-")]
    said = {}
    for document, _, product, quantity, _, day, customer in rows:
        if quantity.startswith("-"):
            said[document] = ""
            continue
        days = [row[5] for row in sales if row[6] == customer]
        of_product = [row[5] for row in sales if row[6] == customer and row[2] == product]
        said[document] = novelty(
            sale_date=date.fromisoformat(day),
            first_sale=date.fromisoformat(min(days)),
            first_of_product=date.fromisoformat(min(of_product)),
        ).value
    return said


def test_the_kinds_are_those_of_the_rule_in_any_order(cast: Cast, bring: Bring) -> None:
    draw = random.Random(3)
    rows = [
        [
            f"D{n}",
            "1",
            f"P{draw.randrange(4)}",
            str(draw.choice((-1, 1, 2, 3))),
            "2",
            f"2026-0{draw.randrange(1, 6)}-0{draw.randrange(1, 9)}",
            f"C{draw.randrange(5)}",
        ]
        for n in range(120)
    ]
    draw.shuffle(rows)
    for start in range(0, 120, 40):
        content = HEAD + "\n".join(",".join(row) for row in rows[start : start + 40])
        bring(cast.mei, "a.csv", content.encode())
    with acting(JOB):
        found = dict(Line.objects.values_list("document_no", "novelty"))
    assert found == expected(rows)
    assert set(found.values()) == {"", "new_customer", "same_product", "other_product"}


def test_a_correction_changes_what_its_neighbours_are(cast: Cast, bring: Bring) -> None:
    bring(cast.mei, "a.csv", f"{HEAD}1,1,P1,1,1,2026-01-05,Ann\n2,1,P1,1,1,2026-02-05,Ann\n".encode())
    bring(cast.mei, "b.csv", f"{HEAD}1,1,P1,1,1,2026-03-05,Ann\n".encode())
    with acting(JOB):
        found = dict(Line.objects.values_list("document_no", "novelty"))
    assert found == {"1": "same_product", "2": "new_customer"}
