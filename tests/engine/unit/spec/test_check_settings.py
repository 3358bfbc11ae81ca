"""Currency, time zone, and one question answered twice."""

import pytest

from tests.engine.unit.spec.plans import checked, document, found, grave

ONE = "components: [{id: c, amount: 5}]\n"


@pytest.mark.parametrize("code", ["USD", "JPY", "KWD", "PTS", "HRK"])
def test_a_known_currency_is_accepted(code: str) -> None:
    assert checked(f"currency: {code}\n{ONE}") == []


@pytest.mark.parametrize(
    ("code", "fix"),
    [("eur", "write EUR"), ("EURO", "correct the code"), ("XAU", "correct the code"), ("''", "correct the code")],
)
def test_an_unknown_currency_is_refused(code: str, fix: str) -> None:
    (problem,) = checked(f"currency: {code}\n{ONE}")
    assert (problem.code, problem.line, problem.column, problem.fix) == ("unknown-currency", 1, 11, fix)


@pytest.mark.parametrize(
    ("currency", "codes"),
    [("partner", []), ("plan", []), ("row", []), ("EUR", []), ("partners", ["unknown-currency"])],
)
def test_a_statement_is_in_a_currency_or_says_whose(currency: str, codes: list[str]) -> None:
    assert grave(f"currency: USD\nstatement: {{currency: {currency}}}\n{ONE}") == codes


@pytest.mark.parametrize(
    ("zone", "codes"),
    [
        ("UTC", []),
        ("America/New_York", []),
        ("America/Atlantis", ["unknown-time-zone"]),
        ("../etc/passwd", ["unknown-time-zone"]),
        ("America", ["unknown-time-zone"]),
        ("''", ["unknown-time-zone"]),
    ],
)
def test_a_time_zone_is_on_the_list(zone: str, codes: list[str]) -> None:
    assert grave(f"currency: USD\ntime_zone: {zone}\n{ONE}") == codes


@pytest.mark.parametrize(
    ("keys", "contradict"),
    [
        ("amount: 5, returns: original, settings: {returns: unwind}", True),
        ("amount: 5, returns: original, settings: {returns: original}", False),
        ("amount: 5, round: {mode: half_even}, settings: {rounding: half_up}", True),
        ("tiers: {mode: filled, edges: reach, bands: [{from: 0, amount: 1}]}, settings: {edges: exceed}", True),
        ("amount: 5, settings: {as_of: original}", False),
    ],
)
def test_one_question_has_one_answer(keys: str, contradict: bool) -> None:
    assert bool(found(document(f"  - {{id: c, {keys}}}\n"), "settings-contradict")) == contradict
