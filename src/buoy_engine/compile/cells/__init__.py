"""Cells: one row per payee and period (and group), with everything a component's conditions, measure and base ask for.

A word of a period becomes a column of the cell stage. `Cells` (words) collects the columns while expressions are compiled, and
emits at the end: one aggregate stage per window and relation (aggregates), then the cell stage that joins them with the
targets, the days of taking part and the earnings of other components that were asked for.
"""

from buoy_engine.compile.cells.aggregates import Aggregates, Filtered
from buoy_engine.compile.cells.base import cell_base, payees_stage, period_columns
from buoy_engine.compile.cells.plan_rows import PlanRows
from buoy_engine.compile.cells.words import Cells, RowCells, is_row_expression, speaks_of_rows

__all__ = [
    "Aggregates",
    "Cells",
    "Filtered",
    "PlanRows",
    "RowCells",
    "cell_base",
    "is_row_expression",
    "payees_stage",
    "period_columns",
    "speaks_of_rows",
]
