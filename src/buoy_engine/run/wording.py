"""Plans and figures in plain English: what a statement and an explanation say.

`text_of` writes an expression the way its author could have written it; `rule_of` says a whole component in sentences.
Numbers are exact and shown whole: 1,234.50 and 7.5 %, never in scientific notation.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.spec import expressions as ast
from buoy_engine.spec.model import (
    SETTING_DEFAULTS,
    Band,
    Component,
    Dates,
    Instalment,
    Limit,
    Plan,
    RateFunction,
    Tiers,
)

_LEVEL = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6}
_COMPARED = 4


# ---------------------------------------------------------------- figures


def money(value: Decimal, currency: str) -> Decimal:
    """The same amount with the decimals of its currency, and more only where it has more: one amount, one text."""
    value = _trimmed(value)
    exponent, digits = value.as_tuple().exponent, minor_digits(currency)
    return value.quantize(Decimal(1).scaleb(-digits)) if isinstance(exponent, int) and -exponent < digits else value


def amount(value: Decimal | None, digits: int = 2) -> str:
    """1,234.50: at least `digits` decimals, more where the value has more; 'no value' for nothing."""
    if value is None:
        return "no value"
    whole, _, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0").ljust(digits, "0")
    text = f"{whole}.{decimals}" if decimals else whole
    return text if value else text.removeprefix("-")


def plain_number(value: Decimal | None) -> str:
    """1,234.5: as many decimals as the value has."""
    return amount(value, 0)


def percent(value: Decimal | None) -> str:
    """7.5 %, or the number itself where a percentage would mislead (a rate of 25 per unit)."""
    if value is None:
        return "no rate"
    return plain_number(value) if abs(value) >= 2 else f"{plain_number(value * 100)} %"


def _trimmed(value: Decimal) -> Decimal:
    """Without the zeros that only its type put there."""
    if not value:
        return Decimal(0)
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value


# ---------------------------------------------------------------- expressions


def text_of(node: ast.Node) -> str:
    """The expression as text of the plan language; parsing it gives the same tree (tables of values excepted)."""
    return _text(node, 0)


def _text(node: ast.Node, level: int) -> str:
    match node:
        case ast.Number(value):
            return f"{value:f}"
        case ast.Text(value):
            return f'"{value}"' if '"' not in value else f"'{value}'"
        case ast.Day(value):
            return value.isoformat()
        case ast.Constant(value):
            return "null" if value is None else str(value).lower()
        case ast.Name():
            return str(node)
        case ast.Call(name, args, where):
            inside = ", ".join(_text(a, 0) for a in args)
            condition = f"{' ' if inside else ''}where {_text(where, 0)}" if where is not None else ""
            return f"{name}({inside}{condition})"
        case ast.Over(value, window, count):
            return f"{_text(value, 9)} over {window}{f' {count}' if count is not None else ''}"
        case ast.Choice():
            return _choice(node)
    return _operator(node, level)


def _operator(node: ast.Node, level: int) -> str:
    match node:
        case ast.Unary("not", ast.Among(value, choices)):
            made, own = f"{_text(value, _COMPARED)} not in {_members(choices)}", _COMPARED
        case ast.Unary("not", ast.IsNull(value)):
            made, own = f"{_text(value, _COMPARED)} is not null", _COMPARED
        case ast.Unary("not", value):
            made, own = f"not {_text(value, 3)}", 3
        case ast.Unary(op, value):
            made, own = f"{op}{_text(value, 7)}", 6
        case ast.Binary(op, left, right):
            own = _LEVEL.get(op, _COMPARED)
            made = f"{_text(left, own)} {op} {_text(right, own + 1)}"
        case ast.Among(value, choices):
            made, own = f"{_text(value, _COMPARED)} in {_members(choices)}", _COMPARED
        case ast.IsNull(value):
            made, own = f"{_text(value, _COMPARED)} is null", _COMPARED
        case _:
            return str(node)
    return f"({made})" if own < level else made


def _members(choices: tuple[ast.Node, ...] | str) -> str:
    return choices if isinstance(choices, str) else f"({', '.join(_text(c, 0) for c in choices)})"


def _choice(node: ast.Choice, *, rate: bool = True) -> str:
    """A table of values, for readers: it is no expression that could be parsed again."""
    pairs = [f"{value_of(value, rate=rate)} for {_bare(key)}" for key, value in node.keys]
    if node.otherwise is not None:
        pairs.append(f"{value_of(node.otherwise, rate=rate)} otherwise")
    return f"{', '.join(pairs)} (by {text_of(node.by)})"


def _bare(key: ast.Node) -> str:
    return key.value if isinstance(key, ast.Text) else text_of(key)


def value_of(node: ast.Node, *, rate: bool = True) -> str:
    """A value for readers: a number as percent (or plain, unless `rate`), anything else as its expression."""
    if isinstance(node, ast.Number):
        return percent(node.value) if rate else plain_number(node.value)
    return _choice(node, rate=rate) if isinstance(node, ast.Choice) else text_of(node)


def resolved(plan: Plan, node: ast.Node) -> ast.Node:
    """The node, or the value of the parameter that it names."""
    seen: set[str] = set()
    while isinstance(node, ast.Name) and str(node) in plan.parameters and str(node) not in seen:
        seen.add(str(node))
        node = plan.parameters[str(node)].value
    return node


def _named_value(plan: Plan, node: ast.Node, *, rate: bool = True) -> str:
    """A value; a parameter with its name behind it."""
    found = resolved(plan, node)
    text = value_of(found, rate=rate)
    return f"{text} ({node})" if found is not node else text


# ---------------------------------------------------------------- components


def rule_of(plan: Plan, component: Component) -> str:
    """What a component pays, in sentences."""
    parts = [f"{_pays(plan, component)} {_on(component)}."]
    parts += _conditions(plan, component)
    parts += [limit_of(plan, limit) for limit in component.limits]
    if component.payout:
        parts.append(f"Paid {' and '.join(_instalment(i) for i in component.payout)}.")
    return " ".join(parts)


def _pays(plan: Plan, component: Component) -> str:
    said = _function(plan, component, component)
    return (
        f"{said}, times {_named_value(plan, component.multiply, rate=False)}"
        if component.multiply is not None
        else said
    )


def _function(plan: Plan, component: Component, function: RateFunction) -> str:
    base, measure = base_of(component), measure_of(component)
    match function.tag:
        case "rate":
            return f"Pays {_named_value(plan, function.rate)} of {text_of(base)}"
        case "amount":
            return f"Pays {_named_value(plan, function.amount, rate=False)}"
        case "curve":
            assert function.curve is not None
            return f"Pays along a curve over {text_of(measure)}" + (
                f", as a rate of {text_of(base)}" if function.curve.pays == "rate" else ""
            )
        case "blocks":
            blocks = function.blocks
            assert blocks is not None
            size, pays = (_named_value(plan, v, rate=False) for v in (blocks.size, blocks.pays))
            started = "started" if blocks.started else "whole"
            return f"Pays {pays} for every {started} block of {size} of {text_of(measure)}"
    assert function.tiers is not None
    return _tiers(plan, function.tiers, base, measure)


def _tiers(plan: Plan, tiers: Tiers, base: ast.Node, measure: ast.Node) -> str:
    of = f", as a share of {text_of(tiers.of)}," if tiers.of is not None else ""
    bands = "; ".join(band_of(plan, band, shares=in_shares(tiers, measure)) for band in tiers.bands)
    match tiers.mode:
        case "marginal":
            return f"Pays each slice of {text_of(measure)}{of} at its own band's rate ({bands})"
        case "retroactive":
            return f"Pays all of {text_of(base)} at the rate of the band that {text_of(measure)}{of} reaches ({bands})"
    return f"Pays each band's amount in the proportion in which {text_of(measure)}{of} fills it ({bands})"


def in_shares(tiers: Tiers, measure: ast.Node) -> bool:
    """Whether a scale's edges are shares of something, so that 2 is 200 %."""
    return tiers.of is not None or (isinstance(measure, ast.Binary) and measure.op == "/")


def band_of(plan: Plan, band: Band, *, shares: bool = False) -> str:
    """'8 % from 100,000'."""
    pays = []
    if band.rate is not None:
        pays.append(_named_value(plan, band.rate))
    if band.amount is not None:
        pays.append(_named_value(plan, band.amount, rate=False))
    return f"{' plus '.join(pays) or 'nothing'} {edges_of(plan, band, shares=shares)}".rstrip()


def edges_of(plan: Plan, band: Band, *, shares: bool = False) -> str:
    """'from 100,000', or 'from 90 %' where edges are shares."""
    edges = (
        ("from", band.from_),
        ("above", band.above),
        ("below", band.below),
        ("to below", band.to),
        ("up to", band.up_to),
    )
    return " ".join(f"{word} {_edge(plan, node, shares)}" for word, node in edges if node is not None)


def _edge(plan: Plan, node: ast.Node, shares: bool) -> str:
    found = resolved(plan, node)
    if shares and isinstance(found, ast.Number) and found.value:
        return f"{plain_number(found.value * 100)} %"
    return _named_value(plan, node, rate=False)


def base_of(component: Component) -> ast.Node:
    """The base as written or as defaulted."""
    for node in (component.base, component.measure):
        if node is not None:
            return node  # type: ignore[no-any-return]
    return ast.Name(("amount",))


def measure_of(component: Component) -> ast.Node:
    """The measure as written or as defaulted."""
    return component.measure if component.measure is not None else base_of(component)


def _on(component: Component) -> str:
    """The rows, who gets them, and the grain."""
    rows = f"on {component.from_}"
    if component.dates:
        rows += f" dated {dates_of(component.dates)}"
    if component.where:
        rows += " where " + " and ".join(_bracketed(node) for node in component.where.values())
    grain = "row by row" if component.per == "row" else f"per {', '.join(component.per)}" if component.per else ""
    every = f"every {component.every}" if component.every else ""
    running = f"on the running total of the {component.accumulate}, less what was paid" if component.accumulate else ""
    return ", ".join(part for part in (rows, _credit(component), grain, every, running) if part)


def _bracketed(node: ast.Node) -> str:
    return _text(node, 2)


def dates_of(dates: Dates) -> str:
    """'2025-03-01 to 2025-03-31'."""
    if dates.from_ and dates.to:
        return f"{dates.from_} to {dates.to}"
    return f"from {dates.from_} on" if dates.from_ else f"until {dates.to}"


def _credit(component: Component) -> str:
    credit = component.credit
    match credit.kind:
        case "splits":
            return "credited by the splits"
        case "split_reward":
            return "the reward shared by the splits"
        case "payee":
            return f"credited to the partner in {credit.column}"
        case "follow":
            return f"credited to whoever earned {credit.component} on it"
        case "upline":
            levels = credit.upline.levels if credit.upline else 3
            return f"credited to the partners above the owner, up to level {levels}"
    return ""


def _conditions(plan: Plan, component: Component) -> list[str]:
    said = []
    if component.once_per is not None:
        said.append(f"Only the first row per {text_of(component.once_per)} counts.")
    if component.take is not None:
        said.append(f"Only {text_of(component.take.up_to)} of {component.take.of} count.")
    who = [text_of(node) for node in (plan.who, component.who) if node is not None]
    if who:
        said.append(f"Only for partners with {' and '.join(who)}.")
    if component.when:
        said.append(f"Only when {' and '.join(_bracketed(node) for node in component.when.values())}.")
    if component.otherwise is not None:
        said.append(f"Otherwise: {_function(plan, component, component.otherwise)}.")
    return said


_PER = {"row": "row", "group": "group", "programme": "programme, all payees together", "plan": "plan"}


def limit_of(plan: Plan, limit: Limit) -> str:
    """'At most 7,000 per period.'"""
    words = (("At least", limit.min), ("At most", limit.max))
    bounds = " and ".join(f"{word} {_named_value(plan, node, rate=False)}" for word, node in words if node is not None)
    carried = "; what is above is carried to the next period" if limit.excess == "carry" else ""
    return f"{bounds.replace(' and At', ' and at')} per {_PER.get(limit.per, limit.per)}{carried}."


def _instalment(instalment: Instalment) -> str:
    when = f"when {instalment.on} is known" if instalment.on else "at once"
    if instalment.after or instalment.parts > 1:
        when = f"after {instalment.after} months" + (f" in {instalment.parts} parts" if instalment.parts > 1 else "")
    return f"{value_of(instalment.share)} {when}"


def settings_of(plan: Plan) -> Mapping[str, tuple[str, bool]]:
    """Setting → its value in force for the plan, and whether that is the default."""
    return {
        name: (_setting(plan.setting(name)), plan.setting(name) == default)
        for name, default in SETTING_DEFAULTS.items()
    }


def own_settings(component: Component) -> Mapping[str, str]:
    """The settings that a component has of its own."""
    found = ((name, getattr(component.settings, name, None)) for name in SETTING_DEFAULTS)
    return {name: _setting(value) for name, value in found if value is not None}


def _setting(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
