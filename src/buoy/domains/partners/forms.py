"""Shape of what people type about partners."""

from __future__ import annotations

from babel import Locale
from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _


def countries() -> list[tuple[str, str]]:
    """ISO codes with the countries' names in the reader's language, by name."""
    names = Locale.parse(translation.get_language() or "en", sep="-").territories
    known = [
        (code, name) for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    ]
    return [("", "—"), *sorted(known, key=lambda pair: pair[1])]


_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "XK"}


class PartnerForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    country = forms.ChoiceField(
        label=_("Country"), choices=countries, widget=forms.Select(attrs={"data-combobox": True})
    )
    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)


class ChangeForm(PartnerForm):
    is_active = forms.BooleanField(label=_("Takes part in the programme"), required=False)


class PlaceForm(forms.Form):
    parent = forms.ChoiceField(label=_("Buys from"), required=False, widget=forms.Select(attrs={"data-combobox": True}))
    from_date = forms.DateField(label=_("From this day on"), widget=forms.DateInput(attrs={"type": "date"}))
