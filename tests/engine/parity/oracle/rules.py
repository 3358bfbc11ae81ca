"""A plan as plain data with every default filled in and every expression parsed. Nothing is calculated here."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .exact import MODES, Refused, currency_digits, exact, text_of
from .expressions import Node, Unary, parse

FUNCTIONS = ("rate", "amount", "tiers", "curve", "blocks")
PLAN_KEYS = {
    "buoy",
    "plan",
    "title",
    "currency",
    "period",
    "valid",
    "time_zone",
    "calendar",
    "parameters",
    "lists",
    "measures",
    "sources",
    "components",
    "combine",
    "statement",
    "settings",
    "examples",
    "who",
    "description",
}
COMPONENT_KEYS = {
    "id",
    "title",
    "description",
    "show",
    "from",
    "dates",
    "where",
    "once_per",
    "take",
    "credit",
    "who",
    "every",
    "accumulate",
    "per",
    "measure",
    "base",
    "when",
    "otherwise",
    "multiply",
    "limits",
    "round",
    "lines",
    "payout",
    "returns",
    "settings",
    "order",
    "pays",
    *FUNCTIONS,
}
SETTINGS = {
    "edges": ("reach", "exceed"),
    "rounding": MODES,
    "order": None,
    "returns": ("unwind", "original"),
    "as_of": ("transaction", "period_end", "original"),
    "fx": ("transaction_date", "plan_rate"),
    "fx_round": ("none", "row"),
    "reversal_rate": ("original", "current"),
    "pay_rate": ("period_end", "plan_rate", "transaction_date"),
    "undefined": ("wait", "base_rate", "top_rate"),
    "prorate": ("none", "days", "months"),
    "corrections": ("difference",),
    "same_key": ("correct",),
}
DEFAULT_ORDER = ["date", "posted_at", "id"]


@dataclass(frozen=True)
class Condition:
    """A named condition; the name is the reason shown when it fails."""

    reason: str
    test: Node


@dataclass(frozen=True)
class Band:
    """One band of a tier table; exactly one of `start` and `up_to` is given, except that the last may have none."""

    start: Node | None
    up_to: Node | None
    rate: Node
    amount: Node


@dataclass(frozen=True)
class Tiers:
    mode: str
    of: Node | None
    bands: tuple[Band, ...]
    versions: tuple[tuple[date, tuple[Band, ...]], ...]
    edges: str
    round_bands: int | None


@dataclass(frozen=True)
class Curve:
    points: tuple[tuple[Node, Node], ...]
    pays: str


@dataclass(frozen=True)
class Blocks:
    size: Node
    pays: Node
    started: bool
    free: Node


@dataclass(frozen=True)
class Function:
    """A rate function: `kind` is one of FUNCTIONS."""

    kind: str
    value: Any  # Node for rate and amount, else Tiers, Curve or Blocks


@dataclass(frozen=True)
class Take:
    column: str
    up_to: Node
    per: tuple[Node, ...] | None  # None: the row's own partner
    order: tuple[str, ...] | None
    fit: str


@dataclass(frozen=True)
class Limit:
    minimum: Node | None
    maximum: Node | None
    per: str
    excess: str
    fit: str


@dataclass(frozen=True)
class Rounding:
    digits: int
    mode: str
    stage: str

    @property
    def is_off(self) -> bool:
        return self.stage == "none"


@dataclass(frozen=True)
class Source:
    """A named row set: filtered, limited, extended."""

    name: str
    origin: str
    dates: tuple[date | None, date | None]
    where: tuple[Condition, ...]
    once_per: tuple[Node, ...]
    take: Take | None
    columns: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Credit:
    """Who gets the row: owner, splits, reward, upline, payee or follow."""

    kind: str
    levels: int = 3
    seller: bool = False
    inactive: str = "breakage"
    active: Node | None = None
    differential: bool = False
    of_splits: bool = False
    column: str = ""
    component: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a payout schedule."""

    share: Fraction
    after_months: int
    parts: int
    on: str | None


@dataclass(frozen=True)
class Component:
    id: str
    source: Source  # `from`, `dates`, `where`, `once_per`, `take`
    credit: Credit
    who: tuple[Condition, ...]
    every: str
    accumulate: str | None
    per: tuple[Node, ...] | str | None
    per_columns: tuple[str, ...]
    measure: Node
    base: Node
    function: Function
    when: tuple[Condition, ...]
    otherwise: Function | None
    multiply: Node | None
    limits: tuple[Limit, ...]
    rounding: Rounding
    lines: str
    pays: bool
    payout: tuple[Part, ...]
    settings: dict[str, Any]

    @property
    def per_row(self) -> bool:
        return self.per == "row"

    @property
    def rounds_rows(self) -> bool:
        """Whether each row is rounded: money of the whole group is not, it only happens to be shown on rows."""
        of_the_group = self.function.kind in {"amount", "blocks"} or (
            self.function.kind == "curve" and self.function.value.pays == "amount"
        )
        return self.rounding.stage == "row" and (self.per_row or not of_the_group)


@dataclass(frozen=True)
class Measure:
    name: str
    value: Node
    show: str | None
    every: str | None
    origin: str


@dataclass(frozen=True)
class Combination:
    best_of: tuple[str, ...]
    per: str
    otherwise: str | None


@dataclass
class Plan:
    currency: str
    period: str
    valid: tuple[date, date]
    time_zone: str
    calendar: dict[str, Any]
    parameters: dict[str, Node]
    lists: dict[str, list[dict[str, Any]]]
    measures: dict[str, Measure]
    sources: dict[str, Source]
    components: dict[str, Component]
    combine: list[Combination]
    statement: dict[str, Any]
    settings: dict[str, Any]
    who: tuple[Condition, ...] = field(default_factory=tuple)


def read_plan(plan: dict[str, Any], valid: tuple[date, date]) -> Plan:
    """The plan, read; Refused when it is not in the language."""
    _only(plan, PLAN_KEYS, "plan")
    settings = _settings(plan.get("settings") or {})
    reader = _ComponentReader(plan, settings)
    components = [reader.component(component) for component in plan.get("components") or []]
    if not components or len({component.id for component in components}) != len(components):
        raise Refused("components", "at least one, each with its own id")
    return Plan(
        currency=plan.get("currency", "USD"),
        period=plan.get("period", "month"),
        valid=valid,
        time_zone=plan.get("time_zone", "UTC"),
        calendar=plan.get("calendar") or {},
        parameters={name: _parameter(value) for name, value in (plan.get("parameters") or {}).items()},
        lists={name: [_list_entry(entry) for entry in entries] for name, entries in (plan.get("lists") or {}).items()},
        measures={name: _measure(name, value) for name, value in (plan.get("measures") or {}).items()},
        sources={name: _source(name, value, settings) for name, value in (plan.get("sources") or {}).items()},
        components={component.id: component for component in components},
        combine=[_combination(entry) for entry in plan.get("combine") or []],
        statement=plan.get("statement") or {},
        settings=settings,
        who=_conditions(plan.get("who"), "not_eligible"),
    )


def _only(given: dict[str, Any], known: set[str], where: str) -> None:
    unknown = {str(key) for key in given} - known
    if unknown:
        raise Refused("unknown-key", f"{sorted(unknown)} in {where}")


def _settings(given: dict[str, Any], base: dict[str, Any] | None = None) -> dict[str, Any]:
    defaults = {name: values[0] if values else DEFAULT_ORDER for name, values in SETTINGS.items()}
    merged = {**(base or defaults)}
    for name, value in given.items():
        if name not in SETTINGS:
            raise Refused("unknown-setting", name)
        allowed = SETTINGS[name]
        if allowed is not None and value not in allowed:
            raise Refused("unknown-setting", f"{name}: {value}")
        merged[name] = value
    return merged


def _parameter(value: Any) -> Node:
    """A parameter: a value, or a value with the bounds it must keep."""
    if not isinstance(value, dict) or "by" in value:
        return parse(value)
    _only(value, {"value", "min", "max", "title"}, "parameter")
    node = parse(value["value"])
    number, low, high = (literal_number(parse(value.get(key, 0))) for key in ("value", "min", "max"))
    too_low = "min" in value and number is not None and low is not None and number < low
    too_high = "max" in value and number is not None and high is not None and number > high
    if too_low or too_high:
        raise Refused("parameter-bounds", text_of(number))
    return node


def _list_entry(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {"value": entry}


def _measure(name: str, value: Any) -> Measure:
    if isinstance(value, dict) and "by" not in value:
        _only(value, {"value", "show", "every", "title", "from"}, f"measure {name}")
        return Measure(name, parse(value["value"]), value.get("show"), value.get("every"), value.get("from", "lines"))
    return Measure(name, parse(value), None, None, "lines")


def _combination(entry: dict[str, Any]) -> Combination:
    _only(entry, {"best_of", "per", "otherwise"}, "combine")
    return Combination(tuple(entry["best_of"]), entry.get("per", "row"), entry.get("otherwise"))


def _conditions(value: Any, unnamed: str) -> tuple[Condition, ...]:
    if value is None:
        return ()
    if isinstance(value, dict) and "by" not in value:
        return tuple(Condition(str(name), parse(test)) for name, test in value.items())
    return (Condition(unnamed, parse(value)),)


def _dates(value: Any) -> tuple[date | None, date | None]:
    value = value or {}
    _only(value, {"from", "to"}, "dates")
    return value.get("from"), value.get("to")


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _take(value: Any) -> Take | None:
    if value is None:
        return None
    _only(value, {"of", "up_to", "per", "order", "fit"}, "take")
    order = value.get("order")
    return Take(
        column=value["of"],
        up_to=parse(value["up_to"]),
        per=None if value.get("per") is None else tuple(parse(column) for column in _as_list(value["per"])),
        order=None if order is None else tuple(str(column) for column in _as_list(order)),
        fit=value.get("fit", "partial"),
    )


def _source(name: str, value: dict[str, Any], settings: dict[str, Any]) -> Source:
    _only(value, {"from", "dates", "where", "once_per", "take", "columns", "title"}, f"source {name}")
    columns = tuple((str(column), parse(text)) for column, text in (value.get("columns") or {}).items())
    return Source(
        name=name,
        origin=value.get("from", "lines"),
        dates=_dates(value.get("dates")),
        where=_conditions(value.get("where"), "where"),
        once_per=tuple(parse(key) for key in _as_list(value.get("once_per"))),
        take=_take(value.get("take")),
        columns=columns,
    )


class _ComponentReader:
    def __init__(self, plan: dict[str, Any], settings: dict[str, Any]) -> None:
        self.plan, self.settings = plan, settings

    def component(self, given: dict[str, Any]) -> Component:
        name = str(given["id"])
        _only(given, COMPONENT_KEYS, f"component {name}")
        own = dict(given.get("settings") or {})
        if "returns" in given:
            own["returns"] = given["returns"]
        if "order" in given:
            own["order"] = given["order"]
        settings = _settings(own, self.settings)
        per = given.get("per")
        columns = [] if per in (None, "row", "period") else [str(column) for column in _as_list(per)]
        measure, base = given.get("measure"), given.get("base")
        return Component(
            id=name,
            source=_source(
                name,
                {key: given[key] for key in ("from", "dates", "where", "once_per", "take") if key in given},
                settings,
            ),
            credit=_credit(given.get("credit", "owner")),
            who=_conditions(given.get("who"), "not_eligible"),
            every=given.get("every") or self.plan.get("period", "month"),
            accumulate=given.get("accumulate"),
            per="row" if per == "row" else tuple(parse(column) for column in columns) or None,
            per_columns=tuple(columns),
            measure=parse(measure if measure is not None else base if base is not None else "amount"),
            base=parse(base if base is not None else measure if measure is not None else "amount"),
            function=self._function(given, settings, f"component {name}"),
            when=_conditions(given.get("when"), "when"),
            otherwise=self._function(given["otherwise"], settings, "otherwise") if given.get("otherwise") else None,
            multiply=None if given.get("multiply") is None else parse(given["multiply"]),
            limits=tuple(_limit(limit) for limit in _as_list(given.get("limits"))),
            rounding=self._rounding(given.get("round"), settings),
            lines=given.get("lines", "running"),
            pays=bool(given.get("pays", True)),
            payout=tuple(_part(part) for part in _as_list(given.get("payout"))),
            settings=settings,
        )

    def _rounding(self, given: Any, settings: dict[str, Any]) -> Rounding:
        if not isinstance(given, dict):
            given = {} if given is None else {"stage": "none"} if given == "none" else {"digits": given}
        _only(given, {"digits", "mode", "stage"}, "round")
        digits = given.get("digits", currency_digits(self.plan.get("currency", "USD")))
        mode, stage = given.get("mode", settings["rounding"]), given.get("stage", "component")
        if mode not in MODES or stage not in {"component", "row", "none"}:
            raise Refused("unknown-rounding", f"{mode} {stage}")
        return Rounding(int(digits), mode, stage)

    def _function(self, given: dict[str, Any], settings: dict[str, Any], where: str) -> Function:
        named = [kind for kind in FUNCTIONS if given.get(kind) is not None]
        if len(named) != 1:
            raise Refused("one-rate-function", f"{where} has {named or 'none'}")
        kind = named[0]
        value = given[kind]
        if kind == "tiers":
            return Function(kind, _tiers(value, settings))
        if kind == "curve":
            _only(value, {"points", "pays"}, "curve")
            points = tuple((parse(x), parse(y)) for x, y in value["points"])
            return Function(kind, Curve(points, value.get("pays", "amount")))
        if kind == "blocks":
            _only(value, {"size", "pays", "started", "free"}, "blocks")
            free = parse(value.get("free", 0))
            return Function(kind, Blocks(parse(value["size"]), parse(value["pays"]), value.get("started", False), free))
        return Function(kind, parse(value))


def _tiers(value: dict[str, Any], settings: dict[str, Any]) -> Tiers:
    _only(value, {"mode", "of", "bands", "edges", "versions", "round_bands"}, "tiers")
    mode = value.get("mode")
    if mode not in {"marginal", "retroactive", "filled"}:
        raise Refused("tiers-mode", f"{mode}: marginal, retroactive or filled must be said")
    versions = sorted(
        ((version["from"], _bands(version["bands"])) for version in value.get("versions") or []),
        key=lambda version: version[0],
    )
    return Tiers(
        mode=mode,
        of=None if value.get("of") is None else parse(value["of"]),
        bands=_bands(value["bands"]),
        versions=tuple(versions),
        edges=value.get("edges", settings["edges"]),
        round_bands=value.get("round_bands"),
    )


def _bands(given: list[dict[str, Any]]) -> tuple[Band, ...]:
    bands = []
    for band in given:
        _only(band, {"from", "up_to", "rate", "amount"}, "band")
        start = None if band.get("from") is None else parse(band["from"])
        up_to = None if band.get("up_to") is None else parse(band["up_to"])
        bands.append(Band(start, up_to, parse(band.get("rate", 0)), parse(band.get("amount", 0))))
    _check_bands(bands)
    return tuple(bands)


def _check_bands(bands: list[Band]) -> None:
    """Bands start at zero, are open at the top, and follow one another."""
    if not bands:
        raise Refused("bands", "at least one")
    uses_from = any(band.start is not None for band in bands)
    if uses_from and any(band.start is None or band.up_to is not None for band in bands):
        raise Refused("bands", "either every band has `from`, or every band but the last has `up_to`")
    if not uses_from and (bands[-1].up_to is not None or any(band.up_to is None for band in bands[:-1])):
        raise Refused("bands", "the last band must be open at the top, and only the last")
    edges = [literal_number(band.start if uses_from else band.up_to) for band in bands]
    known = [edge for edge in edges if edge is not None]
    if uses_from and edges[0] is not None and edges[0] != 0:
        raise Refused("bands", f"the first band must start at 0, not at {text_of(edges[0])}")
    if any(low >= high for low, high in pairwise(known)):
        raise Refused("bands", "edges must grow")


def literal_number(node: Node | None) -> Fraction | None:
    """The number, when a tree is nothing but one."""
    if isinstance(node, Unary) and node.operator == "-":
        below = literal_number(node.operand)
        return None if below is None else -below
    value = exact(getattr(node, "value", None))
    return value if isinstance(value, Fraction) else None


def _limit(given: dict[str, Any]) -> Limit:
    _only(given, {"min", "max", "per", "excess", "fit", "reason"}, "limit")
    per = given.get("per", "period")
    if per not in {"row", "group", "period", "quarter", "half_year", "year", "plan", "programme"}:
        raise Refused("limit", f"per: {per}")
    low, high = given.get("min"), given.get("max")
    return Limit(
        None if low is None else parse(low),
        None if high is None else parse(high),
        per,
        given.get("excess", "forfeit"),
        given.get("fit", "partial"),
    )


def _credit(given: Any) -> Credit:
    if given in ("owner", "splits", "upline"):
        return Credit(given)
    if not isinstance(given, dict) or len(given) != 1:
        raise Refused("credit", repr(given))
    ((kind, value),) = given.items()
    if kind == "splits" and value in ("reward", "credit"):
        return Credit("reward" if value == "reward" else "splits")
    if kind == "payee":
        return Credit("payee", column=value)
    if kind == "follow":
        return Credit("follow", component=value)
    if kind == "upline":
        value = value or {}
        _only(value, {"levels", "seller", "inactive", "active", "differential", "of"}, "upline")
        active = None if value.get("active") is None else parse(value["active"])
        return Credit(
            "upline",
            levels=int(value.get("levels", 3)),
            seller=bool(value.get("seller", False)),
            inactive=value.get("inactive", "breakage"),
            active=active,
            differential=bool(value.get("differential", False)),
            of_splits=value.get("of") == "splits",
        )
    raise Refused("credit", repr(given))


def _part(given: dict[str, Any]) -> Part:
    _only(given, {"share", "after", "parts", "on"}, "payout")
    share = literal_number(parse(given.get("share", 1)))
    if share is None:
        raise Refused("payout", f"share {given.get('share')}")
    return Part(share, _months(given.get("after", 0)), int(given.get("parts", 1)), given.get("on"))


def _months(given: Any) -> int:
    """`10 months`, `1 quarter`, `1 year` as months."""
    if isinstance(given, int):
        return given
    count, unit = str(given).split()
    size = {"month": 1, "months": 1, "quarter": 3, "quarters": 3, "year": 12, "years": 12}
    if unit not in size:
        raise Refused("payout", f"after: {given}")
    return int(count) * size[unit]
