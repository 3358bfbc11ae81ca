"""What each screen is for, in a few sentences: beside the screen, and all together on the page of help. Here the rooms meet.

A screen that adds a topic adds it to `TOPICS` and, when its address is not the first of its room, to `OF_SCREEN`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from buoy.core.actor import Actor, Face
from buoy.core.http import Request, door
from buoy.ui.shell import Crumb, Help

INSIDE = (Face.DESK, Face.PARTNER)


@dataclass(frozen=True)
class Topic:
    """`permission`: who may not do this is not told of it; empty for what everybody may. `face`: for one side only."""

    title: str | Promise
    text: str | Promise
    permission: str = ""
    face: Face | None = None

    def is_for(self, actor: Actor) -> bool:
        return (not self.permission or actor.may(self.permission)) and self.face in (None, actor.face)


TOPICS: dict[str, Topic] = {
    "home": Topic(
        _("Home"),
        _(
            "Home shows what waits for you: tasks that you were given, the most urgent first, news, and what was said last"
            " about anything that you see. Press a line to go to the thing that it is about."
        ),
    ),
    "tasks": Topic(
        _("Tasks"),
        _(
            "Here is everything that somebody is to do about something that you see. Narrow the list to your own tasks or to"
            " overdue ones, and save it as a view. Choose several rows to mark them as done together. A new task is given"
            " on the page of the thing that it is about."
        ),
        "tasks.view",
    ),
    "notifications": Topic(
        _("Notifications"),
        _(
            "You are told when somebody mentions you, gives you a task, or finishes what you asked for. Opening a line marks"
            " it as read. For each kind of news you choose whether it comes at once by e-mail, once a day, or here only."
        ),
        "comments.view",
    ),
    "partners": Topic(
        _("Partners"),
        _(
            "Partners are the organisations that sell with, through or for you. Search and filter the list, choose its"
            " columns, save it as a view, or export it. Choose several rows to let partners take part in the programme or"
            " to end that. A partner's page holds its facts, its people, tasks, files and the conversation with it."
        ),
        "partners.view",
        Face.DESK,
    ),
    "chain": Topic(
        _("The chain above a partner"),
        _(
            "The chain says whom a partner buys from, with dates. A distributor sees the partners below it and what they"
            " share with it. A change holds from its day on: what was sold before keeps the chain that it had."
        ),
        "partners.manage",
        Face.DESK,
    ),
    "company": Topic(
        _("Our company"),
        _(
            "This is what the vendor knows of your company, and where you talk with each other. Write @ and a name in a"
            " comment to tell somebody. Files and tasks that are added here are seen by both sides."
        ),
        "partners.view",
        Face.PARTNER,
    ),
    "people": Topic(
        _("People"),
        _(
            "Everybody who can sign in, at your company and at partners. Invite somebody by e-mail; their roles decide what"
            " they see and may do. A change of roles signs them out, so that it holds at once. Closing an account keeps"
            " what the person did."
        ),
        "users.view",
        Face.DESK,
    ),
    "team": Topic(
        _("Team"),
        _(
            "The people of your company who can sign in. A partner administrator invites colleagues by e-mail, gives them"
            " roles and closes accounts. Whoever handles money needs a second factor."
        ),
        "users.view",
        Face.PARTNER,
    ),
    "account": Topic(
        _("Your own account"),
        _(
            "Your profile holds your name, language, time zone and colours. Under security you set up a second factor: an"
            " authenticator app or a passkey. The list of sessions shows where you are signed in, and ends what you do not"
            " recognise."
        ),
    ),
    "keys": Topic(
        _("API clients and tokens"),
        _(
            "Programs reach Buoy with a token of a person or as a client of your organisation. Give each only what it needs,"
            " and an end. A secret is shown once, when it is made. The page shows when each was last used."
        ),
        "tokens.manage",
    ),
    "products": Topic(
        _("Products"),
        _(
            "The products that are sold, in families, with their barcodes and the numbers that each sales channel uses."
            " Type or scan a barcode into the search to find its product."
        ),
        "catalog.view",
    ),
    "import": Topic(
        _("Import products"),
        _(
            "A table of products is checked before it is taken: you see what is new, what changes, and for each row that is"
            " refused why. Rows that are right are taken, and the same file again changes nothing."
        ),
        "catalog.manage",
    ),
    "labels": Topic(
        _("Private labels"),
        _(
            "What partners sell under a brand of their own. Their article number stands for the vendor's product, from one"
            " day to another, so that what they report is counted for the right product."
        ),
        "catalog.view",
    ),
    "prices": Topic(
        _("Price lists"),
        _(
            "A list holds prices in one currency for customers, for partners, or for our own people only; for one tier and one"
            " sales channel, or for all. The list that says most about a sale decides, and no two say the same on one day."
        ),
        "catalog.view",
        Face.DESK,
    ),
    "channels": Topic(
        _("Sales channels"),
        _(
            "Every way to the market is a sales channel. Channel sales are only those through partners: your own shop is a"
            " channel, and not channel sales. Which it is follows from who sells there."
        ),
        "catalog.view",
        Face.DESK,
    ),
    "rules": Topic(
        _("Rules of engagement"),
        _(
            "They say which products, customers and countries are sold by whom, and where. They are read from top to bottom,"
            " and the first that fits decides; move a rule up to have it read earlier. Ask, and see how each was read."
        ),
        "engagement.view",
    ),
    "ask": Topic(
        _("May we sell it?"),
        _(
            "Ask before you promise something to a customer: the answer comes with its reason. What you leave open is not"
            " known, and if it matters the answer says so."
        ),
        "catalog.view",
        Face.PARTNER,
    ),
    "sales": Topic(
        _("Sales"),
        _(
            "Every line of sales and returns that you see, newest first, with what they add up to in each currency. Filters"
            " narrow the totals, the chart and the lines together; a partner's name leads down to its lines, and a document"
            " number to the line itself. A sale says whether its customer was new, bought more of the same, or another"
            " product."
        ),
        "sales.view",
    ),
    "imports": Topic(
        _("Imports"),
        _(
            "A sales file is looked at before anything is written: what can be read in two ways is asked, and every row that"
            " is refused is listed with its reason. The same file again adds nothing; the same line with another content is"
            " a correction. An import can be stopped and goes on where it was."
        ),
        "sales.import",
    ),
    "queue": Topic(
        _("To match"),
        _(
            "Codes and names in files that no rule could match. Say once whom or what a source means: the lines that are"
            " there move, and the next file is understood."
        ),
        "sales.match",
        Face.DESK,
    ),
    "rates": Topic(
        _("Exchange rates"),
        _(
            "Rates are units of a currency for one euro, from the file of the European Central Bank or by hand. One by hand"
            " wins over the published one of its day. A rate serves until the next one, for ten days at most."
        ),
        "sales.view",
        Face.DESK,
    ),
    "settings": Topic(
        _("Settings"),
        _(
            "Here the programme gets its name, logo and colours; the page shows your choice while you make it, and colours"
            " on which words could not be read are refused. A test mail shows whether mails arrive."
        ),
        "settings.manage",
    ),
    "audit": Topic(
        _("Audit trail"),
        _(
            "Everything that was changed, by whom, when, from where, and how it was before and after. Nothing can be removed"
            " from it, and changes behind its back are found. Search by action, person or number, and export what you need."
        ),
        "audit.view",
    ),
    "jobs": Topic(
        _("Jobs"),
        _(
            "What Buoy does in the background, such as mails, exports and calculations. What failed several times is given up"
            " and waits here until somebody tries it again. Long work shows how far it is, and can be cancelled."
        ),
        "jobs.view",
    ),
}

OF_SCREEN = {
    "workspace": "home",
    "workspace:tasks": "tasks",
    "workspace:notifications": "notifications",
    "workspace:notification-settings": "notifications",
    "workspace:audit": "audit",
    "workspace:jobs": "jobs",
    "workspace:work": "jobs",
    "partners": "partners",
    "partners:desk-place": "chain",
    "partners:partner": "company",
    "accounts": "account",
    "accounts:desk_people": "people",
    "accounts:desk_person": "people",
    "accounts:desk_invite": "people",
    "accounts:desk_invite_into": "people",
    "accounts:team_people": "team",
    "accounts:team_person": "team",
    "accounts:team_invite": "team",
    "accounts:desk_clients": "keys",
    "accounts:team_clients": "keys",
    "accounts:tokens": "keys",
    "catalog": "products",
    "catalog:import-products": "import",
    "catalog:desk-labels": "labels",
    "catalog:labels": "labels",
    "catalog:desk-price-lists": "prices",
    "catalog:desk-price-list": "prices",
    "catalog:desk-add-price-list": "prices",
    "catalog:desk-change-price-list": "prices",
    "catalog:import-prices": "prices",
    "catalog:desk-channels": "channels",
    "catalog:desk-add-channel": "channels",
    "catalog:desk-change-channel": "channels",
    "catalog:desk-rules": "rules",
    "catalog:desk-add-rule": "rules",
    "catalog:desk-change-rule": "rules",
    "catalog:desk-ask": "rules",
    "catalog:ask": "ask",
    "sales": "sales",
    "sales:imports": "imports",
    "sales:import": "imports",
    "sales:import-add": "imports",
    "sales:queue": "queue",
    "sales:rates": "rates",
    "sales:rates-add": "rates",
    "vendor": "settings",
    "": "account",
}
"""The topic of a screen by the name of its address, or of all screens of a room by the room's."""


def help_for(request: HttpRequest) -> Help:
    """The help of the screen that answers this request."""
    screen = request.resolver_match.view_name if request.resolver_match else ""
    name = OF_SCREEN.get(screen) or OF_SCREEN.get(screen.partition(":")[0]) or OF_SCREEN[""]
    topic = TOPICS[name]
    return Help(title=str(topic.title), text=str(topic.text), url=f"{reverse('help')}#{name}")


@require_safe
@door(INSIDE, "comments.view")
def page(request: Request) -> HttpResponse:
    """All topics that concern the reader."""
    topics = [(name, topic) for name, topic in TOPICS.items() if topic.is_for(request.actor)]
    home = "workspace:desk" if request.actor.face is Face.DESK else "workspace:portal"
    context = {"topics": topics, "tour_url": f"{reverse(home)}?tour=1", "crumbs": [Crumb(label=_now("Help"))]}
    return render(request, "ui/help.html", context)
