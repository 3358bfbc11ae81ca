"""Products from a file or a program, row by row: each is added, changed, already so, or refused with its reason.

The same file again changes nothing. All rows that are right are written in one transaction, or none; those that are
refused are told by their line, so that accepted and refused together are the rows of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind
from buoy.core.ids import new_id
from buoy.core.scope import acting, writing
from buoy.domains.catalog.actions.families import known_paths, make_path
from buoy.domains.catalog.actions.products import WHY_NO_GTIN, told
from buoy.domains.catalog.models import Gtin, Product, ProductKind
from buoy.domains.catalog.policy.gtin import shown_gtin
from buoy.domains.catalog.policy.importing import NEEDED, ProductLine, RowProblem, read_line, understood
from buoy.domains.catalog.policy.sheets import NotASheet, read_sheet
from buoy.domains.catalog.policy.units import PIECE
from buoy.domains.catalog.queries.products import products_by_code

CHUNK = 1000


class FileNotRead(DomainError):
    """The file as a whole cannot be read."""

    kind = Kind.INVALID
    code = "file-not-read"
    message = _("%(why)s")


WHY_NO_SHEET: Mapping[str, Promise] = {
    "empty": _("The file is empty. Its first line names the columns; code and name are needed."),
    "binary": _("The file is no text. Save the table as CSV, and send that."),
    "too_long": _("The file has more than 20,000 rows. Send it in parts."),
    "too_wide": _("The file has more than 200 columns. Send those that are needed."),
    "broken": _(
        "Line %(line)s cannot be read: a quotation mark may be missing there. Repair it, and send the file again."
    ),
    "columns": _("The file has no column for %(missing)s. It has these: %(found)s. Name them in the first line."),
}

WHY_NOT: Mapping[str, Promise] = {
    "code": _("“%(found)s” is no article number: up to 60 plain letters, digits and signs."),
    "name": _("The name is missing."),
    "too_long": _("The column %(found)s has more than %(more)s characters."),
    "family": _("The family “%(found)s” has too many levels or too long a name."),
    "kind": _("“%(found)s” is no kind of product: goods, service, licence or subscription."),
    "unit": _("“%(found)s” is no unit that we know. Write its code, such as C62 for a piece."),
    "is_active": _("“%(found)s” does not say whether it is in sale: write yes or no."),
    "twice": _("The article number %(found)s stands in line %(more)s already."),
    "gtin_taken": _("The GTIN %(found)s belongs to %(more)s already."),
}


@dataclass(frozen=True)
class Refused:
    """A row that was not taken. `line` counts from 1, the head included."""

    line: int
    code: str
    why: str


@dataclass
class Report:
    """What became of the rows: `rows` is the sum of added, changed, same and refused."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refused] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    """The paths of families that were, or would be, made."""
    ignored: list[str] = field(default_factory=list)
    """Columns that are not understood."""
    encoding: str = ""
    is_written: bool = False


Rows = Sequence[tuple[int, Mapping[str, str]]]


def import_file(actor: Actor, *, content: bytes, writes: bool, now: datetime) -> Report:
    """Read a file of products; without `writes` only say what would become of it. Raises NotAllowed, FileNotRead."""
    actor.require("catalog.manage")
    try:
        sheet = read_sheet(content)
    except NotASheet as wrong:
        raise FileNotRead(why=WHY_NO_SHEET[wrong.reason] % {"line": wrong.line}) from None
    columns = understood(sheet.columns)
    if missing := [name for name in NEEDED if name not in columns]:
        found = ", ".join(sheet.columns[:20])
        raise FileNotRead(why=WHY_NO_SHEET["columns"] % {"missing": ", ".join(missing), "found": found})
    rows = [
        (line, {ours: cells[theirs] for ours, theirs in columns.items() if theirs in cells})
        for line, cells in sheet.rows
    ]
    report = import_products(actor, rows=rows, writes=writes, now=now)
    report.encoding = sheet.encoding
    report.ignored = [column for column in sheet.columns if column not in columns.values()]
    return report


def import_products(actor: Actor, *, rows: Rows, writes: bool, now: datetime) -> Report:
    """Take rows whose cells stand under our own names. Writes products, GTINs and families. Raises NotAllowed."""
    with acting(actor, read_only=not writes):
        if writes:
            writing(actor)
        actor.require("catalog.manage")
        if writes:
            _hold_still()
        work = _Import(actor, writes=writes, now=now)
        work.take(rows)
        if writes:
            work.write()
    return work.report


def _hold_still() -> None:
    """Two imports at once would each miss what the other adds."""
    with connection.cursor() as cursor:
        cursor.execute("lock table catalog_product, catalog_gtin, catalog_family in share row exclusive mode")


class _Import:
    """One import: what is known, what is to be written, and the report."""

    def __init__(self, actor: Actor, *, writes: bool, now: datetime) -> None:
        self.actor, self.writes, self.now = actor, writes, now
        self.report = Report(is_written=writes)
        self.paths = known_paths(actor)
        self.known: dict[str, Product] = {}
        self.owners: dict[str, str] = {}
        self.added: list[Product] = []
        self.changed: list[tuple[dict[str, object], Product]] = []
        self.gtins: list[Gtin] = []

    def take(self, rows: Rows) -> None:
        """Read every row and decide what becomes of it."""
        self.report.rows = len(rows)
        lines = [(line, row, read_line(row)) for line, row in rows]
        right = [found for _line, _row, found in lines if isinstance(found, ProductLine)]
        self._look_up(right)
        seen: dict[str, int] = {}
        for line, row, found in lines:
            problem = found if isinstance(found, RowProblem) else self._conflict(found, seen)
            if problem:
                self.report.refused.append(Refused(line, row.get("code", "")[:60], _words(problem)))
            elif isinstance(found, ProductLine):
                seen[found.code.upper()] = line
                self._decide(found)

    def write(self) -> None:
        """Write what was decided, and record it."""
        for start in range(0, len(self.added), CHUNK):
            Product.objects.bulk_create(self.added[start : start + CHUNK])
        changed = [product for _before, product in self.changed]
        fields = ["name", "family", "kind", "unit", "description", "is_active"]
        Product.objects.bulk_update(changed, fields, batch_size=CHUNK)
        Gtin.objects.bulk_create(self.gtins, batch_size=CHUNK)
        for product in self.added:
            self._note("product.added", product.id, None, told(product))
        for before, product in self.changed:
            self._note("product.changed", product.id, before, told(product))
        for gtin in self.gtins:
            self._note("product.gtin_added", gtin.product_id, None, {"gtin": shown_gtin(gtin.digits)})
        if self.added or self.changed or self.gtins:
            counts = {"added": self.report.added, "changed": self.report.changed, "refused": len(self.report.refused)}
            record(self.actor, action="products.imported", object_type="import", object_id=new_id(), after=counts)

    def _look_up(self, lines: list[ProductLine]) -> None:
        """What is known of the products and numbers that the file names."""
        for start in range(0, len(lines), CHUNK):
            part = lines[start : start + CHUNK]
            self.known |= products_by_code(self.actor, codes=[line.code for line in part])
            digits = {line.gtin for line in part if line.gtin}
            for gtin in Gtin.objects.filter(digits__in=digits).select_related("product"):
                self.owners[gtin.digits] = gtin.product.code.upper()

    def _conflict(self, line: ProductLine, seen: Mapping[str, int]) -> RowProblem | None:
        key = line.code.upper()
        if key in seen:
            return RowProblem("twice", line.code, str(seen[key]))
        owner = self.owners.get(line.gtin, key)
        return RowProblem("gtin_taken", shown_gtin(line.gtin), owner) if owner != key else None

    def _decide(self, line: ProductLine) -> None:
        product = self.known.get(line.code.upper())
        if product is None:
            product = Product(
                code=line.code,
                created_at=self.now,
                **{"kind": ProductKind.GOODS, "unit": PIECE, **line.said},
            )
            product.family_id = self._family(line.path) if line.path else None
            self.added.append(product)
            self.report.added += 1
            self._keep_gtin(line, product)
            return
        before = told(product)
        for name, value in line.said.items():
            setattr(product, name, value)
        if line.path is not None:
            product.family_id = self._family(line.path) if line.path else None
        has_new_number = self._keep_gtin(line, product)
        if before == told(product) and not has_new_number:
            self.report.same += 1
            return
        self.report.changed += 1
        if before != told(product):
            self.changed.append((before, product))

    def _family(self, path: tuple[str, ...]) -> UUID | None:
        """The family at a path, made if it is not there; an id that nobody has where nothing is written."""
        for depth in range(1, len(path) + 1):
            if path[:depth] not in self.paths:
                self.report.families.append(" > ".join(path[:depth]))
                if not self.writes:
                    self.paths[path[:depth]] = new_id()
        return make_path(self.actor, path, self.paths)

    def _keep_gtin(self, line: ProductLine, product: Product) -> bool:
        """Is the row's number new? Then it is the product's."""
        if not line.gtin or line.gtin in self.owners:
            return False
        self.owners[line.gtin] = line.code.upper()
        self.gtins.append(Gtin(digits=line.gtin, product=product, unit=product.unit, contains=1))
        return True

    def _note(
        self, action: str, product_id: UUID, before: Mapping[str, object] | None, after: Mapping[str, object]
    ) -> None:
        record(self.actor, action=action, object_type="product", object_id=product_id, before=before, after=after)


def _words(problem: RowProblem) -> str:
    if problem.problem.startswith("gtin_") and problem.problem != "gtin_taken":
        reason = problem.problem.removeprefix("gtin_")
        return str(WHY_NO_GTIN[reason]) % {"digits": problem.found[:60], "expected": problem.more}
    return str(WHY_NOT[problem.problem]) % {"found": problem.found[:60], "more": problem.more}
