"""The words of the expression language, and which words of a node are names of their own."""

from __future__ import annotations

from collections.abc import Iterator

from buoy_engine.spec import expressions as ast

LOOKUPS = frozenset({"target", "score", "certified", "earned"})
"""Calls whose argument is the name of something, not a word."""

FUNCTIONS = frozenset(
    "abs add_days add_months ceil coalesce concat contains day days_between floor if local_date lower max min month"
    " months_between rank replace round starts_with trim upper year".split()
)

KEYWORDS = frozenset("and or not in is null true false where over last by otherwise".split())

ROW_WORDS = frozenset(
    "id date amount quantity currency partner_id product_id customer_id deal_id returns posted_at level role share"
    " row_no is_return earned partner payee product customer deal original period active".split()
)
"""What a row or a period is called from the start. A fact table may have any other column."""


def words(node: ast.Node, *, in_aggregates: bool = True) -> Iterator[ast.Name]:
    """The names that are words: not the argument of a lookup; without what an aggregate says about rows if so asked."""
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, ast.Call) and node.name in LOOKUPS:
        return
    elif in_aggregates or not ast.is_aggregate(node):
        for part in ast.children(node):
            yield from words(part, in_aggregates=in_aggregates)


def named_components(node: ast.Node) -> Iterator[str]:
    """The components in `earned(…)`, wherever in the node."""
    for part in ast.walk(node):
        match part:
            case ast.Call("earned", (ast.Name() as name,)):
                yield str(name)
            case ast.Call("earned", (ast.Text(value),)):
                yield value
