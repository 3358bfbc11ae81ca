"""Places: of what is compared in a period, the first by a value, the second, and so on (`rank`).

Places are counted as in a race: those with equal values share the better place, and the places after them are left out
(1, 2, 2, 4). A row of numbers is made first; the lowest number among equals is their place. Values are compared to
twelve decimals.
"""

from __future__ import annotations

from buoy_engine.compile.builder import Builder, Flow
from buoy_engine.kernel.ir import Agg, Expr, Query, Win, number

GRAIN = "one row per place"


def places(builder: Builder, name: str, given: Query, keys: tuple[str, ...], within: tuple[str, ...]) -> str:
    """`<name>`: a place for every one that is compared.

    `given` has the columns of `keys` (what has a place), those of `within` (among whom it is counted), and `_value`.
    """
    flow = Flow(builder, name, GRAIN, builder.stage(f"{name}_compared", GRAIN, given, keep=False))
    group = tuple(flow.col(column) for column in within)
    value = flow.col("_value")
    flow.step("numbered", {"_nth": Win(number(), "row_number", None, group, ((value, True),))})
    group = tuple(flow.col(column) for column in within)
    first = Win(number(), "min", flow.col("_nth"), (*group, flow.col("_value")))
    flow.step("placed", {"_place": first})
    columns: dict[str, Expr] = {key: flow.col(key) for key in keys}
    once = Query(
        {**columns, "place": Agg(number(), "min", flow.col("_place"))},
        flow.relation,
        "r",
        group_by=tuple(columns.values()),
    )
    return builder.stage(name, GRAIN, once, keep=False)
