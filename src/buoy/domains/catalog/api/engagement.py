"""Rules of engagement for programs, and the question that they answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from buoy.core import clock
from buoy.core.http import Request
from buoy.core.rest import Page, Paging, Text, page
from buoy.core.scope import acting
from buoy.domains.catalog.actions import engagement as actions
from buoy.domains.catalog.actions.engagement import Draft
from buoy.domains.catalog.api.schemas import MadeOut, ShortName
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Fact, Verdict
from buoy.domains.catalog.queries import engagement as queries
from buoy.domains.catalog.queries.engagement import Answer, RuleRow

router = Router()

Segment = Annotated[Text, Field(min_length=1, max_length=60)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, two letters.")]
Customer = Annotated[Text, Field(min_length=1, max_length=200)]


class RuleIn(Schema):
    """Conditions, an answer, and why. A condition that is left out fits every sale."""

    title: ShortName
    verdict: Literal["allowed", "refused", "review"]
    reason: Annotated[Text, Field(min_length=1, max_length=500, description="A sentence; partners hear it, too.")]
    valid_from: date
    valid_until: date | None = Field(None, description="The first day on which it no longer holds.")
    product_id: UUID | None = None
    family_id: UUID | None = Field(None, description="A product in this family, or in one that lies in it.")
    sold_by: Operator | None = None
    partner_id: UUID | None = None
    channel_id: UUID | None = None
    segments: list[Segment] = Field(default_factory=list, max_length=100)
    countries: list[Country] = Field(default_factory=list, max_length=300)
    customers: list[Customer] = Field(default_factory=list, max_length=1000)

    @property
    def draft(self) -> Draft:
        lists = {name: tuple(getattr(self, name)) for name in ("segments", "countries", "customers")}
        return Draft(**{**self.dict(), **lists, "verdict": Verdict(self.verdict)})


class RuleOut(RuleIn):
    id: UUID
    position: int = Field(description="Rules are read from the lowest to the highest; the first that fits decides.")


class QuestionIn(Schema):
    """A sale that somebody thinks of. What is left out is not known."""

    product_id: UUID
    partner_id: UUID | None = Field(None, description="Who sells; left out: the vendor itself.")
    channel_id: UUID | None = None
    segment: Annotated[Text, Field(max_length=60)] = ""
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    customer: Annotated[Text, Field(max_length=200)] = ""
    on: date | None = Field(None, description="The day of the sale; left out: today.")


class ReadOut(Schema):
    """How a rule was read. It fits when nothing failed and nothing is missing."""

    rule_id: UUID
    title: str
    verdict: Verdict
    failed: Fact | None
    missing: list[Fact]


class AnswerOut(Schema):
    """May it be sold, and why."""

    verdict: Verdict
    reason: str
    missing: list[Fact] = Field(description="The facts that would decide what is undecided.")
    rule_id: UUID | None = Field(description="The rule that decided; for the vendor's people.")
    read: list[ReadOut] = Field(description="The rules as they were read; for the vendor's people.")


def _answer(answer: Answer) -> dict[str, Any]:
    read = [
        {
            "rule_id": row.rule_id,
            "title": row.title,
            "verdict": row.verdict,
            "failed": row.failed or None,
            "missing": row.missing,
        }
        for row in answer.read
    ]
    return {
        "verdict": answer.verdict,
        "reason": answer.reason,
        "missing": answer.missing,
        "rule_id": answer.rule_id,
        "read": read,
    }


def _rule(row: RuleRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RuleOut.model_fields} | {"sold_by": row.sold_by or None}


@router.get("/answer", response=AnswerOut)
def ask_rules_of_engagement(request: Request, question: Query[QuestionIn]) -> dict[str, Any]:
    """May this partner sell this to that customer? A partner may ask for itself and those below it."""
    asked = {**question.dict(), "on": question.on or clock.now().date()}
    with acting(request.actor, read_only=True):
        return _answer(queries.answer_to(request.actor, **asked))


@router.get("/rules", response=Page[RuleOut])
def list_rules(request: Request, paging: Query[Paging]) -> Any:
    """The rules of engagement in their order. For the vendor's people."""
    with acting(request.actor, read_only=True):
        rows = queries.visible_rules(request.actor)
        return page(rows, order=["position"], paging=paging, show=lambda row: _rule(RuleRow.of(row)))


@router.post("/rules", response={201: MadeOut})
def add_rule(request: Request, rule: RuleIn) -> Status[dict[str, UUID]]:
    """Put a rule after all others."""
    return Status(201, {"id": actions.add_rule(request.actor, draft=rule.draft, now=clock.now())})


@router.put("/rules/{uuid:rule_id}", response={204: None})
def change_rule(request: Request, rule_id: UUID, rule: RuleIn) -> Status[None]:
    """Write a rule anew at its place."""
    actions.change_rule(request.actor, rule_id=rule_id, draft=rule.draft)
    return Status(204, None)


@router.delete("/rules/{uuid:rule_id}", response={204: None})
def end_rule(request: Request, rule_id: UUID) -> Status[None]:
    """The rule holds no longer from today on."""
    actions.end_rule(request.actor, rule_id=rule_id, on=clock.now().date())
    return Status(204, None)
