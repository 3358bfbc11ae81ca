"""What a row names is there: partners, products, deals, sales, rates; splits are the whole."""

from collections.abc import Callable

import pytest

from buoy_engine.spec.model import Plan
from tests.engine.unit.facts.folder import Folder

HEAD = "id,partner_id,date,amount,currency,product_id,customer_id,deal_id,returns\n"
LINE = "L1,P1,2025-01-31,10,,,,,\n"
SPLITS = "sale_id,deal_id,partner_id,role,share,overlay\n"


def test_an_unknown_partner_is_named_with_its_rows(folder: Folder) -> None:
    folder.csv("lines", HEAD + LINE + LINE.replace("L1,P1", "L2,P17") + LINE.replace("L1,P1", "L3,P17"))
    folder.csv("partners", "partner_id\nP1\n")
    problem = folder.problems()["unknown-partner"]
    assert problem.is_blocking
    assert problem.found == "1 partner_id that partners does not have: P17 (2 rows)"


def test_partners_that_appear_anywhere_exist_without_a_table(folder: Folder) -> None:
    folder.csv("lines", HEAD + LINE)
    assert folder.problems() == {}


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ("products", "product_id", "L1,P1,2025-01-31,10,,X,,,\n"),
        ("customers", "customer_id", "L1,P1,2025-01-31,10,,,X,,\n"),
        ("deals", "deal_id", "L1,P1,2025-01-31,10,,,,X,\n"),
    ],
)
def test_what_a_line_names_is_in_its_table_when_there_is_one(folder: Folder, table: str, key: str, line: str) -> None:
    folder.csv("lines", HEAD + line)
    assert folder.problems() == {}
    folder.csv(table, f"{key}\nA1\n")
    assert folder.problems()[f"unknown-{table[:-1]}"].rows == ("X",)


def test_the_hierarchy_names_known_partners_on_both_sides(folder: Folder) -> None:
    folder.csv("partners", "partner_id\nP1\n")
    folder.csv("hierarchy", "partner_id,parent_id\nP1,D1\nP2,\n")
    assert [(p.code, p.rows) for p in folder.take_in().problems] == [
        ("unknown-partner", ("P2",)),
        ("unknown-partner", ("D1",)),
    ]


def test_a_return_of_no_row_is_a_warning_unless_the_plan_needs_its_sale(
    folder: Folder, plan: Callable[..., Plan]
) -> None:
    folder.csv("lines", HEAD + LINE + "R1,P1,2025-02-28,-10,,,,,L1\nR2,P1,2025-02-28,-5,,,,,L9\n")
    problem = folder.problems(plan())["return-without-sale"]
    assert (problem.severity, problem.found) == (
        "warning",
        "1 returns of a row that is not among the lines: R2 (returns L9)",
    )
    assert folder.problems(plan(settings={"returns": "original"}))["return-without-sale"].is_blocking
    own = [{"id": "commission", "rate": "5%", "returns": "original"}, {"id": "bonus", "rate": "1%"}]
    assert folder.problems(plan(components=own))["return-without-sale"].is_blocking


def test_rows_before_the_first_rate_are_listed(folder: Folder, plan: Callable[..., Plan]) -> None:
    rows = ["L1,P1,2025-01-02,10,EUR", "L2,P1,2025-01-03,10,EUR", "L3,P1,2025-01-09,10,EUR", "L4,P1,2025-01-02,10,USD"]
    folder.csv("lines", HEAD + "".join(f"{row},,,,\n" for row in rows))
    folder.csv("rates", "currency,date,rate\nEUR,2025-01-03,1.10\nEUR,2025-01-08,1.20\n")
    problem = folder.problems(plan())["missing-rate"]
    assert problem.rows == ("L1",)
    assert "the first EUR rate is of 2025-01-03" in problem.found


def test_a_currency_without_any_rate_is_listed(folder: Folder, plan: Callable[..., Plan]) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-02,10,GBP,,,,\n")
    assert "there is no GBP rate" in folder.problems(plan())["missing-rate"].found


def test_a_plan_rate_holds_on_every_day_and_a_rate_may_be_the_other_way_round(
    folder: Folder, plan: Callable[..., Plan]
) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-02,10,EUR,,,,\nL2,P1,2025-01-02,10,JPY,,,,\n")
    folder.csv("rates", "currency,to,rate_name,rate\nEUR,,plan,1.10\nUSD,JPY,plan,150\n")
    assert folder.problems(plan(settings={"fx": "plan_rate"})) == {}
    assert [p.code for p in folder.take_in(plan()).problems] == ["missing-rate", "missing-rate"]


def test_a_currency_that_is_none_is_refused(folder: Folder) -> None:
    folder.csv("lines", HEAD + "L1,P1,2025-01-02,10,euro,,,,\n")
    assert folder.problems()["unknown-currency"].rows == ("euro",)


def test_splits_add_up_to_the_whole_exactly(folder: Folder) -> None:
    folder.csv("lines", HEAD + LINE)
    sevenths = "".join(f"L1,,P{i},r{i},{0.1429 if i < 6 else 0.1426},\n" for i in range(7))
    folder.csv("splits", SPLITS + sevenths + "L1,,P9,overlay,1,true\n")
    assert folder.problems() == {}


def test_splits_that_are_not_the_whole_are_refused(folder: Folder) -> None:
    folder.csv("lines", HEAD + LINE)
    folder.csv("splits", SPLITS + "L1,,P1,a,0.5,\nL1,,P2,b,0.4999,false\n,D1,P1,a,0.6,\n,D1,P2,b,0.4,\n")
    problem = folder.problems()["split-sum"]
    assert problem.is_blocking
    assert "L1" in problem.found
    assert "sum 0.999900" in problem.found
    assert problem.params["count"] == 1


def test_a_share_is_between_nothing_and_all(folder: Folder) -> None:
    folder.csv("lines", HEAD + LINE)
    folder.csv("splits", SPLITS + "L1,,P1,a,50,\nL1,,P2,b,-49,\n")
    assert folder.problems()["share-range"].rows == ("L1 P1 a", "L1 P2 b")


def test_a_split_of_a_sale_that_is_not_there_is_a_warning(folder: Folder) -> None:
    folder.csv("lines", HEAD + LINE)
    folder.csv("splits", SPLITS + "L9,,P1,a,1,\n")
    assert folder.problems()["unknown-sale"].severity == "warning"


def test_rows_outside_the_plan_are_noted(folder: Folder, plan: Callable[..., Plan]) -> None:
    folder.csv("lines", HEAD + LINE + LINE.replace("L1,P1,2025", "L0,P1,2024"))
    problem = folder.problems(plan())["date-outside-plan"]
    assert (problem.severity, problem.params) == ("note", {"before": 1, "after": 0})
