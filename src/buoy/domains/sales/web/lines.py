"""Sales lines: filters, totals, charts, and the way down to a single line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from buoy.core.actor import Actor, Face
from buoy.core.errors import NotFound
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.partners import queries as partners
from buoy.domains.sales.queries import lines as queries
from buoy.domains.sales.queries.lines import Grouped, LineRow, Wanted
from buoy.domains.sales.queries.words import CHANNELS, EVENTS, KINDS, NOVELTIES, TIERS, WHY, Words
from buoy.domains.sales.web.imports import INSIDE, crumbs
from buoy.ui import charts, formats
from buoy.ui.exports import csv_lines
from buoy.ui.fragments import render_screen
from buoy.ui.lists import Choice
from buoy.ui.shell import Crumb

MOST_IN_A_FILE = 250_000
_MONTHS_DRAWN = 24
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_FILTERS: dict[str, Words] = {"channel": CHANNELS, "event": EVENTS, "kind": KINDS, "novelty": NOVELTIES}


@require_safe
@door(INSIDE, "sales.view")
def lines(request: Request) -> HttpResponse:
    """One page of lines with what they add up to. Nine queries, whatever the number of lines."""
    actor = request.actor
    with acting(actor, read_only=True):
        wanted = _wanted(request.GET)
        if request.GET.get("export") == "csv":
            return _file(actor, wanted)
        rows, has_more = queries.line_page(actor, wanted, after=_place(request.GET.get("after", "")))
        totals = queries.totals(actor, wanted)
        months, currencies = queries.months(actor), queries.currencies(actor)
        currency = wanted.currency or (totals[0].currency if totals else "")
        grouped = queries.by_channel(actor, wanted, currency=currency) if wanted.is_kept else None
        through, own = queries.through_partners(actor, wanted, currency=currency)
        best = queries.by_partner(actor, wanted, currency=currency) if wanted.is_kept and not wanted.partner_id else []
        partner = _partner_name(actor, wanted)
    context = {
        "rows": rows,
        "after": f"{rows[-1].sale_date.isoformat()}_{rows[-1].id}" if has_more else "",
        "is_first": "after" not in request.GET,
        "totals": totals,
        "currency": currency,
        "picture": _picture(grouped, currency) if grouped else None,
        "through": through,
        "own": own,
        "share": _share(through, own),
        "best": best,
        "wanted": wanted,
        "partner": partner,
        "choices": _choices(wanted, months, currencies),
        "is_narrowed": wanted != Wanted(),
        "query": _query(request.GET),
        "may_import": actor.may("sales.import"),
        "crumbs": [Crumb(label=_("Sales"))],
        "action": request.path,
    }
    return render_screen(request, "sales/lines.html", context, parts=["rows"])


@require_safe
@door(INSIDE, "sales.view")
def line(request: Request, line_id: UUID) -> HttpResponse:
    with acting(request.actor, read_only=True):
        row = queries.line_row(request.actor, line_id=line_id)
        before = queries.revisions(request.actor, line_id=line_id)
    title = row.document_no or row.product_code or row.product_name or _("Line")
    context = {
        "line": row,
        "title": title,
        "before": before,
        "why": WHY[row.partner_why],
        "words": {name: table.get(getattr(row, name), "") for name, table in _words().items()},
        "partner_url": _partner_url(request.actor, row.partner_id),
        "may_import": request.actor.may("sales.import"),
        "crumbs": crumbs(Crumb(label=title)),
    }
    return render(request, "sales/line.html", context)


def _words() -> dict[str, Words]:
    return {**_FILTERS, "tier_from": TIERS, "tier_to": TIERS}


def _partner_url(actor: Actor, partner_id: UUID | None) -> str:
    address = "partners:desk-partner" if actor.face is Face.DESK else "partners:partner"
    return reverse(address, args=[partner_id]) if partner_id and actor.may("partners.view") else ""


def _partner_name(actor: Actor, wanted: Wanted) -> str:
    if wanted.partner_id is None:
        return ""
    try:
        return partners.partner_row(actor, partner_id=wanted.partner_id).name
    except NotFound:
        return "—"


# --- The address -----------------------------------------------------------------------------------------------


def _wanted(params: QueryDict) -> Wanted:
    """What an address asks for; words that are not known have no effect."""
    exact = {name: params.get(name, "") for name in _FILTERS if params.get(name, "") in _FILTERS[name]}
    currency = params.get("currency", "")
    return Wanted(
        **exact,
        partner_id=_uuid(params.get("partner", "")),
        from_month=_month(params.get("from", "")),
        to_month=_month(params.get("to", "")),
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else "",
        words=params.get("q", "").replace("\x00", "").strip()[:100],
    )


def _month(text: str) -> date | None:
    match = _MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match and match[1] != "0000" else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _place(text: str) -> tuple[date, UUID] | None:
    day, _, id_ = text.partition("_")
    try:
        return (date.fromisoformat(day), UUID(id_)) if id_ else None
    except ValueError:
        return None


def _query(params: QueryDict) -> str:
    return urlencode({name: value for name, value in params.items() if name not in ("after", "export") and value})


def _choices(wanted: Wanted, months: list[date], currencies: list[str]) -> list[Choice]:
    labels = {
        "channel": (_("Channel"), _("All channels")),
        "event": (_("Kind of document"), _("All documents")),
        "kind": (_("Sale or return"), _("Sales and returns")),
        "novelty": (_("Kind of sale"), _("All kinds of sales")),
    }
    found = [
        Choice(name=name, label=label, options=_options(everything, getattr(wanted, name), _FILTERS[name].items()))
        for name, (label, everything) in labels.items()
    ]
    named = [(f"{month:%Y-%m}", formats.day(month, style="LLL yyyy")) for month in months]
    for name, label, everything, month in (
        ("from", _("From"), _("From the beginning"), wanted.from_month),
        ("to", _("Until"), _("Until now"), wanted.to_month),
    ):
        found.append(
            Choice(name=name, label=label, options=_options(everything, f"{month:%Y-%m}" if month else "", named))
        )
    if len(currencies) > 1:
        pairs = [(code, code) for code in currencies]
        found.append(
            Choice(name="currency", label=_("Currency"), options=_options(_("All currencies"), wanted.currency, pairs))
        )
    return found


def _options(everything: str, now: str, pairs: Iterable[tuple[str, object]]) -> list[tuple[str, str | Promise, bool]]:
    return [("", everything, not now), *((value, str(words), value == now) for value, words in pairs)]


# --- Pictures and files ----------------------------------------------------------------------------------------


def _picture(grouped: Grouped, currency: str) -> charts.Picture | None:
    """The last months, stacked by channel. A month that came to less than nothing in a channel is drawn as nothing; the
    table below the picture has the same figures, and the totals above it are exact."""
    months = grouped.months[-_MONTHS_DRAWN:]
    if not months:
        return None
    series = [
        charts.Series(
            name=str(CHANNELS.get(word, _("No channel"))),
            values=[max(grouped.amounts.get((month, word), Decimal(0)), Decimal(0)) for month in months],
        )
        for word in grouped.words[:5]
    ]
    if not any(any(each.values) for each in series):
        return None
    return charts.bars(
        title=_("Revenue by month and channel"),
        labels=[formats.day(month, style="LLL yy") for month in months],
        series=series,
        say=lambda value: formats.money(Decimal(value), currency, whole=True),
        say_axis=lambda value: formats.short_money(Decimal(value), currency),
    )


def _share(through: Decimal, own: Decimal) -> Decimal | None:
    whole = through + own
    return through / whole if whole > 0 and through >= 0 and own >= 0 else None


def _file(actor: Actor, wanted: Wanted) -> HttpResponse:
    """The wanted lines as CSV, newest first; at most `MOST_IN_A_FILE`, since a spreadsheet holds no more."""
    names = [name for name in LineRow.__dataclass_fields__ if name not in ("partner_why", "batch_id", "product_id")]
    found = queries.visible_lines(actor, wanted).select_related("partner")[:MOST_IN_A_FILE]
    values = ([getattr(row, name) for name in names] for row in map(LineRow.of, found.iterator(chunk_size=5000)))
    answer = HttpResponse(b"".join(csv_lines(names, values)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, "sales.csv")
    return answer
