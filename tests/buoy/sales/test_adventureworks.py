"""The reseller sales of AdventureWorks, brought in through the product, are the facts that their source says."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Count, Sum

from buoy.core.scope import acting
from buoy.domains.sales.models import Line
from buoy.domains.sales.policy import State
from buoy.domains.sales.queries.lines import Wanted, by_channel, totals
from tests.cast import JOB, Cast

FACTS = Path(__file__).parents[3] / "examples" / "adventureworks" / "facts"
SUM = Decimal("80450596.9823")


def test_every_line_is_there_once_however_often_the_file_comes(cast: Cast, bring: Callable[..., Any]) -> None:
    content = (FACTS / "lines.parquet").read_bytes()
    said = {"defaults": {"channel": "indirect", "event": "invoice", "tier_from": "vendor", "tier_to": "reseller"}}
    first = bring(cast.mei, "lines.parquet", content, **said)
    assert (first.state, first.rows, first.new, first.refused) == (State.DONE, 60_855, 60_855, 0)
    again = bring(cast.mei, "lines.parquet", content, **said)
    assert (again.state, again.new, again.same, again.corrected) == (State.DONE, 0, 60_855, 0)
    with acting(cast.mei):
        kept = totals(cast.mei, Wanted())
        usd = by_channel(cast.mei, Wanted(), currency="USD")
    assert sum(total.amount for total in kept) == SUM
    assert sum(total.lines for total in kept) == 60_855
    assert {total.currency for total in kept} == {"AUD", "CAD", "EUR", "GBP", "USD"}
    assert sum(usd.amounts.values()) == next(total.amount for total in kept if total.currency == "USD")
    with acting(JOB):
        found = Line.objects.aggregate(lines=Count("id"), sum=Sum("amount"), orders=Count("order_no", distinct=True))
    assert found == {"lines": 60_855, "sum": SUM, "orders": 3_796}
