"""`buoy plan show` and `buoy plan compile`: a plan in sentences and in SQL."""

from tests.buoy.cli.conftest import Buoy, Shop


def test_a_plan_is_told_in_sentences_with_its_settings(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "show", shop.plan)
    assert said.code == 0
    assert (
        "Pays each slice of amount at its own band's rate (5 % from 0; 8 % from 10,000) on lines where amount >= 100."
        in said.out
    )
    assert "At most 1,000 per period." in said.out
    assert "rounding" in said.out
    assert "default" in said.out


def test_a_plan_comes_as_json(buoy: Buoy, shop: Shop) -> None:
    found = buoy("plan", "show", "--json", shop.plan).json
    assert [c["id"] for c in found["components"]] == ["commission", "bikes", "loyalty"]
    assert found["settings"]["edges"] == {"value": "reach", "default": True}


def test_stages_are_printed_with_name_grain_and_sql(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "compile", shop.plan, "--facts", shop.facts, "--stage", "commission_earned")
    assert said.code == 0
    assert "-- commission_earned: one row per payee and period" in said.out
    assert "SELECT" in said.out
    assert "unverified" not in said.out


def test_a_dialect_without_a_conformance_run_is_marked(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "compile", shop.plan, "--facts", shop.facts, "--dialect", "databricks")
    assert said.code == 0
    assert "unverified" in said.out


def test_stages_come_as_json(buoy: Buoy, shop: Shop) -> None:
    found = buoy("plan", "compile", shop.plan, "--facts", shop.facts, "--dialect", "snowflake", "--json").json
    assert found["verified"] is False
    assert {"stage", "grain", "kept", "sql"} == set(found["stages"][0])


def test_an_unknown_stage_or_dialect_is_wrong_use(buoy: Buoy, shop: Shop) -> None:
    assert buoy("plan", "compile", shop.plan, "--facts", shop.facts, "--stage", "nothing").code == 2
    assert buoy("plan", "compile", shop.plan, "--facts", shop.facts, "--dialect", "cobol").code == 2
