"""`buoy plan run`: what is earned, what is written, and that it is written the same every time."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq

from tests.buoy.cli.conftest import Buoy, Shop


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def run_folder(out: Path) -> Path:
    (folder,) = [entry for entry in out.iterdir() if entry.name != "facts"]
    return folder


def test_a_run_says_what_was_earned(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs", "--json")
    assert said.code == 0
    found = said.json
    earned = {
        (e["partner"], e["component"], e["period"]): e["amount"] for e in found["earnings"] if e["amount"] != "0.00"
    }
    assert earned == {
        ("alpha", "commission", "2025-01"): "580.00",
        ("alpha", "commission", "2025-02"): "45.00",
        ("alpha", "bikes", "2025-02"): "100.00",
        ("alpha", "loyalty", "2025-02"): "50.00",
        ("beta", "commission", "2025-02"): "25.00",
        ("beta", "bikes", "2025-02"): "50.00",
        ("beta", "bikes", "2025-03"): "25.00",
    }
    assert found["earned"] == "875.00"
    assert found["new"] is True


def test_the_folder_holds_everything(buoy: Buoy, shop: Shop) -> None:
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    folder = run_folder(shop.folder / "runs")
    relations = {
        f"{c}.{what}.parquet" for c in ("commission", "bikes", "loyalty") for what in ("cells", "counts", "earned")
    }
    relations |= {"index.json", "payees.parquet", "statement.parquet"}
    assert set(bytes_of(folder)) == {
        "plan.yaml", "run.json", "earnings.csv", "earnings.parquet", "trace.parquet", "statements.csv", "problems.json",
        "reconciliation.json", "facts/lines.csv", "facts/products.csv", *(f"relations/{name}" for name in relations),
    }  # fmt: skip
    assert (folder / "plan.yaml").read_text(encoding="utf-8") == shop.plan.read_text(encoding="utf-8")
    partners = pq.read_table(folder / "trace.parquet")["partner"].to_pylist()
    assert partners == sorted(partners)


def test_statement_figures_and_lines_add_up(buoy: Buoy, shop: Shop) -> None:
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    folder = run_folder(shop.folder / "runs")
    with (folder / "statements.csv").open(encoding="utf-8", newline="") as stream:
        rows = {(r["partner"], r["period"]): r for r in csv.DictReader(stream)}
    assert rows["alpha", "2025-02"]["payable"] == "195.00"
    trace = pq.read_table(folder / "trace.parquet").to_pylist()
    assert sum(r["amount"] for r in trace if r["partner"] == "alpha" and r["period"] == "2025-01") == 580


def test_every_row_is_accounted_for(buoy: Buoy, shop: Shop) -> None:
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    found = json.loads((run_folder(shop.folder / "runs") / "reconciliation.json").read_text(encoding="utf-8"))
    by_component = {entry["component"]: entry for entry in found}
    commission, bikes, loyalty = (by_component[name] for name in ("commission", "bikes", "loyalty"))
    assert (commission["rows"], commission["credited"], commission["uncredited"]) == (8, 6, {"too_small": 2})
    assert bikes["uncredited"] == {"no_bike": 4, "not_in_season": 1}
    assert loyalty["withheld"] == {"few_orders": 3}
    for entry in found:
        assert entry["rows"] == entry["credited"] + sum(entry["uncredited"].values())


def test_running_again_gives_the_same_bytes(buoy: Buoy, shop: Shop) -> None:
    first, second = shop.folder / "first", shop.folder / "second"
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", first)
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", second)
    assert run_folder(first).name == run_folder(second).name
    assert bytes_of(run_folder(first)) == bytes_of(run_folder(second))


def test_a_run_that_is_there_already_is_confirmed(buoy: Buoy, shop: Shop) -> None:
    words = ("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    buoy(*words)
    said = buoy(*words)
    assert said.code == 0
    assert "the same as before, byte for byte" in said.out


def test_a_run_that_differs_from_the_one_that_is_there_is_refused(buoy: Buoy, shop: Shop) -> None:
    words = ("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    buoy(*words)
    statements = run_folder(shop.folder / "runs") / "statements.csv"
    statements.write_text("tampered", encoding="utf-8")
    said = buoy(*words)
    assert said.code == 3
    assert "statements.csv" in said.err
    assert statements.read_text(encoding="utf-8") == "tampered"


def test_a_frozen_run_can_be_run_again_from_its_own_folder(buoy: Buoy, shop: Shop) -> None:
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    frozen = run_folder(shop.folder / "runs")
    buoy("plan", "run", frozen / "plan.yaml", "--facts", frozen / "facts", "--out", shop.folder / "replayed")
    assert run_folder(shop.folder / "replayed").name == frozen.name
    assert bytes_of(run_folder(shop.folder / "replayed")) == bytes_of(frozen)


def test_comments_and_layout_do_not_make_another_run(buoy: Buoy, shop: Shop) -> None:
    other = shop.other_plan(
        "other.yaml", ("# What Alpha and Beta earn.", "# Says somebody else."), ("rate: 8%", "rate:  8%")
    )
    for plan in (shop.plan, other):
        buoy("plan", "run", plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    run_folder(shop.folder / "runs")  # one


def test_another_rate_makes_another_run(buoy: Buoy, shop: Shop) -> None:
    other = shop.other_plan("other.yaml", ("rate: 8%", "rate: 9%"))
    found = [
        buoy("plan", "run", plan, "--facts", shop.facts, "--out", shop.folder / "runs", "--json").json["run"]
        for plan in (shop.plan, other)
    ]
    assert found[0] != found[1]


def test_a_plan_with_a_red_example_is_refused(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "run", shop.red_plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    assert said.code == 3
    assert "example-failed" in said.err
    assert not (shop.folder / "runs").exists()


def test_nothing_is_written_when_a_fact_is_broken(buoy: Buoy, shop: Shop) -> None:
    shop.write("facts/lines.csv", "id,partner_id,date,amount\nL1,alpha,2025-01-10,12 dollars\n")
    said = buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    assert said.code == 3
    assert "fact-value" in said.err
    assert "12 dollars" in said.err
    assert not (shop.folder / "runs").exists()


def test_nothing_is_written_when_the_calculation_finds_something_blocking(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan(
        "target.yaml", ("    amount: 50", "    rate: 1%\n    measure: sum(amount) / target(sales)\n    base: amount")
    )
    text = plan.read_text(encoding="utf-8").replace(
        "    rate: 1%\n", "    tiers: {mode: retroactive, bands: [{from: 0, rate: 1%}]}\n"
    )
    plan.write_text(text, encoding="utf-8")
    shop.write("facts/targets.csv", "partner_id,target,period,amount\nbeta,sales,2025-02,100.00\n")
    said = buoy("plan", "run", plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    assert said.code == 3
    assert "undefined-measure" in said.err
    assert not (shop.folder / "runs").exists()


def test_an_empty_result_says_why(buoy: Buoy, shop: Shop) -> None:
    shop.write("facts/lines.csv", "id,partner_id,date,amount,quantity,product_id\nL1,alpha,2025-01-10,20.00,1,H1\n")
    said = buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    assert said.code == 0
    assert "commission earned nothing: none of 1 rows counts (1 too_small)" in said.out
    assert "loyalty earned nothing: its gate did not hold (few_orders for 1 payees' periods)" in said.out


def test_one_period_can_be_shown(buoy: Buoy, shop: Shop) -> None:
    words = ("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs", "--json")
    found = buoy(*words, "--period", "2025-03").json
    assert found["earned"] == "25.00"
    assert {row["period"] for row in found["statements"]} == {"2025-03"}


def test_an_unknown_period_is_wrong_use(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs", "--period", "2031-01")
    assert said.code == 2
    assert "2025-01" in said.err


def test_facts_that_are_not_there_are_wrong_use(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "run", shop.plan, "--facts", shop.folder / "nowhere")
    assert said.code == 2
    assert "nowhere" in said.err


def test_a_column_that_the_facts_lack_is_refused_in_words(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan("colour.yaml", ('product.family == "Bikes"', 'product.colour == "red"'))
    said = buoy("plan", "run", plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    assert said.code == 3
    assert "colour" in said.err
    assert not (shop.folder / "runs").exists()
