"""The sales of the demo: eighteen months of Nimbus's invoices, a distributor's report, and files that ask something.

They come in as files, the way that sales do. Which they are is drawn by a fixed number, so that the demo is the same each
time.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from buoy.core.actor import Actor
from buoy.core.configuration import Configuration
from buoy.core.storage import Storage, storage
from buoy.domains.sales import jobs
from buoy.domains.sales.actions.rates import enter_rate
from buoy.domains.sales.actions.receiving import receive_file


@dataclass(frozen=True)
class Buyer:
    """Who buys from Nimbus: in which currency, how much of it is an euro, by which channel, and its own customers."""

    name: str
    currency: str
    per_euro: Decimal
    channel: str
    customers: tuple[str, ...]


BUYERS = (
    Buyer(
        "Delta Distribution", "GBP", Decimal("0.86"), "indirect", ("Harbour Clinics", "Northgate Schools", "Mill & Co")
    ),
    Buyer("Alpha Networks", "GBP", Decimal("0.86"), "indirect", ("Thames Logistics", "Oakfield Council", "Brightwell")),
    Buyer("Beta Systems", "EUR", Decimal(1), "retail", ("Liffey Foods", "Galway Hotels")),
    Buyer(
        "Nusantara Teknologi", "IDR", Decimal(17200), "online", ("Bank Cendana", "Rumah Sakit Melati", "Toko Sentosa")
    ),
    Buyer(
        "Wisła Systems", "PLN", Decimal("4.30"), "indirect", ("Żółty Ser Sp. z o.o.", "Urząd Miasta", "Kopalnia Łąka")
    ),
    Buyer("شركة النور للتقنية", "AED", Decimal("4.05"), "retail", ("فنادق الخليج", "مستشفى الواحة")),
    Buyer("Van Dijk Automatisering", "EUR", Decimal(1), "indirect", ("Gemeente Zwijndrecht", "Bakkerij Visser")),
    Buyer("Rijnmond IT", "EUR", Decimal(1), "indirect", ("Havenbedrijf Zuid", "Kliniek Maas")),
    Buyer("", "EUR", Decimal(1), "online", ("Studio Ahoi", "Praxis Dr. Weber", "Ferme du Lac")),
)
PRICES = {
    "NG-100": Decimal(390),
    "NG-500": Decimal(2150),
    "NS-24": Decimal(540),
    "NS-48P": Decimal(1680),
    "NA-7": Decimal(310),
}
HEAD = (
    "Invoice no",
    "Line no",
    "Partner name",
    "SKU",
    "Quantity",
    "Unit price",
    "Currency",
    "Invoice date",
    "Customer name",
    "Channel",
)
MONTHS = 18


def make_sales(maker: Actor, actor: Actor, *, distributor: UUID, configuration: Configuration, now: datetime) -> None:
    """Bring in files as `actor` does: one that is done, one that waits for a yes, one that asks."""
    place = storage(configuration.storage_url, configuration.data)
    for buyer in {each.currency: each for each in BUYERS}.values():
        if buyer.currency != "EUR":
            enter_rate(maker, currency=buyer.currency, rate_date=now.date(), rate=buyer.per_euro, now=now)
    invoices = _written(HEAD, _invoices(now.date()))
    _bring(actor, place, "Nimbus invoices", "invoices.csv", invoices, now=now - timedelta(days=2))
    _bring(
        actor,
        place,
        "Delta, point of sale",
        "delta-report.csv",
        _written(HEAD, _report(now.date())),
        partner_id=distributor,
        now=now - timedelta(hours=3),
    )
    _bring(actor, place, "Nusantara, bulanan", "penjualan.csv", ASKS, is_unattended=False, now=now - timedelta(hours=1))


ASKS = (
    b"Nomor faktur;Nama mitra;Kode produk;Jumlah;Harga satuan;Tanggal;Nama pelanggan\n"
    b"NT-881;Nusantara Teknologi;NA-7;12;5.350.000;05/04/2026;Bank Cendana\n"
    b"NT-882;Nusantara Teknologi;NG-100;3;6.720.000;06/04/2026;Toko Sentosa\n"
)
"""A file that leaves open whether the day or the month stands first."""


def _bring(
    actor: Actor,
    place: Storage,
    source: str,
    name: str,
    content: bytes,
    *,
    partner_id: UUID | None = None,
    is_unattended: bool = True,
    now: datetime,
) -> None:
    made = receive_file(
        actor,
        storage=place,
        source_name=source,
        partner_id=partner_id,
        name=name,
        size=len(content),
        content=io.BytesIO(content),
        defaults={"tier_from": "vendor" if partner_id is None else "distributor", "event": "invoice"},
        is_unattended=is_unattended,
        now=now,
    )
    jobs.work_on(batch_id=str(made))


def _invoices(today: date) -> Iterator[Sequence[object]]:
    """Invoices of eighteen months, a little more each month, and now and then a return."""
    draw = random.Random(18)
    for month in range(MONTHS, 0, -1):
        for place, buyer in enumerate(BUYERS):
            for number in range(1 + draw.randrange(2 + (MONTHS - month) // 6)):
                day = today - timedelta(days=30 * month - draw.randrange(28))
                yield from _lines(draw, f"N{MONTHS - month:02}{place}{number}", buyer, day)
    # A name that the rules do not find; it waits in the queue.
    yield (
        "N999",
        1,
        "Alpha Network Ltd.",
        "NG-100",
        4,
        "335.40",
        "GBP",
        today - timedelta(days=9),
        "Brightwell",
        "indirect",
    )


def _lines(draw: random.Random, document: str, buyer: Buyer, day: date) -> Iterator[Sequence[object]]:
    customer = draw.choice(buyer.customers)
    codes = draw.sample(sorted(PRICES), draw.randrange(1, 4))
    for line, code in enumerate(codes, start=1):
        quantity = draw.randrange(1, 12) * (-1 if draw.random() < 0.04 else 1)
        price = (PRICES[code] * buyer.per_euro).quantize(Decimal("0.01"))
        yield (document, line, buyer.name, code, quantity, price, buyer.currency, day, customer, buyer.channel)


def _report(today: date) -> Iterator[Sequence[object]]:
    """What a distributor has resold, with rows that cannot be taken."""
    draw = random.Random(7)
    buyer = BUYERS[0]
    for number in range(24):
        name = draw.choice(("Alpha Networks", "Beta Systems", ""))
        day = today - timedelta(days=30 - number)
        for row in _lines(draw, f"D{number:03}", buyer, day):
            yield (*row[:2], name, *row[3:])
    yield ("D100", 1, "Alpha Networks", "NG-100", "three", "335.40", "GBP", today, "Brightwell", "indirect")
    yield ("D101", 1, "Alpha Networks", "May-20", 2, "120", "GBP", today, "Brightwell", "indirect")
    yield ("D102", 1, "Alpha Networks", "NS-24", 2, "464.40", "GBP", "31/02/2026", "Brightwell", "indirect")


def _written(head: Sequence[str], rows: Iterator[Sequence[object]]) -> bytes:
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(head)
    writer.writerows(rows)
    return made.getvalue().encode()
