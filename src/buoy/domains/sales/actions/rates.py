"""Exchange rates come in: the file of the European Central Bank, or one by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.domains.sales.models import ExchangeRate
from buoy.domains.sales.policy import RateKind
from buoy.domains.sales.queries.wording import unreadable
from buoy.domains.sales.reading.ecb import rates_of
from buoy.domains.sales.reading.flaws import Unreadable

_AT_ONCE = 5_000


class RatesUnreadable(DomainError):
    """The file is not one of rates; nothing of it was kept."""

    kind = Kind.INVALID
    code = "rates-unreadable"
    message = _("The rates cannot be read. %(why)s")


def import_rates(actor: Actor, *, content: BinaryIO, now: datetime) -> int:
    """Take the published rates of a file; those that are there already are replaced. The number of rates in it.

    Writes rates. Raises NotAllowed, RatesUnreadable.
    """
    actor.require("rates.manage")
    try:
        found = list(rates_of(content))
    except Unreadable as error:
        raise RatesUnreadable(why=unreadable(error.code, error.params)) from error
    with acting(actor):
        writing(actor)
        for start in range(0, len(found), _AT_ONCE):
            _keep(found[start : start + _AT_ONCE], now)
        days = [day for day, _currency, _rate in found]
        record(
            actor,
            action="rates.imported",
            object_type="rates",
            object_id=new_id(),
            after={"rates": len(found), "from": min(days, default=None), "to": max(days, default=None)},
        )
    return len(found)


def enter_rate(actor: Actor, *, currency: str, rate_date: date, rate: Decimal, now: datetime) -> UUID:
    """Keep one rate by hand, which wins over the published one of its day. Raises NotAllowed."""
    with acting(actor):
        writing(actor)
        actor.require("rates.manage")
        before = ExchangeRate.objects.filter(currency=currency, rate_date=rate_date, kind=RateKind.MANUAL.value).first()
        kept, _created = ExchangeRate.objects.update_or_create(
            currency=currency,
            rate_date=rate_date,
            kind=RateKind.MANUAL.value,
            defaults={"rate": rate, "entered_by": actor.name, "created_at": now},
        )
        record(
            actor,
            action="rate.entered",
            object_type="rate",
            object_id=kept.id,
            before={"rate": before.rate} if before else None,
            after={"currency": currency, "rate_date": rate_date, "rate": rate},
        )
    return kept.id


def _keep(rates: list[tuple[date, str, Decimal]], now: datetime) -> None:
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(
                id=new_id(), currency=currency, rate_date=day, rate=rate, kind=RateKind.PUBLISHED.value, created_at=now
            )
            for day, currency, rate in rates
        ],
        update_conflicts=True,
        unique_fields=["currency", "rate_date", "kind"],
        update_fields=["rate"],
    )
