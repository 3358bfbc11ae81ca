"""What a plan is: frozen models, read from YAML, that say nothing about how it is calculated.

The page `docs/plan-language.md` explains every key; the models here are its grammar. A rate function is exactly one of the
keys in `RATE_FUNCTIONS`: the key is its permanent tag, never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from buoy_engine.kernel.amounts import Rounding
from buoy_engine.spec.values import Conditions, Value, read_value

RATE_FUNCTIONS = ("rate", "amount", "tiers", "curve", "blocks")
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Fit = Literal["partial", "whole", "all_or_nothing", "pro_rata"]
PeriodWord = Literal["day", "week", "half_month", "month", "quarter", "half_year", "year", "plan"]


class Model(BaseModel):
    """Frozen and closed: an unknown key is a mistake of the writer, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Dates(Model):
    """From and to, both days included; an end that is not written is open."""

    from_: date | None = Field(default=None, alias="from")
    to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Dates:
        if self.from_ and self.to and self.to < self.from_:
            raise PydanticCustomError(
                "dates-reversed",
                "the dates end ({to}) before they begin ({start})",
                {"to": str(self.to), "start": str(self.from_)},
            )
        return self


class Band(Model):
    """One band of a scale: `from` (at least), `above` (more than), `up_to` (at most), `below` or `to` (less than)."""

    from_: Value = Field(default=None, alias="from")
    above: Value = None
    to: Value = None
    below: Value = None
    up_to: Value = None
    rate: Value = None
    amount: Value = None
    title: str | None = None


class TierVersion(Model):
    """Another scale for rows dated from that day."""

    from_: date = Field(alias="from")
    bands: tuple[Band, ...]


class Tiers(Model):
    """A scale of bands. The reading (`mode`) has no default: it must be said."""

    mode: Literal["marginal", "retroactive", "filled"]
    of: Value = None
    edges: Literal["reach", "exceed"] | None = None
    bands: tuple[Band, ...] = Field(min_length=1)
    versions: tuple[TierVersion, ...] = ()
    round_bands: int | None = None


class Curve(Model):
    """Straight lines between points (measure, value)."""

    points: tuple[tuple[Value, Value], ...] = Field(min_length=2)
    pays: Literal["amount", "rate"]


class Blocks(Model):
    """Whole (or started) blocks of the measure."""

    size: Value
    pays: Value
    started: bool = False
    free: Value = None


class RateFunction(Model):
    """Exactly one of the five ways to get from measure and base to money."""

    rate: Value = None
    amount: Value = None
    tiers: Tiers | None = None
    curve: Curve | None = None
    blocks: Blocks | None = None

    @property
    def tag(self) -> str:
        """The key that is written."""
        return next(name for name in RATE_FUNCTIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _exactly_one(self) -> RateFunction:
        written = [name for name in RATE_FUNCTIONS if getattr(self, name) is not None]
        if len(written) != 1:
            raise PydanticCustomError(
                "rate-function",
                "found {found}; expected exactly one of rate, amount, tiers, curve, blocks",
                {"found": " and ".join(written) or "no rate function"},
            )
        return self


class Take(Model):
    """A limit on a running total of a column."""

    of: str
    up_to: Value
    per: tuple[str, ...] | None = None
    order: tuple[str, ...] = ()
    fit: Fit = "partial"


class Upline(Model):
    """Credit to the partners above the owner."""

    levels: int = Field(default=3, ge=1, le=10)
    of: Literal["owner", "splits"] = "owner"
    seller: bool = False
    inactive: Literal["breakage", "compress", "pass_up"] = "breakage"
    active: Value = None
    differential: bool = False


class Credit(Model):
    """Who gets a row: `kind` is owner, splits, split_reward, upline, payee or follow."""

    kind: Literal["owner", "splits", "split_reward", "upline", "payee", "follow"] = "owner"
    upline: Upline | None = None
    column: str | None = None
    component: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, raw: Any) -> Any:
        if isinstance(raw, str) and raw in ("owner", "splits", "upline"):
            return {"kind": raw}
        if isinstance(raw, Mapping) and len(raw) == 1:
            ((key, value),) = raw.items()
            match key:
                case "upline":
                    return {"kind": "upline", "upline": value}
                case "payee":
                    return {"kind": "payee", "column": value}
                case "follow":
                    return {"kind": "follow", "component": value}
                case "splits" if value == "reward":
                    return {"kind": "split_reward"}
        if isinstance(raw, Mapping) and "kind" in raw:
            return raw
        raise PydanticCustomError(
            "credit-shape",
            "found {found}; expected owner, splits, upline, or a mapping with one of splits (reward), upline, payee, follow",
            {"found": str(raw)},
        )


class Limit(Model):
    """A floor or a cap at one grain."""

    min: Value = None
    max: Value = None
    per: Literal["row", "group", "period", "quarter", "half_year", "year", "plan", "programme"] = "period"
    excess: Literal["forfeit", "carry"] = "forfeit"
    fit: Fit = "partial"


class Round(Model):
    """Where, how and to how many decimals."""

    digits: int | None = None
    mode: Rounding | None = None
    stage: Literal["component", "row", "none"] = "component"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"stage": raw} if isinstance(raw, str) else raw


class Instalment(Model):
    """A part of an earning and when it is paid: at once, `after` some months in `parts`, or `on` a date column of the row."""

    share: Value
    after: int = 0
    parts: int = Field(default=1, ge=1)
    on: str | None = None

    @field_validator("after", mode="before")
    @classmethod
    def _months(cls, raw: Any) -> Any:
        if isinstance(raw, str):
            word = raw.split()
            if len(word) == 2 and word[0].isdigit() and word[1] in ("month", "months"):
                return int(word[0])
            raise PydanticCustomError(
                "duration", "found {found}; expected a number of months such as '10 months'", {"found": raw}
            )
        return raw


class ComponentSettings(Model):
    """Answers that a component may give for itself; None: as the plan says, then the default."""

    edges: Literal["reach", "exceed"] | None = None
    rounding: Rounding | None = None
    order: tuple[str, ...] | Literal["pro_rata_day"] | None = None
    returns: Literal["unwind", "original"] | None = None
    as_of: Literal["transaction", "period_end", "original"] | None = None
    undefined: Literal["wait", "base_rate", "top_rate"] | None = None


class Settings(ComponentSettings):
    """Answers to the questions every plan must answer; None: the default."""

    fx: Literal["transaction_date", "plan_rate"] | None = None
    fx_round: Literal["none", "row"] | None = None
    pay_rate: Literal["period_end", "plan_rate"] | None = None
    prorate: Literal["none", "days", "months"] | None = None
    corrections: Literal["difference"] | None = None
    same_key: Literal["correct"] | None = None
    reversal_rate: Literal["original", "current"] | None = None


SETTING_DEFAULTS: dict[str, Any] = {
    "edges": "reach",
    "rounding": "half_up",
    "order": ("date", "posted_at", "id"),
    "returns": "unwind",
    "as_of": "transaction",
    "fx": "transaction_date",
    "fx_round": "none",
    "pay_rate": "period_end",
    "undefined": "wait",
    "prorate": "none",
    "corrections": "difference",
    "same_key": "correct",
    "reversal_rate": "original",
}


class Component(RateFunction):
    """One earning rule. See the table of steps in `docs/plan-language.md`."""

    id: Identifier
    title: str | None = None
    from_: str = Field(default="lines", alias="from")
    dates: Dates | None = None
    where: Conditions = Field(default_factory=dict)
    once_per: Value = None
    take: Take | None = None
    credit: Credit = Credit(kind="owner")
    who: Value = None
    every: PeriodWord | None = None
    accumulate: Literal["quarter", "half_year", "year", "plan"] | None = None
    per: tuple[str, ...] | Literal["row"] = ()
    measure: Value = None
    base: Value = None
    when: Conditions = Field(default_factory=dict)
    otherwise: RateFunction | None = None
    multiply: Value = None
    limits: tuple[Limit, ...] = ()
    round: Round = Round()
    pays: bool = True
    lines: Literal["running", "largest_remainder", "none"] = "running"
    payout: tuple[Instalment, ...] = ()
    returns: Literal["unwind", "original"] | None = None
    settings: ComponentSettings = ComponentSettings()


class Source(Model):
    """A named row set: from, where, take, then new columns."""

    from_: str = Field(alias="from")
    where: Conditions = Field(default_factory=dict)
    take: Take | None = None
    columns: dict[str, Value] = Field(default_factory=dict)


class Measure(Model):
    """A named measure of the plan."""

    value: Value
    show: Literal["amount", "percent", "number"] = "number"
    every: PeriodWord | None = None
    from_: str = Field(default="lines", alias="from")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return raw if isinstance(raw, Mapping) and "value" in raw else {"value": raw}


class Parameter(Model):
    """A named constant of the plan, possibly with the bounds it must keep."""

    value: Value
    min: Value = None
    max: Value = None
    title: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return raw if isinstance(raw, Mapping) and "value" in raw else {"value": raw}


class BestOf(Model):
    """Only the component worth most is paid."""

    best_of: tuple[str, ...] = Field(min_length=2)
    per: Literal["row", "period"] = "row"
    otherwise: str | None = None


class ListEntry(Model):
    """A member of a list, possibly dated."""

    value: Any
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return raw if isinstance(raw, Mapping) else {"value": raw}


class Draw(Model):
    """An advance or guarantee against earnings."""

    amount: Value
    every: PeriodWord | None = None
    recoverable: bool = True
    recover: Value = Field(default_factory=lambda: read_value("100%"))
    cumulative: bool = False
    paid: Literal["end", "start"] = "end"
    forgive: Literal["quarter", "half_year", "year"] | None = None
    who: Value = None


class Statement(Model):
    """From earned to payable."""

    draw: Draw | None = None
    minimum: Value = None
    negative: Literal["carry", "zero", "pay"] = "carry"
    cap: Value = None
    currency: str | None = None


class YearEnd(Model):
    """A retail year ends on a weekday closest to a day, or on the last such weekday of a month."""

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    closest_to: str | None = None
    last_in: int | None = None


class CalendarSpec(Model):
    """The calendar of a plan; Gregorian from 1 January unless said."""

    year_starts: str | None = None
    anchor_day: int | None = Field(default=None, ge=1, le=31)
    pattern: Literal["4-4-5", "4-5-4", "5-4-4"] | None = None
    first_day: date | None = None
    weeks: int | tuple[int, ...] | None = None
    year_ends: YearEnd | None = None
    year_named_by: Literal["start", "end"] = "start"


class Plan(Model):
    """A whole plan."""

    buoy: Literal[1] = 1
    plan: Identifier = "plan"
    title: str | None = None
    version: int | str | None = None
    currency: str
    period: Literal["day", "week", "half_month", "month", "quarter", "half_year", "year"] = "month"
    valid: Dates = Dates()
    time_zone: str = "UTC"
    calendar: CalendarSpec = CalendarSpec()
    who: Value = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    lists: dict[str, tuple[ListEntry, ...]] = Field(default_factory=dict)
    measures: dict[str, Measure] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    components: tuple[Component, ...] = Field(min_length=1)
    combine: tuple[BestOf, ...] = ()
    statement: Statement = Statement()
    settings: Settings = Settings()
    examples: tuple[Any, ...] = ()

    def setting(self, name: str, component: Component | None = None) -> Any:
        """The component's answer (its own key, such as `returns`, or one of its settings), else the plan's, else the default."""
        own = (component, component.settings) if component else ()
        for holder in (*own, self.settings):
            if getattr(holder, name, None) is not None:
                return getattr(holder, name)
        return SETTING_DEFAULTS[name]
