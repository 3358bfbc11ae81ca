"""Rules of engagement: may this seller sell this to that customer? docs/algorithms/rules-of-engagement.md tells how.

The rules are read in their order and the first that fits decides. What is not known of the customer or the channel is
empty in the question: a rule that asks for it may fit, and its answer is one of the possible ones.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from buoy.domains.catalog.policy.channels import Operator


class Verdict(enum.StrEnum):
    ALLOWED = "allowed"
    REFUSED = "refused"
    REVIEW = "review"
    UNDECIDED = "undecided"


class Fact(enum.StrEnum):
    """What a condition is about; the last four may be unknown."""

    DATE = "date"
    PRODUCT = "product"
    FAMILY = "family"
    SOLD_BY = "sold_by"
    PARTNER = "partner"
    CHANNEL = "channel"
    SEGMENT = "segment"
    COUNTRY = "country"
    CUSTOMER = "customer"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Conditions and an answer; a condition that is empty fits everything. Dates are [valid_from, valid_until)."""

    id: UUID
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
    segments: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Question:
    """A sale that somebody thinks of. `partner_id` is empty when the vendor itself sells; `family_ids` are the product's
    family and those above it; `channel_operator` is who sells in the channel. Empty means unknown for the rest."""

    on: date
    product_id: UUID
    family_ids: frozenset[UUID]
    partner_id: UUID | None
    channel_id: UUID | None = None
    channel_operator: Operator | None = None
    segment: str = ""
    country: str = ""
    customer: str = ""

    @property
    def sold_by(self) -> Operator:
        return Operator.PARTNERS if self.partner_id else Operator.VENDOR


@dataclass(frozen=True)
class Read:
    """How a rule was read: it fits unless `failed` names the condition that does not; `missing` are facts it would need."""

    rule: Rule
    failed: Fact | None
    missing: frozenset[Fact]

    @property
    def fits(self) -> bool:
        return self.failed is None and not self.missing

    @property
    def may_fit(self) -> bool:
        return self.failed is None


@dataclass(frozen=True)
class Decision:
    """The answer; the rule that gave it, if one did; the facts that would decide; and the rules as they were read.

    `wrong_operator` is set when the channel itself refuses: who sells there is somebody else.
    """

    verdict: Verdict
    rule: Rule | None = None
    missing: frozenset[Fact] = frozenset()
    read: tuple[Read, ...] = ()
    wrong_operator: bool = False


def folded(name: str) -> str:
    """A name as it is compared: case, blanks and width do not matter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def decide(rules: Iterable[Rule], question: Question) -> Decision:
    """Read the rules in their order."""
    if question.channel_operator not in (None, question.sold_by):
        return Decision(Verdict.REFUSED, wrong_operator=True)
    read: list[Read] = []
    possible: list[Read] = []
    decided: Rule | None = None
    for rule in rules:
        reading = read_rule(rule, question)
        read.append(reading)
        if reading.fits:
            decided = rule
            break
        if reading.may_fit:
            possible.append(reading)
    last = decided.verdict if decided else Verdict.ALLOWED
    against = [reading for reading in possible if reading.rule.verdict is not last]
    if against:
        missing = frozenset().union(*(reading.missing for reading in against))
        return Decision(Verdict.UNDECIDED, missing=missing, read=tuple(read))
    return Decision(last, rule=decided, read=tuple(read))


def read_rule(rule: Rule, question: Question) -> Read:
    """Hold one rule against the question: the first condition that fails, or the facts that would be needed."""
    missing: set[Fact] = set()
    for fact, fits in _conditions(rule, question):
        if fits is False:
            return Read(rule, fact, frozenset())
        if fits is None:
            missing.add(fact)
    return Read(rule, None, frozenset(missing))


def _conditions(rule: Rule, question: Question) -> list[tuple[Fact, bool | None]]:
    """Each condition and whether it fits; None when that is not known."""
    is_in_time = rule.valid_from <= question.on and (rule.valid_until is None or question.on < rule.valid_until)
    return [
        (Fact.DATE, is_in_time),
        (Fact.SOLD_BY, rule.sold_by in (None, question.sold_by)),
        (Fact.PARTNER, rule.partner_id in (None, question.partner_id)),
        (Fact.PRODUCT, rule.product_id in (None, question.product_id)),
        (Fact.FAMILY, rule.family_id is None or rule.family_id in question.family_ids),
        (Fact.CHANNEL, _one_of({rule.channel_id} - {None}, question.channel_id)),
        (Fact.SEGMENT, _one_of({folded(each) for each in rule.segments}, folded(question.segment))),
        (Fact.COUNTRY, _one_of(rule.countries, question.country)),
        (Fact.CUSTOMER, _one_of({folded(each) for each in rule.customers}, folded(question.customer))),
    ]


def _one_of(wanted: Iterable[object], found: object) -> bool | None:
    if not wanted:
        return True
    return found in wanted if found else None
