"""A partner's statements as text: the settings in force, what was earned and how, line by line, and what is payable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from buoy_engine.kernel.amounts import minor_digits
from buoy_engine.run import wording
from buoy_engine.run.explain import Explained, Explainer
from buoy_engine.run.stored import StoredRun
from buoy_engine.spec.model import Plan

_FLOWS = ("earned", "adjusted", "held", "released", "topped_up", "recovered", "brought_forward")
"""What leads to the payable amount, in this order; `held` and `recovered` are taken off."""
_LABELS = {
    "earned": "earned",
    "adjusted": "adjusted, by hand and for closed periods",
    "held": "held back",
    "released": "released",
    "topped_up": "topped up by the draw",
    "recovered": "recovered",
    "brought_forward": "brought forward",
}
_WIDTH = 100


@dataclass
class StatementWriter:
    """Writes statements of one result."""

    explainer: Explainer[Any]
    names: Mapping[str, str]

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.explainer.plan

    def text(self, partner: str, statements: Iterable[Mapping[str, Any]], *, lines: bool = True) -> str:
        """All statements of a partner, oldest first."""
        parts = self.explainer.explain(partner, lines=lines)
        said = [*self._head(partner)]
        for row in sorted(statements, key=lambda r: r["seq"]):
            own = [e for e in parts if self._settled_in(e) == row["period"]]
            if own or any(row[name] for name in (*_FLOWS, "payable", "carried_forward")):
                said += self._statement(row, own)
        said += self._settings()
        return "\n".join(said) + "\n"

    def _head(self, partner: str) -> Iterable[str]:
        name = self.names.get(partner)
        yield f"{self.plan.title or self.plan.plan}"
        yield f"Statements of {partner}{f' {name}' if name else ''}"
        yield f"Earned in {self.plan.currency}"

    def _settled_in(self, explained: Explained) -> str:
        """The statement period in which a component's period is posted."""
        world = self.explainer.relations.world
        kind = self.explainer.kind(self.explainer.component(explained.component))
        period = next(p for p in world.periods[kind] if p.id == explained.period)
        settled = world.of(self.plan.period, period.last_day)
        return settled.id if settled else explained.period

    def _statement(self, row: Mapping[str, Any], parts: list[Explained]) -> Iterable[str]:
        yield ""
        yield "=" * _WIDTH
        yield f"Statement {row['period']}"
        yield "=" * _WIDTH
        for part in parts:
            yield from self._component(part)
        yield ""
        yield from self._payable(row)

    def _payable(self, row: Mapping[str, Any]) -> Iterable[str]:
        digits = minor_digits(self.plan.currency)
        for name in _FLOWS:
            if row[name] or name == "earned":
                sign = -1 if name in ("held", "recovered") else 1
                yield _line(_LABELS[name], wording.amount(sign * row[name], digits))
        if row["carried_forward"]:
            yield _line("carried forward", wording.amount(-row["carried_forward"], digits))
        yield _line(f"payable {self.plan.currency}", wording.amount(row["payable"], digits))
        if row["currency"] != self.plan.currency:
            paid = wording.amount(row["paid_amount"], minor_digits(row["currency"]))
            yield _line(f"paid in {row['currency']}", paid)
        if row["draw_debt"]:
            yield _line("still owed of the draw", wording.amount(row["draw_debt"], digits))

    def _component(self, part: Explained) -> Iterable[str]:
        yield ""
        yield _line(f"{part.title} ({part.component}), {part.period}", self._money(part.amount))
        if not part.rows and not part.amount and part.uncredited:
            yield f"    {rows_text(part)}"
            return
        yield from component_text(part, self.plan, rule=True)
        if part.shares:
            yield "    line                        date               base        exact              earned"
        for share in part.shares:
            name = share.id if share.id is not None else "on no line"
            base = wording.amount(share.base) if share.base is not None else ""
            day = str(share.date or "")
            exact, cents = wording.amount(share.exact), self._money(share.cents)
            yield f"    {name:<26}  {day:<10} {base:>16}  {exact:>18} {cents:>14}"

    def _money(self, value: Decimal) -> str:
        return wording.amount(value, minor_digits(self.plan.currency))

    def _settings(self) -> Iterable[str]:
        yield ""
        yield "Settings in force"
        for name, (value, is_default) in wording.settings_of(self.plan).items():
            yield f"    {name:<16} {value}{' (default)' if is_default else ''}"
        for component in self.plan.components:
            for name, value in wording.own_settings(component).items():
                yield f"    {name:<16} {value} (for {component.id})"


def _line(label: str, figure: str) -> str:
    return f"{label:<{_WIDTH - 20}}{figure:>20}"


def told(run: StoredRun, partner: str) -> str:
    """All statements of a partner in words, from the files of a run. Raises `NothingThere`."""
    name = run.name_of(partner)
    writer = StatementWriter(Explainer(run), {} if name is None else {partner: name})
    return writer.text(partner, run.statements(partner))


def file_name(partner: str) -> str:
    """A partner's id as a file name: what a file system might not take is written as %xx."""
    return f"{quote(partner, safe=' -_')}.txt"


def rows_text(part: Explained) -> str:
    """How many rows counted, and why the others did not."""
    said = [f"{part.rows:,} rows counted"] if part.rows or not part.uncredited else ["no row counted"]
    said += [f"{n:,} did not ({reason})" for reason, n in sorted(part.uncredited.items())]
    return ", ".join(said)


def component_text(part: Explained, plan: Plan, *, rule: bool) -> Iterable[str]:
    """How a component's amount came about, indented."""
    digits = minor_digits(plan.currency)
    if rule:
        yield f"    {part.rule}"
    yield f"    {rows_text(part)}"
    for cell in part.cells:
        if cell.group:
            yield f"    {', '.join(f'{k} {v}' for k, v in cell.group.items())}"
        measured = f"    measure {part.measure_of} = {wording.plain_number(cell.measure)}"
        if part.base_of != part.measure_of:
            measured += f", base {part.base_of} = {wording.plain_number(cell.base)}"
        yield measured
        if cell.tier is not None and cell.band:
            yield f"    band {cell.tier} reached: {cell.band}"
        for gate in cell.gates:
            missing = f" ({gate.missing})" if gate.missing else ""
            yield f"    gate {gate.name}: {gate.condition} {'holds' if gate.held else 'does not hold'}{missing}"
        for step in cell.steps:
            yield f"      {step.what} = {wording.amount(step.value, digits)}"
        if cell.next_band is not None and cell.next_band.missing > 0:
            more = f"{wording.plain_number(cell.next_band.missing)} more of {cell.next_band.of}"
            yield f"    {more} reaches band {cell.next_band.band}: {cell.next_band.pays}"
    for step in part.limits:
        yield f"    {step.what} = {wording.amount(step.value, digits)}"
    yield f"    {part.rounding} = {wording.amount(part.amount, digits)}"
