"""The linter as a whole: it refuses no good plan, raises on none, and says everything with its place."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buoy_engine.kernel.problems import Severity
from buoy_engine.spec.check import CHECKS, check_plan, circles, names, payouts, rewards, tiers, times
from buoy_engine.spec.check import settings as settings_
from buoy_engine.spec.model import Plan
from buoy_engine.spec.read import plan_of
from buoy_engine.spec.source import Source, load
from tests.engine.unit.spec.plans import checked, document, golden_plans

PLANS = list(golden_plans())


@pytest.mark.parametrize(("name", "plan", "source", "refused"), PLANS, ids=[name for name, *_ in PLANS])
def test_a_worked_case_is_refused_only_where_it_says_so(name: str, plan: Plan, source: Source, refused: bool) -> None:
    problems = check_plan(plan, source, ("plan",))
    blocking = [str(problem) for problem in problems if problem.severity is Severity.BLOCKING]
    assert not blocking or refused, name
    assert all(problem.line and problem.column and problem.expected and problem.fix for problem in problems)


def test_every_check_that_is_written_is_in_the_list() -> None:
    parts = (circles, names, payouts, rewards, settings_, tiers, times)
    written = {
        function
        for part in parts
        for name, function in vars(part).items()
        if name.startswith("check_") and function.__module__ == part.__name__
    }
    assert set(CHECKS) == written
    assert len(CHECKS) == len(written)


def test_problems_come_in_the_order_of_the_document() -> None:
    text = document("  - {id: c, rate: 5%}\n  - {id: c, rate: 1 / 0}\n", "time_zone: Nowhere\nparameters: {a: 1}\n")
    places = [(problem.line, problem.column) for problem in checked(text)]
    assert len(places) >= 4
    assert places == sorted(places)


def test_a_plan_inside_another_document_keeps_its_places() -> None:
    text = "case: X\nplan:\n  currency: usd\n  components: [{id: c, amount: 5}]\n"
    source = load(text, "x.yaml")
    assert isinstance(source, Source)
    plan, _ = plan_of(source.data["plan"], source, ("plan",))
    assert plan is not None
    (problem,) = check_plan(plan, source, ("plan",))
    assert problem.place == "x.yaml:3:13"


numbers = st.sampled_from(
    ["0", "1", "50", "-5", "5%", "1 / 0", "p", "q * 2", "target(x)", "sum(amount)", "earned(a)", "m"]
)
edges = st.sampled_from(["from", "above", "to", "up_to", "below"])
bands = st.lists(
    st.dictionaries(st.one_of(edges, st.sampled_from(["rate", "amount"])), numbers, max_size=4), min_size=1, max_size=4
)
scales = st.fixed_dictionaries(
    {"mode": st.sampled_from(["marginal", "retroactive", "filled"]), "bands": bands},
    optional={
        "of": numbers,
        "edges": st.sampled_from(["reach", "exceed"]),
        "versions": st.lists(
            st.fixed_dictionaries({"from": st.sampled_from(["2025-01-01", "2024-06-01"]), "bands": bands}), max_size=2
        ),
    },
)
functions = st.one_of(
    st.fixed_dictionaries({"rate": numbers}),
    st.fixed_dictionaries({"amount": numbers}),
    st.fixed_dictionaries({"tiers": scales}),
    st.fixed_dictionaries({"blocks": st.fixed_dictionaries({"size": numbers, "pays": numbers})}),
    st.fixed_dictionaries(
        {
            "curve": st.fixed_dictionaries(
                {
                    "points": st.lists(st.tuples(numbers, numbers).map(list), min_size=2, max_size=3),
                    "pays": st.sampled_from(["amount", "rate"]),
                }
            )
        }
    ),
)
limits = st.fixed_dictionaries(
    {},
    optional={
        "min": numbers,
        "max": numbers,
        "per": st.sampled_from(["row", "year", "programme"]),
        "excess": st.just("carry"),
    },
)
ways = st.one_of(st.just("owner"), st.fixed_dictionaries({"follow": st.sampled_from(["a", "b", "z"])}))
components = st.builds(
    lambda name, function, more: {"id": name, **function, **more},
    st.sampled_from(["a", "b", "c"]),
    functions,
    st.fixed_dictionaries(
        {},
        optional={
            "from": st.sampled_from(["lines", "s", "t"]),
            "measure": numbers,
            "base": numbers,
            "per": st.just("row"),
            "where": st.sampled_from(["product_id in skus", "earned(a) > m", "amount / p > 0"]),
            "credit": ways,
            "otherwise": functions,
            "every": st.sampled_from(["day", "quarter", "plan"]),
            "accumulate": st.sampled_from(["quarter", "plan"]),
            "limits": st.lists(limits, max_size=2),
            "payout": st.lists(st.fixed_dictionaries({"share": numbers}), max_size=3),
            "returns": st.just("original"),
        },
    ),
)
plans = st.fixed_dictionaries(
    {"currency": st.sampled_from(["USD", "usd", ""]), "components": st.lists(components, min_size=1, max_size=3)},
    optional={
        "time_zone": st.sampled_from(["UTC", "/", "Mars/North"]),
        "parameters": st.dictionaries(st.sampled_from(["p", "q", "amount"]), numbers, max_size=3),
        "measures": st.dictionaries(st.sampled_from(["m", "n", "p"]), numbers, max_size=2),
        "sources": st.dictionaries(
            st.sampled_from(["s", "t", "lines"]), st.fixed_dictionaries({"from": st.sampled_from(["lines", "s", "t"])})
        ),
        "combine": st.lists(st.fixed_dictionaries({"best_of": st.just(["a", "b"])}), max_size=1),
        "statement": st.fixed_dictionaries(
            {},
            optional={
                "draw": st.fixed_dictionaries({"amount": numbers, "recover": numbers}),
                "currency": st.text(max_size=3),
            },
        ),
    },
)


@given(plans)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_check_raises_on_any_plan_of_good_form(data: dict[str, Any]) -> None:
    source = load("currency: USD\n")
    assert isinstance(source, Source)
    plan, problems = plan_of(data, source)
    assert plan is not None, [str(problem) for problem in problems]
    check_plan(plan, source)
