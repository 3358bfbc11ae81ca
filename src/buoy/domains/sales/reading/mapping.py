"""Which column of a file holds which fact: told by the words of the column's head, or as it was chosen before.

A head is compared in small letters without accents, spaces and signs, with words that are in use in English, Indonesian,
Polish, Arabic and Dutch and in the systems that such files come from. A column serves one fact, and a fact takes one
column: the closest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map

FIELDS = (
    "partner_code",
    "partner_name",
    "sale_date",
    "document_no",
    "line_no",
    "line_id",
    "order_no",
    "product_code",
    "product_name",
    "quantity",
    "unit_price",
    "amount",
    "currency",
    "customer_code",
    "customer_name",
    "customer_country",
    "channel",
    "tier_from",
    "tier_to",
    "deal_ref",
    "returns_ref",
)
NUMBERS = ("quantity", "unit_price", "amount")
DAYS = ("sale_date",)
CODES = ("partner_code", "document_no", "line_no", "line_id", "order_no", "product_code", "customer_code", "deal_ref")

_WORDS: dict[str, str] = {
    "partner_code": "partner code|partner id|partner no|partner number|partner|reseller code|reseller id|reseller key|resellerkey"
    "|dealer code|distributor code|distributor id|sold by|seller id|vendor code|outlet code|branch code|kod partnera|kode mitra"
    "|partnercode|partnernummer|رمز الشريك",
    "partner_name": "partner name|reseller name|reseller|dealer|dealer name|distributor|distributor name|seller|seller name"
    "|nazwa partnera|partner nazwa|nama mitra|mitra|partnernaam|wederverkoper|اسم الشريك|الشريك",
    "sale_date": "sale date|date|invoice date|order date|sales date|transaction date|posting date|ship date|booking date"
    "|billing date|document date|pos date|day|data sprzedazy|data|data faktury|data wystawienia|tanggal|tanggal penjualan"
    "|tanggal faktur|datum|factuurdatum|verkoopdatum|orderdatum|تاريخ|تاريخ البيع|تاريخ الفاتورة|التاريخ",
    "document_no": "invoice no|invoice number|invoice|invoice id|document no|document number|document|receipt no|receipt"
    "|sales order number|order number|bill no|doc no|numer faktury|nr faktury|faktura|nomor faktur|no faktur|factuurnummer"
    "|factuur|رقم الفاتورة|الفاتورة",
    "line_no": "line no|line number|line|item no|sales order line number|order line number|position|pos no|invoice line"
    "|invoice line number|pozycja|lp|nomor baris|regelnummer|regel|رقم السطر",
    "line_id": "line id|sale id|transaction id|row id|record id|unique id|id",
    "order_no": "order no|order id|po number|po no|purchase order|customer po number|customer po|order|zamowienie"
    "|numer zamowienia|nomor pesanan|ordernummer|bestelnummer|رقم الطلب",
    "product_code": "product code|sku|product id|item code|stock code|stockcode|part number|part no|material|product key"
    "|productkey|article number|article|item number|item|product|ean|gtin|upc|kod produktu|indeks|kode produk|kode barang"
    "|artikelnummer|artikel|productcode|رمز المنتج",
    "product_name": "product name|description|item description|product description|item name|nazwa produktu|nazwa|nama produk"
    "|nama barang|omschrijving|productnaam|اسم المنتج|الوصف|المنتج",
    "quantity": "quantity|qty|units|order quantity|invoiced quantity|quantity sold|pieces|ilosc|sztuk|jumlah|kuantitas|aantal"
    "|hoeveelheid|الكمية",
    "unit_price": "unit price|price|price each|net price|unit net price|selling price|cena|cena netto|cena jednostkowa|harga"
    "|harga satuan|prijs|stukprijs|eenheidsprijs|سعر الوحدة|السعر",
    "amount": "amount|net amount|sales amount|line total|total|revenue|net value|value|extended price|turnover|line amount"
    "|sales|net sales|wartosc|wartosc netto|kwota|nilai|total harga|bedrag|omzet|netto bedrag|totaal|المبلغ|القيمة|الإجمالي",
    "currency": "currency|currency code|iso currency|curr|waluta|mata uang|valuta|munt|العملة",
    "customer_code": "customer code|customer id|customerid|customer no|customer number|customer key|end customer id|account id"
    "|end user id|client id|kod klienta|kode pelanggan|klantnummer|klantcode|رمز العميل",
    "customer_name": "customer name|customer|end customer|end customer name|end user|end user name|client|client name"
    "|sold to|ship to|ship to name|account|klient|nazwa klienta|pelanggan|nama pelanggan|klant|klantnaam|العميل|اسم العميل",
    "customer_country": "country|customer country|ship to country|country code|kraj|negara|land|البلد",
    "channel": "channel|sales channel|kanal|kanal sprzedazy|saluran|verkoopkanaal|القناة",
    "tier_from": "tier from|from tier|seller tier",
    "tier_to": "tier to|to tier|buyer tier",
    "deal_ref": "deal|deal id|deal registration|registration number|opportunity id|opportunity|project|contract",
    "returns_ref": "returns|return of|original line|original line id|credit for",
}


def plain(head: str) -> str:
    """A head as it is compared: small letters and digits only, `CustomerID` as `customer id` is."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)
    bare = unicodedata.normalize("NFKD", split.casefold().replace("ł", "l"))
    return re.sub(r"[\W_]+", "", "".join(each for each in bare if not unicodedata.combining(each)))


_KNOWN = {plain(word): (name, place) for name, words in _WORDS.items() for place, word in enumerate(words.split("|"))}


def suggest(columns: Sequence[str]) -> dict[str, str]:
    """The column of each fact whose head is known; where two heads fit one fact, the more telling one."""
    best: dict[str, tuple[int, str]] = {}
    for column in columns:
        bare = plain(column)
        name, place = (bare_field, -1) if (bare_field := _BY_FIELD.get(bare)) else _KNOWN.get(bare, (None, 0))
        if name and (name not in best or place < best[name][0]):
            best[name] = (place, column)
    return {name: best[name][1] for name in FIELDS if name in best}


_BY_FIELD = {plain(name): name for name in FIELDS}


def remembered(mapping: Map[str, str], columns: Iterable[str]) -> dict[str, str]:
    """A mapping from before, as far as this file has its columns; heads may have changed in spaces and capitals."""
    here = {plain(column): column for column in columns}
    return {name: here[plain(column)] for name, column in mapping.items() if name in FIELDS and plain(column) in here}


def missing(mapping: Map[str, str], *, has_currency: bool) -> list[str]:
    """The facts without which no line can be made: a day, an amount (or quantity and price), a currency."""
    lacking = [name for name in ("sale_date",) if name not in mapping]
    if "amount" not in mapping and not {"quantity", "unit_price"} <= mapping.keys():
        lacking.append("amount")
    if "currency" not in mapping and not has_currency:
        lacking.append("currency")
    return lacking
