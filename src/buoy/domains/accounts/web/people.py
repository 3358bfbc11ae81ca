"""The people of an organisation: who they are, who is invited, what each may do.

The desk and the portal show the same pages; a `Side` says which of the two it is. The desk shows everybody, the portal
one's own team. What somebody may do is decided by the actions, and the buttons follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from buoy.core import clock
from buoy.core.actor import Actor, Face
from buoy.core.errors import DomainError, Kind, NotAllowed, NotFound
from buoy.core.http import Request, door
from buoy.core.scope import acting
from buoy.domains.accounts import queries
from buoy.domains.accounts.actions import invitations, people
from buoy.domains.accounts.forms import GrantsForm, InviteForm, RolesForm
from buoy.domains.accounts.web.sides import DESK, Side, list_of_people
from buoy.ui.bulk import answer_bulk
from buoy.ui.list_views import answer_list, read_list
from buoy.ui.shell import Crumb

_READ, _SEND, _FORM = ("GET", "HEAD"), ("POST",), ("GET", "HEAD", "POST")


def everybody(request: Request, side: Side) -> HttpResponse:
    """Everybody on the desk's side, or one partner's people with `?partner=`; the own team on a partner's."""
    actor = request.actor
    partner_id = _chosen_partner(request) if side is DESK else actor.partner_id
    with acting(actor, read_only=True):
        organisation = queries.organisation(actor, partner_id=partner_id)
    table = list_of_people(actor, side, partner_id=partner_id, organisation=organisation)
    crumbs = [Crumb(label=_title(side), url=side.url("people"))]
    if request.method == "POST":
        return answer_bulk(request, table, lambda: queries.visible_people(actor), crumbs=crumbs)
    with acting(actor, read_only=True):
        listed = read_list(request, table, queries.visible_people(actor))
        invited = queries.invitations(actor, partner_id=partner_id, now=clock.now())
    context = {
        "side": side,
        "organisation": organisation if side is DESK else "",
        "invitations": [
            (row, side.url("send_invitation", row.id), side.url("revoke_invitation", row.id)) for row in invited
        ],
        "may_invite": _may_give(actor, partner_id=partner_id),
        "invite_url": side.url("invite_into", partner_id) if side is DESK and partner_id else side.url("invite"),
        "crumbs": crumbs,
    }
    return answer_list(request, "accounts/people.html", listed, context)


def invite(request: Request, side: Side, partner_id: UUID | None = None) -> HttpResponse:
    """Invite somebody into one's own organisation or, from the desk, into a partner's."""
    actor = request.actor
    partner_id = partner_id if side is DESK else actor.partner_id
    with acting(actor):
        organisation = queries.organisation(actor, partner_id=partner_id)
    people.require_may_give(actor, partner_id=partner_id)
    form = InviteForm(
        request.POST if request.method == "POST" else None,
        initial={"language": request.LANGUAGE_CODE},
        is_partner_user=partner_id is not None,
    )
    back = _list_of(side, partner_id)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite_user(actor, **form.cleaned_data, partner_id=partner_id, now=clock.now())
        except DomainError as error:
            form.add_error(None, _sayable(error))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect(back)
    crumbs = [Crumb(label=_title(side), url=back), Crumb(label=_("Invite"))]
    context = {"side": side, "organisation": organisation, "form": form, "crumbs": crumbs}
    return render(request, "accounts/invite.html", context, status=422 if form.errors else 200)


def one(request: Request, side: Side, user_id: UUID) -> HttpResponse:
    """One person, with what the reader may change about them."""
    actor = request.actor
    with acting(actor):
        person = queries.person(actor, user_id=user_id)
    is_partner_user = person.partner_id is not None
    context = {
        "side": side,
        "person": person,
        "may_change": person.id != actor.user_id and _may_give(actor, partner_id=person.partner_id),
        "may_look": actor.may("partners.look_as") and is_partner_user and person.is_active,
        "roles": RolesForm(initial={"roles": person.roles}, is_partner_user=is_partner_user),
        "grants": GrantsForm(initial={"grants": person.grants}) if "delegate" in person.roles else None,
        "urls": {name.replace("-", "_"): side.url(name, user_id) for name in acts_of(side)},
        "partner_url": _list_of(DESK, person.partner_id),
        "look_url": reverse("accounts:desk_look", args=[user_id]),
        "crumbs": [Crumb(label=_title(side), url=side.url("people")), Crumb(label=person.name)],
    }
    return render(request, "accounts/person.html", context)


@dataclass(frozen=True)
class Act:
    """Something that can be done by one button: the action, what it says afterwards, and the list it takes from the form."""

    do: Callable[..., object]
    done: Promise
    takes: str = ""


ACTS = {
    "roles": Act(people.change_roles, _lazy("The roles have been changed."), takes="roles"),
    "grants": Act(people.grant_to_delegate, _lazy("The rights have been changed."), takes="grants"),
    "disable": Act(people.disable_user, _lazy("The account is closed.")),
    "enable": Act(people.enable_user, _lazy("The account is open again.")),
    "second-factor": Act(people.reset_second_factor, _lazy("The second factor is removed. They are told by e-mail.")),
    "unlink": Act(people.unlink_single_sign_on, _lazy("The account is no longer linked to a single sign-on.")),
    "sign-out": Act(people.end_sessions, _lazy("All sessions of this person have ended.")),
}
INVITATION_ACTS = {
    "send": Act(invitations.resend_invitation, _lazy("The invitation is on its way again; older links have ended.")),
    "revoke": Act(invitations.revoke_invitation, _lazy("The invitation is taken back.")),
}


def acts_of(side: Side) -> list[str]:
    """What can be done about a person here: partners have no delegates."""
    return [name for name in ACTS if side is DESK or name != "grants"]


def act(request: Request, side: Side, user_id: UUID, what: Act) -> HttpResponse:
    """Do something about a person, say so, and go back to their page."""
    more = {what.takes: request.POST.getlist(what.takes)} if what.takes else {}
    _do(request, what, user_id=user_id, **more)
    return redirect(side.url("person", user_id))


def change_invitation(request: Request, side: Side, invitation_id: UUID, what: Act) -> HttpResponse:
    """Send an invitation again, or take it back."""
    _do(request, what, invitation_id=invitation_id)
    return redirect(side.url("people"))


def _do(request: Request, what: Act, **more: Any) -> None:
    try:
        what.do(request.actor, **more, now=clock.now())
    except DomainError as error:
        messages.error(request, _sayable(error))
    else:
        messages.success(request, str(what.done))


def _sayable(error: DomainError) -> str:
    """What to say on the page that asked. Raises the error when there is nothing there to say it on."""
    if error.kind in (Kind.NOT_FOUND, Kind.NOT_ALLOWED):
        raise error
    return str(error)


def _may_give(actor: Actor, *, partner_id: UUID | None) -> bool:
    try:
        people.require_may_give(actor, partner_id=partner_id)
    except NotAllowed:
        return False
    return not actor.is_read_only


def _chosen_partner(request: Request) -> UUID | None:
    """The partner that the address asks for. Raises NotFound for something that is no id."""
    asked = request.GET.get("partner", "")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise NotFound from None


def _list_of(side: Side, partner_id: UUID | None) -> str:
    return side.url("people") + (f"?partner={partner_id}" if side is DESK and partner_id else "")


def _title(side: Side) -> str:
    return _("People") if side is DESK else _("Team")


def pages(side: Side) -> list[URLPattern]:
    """The addresses of one side; the desk's also lead into a partner's team."""

    def at(
        address: str, name: str, view: Callable[..., HttpResponse], methods: Sequence[str], **more: Any
    ) -> URLPattern:
        behind = door(side.face, "users.view")(partial(view, side=side, **more))
        return path(f"{side.root}{address}", require_http_methods(methods)(behind), name=f"{side.name}_{name}")

    person, invitation = "<uuid:user_id>", "invitations/<uuid:invitation_id>"
    return [
        at("", "people", everybody, _FORM),
        at("invite/", "invite", invite, _FORM),
        at(f"{person}/", "person", one, _READ),
        *(at(f"{person}/{name}/", name, act, _SEND, what=ACTS[name]) for name in acts_of(side)),
        *(
            at(f"{invitation}/{name}/", f"{name}_invitation", change_invitation, _SEND, what=what)
            for name, what in INVITATION_ACTS.items()
        ),
    ]


def into_partner() -> URLPattern:
    """Where the desk invites somebody into a partner's team."""
    behind = require_http_methods(_FORM)(door(Face.DESK, "users.view")(partial(invite, side=DESK)))
    return path("desk/partners/<uuid:partner_id>/invite/", behind, name="desk_invite_into")
