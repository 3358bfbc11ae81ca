"""Shape of what people say about imports, matches and rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django import forms
from django.utils.translation import gettext_lazy as _

from buoy.domains.sales.queries.wording import FIELD_NAMES
from buoy.domains.sales.queries.words import CHANNELS, EVENTS, TIERS
from buoy.domains.sales.reading.charset import OFFERED
from buoy.domains.sales.reading.days import DAY_FIRST, MONTH_FIRST
from buoy.domains.sales.reading.mapping import FIELDS

_SEPARATORS = ((",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", _("Vertical bar")))
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", *OFFERED)


def currencies() -> list[tuple[str, str]]:
    return [("", "—"), *((code, code) for code in sorted(list_currencies()))]


class DefaultsForm(forms.Form):
    """What fills facts that a file does not have."""

    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currencies,
        required=False,
        widget=forms.Select(attrs={"data-combobox": True}),
        help_text=_("Counts for rows that have none of their own."),
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", "—"), *CHANNELS.items()], required=False)
    tier_from = forms.ChoiceField(label=_("Sold by"), choices=[("", "—"), *TIERS.items()], required=False)
    tier_to = forms.ChoiceField(label=_("Sold to"), choices=[("", "—"), *TIERS.items()], required=False)
    event = forms.ChoiceField(label=_("Kind of document"), choices=[("", "—"), *EVENTS.items()], required=False)


class UploadForm(DefaultsForm):
    """`partners` are offered to the vendor's people; a partner's file is its own."""

    file = forms.FileField(label=_("File"))
    source_name = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_(
            "A name for files of this kind from this sender. What you choose for one file counts for the next."
        ),
    )
    partner = forms.ChoiceField(label=_("Sent by"), required=False, widget=forms.Select(attrs={"data-combobox": True}))
    field_order = ("file", "source_name", "partner", "currency", "channel", "tier_from", "tier_to", "event")

    def __init__(self, *args: Any, partners: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if partners is None:
            del self.fields["partner"]
        else:
            self.fields["partner"].choices = [("", _("Our own system")), *partners]  # type: ignore[attr-defined]


class AnswersForm(DefaultsForm):
    """How a file is meant: the fields that its kind and its questions call for, and a column for each fact."""

    encoding = forms.ChoiceField(label=_("Character set"), choices=[(name, name) for name in dict.fromkeys(_ENCODINGS)])
    separator = forms.ChoiceField(label=_("Separator"), choices=_SEPARATORS)
    sheet = forms.ChoiceField(label=_("Sheet"))
    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        choices=(("", "—"), (".", _("Point: 1,234.50")), (",", _("Comma: 1.234,50"))),
        required=False,
    )
    date_order = forms.ChoiceField(
        label=_("Days are written"),
        choices=(("", "—"), (DAY_FIRST, _("Day first: 31/12/2026")), (MONTH_FIRST, _("Month first: 12/31/2026"))),
        required=False,
    )
    serial_dates = forms.ChoiceField(
        label=_("Numbers in the column of days are days of Excel"),
        choices=(("", "—"), ("yes", _("Yes")), ("no", _("No"))),
        required=False,
    )
    LAYOUT = ("encoding", "separator", "sheet", "decimal", "date_order", "serial_dates")

    def __init__(
        self, *args: Any, kind: str, columns: list[str], sheets: list[str], asked: set[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        unused = {"csv": {"sheet"}, "xlsx": {"encoding", "separator"}}.get(kind, {"encoding", "separator", "sheet"})
        for name in unused:
            del self.fields[name]
        if "sheet" in self.fields:
            self.fields["sheet"].choices = [(name, name) for name in sheets]  # type: ignore[attr-defined]
        for name in asked & self.fields.keys():
            self.fields[name].required = True
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=str(FIELD_NAMES[name]),
                choices=[("", "—"), *((column, column) for column in columns)],
                required=False,
            )

    def layout(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.LAYOUT if self.cleaned_data.get(name)}

    def mapping(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"column_{name}"] for name in FIELDS if self.cleaned_data[f"column_{name}"]}

    def defaults(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in DefaultsForm.base_fields}


class PartnerMatchForm(forms.Form):
    target = forms.UUIDField()


class ProductMatchForm(forms.Form):
    code = forms.CharField(max_length=100)


class RateForm(forms.Form):
    currency = forms.ChoiceField(
        label=_("Currency"), choices=currencies, widget=forms.Select(attrs={"data-combobox": True})
    )
    rate_date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    rate = forms.DecimalField(
        label=_("Units for one euro"), min_value=Decimal("0.0000000001"), max_digits=20, decimal_places=10
    )


class RatesFileForm(forms.Form):
    file = forms.FileField(label=_("File"))
