"""Values of a plan: a number, a date, an expression, or a table of values by a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from buoy_engine.spec.expressions import Choice, Constant, Day, ExpressionError, Name, Node, Number, Text, parse


def read_value(raw: Any) -> Node:
    """The tree of what stands in the YAML. Raises a validation error that says what was expected."""
    match raw:
        case bool():
            return Constant(raw)
        case int() | Decimal():
            return Number(Decimal(raw))
        case datetime():
            return Text(raw.isoformat(sep=" "))
        case date():
            return Day(raw)
        case str():
            return _expression(raw)
        case Mapping():
            return _choice(raw)
    if hasattr(raw, "__dataclass_fields__"):  # already a tree: a model built in code
        return raw  # type: ignore[no-any-return]
    raise PydanticCustomError(
        "value-shape",
        "found {found}; expected a number, an expression or a table with 'by'",
        {"found": type(raw).__name__},
    )


def _expression(text: str) -> Node:
    try:
        return parse(text)
    except ExpressionError as error:
        raise PydanticCustomError(
            "expression-error",
            "in {text}: {message}",
            {"text": repr(text), "written": text, "message": str(error), "offset": error.column},
        ) from None


def _choice(raw: Mapping[Any, Any]) -> Node:
    if "by" not in raw:
        raise PydanticCustomError("value-shape", "a table of values needs the key 'by' (what it is looked up by)", {})
    pairs = tuple((_key(key), read_value(value)) for key, value in raw.items() if key not in ("by", "otherwise"))
    if not pairs:
        raise PydanticCustomError("value-shape", "a table of values by {by} has no rows", {"by": str(raw["by"])})
    otherwise = read_value(raw["otherwise"]) if "otherwise" in raw else None
    return Choice(read_value(raw["by"]), pairs, otherwise)


def _key(raw: Any) -> Node:
    match raw:
        case bool():
            return Constant(raw)
        case int() | Decimal():
            return Number(Decimal(raw))
        case date():
            return Day(raw)
    return Text(str(raw))


Value = Annotated[Any, BeforeValidator(read_value)]
"""A value anywhere in a plan, held as an expression tree (`expressions.Node`)."""


def read_conditions(raw: Any) -> Any:
    """One condition, a list of them, or named ones → reason → tree."""
    if isinstance(raw, Mapping) and "by" not in raw:
        return {str(name): read_value(value) for name, value in raw.items()}
    if isinstance(raw, list):
        return {f"condition_{i}": read_value(value) for i, value in enumerate(raw, 1)}
    return {"condition": read_value(raw)}


Conditions = Annotated[dict[str, Any], BeforeValidator(read_conditions)]
"""Reason when it fails → condition, in the order they are tested."""

__all__ = ["Conditions", "Name", "Value", "read_conditions", "read_value"]
