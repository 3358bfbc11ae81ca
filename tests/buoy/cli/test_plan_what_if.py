"""`buoy plan diff`, `simulate` and `estimate`: what would be otherwise, to the cent."""

from decimal import Decimal

import pytest

from tests.buoy.cli.conftest import Buoy, Shop


def total(buoy: Buoy, shop: Shop, plan: object, facts: object | None = None) -> Decimal:
    out = shop.folder / "runs"
    return Decimal(buoy("plan", "run", plan, "--facts", facts or shop.facts, "--out", out, "--json").json["earned"])


def test_a_difference_is_that_of_two_runs(buoy: Buoy, shop: Shop) -> None:
    other = shop.other_plan("other.yaml", ("rate: 8%", "rate: 10%"), ("amount >= 100", "amount >= 300"))
    said = buoy("plan", "diff", shop.plan, other, "--facts", shop.facts, "--json")
    assert said.code == 0
    found = said.json
    assert Decimal(found["delta"]) == total(buoy, shop, other) - total(buoy, shop, shop.plan)
    assert Decimal(found["delta"]) == sum(Decimal(entry["delta"]) for entry in found["earnings"])
    assert ([w["partner"] for w in found["winners"]], found["losers"], found["unchanged"]) == (["alpha"], [], 1)


def test_changed_lines_say_why(buoy: Buoy, shop: Shop) -> None:
    other = shop.other_plan("other.yaml", ("rate: 8%", "rate: 10%"), ("amount >= 100", "amount >= 300"))
    found = buoy("plan", "diff", shop.plan, other, "--facts", shop.facts, "--json").json
    why = {line["id"]: line["why"] for line in found["lines"]}
    assert why["L2"] == "rate 0.08 before, 0.1 now"
    assert why["L8"] == "does not count now (too_small)"


def test_a_difference_is_told_in_words(buoy: Buoy, shop: Shop) -> None:
    other = shop.other_plan("other.yaml", ("rate: 8%", "rate: 10%"))
    said = buoy("plan", "diff", shop.plan, other, "--facts", shop.facts)
    assert "difference 20.00: 1 partners win, 0 lose, 1 unchanged" in said.out


def test_plans_in_two_currencies_are_not_compared(buoy: Buoy, shop: Shop) -> None:
    other = shop.other_plan("euro.yaml", ("currency: USD", "currency: EUR"))
    said = buoy("plan", "diff", shop.plan, other, "--facts", shop.facts)
    assert said.code == 2
    assert "USD and EUR" in said.err


def test_every_variant_pays_what_a_full_run_pays(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "simulate", shop.plan, "--facts", shop.facts, "--set", "bonus=20,30", "--json")
    assert said.code == 0
    found = {variant["values"]["bonus"]: Decimal(variant["total"]) for variant in said.json["variants"]}
    for value in ("20", "30"):
        plan = shop.other_plan(f"bonus{value}.yaml", ("value: 25", f"value: {value}"))
        assert found[value] == total(buoy, shop, plan)


def test_a_parameter_that_decides_which_rows_count_is_calculated_in_full_and_says_so(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan("least.yaml", ("  bonus:", "  least: 100\n  bonus:"), ("amount >= 100", "amount >= least"))
    words = ("plan", "simulate", plan, "--facts", shop.facts, "--set")
    assert "Every variant was calculated in full: " in buoy(*words, "least=300").out
    assert "over one crediting of the rows" in buoy(*words, "bonus=20,30").out


def test_variants_are_all_combinations(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan("two.yaml", ("  bonus:", "  loyal: 50\n  bonus:"), ("amount: 50", "amount: loyal"))
    words = ("--set", "bonus=20,30", "--set", "loyal=10,20,30", "--json")
    assert len(buoy("plan", "simulate", plan, "--facts", shop.facts, *words).json["variants"]) == 6


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("bonsu=1", "found no parameter bonsu"),
        ("bonus=99", "above its max 50"),
        ("bonus", "--set"),
        ("bonus=(", "bonus = ("),
    ],
)
def test_a_variant_that_cannot_be_is_wrong_use(buoy: Buoy, shop: Shop, wanted: str, expected: str) -> None:
    said = buoy("plan", "simulate", shop.plan, "--facts", shop.facts, "--set", wanted)
    assert said.code == 2
    assert expected in said.err


def test_an_estimate_is_the_difference_of_two_runs(buoy: Buoy, shop: Shop) -> None:
    words = ("--partner", "alpha", "--product", "B1", "--quantity", "3", "--amount", "700.00", "--date", "2025-02-20")
    said = buoy("plan", "estimate", shop.plan, "--facts", shop.facts, *words, "--json")
    assert said.code == 0
    (found,) = said.json
    before = total(buoy, shop, shop.plan)
    lines = (shop.facts / "lines.csv").read_text(encoding="utf-8")
    more = shop.write("more/lines.csv", lines + "L9,alpha,2025-02-20,700.00,3,B1\n").parent
    shop.write("more/products.csv", (shop.facts / "products.csv").read_text(encoding="utf-8"))
    assert Decimal(found["delta"]) == total(buoy, shop, shop.plan, more) - before
    assert {e["component"]: e["delta"] for e in found["earnings"]} == {"commission": "35.00", "bikes": "75.00"}


def test_an_estimate_takes_the_last_price(buoy: Buoy, shop: Shop) -> None:
    words = ("--partner", "beta", "--product", "B1", "--quantity", "2")
    said = buoy("plan", "estimate", shop.plan, "--facts", shop.facts, *words)
    assert "beta sells 2 × B1 for 160.00 on 2025-03-10, at the price of line L5" in said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--partner", "gamma", "--product", "B1", "--quantity", "1"), "found no partner gamma"),
        (("--partner", "beta", "--product", "Z9", "--quantity", "1"), "give --amount"),
        (("--partner", "beta", "--product", "B1", "--quantity", "many"), "found --quantity many"),
        (("--partner", "beta", "--product", "B1", "--quantity", "1", "--date", "soon"), "found --date soon"),
    ],
)
def test_an_order_that_cannot_be_is_wrong_use(buoy: Buoy, shop: Shop, words: tuple[str, ...], expected: str) -> None:
    said = buoy("plan", "estimate", shop.plan, "--facts", shop.facts, *words)
    assert said.code == 2
    assert expected in said.err
