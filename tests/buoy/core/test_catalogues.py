"""Every string of the interface is there in every language, whole."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from babel.messages.catalog import Message
from django.utils import translation

from buoy.core import catalogues
from buoy.ui import formats

SAME = {
    "ar": {"GTIN"},
    "id": {
        "Administrator",
        "Auditor",
        "Deal",
        "Distributor",
        "GTIN",
        "Internal",
        "Logo",
        "Menu",
        "Reseller",
        "Status",
        "Tab",
        "Token",
        "Vendor",
        "gram",
        "kilogram",
        "set",
    },
    "nl": {
        "Agent",
        "Auditor",
        "Browser",
        "Channel sales",
        "Code",
        "Deal",
        "Direct",
        "Direct mail",
        "Document",
        "Families",
        "GTIN",
        "Imports",
        "Indirect",
        "Logo",
        "Marketing",
        "Menu",
        "Object",
        "Online",
        "Open",
        "Order",
        "Partner",
        "Partner:",
        "Partners",
        "Passkeys",
        "Product",
        "Reseller",
        "Single sign-on",
        "Status",
        "Tab",
        "Team",
        "Token",
        "Tokens",
        "Type",
        "gram",
        "kilogram",
        "pallet",
        "set",
    },
    "pl": {
        "Administrator",
        "Agent",
        "GTIN",
        "Logo",
        "Marketing",
        "Menu",
        "Partner",
        "Partner:",
        "Reseller",
        "Separator",
        "Status",
        "Token",
        "gram",
        "kilogram",
    },
}
"""Words that are the same in English."""
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")


@pytest.fixture(params=catalogues.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]


def texts(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple | list) else [str(message.id)]


def test_every_string_is_in_the_catalogue_and_no_other(language: str) -> None:
    there = {(str(message.id), message.context) for message in catalogues.read(language) if message.id}
    wanted = {(str(message.id), message.context) for message in catalogues.found() if message.id}
    assert sorted(wanted - there) == [], "run `buoy translations update`, and translate"
    assert sorted(there - wanted) == [], "run `buoy translations update`"


def test_every_string_is_translated(language: str) -> None:
    assert [message.id for message in catalogues.read(language) if catalogues.is_open(message)] == []


def test_every_translation_names_what_the_string_names(language: str) -> None:
    wrong = []
    for message in catalogues.read(language):
        allowed = [Counter(PLACES.findall(text)) for text in texts(message)] if message.id else []
        for form in forms(message):
            found = Counter(PLACES.findall(form))
            # A form for exactly one thing may do without the number.
            if allowed and found not in allowed and not (len(allowed) > 1 and found < allowed[-1]):
                wrong.append((message.id, form))
    assert wrong == []


def test_nothing_is_left_in_english(language: str) -> None:
    copies = [
        texts(message)[0]
        for message in catalogues.read(language)
        if message.id
        and forms(message) == texts(message)
        and re.search("[A-Za-z]{3}", PLACES.sub("", texts(message)[0]))
    ]
    assert set(copies) - SAME[language] == set()


@pytest.mark.parametrize(
    ("code", "amount", "day"),
    [
        ("en", "€1,234,567.50", "Jun 1, 2026"),
        ("id", "€1.234.567,50", "1 Jun 2026"),
        ("pl", "1 234 567,50 €", "1 cze 2026"),
        ("nl", "€ 1.234.567,50", "1 jun 2026"),
    ],
)
def test_numbers_money_and_days_are_written_as_the_language_does(code: str, amount: str, day: str) -> None:
    with translation.override(code):
        assert formats.money(Decimal("1234567.50"), "EUR").replace("\xa0", " ") == amount
        assert formats.day(date(2026, 6, 1)).replace("\xa0", " ") == day
