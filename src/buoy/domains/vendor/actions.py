"""Writes about the vendor."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.core.actor import Actor
from buoy.core.audit import record
from buoy.core.errors import DomainError, Kind
from buoy.core.scope import acting, writing
from buoy.domains.vendor import policy
from buoy.domains.vendor.models import ONLY, Vendor
from buoy.domains.vendor.policy import Refusal
from buoy.ui.brand import Brand


class LogoRefused(DomainError):
    """The picture is not taken as a logo."""

    kind = Kind.INVALID
    code = "logo-refused"
    message = _("The logo was not taken. %(why)s")


WHY: dict[Refusal, str | Promise] = {
    Refusal.TOO_LARGE: _("The file is larger than 200 KB. A logo of 400 pixels across is enough."),
    Refusal.NOT_A_PNG: _("It is not a PNG. Save it as PNG; an SVG could hold programs and is not taken."),
    Refusal.DAMAGED: _("The picture is damaged or has something behind its end. Save it again as PNG."),
    Refusal.TOO_MANY_PIXELS: _("It is more than 2000 pixels wide or high. A logo of 400 pixels across is enough."),
}
_KEPT = ("name", "accent", "accent_text", "radius_px", "logo_sha256")


def change_look(
    actor: Actor, *, name: str, brand: Brand | None, logo: bytes | None = None, removes_logo: bool = False
) -> None:
    """Choose how the vendor is called and looks; `logo` stays as it is when none is given and it is not removed.

    Writes the vendor. Raises NotAllowed, LogoRefused.
    """
    if logo is not None and (refusal := policy.refuse_logo(logo)):
        raise LogoRefused(why=WHY[refusal])
    change: dict[str, Any] = {"name": name, "accent": "", "accent_text": "", "radius_px": 8}
    if brand:
        change |= {"accent": brand.accent, "accent_text": brand.accent_text, "radius_px": brand.radius_px}
    if logo is not None:
        change |= {"logo": logo, "logo_sha256": sha256(logo).hexdigest()}
    elif removes_logo:
        change |= {"logo": None, "logo_sha256": ""}
    with acting(actor):
        writing(actor)
        actor.require("settings.manage")
        before = _row()
        Vendor.objects.update_or_create(id=ONLY, defaults=change)
        shown = {field: value for field, value in change.items() if field in _KEPT}
        _note(actor, "vendor.look_changed", before={field: getattr(before, field) for field in shown}, after=shown)


def note_mail_test(actor: Actor, *, address: str, now: datetime) -> None:
    """A mail has left the installation. Writes the vendor. Raises NotAllowed."""
    with acting(actor):
        writing(actor)
        actor.require("settings.manage")
        Vendor.objects.update_or_create(id=ONLY, defaults={"mail_tested_at": now})
        _note(actor, "vendor.mail_tested", after={"to": address})


def end_guide(actor: Actor, *, now: datetime) -> None:
    """Put the set-up guide away, for all administrators. Raises NotAllowed."""
    _keep_guide(actor, "vendor.guide_ended", ended_at=now)


def bring_guide_back(actor: Actor) -> None:
    """Show the set-up guide again. Raises NotAllowed."""
    _keep_guide(actor, "vendor.guide_brought_back", ended_at=None)


def _keep_guide(actor: Actor, action: str, *, ended_at: datetime | None) -> None:
    with acting(actor):
        writing(actor)
        actor.require("settings.manage")
        Vendor.objects.update_or_create(id=ONLY, defaults={"guide_ended_at": ended_at})
        _note(actor, action)


def _row() -> Vendor:
    return Vendor.objects.defer("logo").filter(id=ONLY).first() or Vendor()


def _note(actor: Actor, action: str, **sides: Any) -> None:
    record(actor, action=action, object_type="vendor", object_id=str(ONLY), **sides)
