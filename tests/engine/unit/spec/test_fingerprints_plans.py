"""The fingerprint: labels change nothing, rules change it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.spec.fingerprint import LABELS, canonical, fingerprint
from buoy_engine.spec.model import SETTING_DEFAULTS, Band, Component, Model, Plan, Settings
from tests.engine.unit.spec.plans import golden_plans, plan

PLAN = """\
buoy: 1
plan: p
currency: USD
valid: {from: 2025-01-01, to: 2025-12-31}
parameters: {rate: 5%, hurdle: {value: 1000, max: 2000}}
lists: {skus: [A1, {value: B2, from: 2025-03-01}]}
measures: {sales: sum(amount)}
components:
  - id: commission
    where: {listed: product_id in skus, large: amount > 5}
    tiers: {mode: retroactive, bands: [{from: 0, rate: 0}, {from: hurdle, rate: rate}]}
    limits: [{max: 500, per: year}]
  - id: bonus
    rate: {by: partner.tier, gold: 2%, silver: 1%, otherwise: 0}
    when: sales > 0
"""


def changed(old: str, new: str) -> str:
    assert old in PLAN
    return PLAN.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("buoy: 1\n", "# a comment\nbuoy: 1\ntitle: A nicer title\nversion: 7\n"),
        ("components:", "examples: [{case: X}]\ncomponents:"),
        ("id: commission\n", "id: commission\n    title: Commission\n"),
        ("{from: 0, rate: 0}", "{rate: 0.00, title: entry, from: 0}"),
        ("plan: p\ncurrency: USD\n", "currency: USD\nplan: p\n"),
        ("{rate: 5%, hurdle: {value: 1000, max: 2000}}", "{hurdle: {max: 2000, value: 1_000, title: x}, rate: 0.050}"),
        ("listed: product_id in skus, large: amount > 5", "large: (amount>5), listed: 'product_id in skus'"),
        ("gold: 2%, silver: 1%, otherwise: 0", "silver: 1%, otherwise: 0, gold: 2%"),
        ("currency: USD\n", "currency: USD\nperiod: month\nsettings: {edges: reach, rounding: half_up}\n"),
        ("id: bonus\n", "id: bonus\n    from: lines\n    settings: {returns: unwind}\n"),
    ],
)
def test_labels_order_and_what_holds_anyway_change_nothing(old: str, new: str) -> None:
    assert fingerprint(plan(changed(old, new))) == fingerprint(plan(PLAN))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("plan: p", "plan: q"),
        ("currency: USD", "currency: EUR"),
        ("currency: USD\n", "currency: USD\nperiod: quarter\n"),
        ("currency: USD\n", "currency: USD\nsettings: {edges: exceed}\n"),
        ("to: 2025-12-31", "to: 2025-12-30"),
        ("rate: 5%", "rate: 5.5%"),
        ("max: 2000", "max: 2001"),
        ("[A1, ", "["),
        ("B2, from: 2025-03-01", "B2, from: 2025-03-02"),
        ("sum(amount)", "sum(amount) over year"),
        ("amount > 5", "amount >= 5"),
        ("mode: retroactive", "mode: marginal"),
        ("{from: hurdle", "{above: hurdle"),
        ("per: year", "per: quarter"),
        ("gold: 2%", "gold: 3%"),
        (", otherwise: 0}", "}"),
        ("id: bonus", "id: kicker"),
        ("when: sales > 0", "when: sales > 0\n    settings: {returns: original}"),
        ("when: sales > 0", "when: sales > 0\n    pays: false"),
    ],
)
def test_every_rule_changes_it(old: str, new: str) -> None:
    assert fingerprint(plan(changed(old, new))) != fingerprint(plan(PLAN))


def test_the_order_of_components_counts() -> None:
    read = plan(PLAN)
    turned = read.model_copy(update={"components": read.components[::-1]})
    assert fingerprint(turned) != fingerprint(read)


def test_the_text_5_is_not_the_number_5() -> None:
    one = plan(changed("[A1, ", "['5', "))
    other = plan(changed("[A1, ", "[5, "))
    assert fingerprint(one) != fingerprint(other)


def test_it_is_a_sha256_and_stays_what_it_was() -> None:
    found = fingerprint(plan("currency: USD\ncomponents: [{id: c, rate: 5%}]\n"))
    assert re.fullmatch("[0-9a-f]{64}", found)
    assert canonical(plan("currency: USD\ncomponents: [{id: c, rate: 5%}]\n")) == {
        "currency": "USD",
        "components": [{"id": "c", "rate": {"Number": [{"number": "0.05"}]}}],
    }


def test_every_worked_case_has_one_and_different_plans_have_different_ones() -> None:
    by_print: dict[str, Plan] = {}
    for name, read, _, _ in golden_plans():
        answers = Settings(**{setting: read.setting(setting) for setting in SETTING_DEFAULTS})
        bare = read.model_copy(update={"title": None, "version": None, "examples": (), "settings": answers})
        assert by_print.setdefault(fingerprint(read), bare) == bare, name


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1000, max_value=1000))
def test_equal_numbers_have_equal_prints(number: object) -> None:
    texts = (f"{number:f}", f"{number:f}000")
    first, second = (canonical(plan(f"currency: USD\ncomponents: [{{id: c, rate: {t}}}]\n")) for t in texts)
    assert first == second


def test_no_key_called_title_is_overlooked() -> None:
    """A label added to a model must be named in LABELS, or the fingerprint changes with it."""

    def models(model: type[Model]) -> set[type[Model]]:
        return {model, *(below for sub in model.__subclasses__() for below in models(sub))}

    titled = {model for model in models(Model) if "title" in model.model_fields}
    assert titled == {model for model, keys in LABELS.items() if "title" in keys}
    assert {Plan, Component, Band} <= titled
