"""The linter: what is wrong or dangerous in a plan, before any fact is read.

The problem
    A plan can be well written and still pay nothing between two bands, pay twice on one row, or pay less for selling
    more. Those mistakes are found by whoever is paid too little, months later. So they are looked for here, when the
    plan is saved.

A worked example (case RT-019): "under 50", "over 50 up to 100", "100 and above"

    plan.yaml:12:13 band-gap: found 50 itself is in no band (band 1 below: 50, band 2 above: 50) …
    plan.yaml:13:13 band-overlap: found 100 itself is in bands 2 and 3 (band 2 up_to: 100, band 3 from: 100) …

Rules
    1. A check is a function from a `Lint` to problems. `CHECKS` is the whole list; adding one is writing it and adding
       it there. No check relies on another having run, and none raises, whatever the plan says.
    2. Blocking is what cannot be meant. A warning may be meant, and seldom is. A note is something to know.
    3. Only what is known before the facts is compared: numbers, parameters, and arithmetic on them. An edge such as
       `target(revenue)` is passed over.

What this module does not do
    It reads no facts: splits that do not add up, overlapping master data, unknown columns and tables, missing rates and
    zero targets are found when facts are read or a plan is compiled.
Source: design/semantics.md Q1, Q2, Q11, Q14, Q22, Q23.
"""

from __future__ import annotations

from buoy_engine.kernel.problems import Problem
from buoy_engine.spec.check.circles import check_circles
from buoy_engine.spec.check.lint import Check, Lint
from buoy_engine.spec.check.names import (
    check_component_names,
    check_ids,
    check_list_names,
    check_shadows,
    check_unused,
)
from buoy_engine.spec.check.payouts import check_caps, check_cliffs, check_double_pay, check_falling
from buoy_engine.spec.check.rewards import (
    check_amount_on_returns,
    check_blocks,
    check_curves,
    check_divisions,
    check_draw,
    check_limits,
    check_parameters,
    check_payout,
    check_unused_base,
)
from buoy_engine.spec.check.settings import check_contradictions, check_currencies, check_time_zone
from buoy_engine.spec.check.tiers import check_bands, check_versions
from buoy_engine.spec.check.times import check_component_dates, check_lengths, check_lists
from buoy_engine.spec.model import Plan
from buoy_engine.spec.source import Path, Source

CHECKS: tuple[Check, ...] = (
    check_currencies,
    check_time_zone,
    check_contradictions,
    check_ids,
    check_component_names,
    check_list_names,
    check_shadows,
    check_circles,
    check_bands,
    check_versions,
    check_falling,
    check_cliffs,
    check_limits,
    check_payout,
    check_draw,
    check_curves,
    check_blocks,
    check_parameters,
    check_divisions,
    check_lengths,
    check_component_dates,
    check_lists,
    check_double_pay,
    check_unused_base,
    check_amount_on_returns,
    check_caps,
    check_unused,
)


def check_plan(plan: Plan, source: Source, prefix: Path = ()) -> list[Problem]:
    """Problems of meaning, each with its place in the document, in the order in which they stand there."""
    lint = Lint(plan, source, prefix)
    found = [problem for check in CHECKS for problem in check(lint)]
    return sorted(dict.fromkeys(found), key=lambda p: (p.line or 0, p.column or 0))
