"""Shape of what people type about partners."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from buoy.ui import formats


def countries() -> list[tuple[str, str]]:
    """Nothing, then every country by name."""
    return [("", "—"), *formats.countries()]


class PartnerForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    country = forms.ChoiceField(
        label=_("Country"), choices=countries, widget=forms.Select(attrs={"data-combobox": True})
    )
    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)


class ChangeForm(PartnerForm):
    is_active = forms.BooleanField(label=_("Takes part in the programme"), required=False)


class PlaceForm(forms.Form):
    """The field of the partner asks for more than the few that the page offers."""

    parent = forms.UUIDField(label=_("Buys from"), required=False, widget=forms.Select(attrs={"data-combobox": True}))
    from_date = forms.DateField(label=_("From this day on"), widget=forms.DateInput(attrs={"type": "date"}))
