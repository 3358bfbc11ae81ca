"""Exchange rates: which one holds on a day, and what an amount is in another currency.

Rates are kept as units of a currency for one euro, as the European Central Bank publishes them. A rate holds on its day
and on those after it until the next one, since nobody publishes on Sundays; the answer says of which day it is. After ten
days without a new one it is not used: a currency that has ended would otherwise keep its last rate for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.errors import DomainError, Kind
from buoy.core.scope import require_scope
from buoy.domains.sales.models import ExchangeRate
from buoy.domains.sales.policy import OLDEST_RATE_DAYS, RateKind

EURO = "EUR"


class NoRate(DomainError):
    """There is no rate of a currency for a day."""

    kind = Kind.NOT_FOUND
    code = "no-rate"
    message = _("There is no exchange rate of %(currency)s for %(day)s or the ten days before it. Enter one by hand.")


@dataclass(frozen=True)
class Rate:
    """Units of `to` for one unit of `currency`, exactly `numerator / denominator`; `days` are those of the rates used."""

    currency: str
    to: str
    numerator: Decimal
    denominator: Decimal
    days: tuple[date, ...]

    def convert(self, amount: Decimal) -> Decimal:
        """The amount in `to`, to six decimals, halves away from zero by the decimal module's ROUND_HALF_UP."""
        return (amount * self.numerator / self.denominator).quantize(Decimal("0.000001"), "ROUND_HALF_UP")


def visible_rates(actor: Actor) -> QuerySet[ExchangeRate]:
    """All rates, newest day first."""
    require_scope()
    actor.require("sales.view")
    return ExchangeRate.objects.order_by("-rate_date", "currency", "id")


def rate(actor: Actor, *, currency: str, to: str, on: date) -> Rate:
    """The rate between two currencies on a day, over the euro. Raises NoRate. At most two queries."""
    day_from, per_euro_from = _per_euro(actor, currency, on)
    day_to, per_euro_to = _per_euro(actor, to, on)
    days = tuple(sorted({day for day in (day_from, day_to) if day is not None}))
    return Rate(currency, to, per_euro_to, per_euro_from, days)


def _per_euro(actor: Actor, currency: str, on: date) -> tuple[date | None, Decimal]:
    if currency == EURO:
        return None, Decimal(1)
    since = on - timedelta(days=OLDEST_RATE_DAYS)
    found = visible_rates(actor).filter(currency=currency, rate_date__lte=on, rate_date__gte=since)
    # Of one day's rates the manual one wins.
    row = min(found, key=lambda each: (-each.rate_date.toordinal(), each.kind != RateKind.MANUAL.value), default=None)
    if row is None:
        raise NoRate(currency=currency, day=on.isoformat())
    return row.rate_date, row.rate
