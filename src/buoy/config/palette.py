"""What the command palette finds: pages of the navigation, partners by name, and products by name, number or barcode."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from buoy.config.frame import groups
from buoy.core.actor import Actor, Face
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.catalog.queries import products as catalog
from buoy.domains.partners import queries as partners
from buoy.domains.sales.queries import lines as sales
from buoy.ui.shell import Hit

MOST = 8


@require_safe
@door((Face.DESK, Face.PARTNER), "partners.view")
def find(request: Request) -> HttpResponse:
    """A fragment. Three queries, four for a barcode."""
    words = request.GET.get("q", "").replace("\x00", "").strip()
    links = [link for group in groups(request.actor) for link in group.links]
    pages = [
        Hit(label=link.label, url=link.url, icon=link.icon) for link in links if words.lower() in link.label.lower()
    ]
    found: list[tuple[str, list[Hit]]] = []
    if words:
        with acting(request.actor, read_only=True):
            found = [
                (_("Partners"), _partners(request.actor, words)),
                (_("Products"), _products(request.actor, words)),
                (_("Sales"), _sales(request.actor, words)),
            ]
    context = {"groups": [each for each in (*found, (_("Pages"), pages)) if each[1]]}
    return render(request, "ui/palette_results.html", context)


def _partners(actor: Actor, words: str) -> list[Hit]:
    address = "partners:desk-partner" if actor.face is Face.DESK else "partners:partner"
    rows = partners.visible_partners(actor, search=words)[:MOST]
    return [Hit(label=row.name, url=reverse(address, args=[row.id]), icon="building") for row in rows]


def _products(actor: Actor, words: str) -> list[Hit]:
    if not actor.may("catalog.view"):
        return []
    address = "catalog:desk-product" if actor.face is Face.DESK else "catalog:product"
    under_barcode = catalog.product_of_gtin(actor, gtin=words)
    rows = [under_barcode[0]] if under_barcode else catalog.visible_products(actor, search=words)[:MOST]
    return [Hit(label=row.name, url=reverse(address, args=[row.id]), icon="package", note=row.code) for row in rows]


def _sales(actor: Actor, words: str) -> list[Hit]:
    """Lines of a document that is written out."""
    if not actor.may("sales.view"):
        return []
    rows = sales.lines_of_document(actor, document_no=words, most=MOST)
    return [
        Hit(
            label=row.document_no,
            url=reverse("sales:line", args=[row.id]),
            icon="file-text",
            note=row.product_name or row.product_code,
        )
        for row in rows
    ]
