"""`buoy plan check`: problems with their places, examples, exit codes."""

from tests.buoy.cli.conftest import Buoy, Shop


def test_a_sound_plan_is_fine(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "check", shop.tested_plan)
    assert said.code == 0
    assert "0 blocking" in said.out or "no problems" in said.out
    assert "2 examples in the plan" in said.out


def test_an_unknown_key_is_named_with_line_and_column(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan("bad.yaml", ("    amount: 50", "    amuont: 50"))
    said = buoy("plan", "check", plan)
    assert said.code == 1
    line = 1 + plan.read_text(encoding="utf-8").splitlines().index("    amuont: 50")
    assert f"{plan}:{line}:" in said.out
    assert "unknown-key: found " in said.out
    assert "; do " in said.out


def test_a_failed_example_is_blocking_and_says_what_was_found(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "check", shop.red_plan)
    assert said.code == 1
    assert "example-failed: found 50" in said.out
    assert "expected 51.00" in said.out
    assert "The first tier" in said.out


def test_an_example_without_form_is_named(buoy: Buoy, shop: Shop) -> None:
    plan = shop.write("bad.yaml", shop.plan.read_text(encoding="utf-8") + "examples: [{facts: 5}, 7]\n")
    said = buoy("plan", "check", plan)
    assert said.code == 1
    assert "expected tables of rows" in said.out
    assert "expected a mapping with facts and expect" in said.out


def test_a_file_that_is_no_yaml_is_unreadable(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "check", shop.write("broken.yaml", "components: [\n"))
    assert said.code == 2
    assert "yaml-broken" in said.err


def test_a_file_that_is_not_there_is_unreadable(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "check", shop.folder / "none.yaml")
    assert said.code == 2
    assert "found no readable file" in said.err


def test_problems_come_as_json(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan("bad.yaml", ("mode: marginal", "mode: sideways"))
    said = buoy("plan", "check", "--json", plan)
    assert said.code == 1
    found = said.json
    assert found["sound"] is False
    (problem,) = [p for p in found["problems"] if p["severity"] == "blocking"]
    assert problem["code"] == "tier-reading"
    assert {"line", "column", "found", "expected", "do"} <= set(problem)


def test_warnings_fail_only_when_asked_to(buoy: Buoy, shop: Shop) -> None:
    plan = shop.other_plan("uncapped.yaml", ("    limits: [{max: 1000, per: period}]\n", ""))
    assert buoy("plan", "check", plan).code == 0
    assert buoy("plan", "check", "--strict", plan).code == 1


def test_boundaries_show_what_is_paid_around_an_edge(buoy: Buoy, shop: Shop) -> None:
    found = buoy("plan", "check", "--boundaries", "--json", shop.plan).json["boundaries"]
    paid = {row["measure"]: (row["band"], row["earned"]) for row in found if row["component"] == "commission"}
    assert paid == {"9999.99": (1, "500.00"), "10000": (2, "500.00"), "10000.01": (2, "500.00")}
