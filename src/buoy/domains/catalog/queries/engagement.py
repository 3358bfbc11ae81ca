"""Reads about rules of engagement, and the answer to the question that they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor, Face
from buoy.core.errors import DomainError, Kind, NotFound
from buoy.core.scope import require_scope
from buoy.domains.catalog.models import EngagementRule
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Decision, Fact, Question, Rule, Verdict, decide
from buoy.domains.catalog.policy.families import with_those_above
from buoy.domains.catalog.queries.channels import channel_row
from buoy.domains.catalog.queries.families import family_tree
from buoy.domains.catalog.queries.products import product_row
from buoy.domains.partners import queries as partners

if TYPE_CHECKING:
    from django.db.models import QuerySet

VERDICTS: dict[str, Promise] = {
    Verdict.ALLOWED.value: _("Allowed"),
    Verdict.REFUSED.value: _("Refused"),
    Verdict.REVIEW.value: _("To be reviewed"),
    Verdict.UNDECIDED.value: _("Undecided"),
}

FACTS: dict[str, Promise] = {
    Fact.DATE.value: _("Day"),
    Fact.PRODUCT.value: _("Product"),
    Fact.FAMILY.value: _("Family of the product"),
    Fact.SOLD_BY.value: _("Who sells"),
    Fact.PARTNER.value: _("Partner"),
    Fact.CHANNEL.value: _("Sales channel"),
    Fact.SEGMENT.value: _("Segment of the customer"),
    Fact.COUNTRY.value: _("Country of the customer"),
    Fact.CUSTOMER.value: _("Name of the customer"),
}


class OnlyForOneself(DomainError):
    """A partner asked what the vendor itself may sell."""

    kind = Kind.NOT_ALLOWED
    code = "only-for-oneself"
    message = _("You can ask for your own company and those below it. Name the partner that would sell.")


@dataclass(frozen=True)
class RuleRow:
    """One rule as lists show it: conditions by the names of what they are about, empty for those that fit everything."""

    id: UUID
    position: int
    title: str
    verdict: str
    reason: str
    valid_from: date
    valid_until: date | None
    product_id: UUID | None
    product: str
    family_id: UUID | None
    family: str
    sold_by: str
    partner_id: UUID | None
    partner: str
    channel_id: UUID | None
    channel: str
    segments: tuple[str, ...]
    countries: tuple[str, ...]
    customers: tuple[str, ...]

    @classmethod
    def of(cls, rule: EngagementRule) -> RuleRow:
        return cls(
            id=rule.id,
            position=rule.position,
            title=rule.title,
            verdict=rule.verdict,
            reason=rule.reason,
            valid_from=rule.valid.lower,
            valid_until=rule.valid.upper,
            product_id=rule.product_id,
            product=rule.product.name if rule.product else "",
            family_id=rule.family_id,
            family=rule.family.name if rule.family else "",
            sold_by=rule.sold_by,
            partner_id=rule.partner_id,
            partner=rule.partner.name if rule.partner else "",
            channel_id=rule.channel_id,
            channel=rule.channel.name if rule.channel else "",
            segments=tuple(rule.segments),
            countries=tuple(rule.countries),
            customers=tuple(rule.customers),
        )


@dataclass(frozen=True)
class ReadRow:
    """How a rule was read: the fact on which it does not fit, or those that it would have to know (`policy.Fact`). It fits
    when both are empty."""

    rule_id: UUID
    title: str
    verdict: str
    failed: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """May it be sold? `missing` are the facts that would decide what is undecided. `rule` and `read` are for the vendor's
    people; a partner hears the verdict and the reason."""

    verdict: str
    reason: str
    missing: tuple[str, ...]
    rule_id: UUID | None
    rule: str
    read: tuple[ReadRow, ...]


def visible_rules(actor: Actor) -> QuerySet[EngagementRule]:
    """The rules in their order. For the vendor's people."""
    require_scope()
    actor.require("engagement.view")
    rows = EngagementRule.objects.select_related("product", "family", "partner", "channel")
    return rows.order_by("position")


def rule_rows(actor: Actor) -> list[RuleRow]:
    """The rules in their order. One query."""
    return [RuleRow.of(rule) for rule in visible_rules(actor)]


def rule_row(actor: Actor, *, rule_id: UUID) -> RuleRow:
    """One rule. Raises NotFound. One query."""
    rule = visible_rules(actor).filter(id=rule_id).first()
    if rule is None:
        raise NotFound
    return RuleRow.of(rule)


def named_segments(actor: Actor) -> list[str]:
    """The segments that rules in force name for this actor, by name. One query."""
    found = {segment for rule in _rules_that_bind(actor) for segment in rule.segments}
    return sorted(found, key=str.casefold)


def answer_to(
    actor: Actor,
    *,
    product_id: UUID,
    partner_id: UUID | None,
    channel_id: UUID | None = None,
    segment: str = "",
    country: str = "",
    customer: str = "",
    on: date,
) -> Answer:
    """May this partner (None: the vendor itself) sell this product to that customer?

    What is empty is not known. A partner may ask for itself and those below it. Raises NotFound for what the actor does
    not see, OnlyForOneself. Five queries.
    """
    if actor.face is Face.PARTNER and partner_id is None:
        raise OnlyForOneself
    product = product_row(actor, product_id=product_id)
    channel = channel_row(actor, channel_id=channel_id) if channel_id else None
    if partner_id:
        partners.partner_row(actor, partner_id=partner_id)
    above = with_those_above(product.family_id, family_tree(actor).parents) if product.family_id else []
    question = Question(
        on=on,
        product_id=product_id,
        family_ids=frozenset(above),
        partner_id=partner_id,
        channel_id=channel_id,
        channel_operator=Operator(channel.operated_by) if channel else None,
        segment=segment,
        country=country,
        customer=customer,
    )
    return _answer(actor, decide(_rules_that_bind(actor), question))


def _rules_that_bind(actor: Actor) -> list[Rule]:
    """All rules for staff; for a partner those for everybody and those that name it or one below it."""
    require_scope()
    actor.require("catalog.view")
    rows = EngagementRule.objects.order_by("position")
    if actor.face is Face.PARTNER:
        rows = rows.filter(Q(partner=None) | Q(partner_id__in=actor.partner_ids))
    return [_rule(row) for row in rows]


def _rule(row: EngagementRule) -> Rule:
    return Rule(
        id=row.id,
        title=row.title,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        valid_from=row.valid.lower,
        valid_until=row.valid.upper,
        product_id=row.product_id,
        family_id=row.family_id,
        sold_by=Operator(row.sold_by) if row.sold_by else None,
        partner_id=row.partner_id,
        channel_id=row.channel_id,
        segments=frozenset(row.segments),
        countries=frozenset(row.countries),
        customers=frozenset(row.customers),
    )


def _answer(actor: Actor, decision: Decision) -> Answer:
    is_staff = actor.may("engagement.view")
    read = [
        ReadRow(
            rule_id=reading.rule.id,
            title=reading.rule.title,
            verdict=reading.rule.verdict.value,
            failed=reading.failed.value if reading.failed else "",
            missing=_in_order(reading.missing),
        )
        for reading in decision.read
    ]
    return Answer(
        verdict=decision.verdict.value,
        reason=_reason(decision),
        missing=_in_order(decision.missing),
        rule_id=decision.rule.id if decision.rule and is_staff else None,
        rule=decision.rule.title if decision.rule and is_staff else "",
        read=tuple(read) if is_staff else (),
    )


def _in_order(facts: frozenset[Fact]) -> tuple[str, ...]:
    return tuple(fact.value for fact in Fact if fact in facts)


def _reason(decision: Decision) -> str:
    if decision.wrong_operator:
        return _now("In this sales channel somebody else sells. Choose another channel.")
    if decision.verdict is Verdict.UNDECIDED:
        return _now("It depends on what was not said. Say more about the customer or the channel, and ask again.")
    if decision.rule is None:
        return _now("No rule speaks against it.")
    return decision.rule.reason
