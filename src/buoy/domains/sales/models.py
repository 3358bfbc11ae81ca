"""Sales lines, where they came from, and exchange rates.

A line has the partner whose it is in `partner`: the row-level security goes by it. It is the partner that the file named,
or the one that sent the file when it named nobody whom we know; a line of the vendor's own direct sales has none.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, UUIDField, Value
from django.db.models.functions import Coalesce

from buoy.core import clock
from buoy.core.ids import new_id
from buoy.domains.sales import policy

CODE, NAME = 100, 300
NOBODY = UUID(int=0)


def _choices(of: type[Any]) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in of]


class Source(models.Model):
    """A feed: files of one shape from one sender. What was chosen for one file counts for the next.

    `layout` and `mapping` are what people chose; `defaults` fill facts that the files do not have.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=NAME)
    layout = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    defaults = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "name"], name="sales_source_name", nulls_distinct=False)
        ]


class ImportBatch(models.Model):
    """One file on its way in. `position` counts the rows that its state has worked through, in transactions of their own;
    a worker moves on by `where position = …`, so that no row is worked through twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="batches")
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=_choices(policy.State), default=policy.State.ASKING.value)
    stopped_in = models.CharField(max_length=12, blank=True)
    """The state in which it was cancelled, to which it goes back."""
    position = models.BigIntegerField(default=0)
    file_name = models.CharField(max_length=NAME)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=100, unique=True)
    layout = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    defaults = models.JSONField(default=dict)
    questions = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    error = models.JSONField(default=dict)
    is_unattended = models.BooleanField(default=False)
    """A program sent it: it is written without a second yes when nothing had to be asked."""
    rows = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    flagged = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    """Rows that say again what an earlier row of the file has said under the same key."""
    expected_new = models.BigIntegerField(default=0)
    expected_same = models.BigIntegerField(default=0)
    expected_corrected = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    same = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    requester = models.CharField(max_length=NAME)
    created_at = models.DateTimeField(default=clock.now)
    moved_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The list of imports, newest first.
            models.Index(fields=["-created_at", "-id"]),
            # Has this very file come before?
            models.Index(fields=["source", "sha256"]),
            # The sweep for imports that were left behind.
            models.Index(fields=["moved_at"], condition=Q(state__in=["reading", "writing"]), name="sales_import_open"),
        ]


class FlawedRow(models.Model):
    """A row that was refused, or taken with a remark. `cells` are its values by the names of its columns."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="flawed_rows")
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    number = models.BigIntegerField()
    is_refused = models.BooleanField()
    flaws = models.JSONField()
    cells = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number", "is_refused"], name="sales_flawed_row_once")]


class Facts(models.Model):
    """What a line says, in the order of `reading.lines.KEPT`; a row that waits and a line have the same."""

    partner_code = models.CharField(max_length=CODE, default="")
    partner_name = models.CharField(max_length=NAME, default="")
    sale_date = models.DateField()
    document_no = models.CharField(max_length=CODE, default="")
    line_no = models.CharField(max_length=CODE, default="")
    line_id = models.CharField(max_length=CODE, default="")
    order_no = models.CharField(max_length=CODE, default="")
    product_code = models.CharField(max_length=CODE, default="")
    product_name = models.CharField(max_length=NAME, default="")
    quantity = models.DecimalField(max_digits=22, decimal_places=6, null=True)
    unit_price = models.DecimalField(max_digits=22, decimal_places=6, null=True)
    amount = models.DecimalField(max_digits=22, decimal_places=6)
    currency = models.CharField(max_length=3)
    customer_code = models.CharField(max_length=CODE, default="")
    customer_name = models.CharField(max_length=NAME, default="")
    customer_country = models.CharField(max_length=CODE, default="")
    channel = models.CharField(max_length=12, default="")
    tier_from = models.CharField(max_length=12, default="")
    tier_to = models.CharField(max_length=12, default="")
    deal_ref = models.CharField(max_length=CODE, default="")
    returns_ref = models.CharField(max_length=CODE, default="")
    kind = models.CharField(max_length=8)
    event = models.CharField(max_length=16, default="")
    key = models.BinaryField(max_length=16)
    content = models.BinaryField(max_length=16)

    class Meta:
        abstract = True


class StagedRow(Facts):
    """A row that has been read and waits to be written. Only jobs see it: rows are copied into this table in bulk, which
    PostgreSQL does not do under row-level security."""

    batch_id = models.UUIDField()
    number = models.BigIntegerField()
    line = models.UUIDField()
    """The id of the line that it becomes, unless the line is there already."""
    pk = models.CompositePrimaryKey("batch_id", "number")

    class Meta:
        indexes = [
            # Which rows of a file have the same key, and the how manieth of them a row is.
            models.Index(fields=["batch_id", "key", "number"], name="sales_staged_key"),
        ]


class EndCustomer(models.Model):
    """Somebody a partner has sold to, as its files name them; of the vendor's own sales when there is no partner.

    `key` is the code, else the name, in small letters.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=NAME)
    code = models.CharField(max_length=CODE)
    name = models.CharField(max_length=NAME)
    country = models.CharField(max_length=CODE)
    is_to_classify = models.BooleanField(default=False)
    """Lines came that may change what kind of sale others of this customer are."""

    class Meta:
        constraints = [
            # Found by this expression when lines are written: a join that lets nothing equal nothing has no index.
            models.UniqueConstraint(Coalesce("partner", Value(NOBODY, UUIDField())), "key", name="sales_customer_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(is_to_classify=True), name="sales_to_classify"),
            # Search for the lines of a customer.
            models.Index(fields=["key"], name="sales_customer_key"),
        ]


class PartnerMatch(models.Model):
    """Whom a source means by a code and a name. Without `target` it waits in the queue for somebody who knows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="matches")
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    """Whose feed it is."""
    code = models.CharField(max_length=CODE)
    name = models.CharField(max_length=NAME)
    target = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=12, choices=_choices(policy.Why))
    decided_by = models.CharField(max_length=NAME, default="")
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "code", "name"], name="sales_match_once")]
        indexes = [models.Index(fields=["decided_at"], condition=Q(target=None), name="sales_match_queue")]


class ProductMatch(models.Model):
    """Which product a source means by a code. Without `target` it waits in the queue for somebody who knows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    """Whose feed it is."""
    code = models.CharField(max_length=CODE)
    name = models.CharField(max_length=NAME)
    target = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=12, choices=_choices(policy.Why))
    decided_by = models.CharField(max_length=NAME, default="")
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "code"], name="sales_product_match_once")]
        indexes = [models.Index(fields=["decided_at"], condition=Q(target=None), name="sales_product_queue")]


class Line(Facts):
    """One line of a sale or a return. (source, key, occurrence) is the line's own name: the same one again is the same
    line, with another content a correction."""

    id = models.UUIDField(primary_key=True, editable=False)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    partner_why = models.CharField(max_length=12, choices=_choices(policy.Why))
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    customer = models.ForeignKey(EndCustomer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    # Lines are written from their import's own row, and nobody has the right to delete an import or a source: the database
    # need not look for them once for each line.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    occurrence = models.IntegerField()
    novelty = models.CharField(max_length=16, default="")
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key", "occurrence"], name="sales_line_once")]
        indexes = [
            # The list of lines, newest first: the vendor's, and a partner's.
            models.Index(fields=["-sale_date", "-id"], name="sales_line_by_day"),
            models.Index(fields=["partner", "-sale_date", "-id"], name="sales_line_of_partner"),
            # What kind of sale a line is, beside the others of its customer.
            models.Index(fields=["customer", "product_code", "sale_date"], name="sales_line_of_customer"),
            # Search for a document.
            models.Index(fields=["document_no"], name="sales_line_document"),
            models.Index(fields=["product_code", "-sale_date", "-id"], name="sales_line_of_product"),
        ]


class LineRevision(models.Model):
    """A line as it was before a correction."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="revisions")
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="+")
    """The import that corrected it."""
    was = models.JSONField()
    replaced_at = models.DateTimeField()


class MonthTotal(models.Model):
    """The sum of lines by partner, month and what tells sales apart; kept with the lines, in the same transaction."""

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    month = models.DateField()
    channel = models.CharField(max_length=12)
    tier_from = models.CharField(max_length=12)
    tier_to = models.CharField(max_length=12)
    event = models.CharField(max_length=16)
    kind = models.CharField(max_length=8)
    currency = models.CharField(max_length=3)
    lines = models.BigIntegerField()
    quantity = models.DecimalField(max_digits=28, decimal_places=6)
    amount = models.DecimalField(max_digits=28, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "month", "channel", "tier_from", "tier_to", "event", "kind", "currency"],
                name="sales_month_total_once",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["month"])]


class ExchangeRate(models.Model):
    """One euro in another currency on a day. It serves until the next day that has one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    currency = models.CharField(max_length=3)
    rate_date = models.DateField()
    kind = models.CharField(max_length=12, choices=_choices(policy.RateKind))
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    entered_by = models.CharField(max_length=NAME, default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "rate_date", "kind"], name="sales_rate_once"),
            models.CheckConstraint(name="sales_rate_is_positive", condition=Q(rate__gt=0)),
        ]
