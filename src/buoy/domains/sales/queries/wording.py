"""What is wrong with a file or a row, in sentences. Each says what was found and what to do; the codes never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_FILE: dict[str, str | Promise] = {
    "empty": gettext_lazy("There are no rows in it."),
    "too-large": gettext_lazy("It is too large: at most 2 GB are taken. Send it in parts."),
    "not-text": gettext_lazy("It is neither a text file nor a workbook, Parquet or X12 file. Save it as CSV or XLSX."),
    "old-excel": gettext_lazy("It is a workbook in the old format XLS. Save it as XLSX or CSV."),
    "pdf": gettext_lazy("It is a PDF. Ask the sender for the data as CSV or XLSX."),
    "packed": gettext_lazy("It is packed. Unpack it and send the file that is in it."),
    "markup": gettext_lazy("It is XML or a web page. Ask the sender for the data as CSV or XLSX."),
    "broken-zip": gettext_lazy("It is a damaged archive. Save the workbook again and send that."),
    "not-a-workbook": gettext_lazy(
        "It is an archive without a workbook in it. Unpack it and send the file that is in it."
    ),
    "broken-workbook": gettext_lazy("The workbook is damaged. Open it, save it again and send that."),
    "xml-entities": gettext_lazy("The workbook declares a document type, which no spreadsheet does. It was not read."),
    "zip-entries": gettext_lazy("The archive holds %(found)s entries; at most %(most)s are read."),
    "zip-size": gettext_lazy("Unpacked it would be too large. Save it as CSV and send that."),
    "zip-ratio": gettext_lazy(
        "It unpacks to more than %(most)s times its size, which no sales file does. It was not read."
    ),
    "shared-texts": gettext_lazy("The workbook holds too many different texts. Save it as CSV and send that."),
    "no-such-sheet": gettext_lazy("It has no sheet “%(sheet)s”. Choose another one."),
    "broken-parquet": gettext_lazy("The Parquet file is damaged or of a kind that cannot be read. Write it again."),
    "parquet-group": gettext_lazy("A row group of the Parquet file is too large. Write it with smaller row groups."),
    "too-many-columns": gettext_lazy("Row %(line)s has %(found)s columns; at most %(most)s are read."),
    "line-too-long": gettext_lazy(
        "Row %(line)s is longer than %(most)s characters. Check its separators and line ends."
    ),
    "open-quote": gettext_lazy(
        "A quotation mark that opens in row %(line)s is never closed. Close it and send the file again."
    ),
    "wrong-encoding": gettext_lazy(
        "Row %(line)s has characters that are not %(encoding)s. Choose another character set."
    ),
    "all-refused": gettext_lazy(
        "None of the first %(rows)s rows could be read as chosen. Check columns, numbers and dates."
    ),
    "not-867": gettext_lazy("It holds an X12 transaction %(found)s; only 867 is read."),
    "x12-envelope": gettext_lazy(
        "The X12 envelope does not fit together at segment %(segment)s. Ask the sender for it again."
    ),
    "x12-count": gettext_lazy(
        "The X12 segment %(segment)s says %(said)s where there are %(found)s. Something is missing; ask for it again."
    ),
    "x12-number": gettext_lazy(
        "The X12 segment %(segment)s ends number %(said)s where %(found)s began. Ask the sender for it again."
    ),
    "not-rates": gettext_lazy("It is not the European Central Bank's file of rates, which begins with “Date”."),
    "rate-row": gettext_lazy("Row %(line)s has “%(found)s”, which is no day or no rate."),
    "x12-too-long": gettext_lazy("The X12 file is larger than 64 MB. Ask the sender for smaller ones."),
}
_ROW: dict[str, str | Promise] = {
    "missing": gettext_lazy("%(field)s is missing."),
    "damaged-quotes": gettext_lazy("The quotation marks of this row do not fit together."),
    "too-many-values": gettext_lazy(
        "The row has %(found)s values, more than there are columns: a separator within a value?"
    ),
    "too-few-values": gettext_lazy("The row has only %(found)s values."),
    "number-shape": gettext_lazy("%(field)s is “%(found)s”, which is not a number as this file writes them."),
    "number-ambiguous": gettext_lazy(
        "%(field)s is “%(found)s”, which can be read as two numbers. Choose the decimal mark."
    ),
    "scientific": gettext_lazy("%(field)s is “%(found)s”: a spreadsheet has shortened the number."),
    "too-many-digits": gettext_lazy("%(field)s is “%(found)s”: at most 15 digits stand before the decimal mark."),
    "too-many-decimals": gettext_lazy("%(field)s is “%(found)s”: at most six decimals are kept."),
    "date-shape": gettext_lazy("%(field)s is “%(found)s”, which is not a day as this file writes them."),
    "date-ambiguous": gettext_lazy(
        "%(field)s is “%(found)s”, which can be read as two days. Choose whether the day or the month stands first."
    ),
    "date-damaged": gettext_lazy("%(field)s is “%(found)s”: a spreadsheet has cut the year."),
    "date-implausible": gettext_lazy("%(field)s is “%(found)s”, which is before 1990 or after 2099."),
    "date-future": gettext_lazy("%(field)s is “%(found)s”, more than a year from now."),
    "currency-unknown": gettext_lazy("“%(found)s” is not a currency code such as EUR."),
    "word-unknown": gettext_lazy("%(field)s is “%(found)s”, which is not one of the known words."),
    "too-long": gettext_lazy("%(field)s is too long: “%(found)s”."),
    "control-character": gettext_lazy("%(field)s has characters that cannot be shown: “%(found)s”."),
    "spreadsheet-error": gettext_lazy("%(field)s is “%(found)s”, an error of a spreadsheet."),
    "duplicate-key": gettext_lazy("Another row of the file has the same line and says something else."),
    "code-damaged": gettext_lazy(
        "%(field)s is “%(found)s”, which looks like a code that a spreadsheet has changed. The row is taken."
    ),
    "broken-text": gettext_lazy("%(field)s has letters that were lost on the way: “%(found)s”. The row is taken."),
    "repeated-row": gettext_lazy("The row says again what an earlier row of the file says. It counts once."),
}
FIELD_NAMES: dict[str, str | Promise] = {
    "partner_code": gettext_lazy("Partner code"),
    "partner_name": gettext_lazy("Partner name"),
    "sale_date": gettext_lazy("Date"),
    "document_no": gettext_lazy("Document number"),
    "line_no": gettext_lazy("Line number"),
    "line_id": gettext_lazy("Line id"),
    "order_no": gettext_lazy("Order number"),
    "product_code": gettext_lazy("Product code"),
    "product_name": gettext_lazy("Product name"),
    "quantity": gettext_lazy("Quantity"),
    "unit_price": gettext_lazy("Unit price"),
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
    "customer_code": gettext_lazy("Customer code"),
    "customer_name": gettext_lazy("Customer name"),
    "customer_country": gettext_lazy("Customer country"),
    "channel": gettext_lazy("Channel"),
    "tier_from": gettext_lazy("Sold by"),
    "tier_to": gettext_lazy("Sold to"),
    "deal_ref": gettext_lazy("Deal"),
    "returns_ref": gettext_lazy("Takes back line"),
    "event": gettext_lazy("Kind of document"),
}


def unreadable(code: str, params: Mapping[str, Any]) -> str:
    """Why a file cannot be read."""
    return str(_FILE[code]) % params


def flaw(each: Mapping[str, Any]) -> str:
    """What is wrong in a row."""
    field = FIELD_NAMES.get(each["field"], each["field"])
    return str(_ROW[each["code"]]) % {"field": field, "found": each["found"]}


def codes() -> dict[str, str]:
    """Every code with its sentence, for the documentation."""
    return {code: str(words) for code, words in {**_FILE, **_ROW}.items()}
