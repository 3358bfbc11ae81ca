"""Invented data for the style guide, in English and in Arabic, so that both directions show real words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from buoy.ui import charts, formats
from buoy.ui.shell import Crumb, Group, Help, Hit, Link, Look, Person, Shell, Viewing
from buoy.ui.templatetags.ui import money, number, percent

CURRENCY = "USD"

WORDS = {
    "en": {
        "dashboard": "Dashboard", "hello": "Good morning, Amira", "lead": "Here is how the channel is doing this quarter.",
        "export": "Export", "new": "New deal", "approvals": "Approvals", "sell": "Sell", "partners": "Partners",
        "deals": "Deals", "pipeline": "Pipeline", "pay": "Pay", "plans": "Incentive plans", "runs": "Incentive runs",
        "funds": "Market development funds", "enable": "Enable", "training": "Training", "surveys": "Surveys",
        "stock": "Stock", "leaderboard": "Leaderboard", "help": "Help", "about": "What this screen is for.",
        "settings": "Settings", "profile": "Profile",
        "news": "Notifications", "sourced": "Partner-sourced pipeline", "won": "Win rate", "active": "Active partners",
        "accrued": "Incentives accrued", "before": "vs last quarter", "by_source": "Bookings by source",
        "quarter": "Q3 2026", "influenced": "Partner-influenced", "by_partner": "Partner-sourced", "direct": "Direct",
        "waiting": "Waiting for you", "all": "View all", "review": "Review", "top": "Top partners", "partner": "Partner",
        "tier": "Tier", "bookings": "Bookings", "attainment": "Attainment", "trend": "Trend", "platinum": "Platinum",
        "gold": "Gold", "silver": "Silver", "soon": "Expires in 2 days", "conflict": "Possible conflict",
        "role": "Channel manager", "statements": "128 statements", "roadshow": "Rotterdam roadshow",
    },
    "ar": {
        "dashboard": "لوحة المتابعة", "hello": "صباح الخير يا أميرة", "lead": "إليك أداء القناة خلال هذا الربع.",
        "export": "تصدير", "new": "صفقة جديدة", "approvals": "الموافقات", "sell": "البيع", "partners": "الشركاء",
        "deals": "الصفقات", "pipeline": "مسار الصفقات", "pay": "الدفع", "plans": "خطط الحوافز", "runs": "دورات الحوافز",
        "funds": "صناديق التسويق", "enable": "التمكين", "training": "التدريب", "surveys": "الاستبيانات",
        "stock": "المخزون", "leaderboard": "لوحة المتصدرين", "help": "المساعدة", "about": "ما الغرض من هذه الشاشة.",
        "settings": "الإعدادات",
        "profile": "الملف الشخصي", "news": "الإشعارات", "sourced": "صفقات من الشركاء", "won": "نسبة الفوز",
        "active": "الشركاء النشطون", "accrued": "الحوافز المستحقة", "before": "مقارنة بالربع السابق",
        "by_source": "الحجوزات حسب المصدر", "quarter": "الربع الثالث 2026", "influenced": "بتأثير الشركاء",
        "by_partner": "من الشركاء", "direct": "مباشر", "waiting": "بانتظارك", "all": "عرض الكل", "review": "مراجعة",
        "top": "أفضل الشركاء", "partner": "الشريك", "tier": "الفئة", "bookings": "الحجوزات",
        "attainment": "تحقيق الهدف", "trend": "الاتجاه", "platinum": "بلاتيني", "gold": "ذهبي", "silver": "فضي",
        "soon": "تنتهي خلال يومين", "conflict": "تعارض محتمل", "role": "مديرة القناة", "statements": "128 كشف حساب",
        "roadshow": "جولة روتردام",
    },
}  # fmt: skip

PARTNERS = [
    "Meridian Cloud", "Borneo Digital", "Wisła Systems", "Al Noor Technologies", "Delta Resellers", "Northwind Partners",
    "Łódź Integrators", "Van Dijk Automatisering", "Nusantara Teknologi", "Gulf Data House", "Baltic Networks",
    "Rijnmond IT",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """One partner of the sample table."""

    name: str
    tier: str
    bookings: Decimal
    attainment: Decimal
    course: Sequence[int]


ROWS = [
    Row(
        name=name,
        tier=["platinum", "gold", "gold", "platinum", "silver", "silver"][place % 6],
        bookings=Decimal(1_284_000 - 93_550 * place),
        attainment=Decimal([118, 104, 97, 92, 81, 64][place % 6]) / 100,
        course=[[3, 4, 6, 5, 7, 8, 11], [2, 2, 4, 6, 6, 8, 9], [6, 4, 4, 2, 5, 6, 6], [1, 3, 3, 5, 7, 8, 8],
                [8, 8, 5, 5, 2, 4, 3], [4, 5, 4, 6, 5, 7, 6]][place % 6],
    )
    for place, name in enumerate(PARTNERS)
]  # fmt: skip


def words(language: str | None) -> dict[str, str]:
    return WORDS.get(language or "en", WORDS["en"])


def rows(search: str, sort: str) -> list[Row]:
    found = [row for row in ROWS if search.lower() in row.name.lower()]
    name = sort.removeprefix("-")
    key = name if name in ("name", "bookings", "attainment") else "bookings"
    return sorted(found, key=lambda row: getattr(row, key), reverse=sort.startswith("-"))


def frame(request: HttpRequest, *, crumb: str, face: str = "desk") -> dict[str, Any]:
    """The shell around the style guide's pages. `?viewing` and `?brand` show what they are named for."""
    said = words(get_language())
    guide, home = reverse("ui:styleguide"), reverse("ui:styleguide-screen", args=[face])
    groups = [
        Group(links=[
            Link(label=said["dashboard"], url=home, icon="layout-dashboard"),
            Link(label=said["approvals"], url="/styleguide/a/", icon="checks", count=4),
        ]),
        Group(title=said["sell"], links=[
            Link(label=said["partners"], url="/styleguide/b/", icon="users"),
            Link(label=said["deals"], url="/styleguide/c/", icon="briefcase"),
            Link(label=said["pipeline"], url="/styleguide/d/", icon="layout-kanban"),
        ]),
        Group(title=said["pay"], links=[
            Link(label=said["plans"], url="/styleguide/e/", icon="adjustments-horizontal"),
            Link(label=said["runs"], url="/styleguide/f/", icon="calculator"),
            Link(label=said["funds"], url="/styleguide/g/", icon="coin"),
        ]),
        Group(title=said["enable"], links=[
            Link(label=said["training"], url="/styleguide/h/", icon="school"),
            Link(label=said["surveys"], url="/styleguide/i/", icon="clipboard-list"),
            Link(label=said["stock"], url="/styleguide/j/", icon="box"),
            Link(label=said["leaderboard"], url="/styleguide/k/", icon="trophy"),
        ]),
    ]  # fmt: skip
    shell = Shell(
        face="portal" if face == "portal" else "desk",
        look=Look(name="Nimbus", css_url=reverse("ui:styleguide-brand") if "brand" in request.GET else ""),
        home_url=home,
        groups=groups,
        person=Person(
            name="Amira Khan",
            note=said["role"],
            sign_out_url=guide,
            links=[
                Link(label=said["profile"], url=guide, icon="user"),
                Link(label=said["settings"], url=guide, icon="settings"),
            ],
        ),
        palette_url=reverse("ui:styleguide-palette"),
        bell=Link(label=said["news"], url=guide, icon="bell", count=2),
        help=Help(title=said["help"], text=said["about"], url=guide),
        viewing=Viewing(partner=PARTNERS[2], leave_url=guide) if "viewing" in request.GET else None,
        is_demo="demo" in request.GET,
    )
    return {"shell": shell, "crumbs": [Crumb(label=shell.look.name, url=home), Crumb(label=crumb)]}


def hits(search: str) -> list[tuple[str, list[Hit]]]:
    """What the command palette finds: pages first, then partners."""
    home = reverse("ui:styleguide-screen", args=["desk"])
    said = words(get_language())
    pages = [Hit(label=said[key], url=home, icon=icon) for key, icon in
             (("dashboard", "layout-dashboard"), ("deals", "briefcase"), ("plans", "adjustments-horizontal"))]  # fmt: skip
    found = [Hit(label=name, url=home, icon="building", note=said["partner"]) for name in PARTNERS[:6]]
    groups = [(said["dashboard"], pages), (said["partners"], found)]
    kept = [(title, [hit for hit in each if search.lower() in hit.label.lower()]) for title, each in groups]
    return [(title, each) for title, each in kept if each]


def stats() -> list[dict[str, Any]]:
    said = words(get_language())

    def stat(label: str, value: SafeString, change: str, course: list[int], good: str = "up") -> dict[str, Any]:
        return {"label": said[label], "value": value, "change": Decimal(change), "note": said["before"],
                "course": course, "good": good}  # fmt: skip

    return [
        stat("sourced", money(Decimal(8_420_000), CURRENCY, whole=True), "0.124", [2, 3, 3, 4, 7, 6, 8, 9]),
        stat("won", percent(Decimal("0.318"), places=1), "0.021", [2, 2, 4, 2, 5, 7, 7, 8]),
        stat("active", number(146), "0.08", [2, 3, 4, 4, 6, 7, 8, 8]),
        stat("accrued", money(Decimal(312_480), CURRENCY, whole=True), "-0.032", [8, 8, 6, 7, 4, 5, 5, 3]),
    ]


def waiting() -> list[dict[str, Any]]:
    said = words(get_language())
    return [
        {"icon": "file-text", "what": "Garuda Logistics, 240 seats", "who": PARTNERS[1], "amount": Decimal(86_400),
         "flag": said["soon"], "tone": "warn"},
        {"icon": "arrows-exchange", "what": "Kraków Tramways, fleet", "who": PARTNERS[2], "amount": Decimal(152_000),
         "flag": said["conflict"], "tone": "bad"},
        {"icon": "coin", "what": said["roadshow"], "who": PARTNERS[0], "amount": Decimal(12_500)},
        {"icon": "calculator", "what": said["statements"], "who": said["quarter"], "amount": Decimal(312_480)},
    ]  # fmt: skip


def pictures() -> dict[str, charts.Picture]:
    """One chart of each kind."""
    said = words(get_language())
    months = [formats.day(date(2026, month, 1), style="LLL") for month in range(1, 10)]
    sold = [420, 510, 480, 605, 690, 720, 790, 840, 910]
    helped = [280, 300, 340, 340, 390, 410, 450, 440, 480]
    alone = [610, 590, 640, 600, 620, 580, 610, 570, 560]
    series = [
        charts.Series(name=said[key], values=[Decimal(value) * 1000 for value in values])
        for key, values in (("by_partner", sold), ("influenced", helped), ("direct", alone))
    ]

    def say(value: int | Decimal) -> str:
        return formats.money(Decimal(value), CURRENCY, whole=True)

    def say_axis(value: int | Decimal) -> str:
        return formats.short_money(Decimal(value), CURRENCY)

    stops = [("a", 0, "Partner referral"), ("b", 0, "Vendor lead"), ("c", 0, "Event"), ("d", 1, "Qualified"),
             ("e", 1, "Proposal"), ("f", 2, "Won"), ("g", 2, "Lost")]  # fmt: skip
    streams = [("a", "d", 62), ("a", "e", 24), ("b", "d", 48), ("b", "e", 10), ("c", "d", 24), ("d", "f", 80),
               ("d", "g", 54), ("e", "f", 26), ("e", "g", 8)]  # fmt: skip
    return {
        "bars": charts.bars(title=said["by_source"], labels=months, series=series, say=say, say_axis=say_axis),
        "lines": charts.lines(title=said["attainment"], labels=months, series=series[:2], say=say, say_axis=say_axis),
        "funnel": charts.funnel(
            title="Pipeline",
            head=["Stage", "Deals", "Share"],
            stages=[("Registered", 420), ("Qualified", 260), ("Proposal", 148), ("Negotiation", 71), ("Won", 46)],
            say=formats.number,
        ),
        "flows": charts.flows(
            title="From source to outcome",
            head=["From", "To", "Deals"],
            stops=[charts.Stop(key=key, column=column, name=name) for key, column, name in stops],
            flows=[charts.Flow(source=source, target=target, value=value) for source, target, value in streams],
            say=formats.number,
        ),
        "heat": charts.heat(
            title="Certified people",
            columns=["Sales 101", "Security", "Cloud", "Data", "AI"],
            rows=[("Netherlands", [42, 30, 51, 18, 9]), ("Poland", [25, 22, 31, 12, 4]),
                  ("Indonesia", [38, 12, 44, 20, 15]), ("Gulf", [19, 9, 22, 7, 3])],
            say=formats.number,
        ),
    }  # fmt: skip


def events(now: datetime) -> list[dict[str, Any]]:
    return [
        {"icon": "check", "tone": "good", "what": "Mei Chen approved the registration.", "at": now - timedelta(minutes=4)},
        {"icon": "message", "what": "Rita Alves wrote a comment.", "at": now - timedelta(hours=5),
         "comment": "The customer asks for two more weeks.\nCan we keep the protection until then?"},
        {"icon": "alert-triangle", "tone": "warn", "what": "A deal of another partner may be the same.",
         "at": now - timedelta(days=1)},
        {"icon": "plus", "what": "Rita Alves registered the deal.", "at": now - timedelta(days=2)},
    ]  # fmt: skip


def days(today: date) -> list[dict[str, Any]]:
    start = today - timedelta(days=3)
    strip = [start + timedelta(days=index) for index in range(14)]
    return [
        {"date": each, "is_today": each == today, "is_rest": each.weekday() > 4, "count": (each.day * 7) % 5 // 3,
         "url": "#" if each.weekday() < 5 else ""}
        for each in strip
    ]  # fmt: skip


def columns() -> list[dict[str, Any]]:
    """The columns of a board."""

    def card(key: str, title: str, place: int, amount: int, flag: str = "", tone: str = "") -> dict[str, Any]:
        return {"key": key, "title": title, "url": "#", "note": PARTNERS[place], "flag": flag, "tone": tone,
                "amount": money(Decimal(amount), CURRENCY, whole=True)}  # fmt: skip

    filled = {
        "Registered": [card("a", "Garuda Logistics", 1, 86_400, "2 days", "warn"),
                       card("b", "Kraków Tramways", 2, 152_000, "At risk", "bad"),
                       card("c", "Utrecht Clinics", 4, 34_800)],
        "Qualified": [card("d", "Oasis Retail Group", 3, 210_000), card("e", "Jakarta Port Authority", 1, 318_000)],
        "Proposal": [card("f", "Baltic Shipping", 2, 97_500), card("g", "Van Dijk Foods", 0, 64_200)],
        "Negotiation": [card("h", "Amsterdam Energy", 0, 420_000)],
        "Won": [card("i", "Łódź University", 2, 76_000)],
    }  # fmt: skip
    return [
        {"key": name.lower(), "name": name, "cards": cards, "sum": number(len(cards) * 91_400)}
        for name, cards in filled.items()
    ]


COMPONENTS: dict[str, Any] = {
    "tones": ["", "good", "warn", "bad", "info", "accent", "line", "platinum", "gold", "silver", "bronze"],
    "tabs": [
        {"label": "Design", "url": "#", "is_current": True},
        {"label": "History", "url": "#", "count": 3},
        {"label": "Comments", "url": "#"},
    ],
    "steps": [
        {"label": "Company", "state": "done"},
        {"label": "Agreement", "state": "now"},
        {"label": "Bank details", "state": "later"},
        {"label": "Training", "state": "later"},
    ],
    "code": "plan: cloud-accelerator\nperiod: quarter\nfor: {tiers: [gold, platinum]}\ncomponents:\n"
    "  - name: Margin on new business   # agreed with finance\n    kind: tiered_rate\n",
    "diff_lines": [(" ", "tiers:"), ("-", "  - {from: 80%, rate: 6%}"), ("+", "  - {from: 80%, rate: 7%}"),
                   (" ", "  - {from: 100%, rate: 10%}")],
    "zero": Decimal(0),
    "amount": Decimal("1284000.50"),
    "ratio": Decimal("0.318"),
    "up": Decimal("0.124"),
    "down": Decimal("-0.032"),
    "meters": [Decimal("1.18"), Decimal("0.92"), Decimal("0.41")],
    "course": [3, 4, 6, 5, 7, 8, 11],
    "people": ["Mei Chen", "Finn de Vries", "Rita Alves", "أميرة خان"],
    "icons": sorted(("users", "briefcase", "calculator", "coin", "school", "trophy", "bell", "search", "settings")),
}  # fmt: skip
