"""The demo programme: a small vendor, Nimbus, with partners in five countries, made by the same actions as anything else.

It is the same each time: names, chain and words are fixed, and moments are counted back from the day of its making. It is
made once, into an installation without partners.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from buoy.cli.demo.catalog import make_catalog
from buoy.cli.demo.sales import make_sales
from buoy.core.actor import Actor, Face
from buoy.core.configuration import Configuration
from buoy.core.scope import acting
from buoy.core.storage import storage
from buoy.domains.accounts.actions import people as accounts
from buoy.domains.accounts.models import User
from buoy.domains.accounts.policy import DESK_ROLES
from buoy.domains.partners import actions as partners
from buoy.domains.partners import queries
from buoy.domains.vendor import actions as vendor
from buoy.domains.workspace import actions as workspace
from buoy.ui.brand import Brand

PASSWORD = "buoy demo 2026"
"""Everybody's, and said on the sign-in page: a demo keeps no secret."""

MAKER = Actor(face=Face.DESK, name="Demo", permissions=frozenset().union(*DESK_ROLES.values()))


@dataclass(frozen=True)
class Firm:
    """A partner of the demo and its people: name, role and address of each."""

    name: str
    country: str
    language: str
    time_zone: str
    people: tuple[tuple[str, str, str], ...]
    under: str = ""


DESK = (
    ("Ada Brandt", "administrator", "ada@nimbus.example", "en"),
    ("Mei Lin", "channel_manager", "mei@nimbus.example", "en"),
    ("Finn de Boer", "finance", "finn@nimbus.example", "nl"),
    ("Maya Santoso", "marketing", "maya@nimbus.example", "id"),
    ("Ewa Nowak", "executive", "ewa@nimbus.example", "pl"),
    ("Tariq Haddad", "auditor", "tariq@nimbus.example", "ar"),
)

FIRMS = (
    Firm(
        "Delta Distribution",
        "GB",
        "en",
        "Europe/London",
        (
            ("Dana Clarke", "partner_administrator", "dana@delta.example"),
            ("Owen Price", "partner_finance", "owen@delta.example"),
        ),
    ),
    Firm(
        "Alpha Networks",
        "GB",
        "en",
        "Europe/London",
        (
            ("Ramon Silva", "partner_administrator", "ramon@alpha.example"),
            ("Rita Evans", "partner_seller", "rita@alpha.example"),
        ),
        under="Delta Distribution",
    ),
    Firm(
        "Beta Systems",
        "IE",
        "en",
        "Europe/Dublin",
        (("Otto Byrne", "partner_administrator", "otto@beta.example"),),
        under="Delta Distribution",
    ),
    Firm(
        "Nusantara Teknologi",
        "ID",
        "id",
        "Asia/Jakarta",
        (
            ("Budi Hartono", "partner_administrator", "budi@nusantara.example"),
            ("Siti Rahayu", "partner_seller", "siti@nusantara.example"),
        ),
    ),
    Firm(
        "Wisła Systems",
        "PL",
        "pl",
        "Europe/Warsaw",
        (
            ("Łukasz Wiśniewski", "partner_administrator", "lukasz@wisla.example"),
            ("Zofia Kamińska", "partner_marketing", "zofia@wisla.example"),
        ),
    ),
    Firm(
        "شركة النور للتقنية",
        "AE",
        "ar",
        "Asia/Dubai",
        (
            ("ليلى المنصوري", "partner_administrator", "layla@alnoor.example"),
            ("يوسف الكعبي", "partner_seller", "yousef@alnoor.example"),
        ),
    ),
    Firm(
        "Van Dijk Automatisering",
        "NL",
        "nl",
        "Europe/Amsterdam",
        (("Sanne van Dijk", "partner_administrator", "sanne@vandijk.example"),),
    ),
    Firm(
        "Rijnmond IT",
        "NL",
        "nl",
        "Europe/Amsterdam",
        (("Joris Bakker", "partner_seller", "joris@rijnmond.example"),),
        under="Van Dijk Automatisering",
    ),
)

TALK = (
    (
        "Alpha Networks",
        "mei@nimbus.example",
        "Welcome to the programme, @Ramon Silva. The agreement is among the files.",
        False,
    ),
    (
        "Alpha Networks",
        "ramon@alpha.example",
        "Thank you, we have signed it. @Rita Evans will register our first deals.",
        False,
    ),
    (
        "Alpha Networks",
        "mei@nimbus.example",
        "They asked for a joint visit in spring; @Finn de Boer, is there a budget?",
        True,
    ),
    ("Wisła Systems", "lukasz@wisla.example", "Dzień dobry! Kiedy zaczyna się szkolenie dla nowych partnerów?", False),
    ("Wisła Systems", "mei@nimbus.example", "Next Tuesday, @Łukasz Wiśniewski. You will get an invitation.", False),
    ("شركة النور للتقنية", "layla@alnoor.example", "مرحباً، نود تنظيم فعالية مشتركة في دبي خلال الربع القادم.", False),
    ("Nusantara Teknologi", "budi@nusantara.example", "Selamat pagi, kami siap memulai kuartal ini.", False),
    (
        "Van Dijk Automatisering",
        "sanne@vandijk.example",
        "Rijnmond IT werkt nu via ons; graag de keten bijwerken.",
        False,
    ),
)

TASKS = (
    ("Alpha Networks", "mei@nimbus.example", "ramon@alpha.example", "Name your certified engineers", 10),
    ("Alpha Networks", "mei@nimbus.example", "rita@alpha.example", "Register your first deals", 5),
    ("Alpha Networks", "ada@nimbus.example", "mei@nimbus.example", "Plan the quarterly review", 3),
    ("Delta Distribution", "mei@nimbus.example", "ada@nimbus.example", "Check who may see the chain of Delta", 2),
    ("شركة النور للتقنية", "mei@nimbus.example", "layla@alnoor.example", "Choose a day for the event in Dubai", 4),
    ("Wisła Systems", "ada@nimbus.example", "mei@nimbus.example", "Send the training dates", -1),
    ("Nusantara Teknologi", "mei@nimbus.example", "budi@nusantara.example", "Send the logo for the directory", 7),
    ("شركة النور للتقنية", "ada@nimbus.example", "mei@nimbus.example", "Answer about the event in Dubai", 5),
)

AGREEMENT = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def make(configuration: Configuration, *, now: datetime) -> bool:
    """Make it, unless there are partners already. False when there are."""
    with acting(MAKER, read_only=True):
        if queries.visible_partners(MAKER).exists():
            return False
    for name, role, email, language in DESK:
        accounts.create_user(MAKER, email=email, name=name, roles=[role], password=PASSWORD, language=language, now=now)
    vendor.change_look(MAKER, name="Nimbus", brand=Brand(accent="#0f6b74"))
    vendor.end_guide(MAKER, now=now)
    begun = now - timedelta(days=120)
    ids = {firm.name: _make_firm(firm, begun + timedelta(days=9 * place)) for place, firm in enumerate(FIRMS)}
    for firm in FIRMS:
        if firm.under:
            partners.place_under(MAKER, partner_id=ids[firm.name], parent_id=ids[firm.under], from_date=begun.date())
    people = {user.email: queries.actor_of(user, on=now.date()) for user in User.objects.all()}
    for place, (firm_name, email, text, is_internal) in enumerate(TALK):
        workspace.add_comment(
            people[email],
            subject_type="partner",
            subject_id=ids[firm_name],
            text=text,
            is_internal=is_internal,
            now=now - timedelta(hours=6 * (len(TALK) - place)),
        )
    for firm_name, author, assignee, title, days in TASKS:
        workspace.add_task(
            people[author],
            subject_type="partner",
            subject_id=ids[firm_name],
            title=title,
            assignee_id=people[assignee].person,
            due_date=(now + timedelta(days=days)).date(),
            now=now - timedelta(days=3),
        )
    workspace.add_file(
        people["mei@nimbus.example"],
        storage=storage(configuration.storage_url, configuration.data),
        subject_type="partner",
        subject_id=ids["Alpha Networks"],
        name="Partner agreement.pdf",
        size=len(AGREEMENT),
        content=io.BytesIO(AGREEMENT),
        now=now - timedelta(days=30),
    )
    make_catalog(MAKER, partners=ids, now=begun)
    make_sales(
        MAKER, people["mei@nimbus.example"], distributor=ids["Delta Distribution"], configuration=configuration, now=now
    )
    return True


def _make_firm(firm: Firm, since: datetime) -> UUID:
    partner_id = partners.add_partner(MAKER, name=firm.name, country=firm.country, language=firm.language, now=since)
    for name, role, email in firm.people:
        accounts.create_user(
            MAKER,
            email=email,
            name=name,
            roles=[role],
            partner_id=partner_id,
            password=PASSWORD,
            language=firm.language,
            time_zone=firm.time_zone,
            now=since,
        )
    return partner_id
