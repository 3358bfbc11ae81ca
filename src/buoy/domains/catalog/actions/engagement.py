"""Writes about rules of engagement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.models import EngagementRule
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.queries.channels import channel_row
from buoy.domains.catalog.queries.engagement import visible_rules
from buoy.domains.catalog.queries.families import family_row
from buoy.domains.catalog.queries.products import product_row
from buoy.domains.partners import queries as partners


class RuleContradicts(DomainError):
    """Conditions that no sale can fit together."""

    kind = Kind.INVALID
    code = "rule-contradicts"
    message = _(
        "No sale fits this rule: it names a product and a family, a partner where the vendor sells, or ends before it"
        " begins. Leave one of them out."
    )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A rule as somebody writes it. What is empty fits everything; dates are [valid_from, valid_until)."""

    title: str
    verdict: Verdict
    reason: str
    valid_from: date
    valid_until: date | None = None
    product_id: UUID | None = None
    family_id: UUID | None = None
    sold_by: Operator | None = None
    partner_id: UUID | None = None
    channel_id: UUID | None = None
    segments: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, object]:
        return {
            "title": self.title,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "valid": DateRange(self.valid_from, self.valid_until),
            "product_id": self.product_id,
            "family_id": self.family_id,
            "sold_by": self.sold_by.value if self.sold_by else "",
            "partner_id": self.partner_id,
            "channel_id": self.channel_id,
            "segments": list(self.segments),
            "countries": list(self.countries),
            "customers": list(self.customers),
        }

    @property
    def told(self) -> dict[str, object]:
        """What the audit trail keeps."""
        dates = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        return {name: value for name, value in self.columns.items() if name != "valid"} | dates

    @classmethod
    def of(cls, rule: EngagementRule) -> Draft:
        return cls(
            title=rule.title,
            verdict=Verdict(rule.verdict),
            reason=rule.reason,
            valid_from=rule.valid.lower,
            valid_until=rule.valid.upper,
            product_id=rule.product_id,
            family_id=rule.family_id,
            sold_by=Operator(rule.sold_by) if rule.sold_by else None,
            partner_id=rule.partner_id,
            channel_id=rule.channel_id,
            segments=tuple(rule.segments),
            countries=tuple(rule.countries),
            customers=tuple(rule.customers),
        )


def add_rule(actor: Actor, *, draft: Draft, now: datetime) -> UUID:
    """Put a rule after all others. Writes a rule. Raises NotAllowed, NotFound, RuleContradicts."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        _check(actor, draft)
        last = max((rule.position for rule in _locked(actor)), default=0)
        rule = EngagementRule.objects.create(position=last + 1, created_at=now, **draft.columns)
        _note(actor, "rule.added", rule, after=draft.told)
    return rule.id


def change_rule(actor: Actor, *, rule_id: UUID, draft: Draft) -> None:
    """Write a rule anew at its place. Raises NotAllowed, NotFound, RuleContradicts."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        _check(actor, draft)
        rule = _found(_locked(actor), rule_id)
        before = Draft.of(rule).told
        EngagementRule.objects.filter(id=rule_id).update(**draft.columns)
        _note(actor, "rule.changed", rule, before=before, after=draft.told)


def move_rule(actor: Actor, *, rule_id: UUID, up: bool) -> None:
    """Let a rule change places with its neighbour; one at the end stays. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        rules = _locked(actor)
        rule = _found(rules, rule_id)
        place = rules.index(rule) + (-1 if up else 1)
        if not 0 <= place < len(rules):
            return
        other = rules[place]
        EngagementRule.objects.filter(id=rule.id).update(position=other.position)
        EngagementRule.objects.filter(id=other.id).update(position=rule.position)
        _note(actor, "rule.moved", rule, before={"position": rule.position}, after={"position": other.position})


def end_rule(actor: Actor, *, rule_id: UUID, on: date) -> None:
    """The rule holds no longer from this day on; one that never held is taken away. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("catalog.manage")
        rule = _found(_locked(actor), rule_id)
        before = Draft.of(rule).told
        if rule.valid.lower >= on:
            rule.delete()
            _note(actor, "rule.removed", rule, before=before)
        elif rule.valid.upper is None or rule.valid.upper > on:
            EngagementRule.objects.filter(id=rule_id).update(valid=DateRange(rule.valid.lower, on))
            _note(actor, "rule.ended", rule, before=before, after={**before, "valid_until": on})


def _check(actor: Actor, draft: Draft) -> None:
    """What the rule names must be there, and some sale must be able to fit it."""
    names_both = draft.product_id is not None and draft.family_id is not None
    partner_is_vendor = draft.partner_id is not None and draft.sold_by is Operator.VENDOR
    if names_both or partner_is_vendor or (draft.valid_until and draft.valid_until <= draft.valid_from):
        raise RuleContradicts
    if draft.product_id:
        product_row(actor, product_id=draft.product_id)
    if draft.family_id:
        family_row(actor, family_id=draft.family_id)
    if draft.channel_id:
        channel_row(actor, channel_id=draft.channel_id)
    if draft.partner_id:
        partners.partner_row(actor, partner_id=draft.partner_id)


def _locked(actor: Actor) -> list[EngagementRule]:
    """All rules in their order, held still: the order is one thing."""
    return list(visible_rules(actor).select_related(None).select_for_update())


def _found(rules: list[EngagementRule], rule_id: UUID) -> EngagementRule:
    for rule in rules:
        if rule.id == rule_id:
            return rule
    raise NotFound


def _note(
    actor: Actor,
    action: str,
    rule: EngagementRule,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record(
        actor,
        action=action,
        object_type="engagement_rule",
        object_id=rule.id,
        partner_id=rule.partner_id,
        before=before,
        after=after,
    )
