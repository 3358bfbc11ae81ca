"""Whom and what files mean by the codes and names of partners and products: by rules, and by hand for what they leave.

A match counts for its source from then on, and for the lines that are there: they move to their partner, with their
customers and totals.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection

from buoy.core import jobs
from buoy.core.actor import Actor, Face
from buoy.core.audit import record
from buoy.core.errors import NotFound
from buoy.core.scope import acting, writing
from buoy.domains.catalog.queries import products as catalog
from buoy.domains.partners import queries as partners
from buoy.domains.sales.actions.turns import ADD_TO_TOTALS, CUSTOMER_KEY, add_customers, owner
from buoy.domains.sales.models import ImportBatch, PartnerMatch, ProductMatch
from buoy.domains.sales.policy import Known, Matcher, Reported, Why

_READER = Actor(face=Face.JOB, name="sales", permissions=frozenset({"partners.view", "catalog.view"}))
_GTIN_LENGTHS = (8, 12, 13, 14)


def match_reported(actor: Actor, *, batch: ImportBatch, on: date, now: datetime) -> None:
    """Find the partners that the waiting rows of an import name. What is found, and what is not, is kept with its reason.

    A partner's file can only mean the partner itself and those below it.
    """
    with acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(_REPORTED, {"batch": batch.id, "source": batch.source_id})
            reported = [Reported(code, name) for code, name in cursor.fetchall()]
        if not reported:
            return
        known = partners.visible_partners(_READER)
        if batch.partner_id is not None:
            known = known.filter(id__in=partners.partner_ids_in_sight(batch.partner_id, on=on))
        means = Matcher(Known(id_, name) for id_, name in known.values_list("id", "name"))
        found = [(each, *means(each)) for each in reported]
        PartnerMatch.objects.bulk_create(
            [
                PartnerMatch(
                    source_id=batch.source_id,
                    partner_id=batch.partner_id,
                    code=each.code,
                    name=each.name,
                    target_id=target,
                    why=why.value,
                    decided_at=now,
                )
                for each, target, why in found
            ],
            update_conflicts=True,
            unique_fields=["source", "code", "name"],
            update_fields=["target", "why", "decided_at"],
        )


def match_products(actor: Actor, *, batch: ImportBatch, now: datetime) -> None:
    """Find the products that the waiting rows of an import name: by the code, then by the number under the barcode."""
    with acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(_PRODUCTS_REPORTED, {"batch": batch.id, "source": batch.source_id})
            reported = dict(cursor.fetchall())
        if not reported:
            return
        by_code = catalog.products_by_code(_READER, codes=list(reported))
        found: dict[str, tuple[UUID | None, Why]] = {}
        for code in reported:
            product = by_code.get(code.upper())
            found[code] = (product.id, Why.CODE) if product else _by_gtin(code)
        ProductMatch.objects.bulk_create(
            [
                ProductMatch(
                    source_id=batch.source_id,
                    partner_id=batch.partner_id,
                    code=code,
                    name=reported[code],
                    target_id=target,
                    why=why.value,
                    decided_at=now,
                )
                for code, (target, why) in found.items()
            ],
            update_conflicts=True,
            unique_fields=["source", "code"],
            update_fields=["target", "why", "decided_at"],
        )


def _by_gtin(code: str) -> tuple[UUID | None, Why]:
    if not (code.isdecimal() and len(code) in _GTIN_LENGTHS):
        return None, Why.NONE
    found = catalog.product_of_gtin(_READER, gtin=code)
    return (found[0].id, Why.IDENTIFIER) if found else (None, Why.NONE)


def match_by_hand(actor: Actor, *, match_id: UUID, target_id: UUID, now: datetime) -> None:
    """Say whom a source means. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("sales.match")
        partners.partner_row(actor, partner_id=target_id)
        match = PartnerMatch.objects.select_for_update().filter(id=match_id).first()
        if match is None:
            raise NotFound
        PartnerMatch.objects.filter(id=match_id).update(
            target_id=target_id, why=Why.BY_HAND.value, decided_by=actor.name, decided_at=now
        )
        record(
            actor,
            action="partner.matched",
            object_type="match",
            object_id=match_id,
            partner_id=target_id,
            before={"target": match.target_id, "why": match.why},
            after={"target": target_id, "why": Why.BY_HAND.value, "reported_as": [match.code, match.name]},
        )
        jobs.enqueue("sales.move_lines", match_id=str(match_id))


def match_product_by_hand(actor: Actor, *, match_id: UUID, target_id: UUID, now: datetime) -> None:
    """Say which product a source means. Raises NotAllowed, NotFound."""
    with acting(actor):
        writing(actor)
        actor.require("sales.match")
        catalog.product_row(actor, product_id=target_id)
        match = ProductMatch.objects.select_for_update().filter(id=match_id).first()
        if match is None:
            raise NotFound
        ProductMatch.objects.filter(id=match_id).update(
            target_id=target_id, why=Why.BY_HAND.value, decided_by=actor.name, decided_at=now
        )
        record(
            actor,
            action="product.matched",
            object_type="match",
            object_id=match_id,
            before={"target": match.target_id, "why": match.why},
            after={"target": target_id, "why": Why.BY_HAND.value, "reported_as": match.code},
        )
        jobs.enqueue("sales.name_products", match_id=str(match_id))


def name_products(actor: Actor, *, match_id: UUID) -> None:
    """Give the lines that a match is about to their product."""
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(_NAME_PRODUCTS, {"match": match_id})


def move_lines(actor: Actor, *, match_id: UUID) -> None:
    """Give the lines that a match is about to its partner; done twice it changes nothing."""
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS_OF_MATCH, {"match": match_id})
        add_customers(cursor.fetchall())
        cursor.execute(_MOVE, {"match": match_id})


_REPORTED = """
select distinct r.partner_code, r.partner_name from sales_stagedrow r
left join sales_partnermatch m on m.source_id = %(source)s and m.code = r.partner_code and m.name = r.partner_name
where r.batch_id = %(batch)s and r.partner_code || r.partner_name <> '' and (m.id is null or m.why = 'none')
"""
_PRODUCTS_REPORTED = """
select r.product_code, max(r.product_name) from sales_stagedrow r
left join sales_productmatch m on m.source_id = %(source)s and m.code = r.product_code
where r.batch_id = %(batch)s and r.product_code <> '' and (m.id is null or m.why = 'none')
group by r.product_code
"""
_NAME_PRODUCTS = """
update sales_line l set product_id = m.target_id from sales_productmatch m
where m.id = %(match)s and m.target_id is not null and l.product_code = m.code and l.source_id = m.source_id
    and l.product_id is distinct from m.target_id
"""
_ABOUT = """
select l.id, m.target_id, m.why from sales_line l
join sales_partnermatch m on m.source_id = l.source_id and m.code = l.partner_code and m.name = l.partner_name
where m.id = %(match)s and m.target_id is not null and l.partner_id is distinct from m.target_id
"""
_CUSTOMERS_OF_MATCH = f"""
with about as ({_ABOUT})
select distinct on ({CUSTOMER_KEY.format("l")}) about.target_id, {CUSTOMER_KEY.format("l")}, l.customer_code,
    l.customer_name, l.customer_country
from sales_line l join about on about.id = l.id where {CUSTOMER_KEY.format("l")} <> ''
order by {CUSTOMER_KEY.format("l")}, l.sale_date, l.id
"""
_MOVE = f"""
with about as materialized ({_ABOUT}),
old as materialized (select l.* from sales_line l join about on about.id = l.id),
moved as (
    update sales_line l set partner_id = about.target_id, partner_why = about.why, customer_id = c.id, novelty = ''
    from about join old on old.id = about.id
    left join sales_endcustomer c on {owner("c")} = about.target_id and c.key = {CUSTOMER_KEY.format("old")}
    where l.id = about.id
    returning l.*
),
changes as (
    select partner_id, sale_date, channel, tier_from, tier_to, event, kind, currency, 1 as lines,
        coalesce(quantity, 0) as quantity, amount from moved
    union all
    select partner_id, sale_date, channel, tier_from, tier_to, event, kind, currency, -1, -coalesce(quantity, 0), -amount
    from old
),
added as ({ADD_TO_TOTALS}),
marked as (
    update sales_endcustomer c set is_to_classify = true
    from (select customer_id from moved union select customer_id from old) touched
    where c.id = touched.customer_id and not c.is_to_classify
)
select count(*) from moved
"""
