"""The first steps of a new installation, on the home page of its administrators. Here the rooms meet.

A step is done when the database says so, not when somebody ticks it: so the guide can be left, done in any order, and come
back to. It is there until an administrator puts it away.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from buoy.core import clock
from buoy.core.actor import ANONYMOUS, Actor, Face
from buoy.core.scope import acting
from buoy.domains.accounts import queries as accounts
from buoy.domains.partners import queries as partners
from buoy.domains.vendor import queries as vendor


@dataclass(frozen=True)
class Step:
    """Something to do, why, and where. `is_done` is what the database says."""

    title: str
    text: str
    url: str
    is_done: bool


@dataclass(frozen=True)
class Guide:
    """`steps` is empty for everybody but administrators, and once the guide was put away."""

    steps: tuple[Step, ...] = ()

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.is_done), None)


def guide_for(request: HttpRequest) -> Guide:
    """Six queries for an administrator whose guide is there."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if actor.face is not Face.DESK or not actor.may("settings.manage"):
        return Guide()
    with acting(actor, read_only=True):
        so_far = vendor.set_up(actor)
        if so_far.guide_ended_at:
            return Guide()
        has_second_factor = accounts.person(actor, user_id=actor.person).has_second_factor
        has_colleagues = accounts.has_colleagues(actor, now=clock.now())
        has_partners = partners.visible_partners(actor).exists()
    settings = reverse("vendor:settings")
    return Guide(
        (
            Step(
                _("Secure your account with a second factor"),
                _("You can change everybody's rights, so a password alone is not enough."),
                reverse("mfa_index"),
                has_second_factor,
            ),
            Step(
                _("Give your programme its name, logo and colours"),
                _("Partners see them on every page, at the sign-in and in every mail."),
                f"{settings}#look",
                so_far.has_look,
            ),
            Step(
                _("See that mails arrive"),
                _("Invitations and notifications leave by mail. Send one to yourself."),
                f"{settings}#mail",
                so_far.mail_tested_at is not None,
            ),
            Step(
                _("Invite your colleagues"),
                _("Each gets the rights of a role: channel manager, finance, marketing and others."),
                reverse("accounts:desk_invite"),
                has_colleagues,
            ),
            Step(
                _("Add your first partner"),
                _("Then invite the people who work there; they see their own company only."),
                reverse("partners:desk-add"),
                has_partners,
            ),
        )
    )
