"""From what was earned to what is paid: posting, instalments, draw, cap, minimum, and what is carried.

The problem
    A component says what a period is worth, and says it again, differently, whenever facts change. A statement must not:
    once it is closed it stands, and yet every cent that a period turns out to be worth is paid exactly once. Between the two
    lie promises about time (a quarter of it next year, or when the customer has paid) and about the least and the most that
    is paid now, each of which leaves a rest for the statements after it.

A worked example
    Ten percent, a draw of 150 that is owed back, 60 % paid at once and the rest a month later. January has sales of 1,000 and
    is closed; in February sales of 3,000 come, and 200 that belong to January.

                  earned  adjusted  held  released  topped up  recovered  payable  owed of the draw
        January      100         0    40         0         90          0      150                90
        February     300        20   120        40          0         90      150                 0

    February's 20 are due by January's schedule, so 12 of them at once and 8 a month after January: in February. 60 % of 300
    is 180, and with 20 and the 40 released February is worth 240: 90 above the draw, which is what it pays back.

Chosen steps
    1. Posting (`posting`). What a closed period was paid is a row of the fact `postings`. Entitlements and postings, the
       latter with their signs turned, are added up by payee, component and period; what remains of a closed period is the
       difference, and is posted in the first open one under the name of its own. A sum needs no outer join to find an
       entitlement that has vanished.
    2. Instalments (`instalments`). Each entry is cut by the component's `payout` into differences of its rounded cumulative
       share: the parts add up to the entry, whatever its sign.
    3. Terms (`terms`). Draw, cap and minimum may speak about the payee's period; they are compiled as a component is.
    4. Carrying (`carrying`, `draws`). A statement begins with the debt and the balance that the one before it left. There are
       some dozens of periods and many thousands of payees, so the periods are stages, one after the other, and each is
       calculated for all payees at once. There is no row loop, and every state in between can be read.
    5. Currency (`currency`, `rates`, `reversals`). What is payable is converted once, at the end; what is taken back counts at
       the rate of the statement that paid it.

        entries        what was posted when, and for which period    one row per payee, component, period and posting period
        instalments    when it is due                                one row per entry and part
        statement      earned … payable, carried forward             one row per payee and statement period

What it does not do
    Nothing is paid here: the ledger is the application's. Differences know periods, not rows: what each row contributed to a
    closed period is not stored, so with `on: column` a date that becomes known after the close does not move what was closed.

Source: docs/algorithms/posting-and-corrections.md, docs/algorithms/draws.md; design/semantics.md Q8, Q15, Q18.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from buoy_engine.compile.builder import Builder
from buoy_engine.compile.cells import PlanRows
from buoy_engine.compile.component import Made
from buoy_engine.compile.statement.carrying import FIGURES, carry
from buoy_engine.compile.statement.currency import pay_in_currency
from buoy_engine.compile.statement.instalments import cut_into_instalments
from buoy_engine.compile.statement.posting import post
from buoy_engine.compile.statement.settlement import Settlement
from buoy_engine.compile.statement.terms import compile_terms
from buoy_engine.spec.model import Plan

__all__ = ["FIGURES", "compile_statement"]


def compile_statement(
    builder: Builder, plan: Plan, made: Mapping[str, Made], rows: PlanRows, settled: Sequence[str]
) -> None:
    """Appends all stages of the statement. `made`: the compiled components; `settled`: the statement periods in order."""
    settlement = Settlement(builder, plan, made, rows)
    post(settlement)
    cut_into_instalments(settlement)
    terms = compile_terms(settlement)
    if settled:
        carry(settlement, terms, settled)
        pay_in_currency(settlement)
