"""`buoy plan statement`: a run's statements in words, from its folder."""

from pathlib import Path

import pytest

from tests.buoy.cli.conftest import Buoy, Shop


@pytest.fixture
def run(buoy: Buoy, shop: Shop) -> Path:
    """The folder of a run of the shop."""
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    (folder,) = [entry for entry in (shop.folder / "runs").iterdir() if entry.name != "facts"]
    return folder


def test_a_statement_tells_rule_arithmetic_lines_and_settings(buoy: Buoy, run: Path) -> None:
    said = buoy("plan", "statement", run, "--partner", "alpha")
    assert said.code == 0
    assert "band 1: 10,000.00 × 5 % = 500.00" in said.out
    assert "band 2: 1,000.00 × 8 % = 80.00" in said.out
    assert "gate few_orders: count() >= 3 does not hold (count() is 2; 1 more is needed)" in said.out
    assert "L2" in said.out
    assert "edges            reach (default)" in said.out


def test_a_statement_has_the_name_that_the_facts_had(buoy: Buoy, shop: Shop) -> None:
    shop.write("facts/partners.csv", "partner_id,name\nalpha,Alpha Cycles\nbeta,Beta\n")
    buoy("plan", "run", shop.plan, "--facts", shop.facts, "--out", shop.folder / "runs")
    (folder,) = [entry for entry in (shop.folder / "runs").iterdir() if entry.name != "facts"]
    assert "Statements of alpha Alpha Cycles" in buoy("plan", "statement", folder, "--partner", "alpha").out


def test_everybody_gets_a_file_that_says_the_same(buoy: Buoy, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "statements"
    assert buoy("plan", "statement", run, "--out", out).code == 0
    assert {file.name for file in out.iterdir()} == {"alpha.txt", "beta.txt"}
    for partner in ("alpha", "beta"):
        printed = buoy("plan", "statement", run, "--partner", partner).out
        assert (out / f"{partner}.txt").read_text(encoding="utf-8") == printed


def test_the_facts_are_not_needed_any_more(buoy: Buoy, shop: Shop, run: Path) -> None:
    before = buoy("plan", "statement", run, "--partner", "beta").out
    for file in shop.facts.iterdir():
        file.unlink()
    assert buoy("plan", "statement", run, "--partner", "beta").out == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "--partner P"),
        (("--partner", "alpha", "--out", "somewhere"), "--out DIR"),
        (("--partner", "gamma"), "found no partner gamma"),
    ],
)
def test_wrong_use_is_told(buoy: Buoy, run: Path, words: tuple[str, ...], expected: str) -> None:
    said = buoy("plan", "statement", run, *words)
    assert said.code == 2
    assert expected in said.err


def test_a_folder_that_is_no_run_is_told(buoy: Buoy, shop: Shop) -> None:
    said = buoy("plan", "statement", shop.facts, "--partner", "alpha")
    assert said.code == 2
    assert "found no run in" in said.err
