"""Steps of a case: facts come, are corrected and taken away; periods are closed, and late rows become differences."""

from tests.engine.worked_cases import run_text

PLAN = """
plan:
  currency: USD
  period: month
  components:
    - {id: commission, rate: 10%}
"""


def test_a_late_row_of_a_closed_period_is_a_difference_in_the_open_one() -> None:
    steps = """
steps:
  - facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]}
    close: 2025-01
    expect:
      earned: {P1: {commission: {2025-01: "10.00"}}}
      adjustments: {P1: {2025-01: "0.00"}}
      statement: {P1: {earned: "10.00", adjusted: "0.00", payable: "10.00"}}
  - facts: {lines: [{id: L2, partner: P1, date: 2025-01-31, amount: "50.00"}]}
    expect:
      adjustments: {P1: {2025-01: {commission: "5.00"}}}
      statement: {P1: {2025-01: {payable: "10.00"}, 2025-02: {earned: "0.00", adjusted: "5.00", payable: "5.00"}}}
  - facts: {lines: [{id: L3, partner: P1, date: 2025-02-01, amount: "10.00"}]}
    close: 2025-02
    expect:
      earned: {P1: {commission: {2025-01: "15.00", 2025-02: "1.00"}}}
      adjustments: {P1: {2025-01: "5.00"}}
      statement: {P1: {earned: "1.00", adjusted: "5.00", payable: "6.00"}}
  - close: 2025-03
    expect:
      adjustments: {P1: {2025-01: "0.00"}}
      statement: {P1: {earned: "0.00", adjusted: "0.00", payable: "0.00"}}
"""
    assert run_text(PLAN + steps) == []


def test_two_months_closed_at_once_both_stand() -> None:
    steps = """
steps:
  - facts:
      lines:
        - {id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}
        - {id: L2, partner: P1, date: 2025-02-10, amount: "200.00"}
    close: 2025-02
  - remove: {lines: [L1]}
    facts: {lines: [{id: L2, partner: P1, date: 2025-02-10, amount: "150.00"}]}
    close: 2025-03
    expect:
      earned: {P1: {commission: {2025-01: "0.00", 2025-02: "15.00"}}}
      adjustments: {P1: {2025-01: "-10.00", 2025-02: "-5.00"}}
      statement: {P1: {2025-01: {payable: "10.00"}, 2025-02: {payable: "20.00"}, 2025-03: {adjusted: "-15.00"}}}
      rows: {lines: 1}
"""
    assert run_text(PLAN + steps) == []


def test_a_correction_may_name_only_what_changes() -> None:
    steps = """
steps:
  - facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00", customer: C1}]}
  - facts: {lines: [{id: L1, amount: "90.00"}]}
    expect: {earned: {P1: "9.00"}, rows: {lines: 1}}
  - facts: {lines: [{id: L1, partner: P2}]}
    expect: {earned: {P1: "0.00", P2: "9.00"}, rows: {lines: 1}}
"""
    assert run_text(PLAN + steps) == []


def test_a_table_may_be_replaced_as_a_whole() -> None:
    plan = PLAN.replace("rate: 10%", "rate: 10%, credit: splits")
    steps = """
facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]}
steps:
  - facts: {splits: [{sale: L1, partner: P1, share: 1}]}
    expect: {earned: {P1: "10.00"}}
  - replace: {splits: [{sale: L1, partner: A, share: 0.5}, {sale: L1, partner: B, share: 0.5}]}
    expect: {earned: {P1: "0.00", A: "5.00", B: "5.00"}}
  - replace: {splits: [{sale: L1, partner: B, share: 1}]}
    expect: {earned: {A: "0.00", B: "10.00"}}
"""
    assert run_text(plan + steps) == []


def test_a_miss_names_its_step() -> None:
    steps = """
facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]}
steps:
  - expect: {earned: {P1: "10.00"}}
  - expect: {earned: {P1: "11.00"}}
"""
    assert run_text(PLAN + steps) == ["step 2: earned.P1: expected 11.00, found 10.00"]


def test_a_table_that_comes_later_is_empty_before() -> None:
    case = """
plan:
  currency: USD
  components:
    - {id: sold, credit: splits, rate: 10%}
    - {id: override, credit: {upline: {levels: 1}}, rate: 1%}
    - {id: gold, when: {not_gold: certified(gold)}, rate: 2%}
facts: {lines: [{id: L1, partner: P1, date: 2025-01-16, amount: "100.00"}]}
steps:
  - expect: {earned: {P1: {sold: 10, gold: 0}, total: 10}}
  - facts:
      splits: [{sale: L1, partner: A, share: 1}]
      hierarchy: [{partner: P1, parent: D1}]
      certifications: [{partner: P1, certification: gold}]
    expect: {earned: {A: 10, D1: 1, P1: {sold: 0, gold: 2}}}
"""
    assert run_text(case) == []


def test_a_refused_step_leaves_nothing_behind() -> None:
    steps = """
steps:
  - facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00", bonus: "1"}]}
    expect: {earned: {P1: 10}, rows: {lines: 1}}
  - facts: {lines: [{id: L2, partner: P1, date: 2025-01-11, amount: many, bonus: some}]}
    expect: {refused: [fact-value]}
  - facts: {lines: [{id: L3, partner: P1, date: 2025-01-12, amount: "300.00", bonus: "2"}]}
    expect: {earned: {P1: 40}, rows: {lines: 2}}
"""
    assert run_text(PLAN + steps) == []


def test_a_difference_is_posted_in_the_first_open_period_also_when_a_later_one_is_closed() -> None:
    steps = """
steps:
  - facts:
      lines:
        - {id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}
        - {id: L2, partner: P2, date: 2025-01-10, amount: "100.00"}
    close: 2025-01
  - facts: {lines: [{id: L1, amount: "150.00"}, {id: L2, amount: "90.00"}]}
    close: 2025-03
    expect:
      adjustments: {P1: {2025-01: "5.00"}, P2: {2025-01: "-1.00"}, total: "4.00"}
      statement: {P1: {2025-02: {adjusted: "5.00"}, 2025-03: {adjusted: 0}}}
  - expect: {adjustments: {P1: 0, total: {2025-01: {commission: 0}}}}
"""
    assert run_text(PLAN + steps) == []


def test_a_total_of_adjustments_that_is_wrong_is_a_miss() -> None:
    steps = """
steps:
  - facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]}
    close: 2025-01
  - facts: {lines: [{id: L2, partner: P1, date: 2025-01-11, amount: "10.00"}]}
    expect: {adjustments: {total: "2.00"}}
"""
    assert run_text(PLAN + steps) == ["step 2: adjustments.total: expected 2.00, found 1.00"]


WEEKS = PLAN.replace(
    "period: month", "period: month\n  calendar: {pattern: 4-4-5, first_day: 2025-02-02, weeks: WEEKS}"
)


def test_a_difference_that_no_period_of_the_calendar_can_take_is_a_blocking_problem() -> None:
    steps = """
steps:
  - facts: {lines: [{id: L1, partner: P1, date: 2026-01-20, amount: "100.00"}]}
    close: 2025-12
    expect: {problems: []}
  - expect: {problems: []}
  - facts: {lines: [{id: L2, partner: P1, date: 2026-01-20, amount: "10.00"}]}
    expect: EXPECTED
"""
    listed = WEEKS.replace("WEEKS", "52") + steps.replace("EXPECTED", "{problems: [calendar-gap]}")
    assert run_text(listed) == []
    goes_on = WEEKS.replace("WEEKS", "[52, 52]") + steps.replace(
        "EXPECTED", '{problems: [], statement: {P1: {2026-01: {adjusted: "1.00"}}}}'
    )
    assert run_text(goes_on) == []


def test_a_closed_period_that_the_calendar_does_not_have_is_refused() -> None:
    steps = """
steps:
  - facts: {lines: [{id: L1, partner: P1, date: 2025-01-10, amount: "100.00"}]}
    close: 2025-13
    expect: {refused: true}
"""
    assert run_text(PLAN + steps) == []
