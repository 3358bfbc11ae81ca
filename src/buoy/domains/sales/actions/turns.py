"""What a worker does with an import, a turn at a time. Each turn is one transaction that works through some rows and moves
`position` on by a conditional update; a worker that was thought dead and comes back changes nothing, and one that is
killed leaves whole turns behind.

    READING   rows of the file → StagedRow, FlawedRow                 (stage_rows, once for each piece of the file)
              the file as a whole: keys, partners, what is new        (finish_reading)
    WRITING   StagedRow → Line, LineRevision, MonthTotal, EndCustomer (write_rows)
              what kind of sale each line is                          (classify_lines)
              the waiting rows are dropped                            (finish_writing)

Lines are written by sets: one statement compares a piece of the waiting rows with the lines that are there, keeps what a
correction replaces, writes, and adds to the totals what has changed. So totals and lines cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.ids import new_id
from buoy.core.scope import acting
from buoy.domains.sales import policy
from buoy.domains.sales.models import EndCustomer, FlawedRow, ImportBatch
from buoy.domains.sales.policy import State
from buoy.domains.sales.reading.flaws import Flaw, Unreadable
from buoy.domains.sales.reading.lines import KEPT, Read
from buoy.domains.sales.reading.mapping import FIELDS

_NUMBERS = ("quantity", "unit_price", "amount")
_STAGED = ("batch_id", "number", "line", *KEPT, "key", "content")
_COPY = f"copy sales_stagedrow ({', '.join(_STAGED)}) from stdin"
_FACTS = (*KEPT, "content")
CUSTOMERS_A_TURN = 500

_NAMED = "(line_id <> '' or (document_no <> '' and line_no <> ''))"
"""A row that names its line; any other is known by its whole content, and counted."""
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"


def owner(alias: str) -> str:
    """The partner of a row, or nobody, in the form that the index of customers has."""
    return f"coalesce({alias}.partner_id, {NOBODY})"


CUSTOMER_KEY = "lower(coalesce(nullif({0}.customer_code, ''), {0}.customer_name))"

# --- Reading ---------------------------------------------------------------------------------------------------


def stage_rows(
    actor: Actor,
    *,
    batch: ImportBatch,
    position: int,
    rows: Sequence[tuple[int, Read, Mapping[str, str]]],
    now: datetime,
) -> bool:
    """Keep rows that were read: as waiting rows or as flawed ones. False when the import has moved on without us."""
    refused = sum(read.values is None for _, read, _ in rows)
    flagged = sum(bool(read.flaws) for _, read, _ in rows) - refused
    with acting(actor):
        mine = ImportBatch.objects.filter(id=batch.id, state=State.READING.value, position=position)
        moved = mine.update(
            position=F("position") + len(rows),
            rows=F("rows") + len(rows),
            refused=F("refused") + refused,
            flagged=F("flagged") + flagged,
            moved_at=now,
        )
        if not moved:
            return False
        if position == 0:
            _forget_rows(batch.id)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for number, read, _ in rows:
                if read.values is not None:
                    values = [value if value is not None or name in _NUMBERS else "" for name, value in _named(read)]
                    copy.write_row([batch.id, number, new_id(), *values, read.key, read.content])
        FlawedRow.objects.bulk_create(
            FlawedRow(
                batch_id=batch.id,
                partner_id=batch.partner_id,
                number=number,
                is_refused=read.values is None,
                flaws=[_kept(each) for each in read.flaws],
                cells=cells,
            )
            for number, read, cells in rows
            if read.flaws
        )
    return True


def fail_import(actor: Actor, *, batch: ImportBatch, error: Unreadable, now: datetime) -> None:
    """The file cannot be read, or not as it was said to be. READING → FAILED, or ASKING for what can be answered."""
    with acting(actor):
        can_be_answered = error.code == "wrong-encoding"
        state = State.ASKING if can_be_answered else State.FAILED
        mine = ImportBatch.objects.filter(id=batch.id, state=State.READING.value)
        moved = mine.update(
            state=state.value,
            error={"code": error.code, "params": error.params},
            questions=[{"about": "encoding", "choices": [], "examples": []}] if can_be_answered else [],
            moved_at=now,
            ended_at=None if can_be_answered else now,
        )
        if moved:
            _note(actor, batch, "import.unreadable", {"code": error.code, **error.params})


def finish_reading(actor: Actor, *, batch: ImportBatch, position: int, now: datetime) -> None:
    """Look at the file as a whole: keys that come twice, and what of it is new. READING → READY; on to WRITING when a
    program sent it and nothing was refused."""
    with acting(actor):
        with connection.cursor() as cursor:
            params = {"batch": batch.id, "partner": batch.partner_id, "source": batch.source_id}
            # PostgreSQL has no statistics yet of rows that were copied a moment ago. It takes them for a few and walks
            # through the keys that come twice once for each row: minutes for 20,000 rows where a hash takes a second.
            cursor.execute("set local enable_nestloop = off")
            cursor.execute(_REFUSE_CONTRADICTIONS, params)
            refused = cursor.rowcount
            cursor.execute(_SET_REPEATS_ASIDE, params)
            repeated = cursor.rowcount
            cursor.execute("set local enable_nestloop = on")
            cursor.execute(_EXPECT, params)
            new, same, corrected = cursor.fetchone()
        mine = ImportBatch.objects.filter(id=batch.id, state=State.READING.value, position=position)
        is_clean = batch.is_unattended and not refused and not mine.filter(refused__gt=0).exists()
        moved = mine.update(
            state=(State.WRITING if is_clean else State.READY).value,
            position=0,
            refused=F("refused") + refused,
            repeated=repeated,
            expected_new=new,
            expected_same=same,
            expected_corrected=corrected,
            moved_at=now,
        )
        if not moved:
            # Somebody stopped it meanwhile: what was decided here is decided again when it goes on.
            connection.set_rollback(True)


def _named(read: Read) -> zip[tuple[str, str | None]]:
    return zip(KEPT, read.values or (), strict=True)


def _kept(each: Flaw) -> dict[str, Any]:
    return {"code": each.code, "field": each.field, "found": each.found, "is_fatal": each.is_fatal}


def _forget_rows(batch_id: UUID) -> None:
    """What an earlier reading of the same file has left."""
    with connection.cursor() as cursor:
        cursor.execute("delete from sales_stagedrow where batch_id = %s", [batch_id])
        cursor.execute("delete from sales_flawedrow where batch_id = %s", [batch_id])


_CELLS = (
    "(select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each_text(to_jsonb(gone))"
    f" where value <> '' and key in ({', '.join(repr(name) for name in FIELDS)}))"
)


def _moved_aside(which: str, code: str, *, is_refused: bool) -> str:
    """A statement that takes waiting rows out and keeps them as flawed ones."""
    flaws = f"""'[{{"code": "{code}", "field": "", "found": "", "is_fatal": {str(is_refused).lower()}}}]'::jsonb"""
    return (
        f"with gone as ({which} returning s.*)"
        " insert into sales_flawedrow (batch_id, partner_id, number, is_refused, flaws, cells)"
        f" select batch_id, %(partner)s, number, {is_refused}, {flaws}, {_CELLS} from gone"
        " on conflict (batch_id, number, is_refused) do update set flaws = sales_flawedrow.flaws || excluded.flaws"
    )


_REFUSE_CONTRADICTIONS = _moved_aside(
    f"delete from sales_stagedrow s using (select key from sales_stagedrow where batch_id = %(batch)s and {_NAMED}"
    " group by key having count(distinct content) > 1) twice where s.batch_id = %(batch)s and s.key = twice.key",
    "duplicate-key",
    is_refused=True,
)
_SET_REPEATS_ASIDE = _moved_aside(
    f"delete from sales_stagedrow s using (select key, min(number) as first from sales_stagedrow"
    f" where batch_id = %(batch)s and {_NAMED} group by key having count(*) > 1) twice"
    " where s.batch_id = %(batch)s and s.key = twice.key and s.number > twice.first",
    "repeated-row",
    is_refused=False,
)
_EXPECT = f"""
with s as (
    select key, content,
        case when {_NAMED} then 0 else row_number() over (partition by key order by number) - 1 end as occurrence
    from sales_stagedrow where batch_id = %(batch)s
)
select count(*) filter (where l.id is null), count(*) filter (where l.content = s.content),
    count(*) filter (where l.content <> s.content)
from s left join sales_line l on l.source_id = %(source)s and l.key = s.key and l.occurrence = s.occurrence
"""

# --- Writing ---------------------------------------------------------------------------------------------------


def write_rows(actor: Actor, *, batch: ImportBatch, now: datetime) -> bool:
    """Write the next waiting rows as lines. False when there are none, or the import has moved on without us."""
    with acting(actor):
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, {"batch": batch.id, "after": batch.position, "most": policy.ROWS_A_TURN})
            (upto,) = cursor.fetchone()
            if upto is None:
                return False
            params = {
                "batch": batch.id,
                "source": batch.source_id,
                "partner": batch.partner_id,
                "after": batch.position,
                "upto": upto,
                "now": now,
            }
            cursor.execute(_UNKNOWN_CUSTOMERS, params)
            add_customers(cursor.fetchall())
            cursor.execute(_WRITE, params)
            rows, new, corrected = cursor.fetchone()
        moved = ImportBatch.objects.filter(id=batch.id, state=State.WRITING.value, position=batch.position).update(
            position=upto,
            new=F("new") + new,
            corrected=F("corrected") + corrected,
            same=F("same") + rows - new - corrected,
            moved_at=now,
        )
        if not moved:
            connection.set_rollback(True)
            return False
    batch.position = upto
    return True


def classify_lines(actor: Actor) -> bool:
    """Say of the lines of some customers what kind of sale they are. False when no customer waits for it."""
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(_CLASSIFY, {"most": CUSTOMERS_A_TURN})
        (customers,) = cursor.fetchone()
    return bool(customers)


def finish_writing(actor: Actor, *, batch: ImportBatch, now: datetime) -> None:
    """Drop the waiting rows. WRITING → DONE."""
    with acting(actor):
        mine = ImportBatch.objects.filter(id=batch.id, state=State.WRITING.value, position=batch.position)
        if not mine.update(state=State.DONE.value, ended_at=now, moved_at=now):
            return
        with connection.cursor() as cursor:
            cursor.execute("delete from sales_stagedrow where batch_id = %s", [batch.id])
        done = ImportBatch.objects.get(id=batch.id)
        counts = ("rows", "refused", "repeated", "new", "same", "corrected")
        _note(actor, batch, "import.done", {name: getattr(done, name) for name in counts})


def add_customers(rows: Sequence[tuple[UUID | None, str, str, str, str]]) -> None:
    EndCustomer.objects.bulk_create(
        [
            EndCustomer(
                id=new_id(), partner_id=partner, key=key, code=code, name=name, country=country, is_to_classify=True
            )
            for partner, key, code, name, country in rows
        ],
        ignore_conflicts=True,
    )


def _note(actor: Actor, batch: ImportBatch, action: str, after: Mapping[str, Any]) -> None:
    record(
        actor, action=action, object_type="import", object_id=batch.id, partner_id=batch.partner_id, after=dict(after)
    )


_NEXT = """
select max(number) from (
    select number from sales_stagedrow where batch_id = %(batch)s and number > %(after)s order by number limit %(most)s
) next
"""
_ROWS = f"""
s as materialized (
    select r.*, {CUSTOMER_KEY.format("r")} as customer_key,
        case when {_NAMED} then 0 else (
            select count(*) from sales_stagedrow p where p.batch_id = r.batch_id and p.key = r.key and p.number < r.number
        ) end as occurrence,
        coalesce(m.target_id, %(partner)s) as partner_id,
        case when m.target_id is not null then m.why when %(partner)s::uuid is not null then 'reporter' else 'none' end
            as partner_why,
        g.target_id as product_id
    from sales_stagedrow r
    left join sales_productmatch g on g.source_id = %(source)s and g.code = r.product_code
    left join sales_partnermatch m on m.source_id = %(source)s and m.code = r.partner_code and m.name = r.partner_name
    where r.batch_id = %(batch)s and r.number > %(after)s and r.number <= %(upto)s
)"""
_UNKNOWN_CUSTOMERS = f"""
with {_ROWS}
select distinct on (s.partner_id, s.customer_key)
    s.partner_id, s.customer_key, s.customer_code, s.customer_name, s.customer_country
from s
where s.customer_key <> '' and not exists (
    select from sales_endcustomer c where {owner("c")} = {owner("s")} and c.key = s.customer_key
)
order by s.partner_id, s.customer_key, s.number
"""
_KINDS = "channel, tier_from, tier_to, event, kind, currency"
ADD_TO_TOTALS = f"""
insert into sales_monthtotal as t (partner_id, month, {_KINDS}, lines, quantity, amount)
select partner_id, date_trunc('month', sale_date)::date as month, {_KINDS}, sum(lines), sum(quantity), sum(amount)
from changes group by partner_id, month, {_KINDS} order by partner_id, month, {_KINDS}
on conflict (partner_id, month, {_KINDS}) do update
set lines = t.lines + excluded.lines, quantity = t.quantity + excluded.quantity, amount = t.amount + excluded.amount
"""
_WRITE = f"""
with {_ROWS},
old as materialized (
    -- `offset 0` keeps this a look into the index for each row: a source that has grown since the last statistics would
    -- otherwise be walked through whole, once for each row.
    select l.* from s cross join lateral (
        select * from sales_line l where l.source_id = %(source)s and l.key = s.key and l.occurrence = s.occurrence offset 0
    ) l
    where l.content <> s.content
),
kept as (
    insert into sales_linerevision (line_id, partner_id, batch_id, was, replaced_at)
    select old.id, old.partner_id, %(batch)s, to_jsonb(old), %(now)s from old
),
written as (
    insert into sales_line as l (id, partner_id, partner_why, product_id, customer_id, source_id, batch_id, occurrence, novelty,
        posted_at, key, {", ".join(_FACTS)})
    select s.line, s.partner_id, s.partner_why, s.product_id, c.id, %(source)s, %(batch)s, s.occurrence, '', %(now)s, s.key,
        {", ".join(f"s.{name}" for name in _FACTS)}
    from s left join sales_endcustomer c on {owner("c")} = {owner("s")} and c.key = s.customer_key
    on conflict (source_id, key, occurrence) do update
    set partner_id = excluded.partner_id, partner_why = excluded.partner_why,
        product_id = excluded.product_id, customer_id = excluded.customer_id,
        batch_id = excluded.batch_id, novelty = '', posted_at = excluded.posted_at,
        {", ".join(f"{name} = excluded.{name}" for name in _FACTS)}
    where l.content <> excluded.content
    returning l.*, xmax = 0 as is_new
),
changes as (
    select partner_id, sale_date, {_KINDS}, 1 as lines, coalesce(quantity, 0) as quantity, amount from written
    union all
    select partner_id, sale_date, {_KINDS}, -1, -coalesce(quantity, 0), -amount from old
),
added as ({ADD_TO_TOTALS}),
marked as (
    update sales_endcustomer c set is_to_classify = true
    from (select customer_id from written union select customer_id from old) touched
    where c.id = touched.customer_id and not c.is_to_classify
)
select (select count(*) from s), count(*) filter (where is_new), count(*) filter (where not is_new) from written
"""
_CLASSIFY = """
with chosen as materialized (
    select id from sales_endcustomer where is_to_classify order by id limit %(most)s for update skip locked
),
by_product as materialized (
    select l.customer_id, l.product_code, min(l.sale_date) as first from sales_line l
    join chosen on chosen.id = l.customer_id where l.kind = 'sale' group by l.customer_id, l.product_code
),
said as (
    select customer_id, product_code, first as first_of_product, min(first) over (partition by customer_id) as first_sale
    from by_product
),
classified as (
    update sales_line l set novelty = case when l.sale_date <= said.first_sale then 'new_customer'
        when l.sale_date > said.first_of_product then 'same_product' else 'other_product' end
    from said
    where l.customer_id = said.customer_id and l.product_code = said.product_code and l.kind = 'sale'
        and l.novelty <> case when l.sale_date <= said.first_sale then 'new_customer'
            when l.sale_date > said.first_of_product then 'same_product' else 'other_product' end
),
done as (update sales_endcustomer c set is_to_classify = false from chosen where c.id = chosen.id)
select count(*) from chosen
"""
