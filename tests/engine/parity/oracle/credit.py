"""Who gets a row: owner, splits, upline, a named payee, or whoever earned on the row it names."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .contexts import Credit, RowContext
from .expressions import holds
from .facts import Row
from .rows import ordered, waits_for_credit
from .rules import Component, Condition

if TYPE_CHECKING:
    from .run import Run


def credits(run: "Run", component: Component) -> list[Credit]:
    """All credits of a component in business order, without the returns that follow their sale."""
    return [credit for credit in all_credits(run, component) if not follows_its_sale(component, credit.row)]


def returned_rows(run: "Run", component: Component) -> list[Row]:
    """The returns that take back what their sale earned (`returns: original`), whatever conditions and sources say of them."""
    origin = component.source.origin
    while origin in run.plan.sources:
        origin = run.plan.sources[origin].origin
    return [row for row in run.table(origin) if follows_its_sale(component, row)]


def follows_its_sale(component: Component, row: Row) -> bool:
    return component.settings["returns"] == "original" and row.returned_id is not None


def all_credits(run: "Run", component: Component) -> list[Credit]:
    rows = ordered(run.row_set(component.source), component.settings["order"])
    late = [
        condition
        for condition in component.source.where
        if waits_for_credit(condition, component.credit.kind == "follow")
    ]
    counted = [condition for condition in late if "row_no" in _words(condition)]
    early = [condition for condition in late if condition not in counted]
    found = []
    for row in rows:
        given = list(_given(run, component, row))
        if not given:
            run.reject(component.id, row.id, _nobody(component))
        kept = [credit for credit in given if not _refusal(run, component, credit, early)]
        if given and not kept:
            run.reject(component.id, row.id, _refusal(run, component, given[0], early) or "")
        found += kept
    numbered = _numbered(run, component, found)
    for credit in numbered:
        reason = _failing(run, component, credit, counted)
        if reason:
            run.reject(component.id, credit.row.id, reason)
    return [credit for credit in numbered if not _failing(run, component, credit, counted)]


def _words(condition: Condition) -> set[str]:
    from .expressions import free_names

    return {path[0] for path in free_names(condition.test)}


def _nobody(component: Component) -> str:
    reasons = {"upline": "no_upline", "follow": "no_original", "payee": "no_payee"}
    return reasons.get(component.credit.kind, "no_partner")


def _refusal(run: "Run", component: Component, credit: Credit, conditions: list[Condition]) -> str | None:
    """Why a credit does not count: the plan's or component's `who`, or a condition about the credit."""
    context = RowContext(run, credit.row, component, credit, credit.payee)
    for condition in (*run.plan.who, *component.who):
        if not holds(condition.test, context):
            return condition.reason
    return _failing(run, component, credit, conditions)


def _failing(run: "Run", component: Component, credit: Credit, conditions: list[Condition]) -> str | None:
    context = RowContext(run, credit.row, component, credit, credit.payee)
    return next((condition.reason for condition in conditions if not holds(condition.test, context)), None)


def _numbered(run: "Run", component: Component, credits: list[Credit]) -> list[Credit]:
    """Credits with `row_no`: 1 for the payee's first row of the period."""
    seen: dict[tuple[str, object], int] = defaultdict(int)
    found = []
    for credit in credits:
        key = (credit.payee, run.calendar.period(component.every, credit.date))
        seen[key] += 1
        found.append(replace(credit, row_no=seen[key]))
    return found


def _given(run: "Run", component: Component, row: Row) -> Iterator[Credit]:
    kind = component.credit.kind
    if kind == "reward":
        yield Credit(row, row.partner or "")
    elif kind == "payee":
        payee = row.columns.get(component.credit.column)
        payee = payee if payee is not None else row.columns.get(f"{component.credit.column}_id")
        if payee is not None:
            yield Credit(row, str(payee))
    elif kind == "splits":
        yield from _by_splits(run, row)
    elif kind == "upline":
        yield from _upline(run, component, row)
    elif kind == "follow":
        yield from _followers(run, component, row)
    elif row.partner is not None:
        yield Credit(row, row.partner)


# --- Splits -----------------------------------------------------------------------------------------------------


def splits_of(run: "Run", row: Row) -> list[dict[str, Any]]:
    """The split rows for a row's id, else for its deal."""
    splits = [split.columns for split in run.facts.rows("splits")]
    sold = row.columns.get("returns") or row.id  # a return has the splits of the sale it returns
    own = [split for split in splits if split.get("sale") is not None and split["sale"] == sold]
    deal = row.columns.get("deal_id")
    found = own or [split for split in splits if deal is not None and split.get("deal_id") == deal]
    shared = sum((Fraction(split["share"]) for split in found if not split.get("overlay")), Fraction(0))
    if any(not split.get("overlay") for split in found) and shared != 1:
        run.problems.add("split-sum")
    return found


def _by_splits(run: "Run", row: Row) -> Iterator[Credit]:
    """One credit for each payee; two roles of one payee are one credit with the sum of the shares."""
    splits = splits_of(run, row)
    if not any(not split.get("overlay") for split in splits) and row.partner is not None:
        yield Credit(row, row.partner, role="owner")
    by_payee: dict[str, Credit] = {}
    for split in splits:
        payee, share = str(split["partner_id"]), Fraction(split["share"])
        before = by_payee.get(payee)
        role = split.get("role")
        if before is None:
            by_payee[payee] = Credit(row, payee, share, role=None if role is None else str(role))
        else:
            by_payee[payee] = replace(before, share=before.share + share)
    yield from by_payee.values()


# --- Upline -----------------------------------------------------------------------------------------------------


def _upline(run: "Run", component: Component, row: Row) -> Iterator[Credit]:
    """Credits for the partners above the owner. A partner reached twice has its lowest level."""
    rule = component.credit
    sellers = [] if row.partner is None else [row.partner]
    if rule.of_splits:
        sellers = list(dict.fromkeys(str(split["partner_id"]) for split in splits_of(run, row))) or sellers
    if rule.seller:
        yield from (Credit(row, seller, level=0) for seller in sellers)
    waiting: list[int] = []  # levels whose reward is passed up
    level = 0
    for distance, partners in enumerate(_ancestors(run, component, row, sellers), start=1):
        active = [partner for partner in partners if _is_active(run, component, row, partner)]
        if rule.inactive == "compress":
            level += bool(active)
        else:
            level = distance
        if level > rule.levels and not waiting:
            return
        if not active and rule.inactive == "pass_up" and level <= rule.levels:
            waiting.append(level)
        for partner in active:
            for passed in waiting:
                yield Credit(row, partner, level=passed)
            if level <= rule.levels:
                yield Credit(row, partner, level=level)
        if active:
            waiting = []


def _ancestors(run: "Run", component: Component, row: Row, sellers: list[str]) -> Iterator[list[str]]:
    """The partners one step up, two steps up …; a circle is reported and ends the walk."""
    day = RowContext(run, row, component).as_of
    seen = set(sellers)
    paths: list[tuple[str, ...]] = [(seller,) for seller in sellers]
    while paths:
        longer: list[tuple[str, ...]] = []
        for path in paths:
            for parent in run.facts.parents(path[-1], day):
                if parent in path:
                    run.problems.add("hierarchy-cycle")
                elif parent not in seen:
                    longer.append((*path, parent))
                    seen.add(parent)
        if longer:
            yield [path[-1] for path in longer]
        paths = longer


def _is_active(run: "Run", component: Component, row: Row, partner: str) -> bool:
    test = component.credit.active
    return test is None or holds(test, RowContext(run, row, component, Credit(row, partner), partner))


# --- Follow -----------------------------------------------------------------------------------------------------


def _followers(run: "Run", component: Component, row: Row) -> Iterator[Credit]:
    """Whoever earned the followed component on the row named by `sale_id`."""
    name = component.credit.component
    followed = run.component(name)
    sale_id = row.columns.get("sale_id") or row.columns.get("sale")
    original = next((sale for sale in run.row_set(followed.source) if sale.id == sale_id), None)
    if original is None:
        return
    earned: dict[str, Fraction] = {}
    for line in run.lines_of(name):
        if line.row_id == sale_id:
            earned[line.payee] = earned.get(line.payee, Fraction(0)) + line.cents
    for payee, amount in sorted(earned.items()):
        yield Credit(row, payee, earned=amount, original=original)
