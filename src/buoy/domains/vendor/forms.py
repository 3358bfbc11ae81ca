"""Shape of what administrators choose for the vendor."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from buoy.ui import formats
from buoy.ui.brand import LEAST_CONTRAST, Brand, contrast

WHITE, BLACK = "#ffffff", "#14151a"
_COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six hexadecimal digits, such as #0f766e."))


class ColourInput(forms.TextInput):
    input_type = "color"


class LookForm(forms.Form):
    """Name, colours and logo. `brand` is what was chosen, once the form is valid; None for the colours of Buoy."""

    brand: Brand | None = None

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("It stands on every page, at the sign-in and in every mail.")
    )
    has_own_colours = forms.BooleanField(label=_("Use our own colours"), required=False)
    accent = forms.CharField(
        label=_("Accent"),
        validators=[_COLOUR],
        widget=ColourInput(attrs={"data-token": "--accent"}),
        help_text=_("The ground of buttons, and what links and charts take their colour from."),
    )
    accent_text = forms.CharField(
        label=_("Words on the accent"),
        validators=[_COLOUR],
        widget=ColourInput(attrs={"data-token": "--accent-text"}),
    )
    radius_px = forms.IntegerField(
        label=_("Roundness of corners, in pixels"),
        min_value=0,
        max_value=16,
        widget=forms.NumberInput(
            attrs={"type": "range", "min": 0, "max": 16, "data-token": "--radius", "data-unit": "px"}
        ),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        help_text=_("A PNG of at most 200 KB. Wide and low fits best; on dark ground it gets a white one of its own."),
    )
    removes_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        said = self.cleaned_data
        if said.get("has_own_colours") and {"accent", "accent_text", "radius_px"} <= said.keys():
            if contrast(said["accent"], said["accent_text"]) < LEAST_CONTRAST:
                self.add_error("accent", ValidationError(words_about(said["accent"], said["accent_text"])))
            else:
                self.brand = Brand(accent=said["accent"], accent_text=said["accent_text"], radius_px=said["radius_px"])
        return cleaned


def words_about(accent: str, accent_text: str) -> str:
    """How well words of one colour are read on the other, and what to do when they are not."""
    found = contrast(accent, accent_text)
    said = {"found": _ratio(found), "least": _ratio(LEAST_CONTRAST)}
    if found >= LEAST_CONTRAST:
        return (
            gettext("Words on the accent are readable: the contrast is %(found)s to 1, and %(least)s is needed.") % said
        )
    better = max((WHITE, BLACK), key=lambda colour: contrast(accent, colour))
    said |= {"better": better, "then": _ratio(contrast(accent, better))}
    return (
        gettext(
            "Words on the accent could not be read: the contrast is %(found)s to 1, and %(least)s is needed. Choose a"
            " darker or lighter accent, or words in %(better)s, with which it would be %(then)s."
        )
        % said
    )


def _ratio(contrast: float) -> str:
    """Cut and not rounded: 4.46 must not read as the 4.5 that it does not reach."""
    return formats.number(Decimal(contrast).quantize(Decimal("0.1"), rounding=ROUND_DOWN), places=1)
