"""Shape of what people type about the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.domains.catalog.actions.engagement import Draft
from buoy.domains.catalog.actions.prices import ListDraft
from buoy.domains.catalog.policy.channels import ChannelKind, Operator
from buoy.domains.catalog.policy.codes import clean_code
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.policy.prices import Buyer
from buoy.domains.catalog.policy.units import PIECE
from buoy.domains.catalog.queries.engagement import VERDICTS
from buoy.domains.catalog.queries.families import Tree
from buoy.domains.catalog.queries.prices import BUYERS
from buoy.domains.catalog.queries.words import CHANNEL_KINDS, KINDS, OPERATORS, UNITS
from buoy.ui import formats

Choices = list[tuple[str, str | Promise]]
COMBOBOX = {"data-combobox": True}


def or_none(value: str) -> UUID | None:
    """The id that was chosen, or none."""
    return UUID(value) if value else None


def family_choices(tree: Tree) -> Choices:
    """Every family by its whole path."""
    return [(str(row.id), " › ".join(row.path)) for row in tree.rows.values()]


def chosen_from(field: forms.Field, choices: Iterable[tuple[str, str | Promise]], *, none: str | Promise = "—") -> None:
    """Fill a field with what there is to choose now."""
    field.choices = [("", none), *choices]  # type: ignore[attr-defined]


def offer(field: forms.Field, choices: Choices, source: str) -> None:
    """Let a field offer some, and ask the address `source` for more as one types."""
    field.widget.choices = choices
    field.widget.attrs["data-source"] = source


class ProductForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Article number"), max_length=60, help_text=_("The same in any case: BK-1 is bk-1."))
    family = forms.TypedChoiceField(
        label=_("Family"), required=False, coerce=or_none, empty_value=None, widget=forms.Select(attrs=COMBOBOX)
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: list(KINDS.items()))
    unit = forms.ChoiceField(label=_("Counted in"), choices=lambda: list(UNITS.items()), initial=PIECE)
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    is_active = forms.BooleanField(
        label=_("In sale"), required=False, initial=True, help_text=_("Partners see only what is in sale.")
    )

    def __init__(self, *arguments: Any, tree: Tree, **more: Any) -> None:
        super().__init__(*arguments, **more)
        chosen_from(self.fields["family"], family_choices(tree), none=_("No family"))

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not clean_code(code):
            raise forms.ValidationError(_("Use plain letters, digits and signs, such as BK-R93R-62."))
        return code

    @property
    def said(self) -> dict[str, Any]:
        """As the actions want it."""
        said = dict(self.cleaned_data)
        said["family_id"] = said.pop("family")
        return said


class FamilyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    parent = forms.TypedChoiceField(
        label=_("Lies in"), required=False, coerce=or_none, empty_value=None, widget=forms.Select(attrs=COMBOBOX)
    )

    def __init__(self, *arguments: Any, tree: Tree, without: Callable[[UUID], bool] = lambda _: False, **more: Any):
        super().__init__(*arguments, **more)
        rows = {id_: row for id_, row in tree.rows.items() if not without(id_)}
        chosen_from(self.fields["parent"], family_choices(Tree(rows)), none=_("The root of the tree"))


class ChannelForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("What files and programs call it: e-shop."))
    kind = forms.TypedChoiceField(
        label=_("Kind"), choices=lambda: list(CHANNEL_KINDS.items()), coerce=ChannelKind, empty_value=None
    )
    operated_by = forms.TypedChoiceField(
        label=_("Who sells there"), choices=lambda: list(OPERATORS.items()), coerce=Operator, empty_value=None
    )


class ChangeChannelForm(ChannelForm):
    is_active = forms.BooleanField(label=_("In use"), required=False)


class GtinForm(forms.Form):
    gtin = forms.CharField(label=_("GTIN"), max_length=40, help_text=_("8, 12, 13 or 14 digits, as under the barcode."))
    unit = forms.ChoiceField(label=_("Packed as"), choices=lambda: list(UNITS.items()), initial=PIECE)
    contains = forms.DecimalField(
        label=_("How much is in it"), max_digits=18, decimal_places=6, initial=1, help_text=_("In the product's unit.")
    )


class SkuForm(forms.Form):
    channel = forms.TypedChoiceField(label=_("Channel"), coerce=UUID)
    sku = forms.CharField(label=_("Number there"), max_length=80)

    def __init__(self, *arguments: Any, channels: Choices, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]


class PartForm(forms.Form):
    part = forms.UUIDField(label=_("Product"), widget=forms.Select(attrs=COMBOBOX))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=6, initial=1)

    def __init__(self, *arguments: Any, products: Choices, source: str, **more: Any) -> None:
        super().__init__(*arguments, **more)
        offer(self.fields["part"], [("", "—"), *products], source)


# --- Rules of engagement ---------------------------------------------------------------------------------------


def in_commas(text: str) -> tuple[str, ...]:
    """`a, b` as its parts, each once, in the order in which they were written."""
    parts = (" ".join(part.split()) for part in text.replace("\n", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


class DateField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RuleForm(forms.Form):
    title = forms.CharField(label=_("Name of the rule"), max_length=120)
    verdict = forms.TypedChoiceField(
        label=_("Answer"),
        choices=lambda: [(value, words) for value, words in VERDICTS.items() if value != Verdict.UNDECIDED.value],
        coerce=Verdict,
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("What the asker is told: a sentence for partners, too.")
    )
    product = forms.UUIDField(label=_("Product"), required=False, widget=forms.Select(attrs=COMBOBOX))
    family = forms.TypedChoiceField(
        label=_("Family"), required=False, coerce=or_none, empty_value=None, widget=forms.Select(attrs=COMBOBOX)
    )
    sold_by = forms.TypedChoiceField(
        label=_("Sold by"),
        required=False,
        coerce=Operator,
        empty_value=None,
        choices=lambda: [("", _("Anybody")), *OPERATORS.items()],
    )
    partner = forms.UUIDField(label=_("Partner"), required=False, widget=forms.Select(attrs=COMBOBOX))
    channel = forms.TypedChoiceField(label=_("Sales channel"), required=False, coerce=or_none, empty_value=None)
    segments = forms.CharField(
        label=_("Customer segments"), required=False, max_length=600, help_text=_("With commas between them.")
    )
    countries = forms.CharField(
        label=_("Countries"), required=False, max_length=900, help_text=_("Names or two letters: Poland, NL.")
    )
    customers = forms.CharField(
        label=_("Customers by name"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("With commas between them."),
    )
    valid_from = DateField(label=_("From"))
    valid_until = DateField(label=_("Until"), required=False, help_text=_("The first day on which it no longer holds."))

    def __init__(self, *arguments: Any, offers: Mapping[str, Choices], sources: Mapping[str, str], **more: Any) -> None:
        """`offers` are the choices of product, family, partner and channel; `sources` know more of some."""
        super().__init__(*arguments, **more)
        for name, choices in offers.items():
            if name in sources:
                offer(self.fields[name], [("", _("Any")), *choices], sources[name])
            else:
                chosen_from(self.fields[name], choices, none=_("Any"))

    def clean_segments(self) -> tuple[str, ...]:
        return in_commas(self.cleaned_data["segments"])

    def clean_customers(self) -> tuple[str, ...]:
        return in_commas(self.cleaned_data["customers"])

    def clean_countries(self) -> tuple[str, ...]:
        known = {name.casefold(): code for code, name in formats.countries()}
        known |= {code.casefold(): code for code in known.values()}
        asked = in_commas(self.cleaned_data["countries"])
        if strange := [each for each in asked if each.casefold() not in known]:
            raise forms.ValidationError(
                _("“%(found)s” is no country that we know. Write its name, or its two letters."),
                params={"found": strange[0]},
            )
        return tuple(dict.fromkeys(known[each.casefold()] for each in asked))

    @property
    def draft(self) -> Draft:
        """The rule that was written."""
        said = dict(self.cleaned_data)
        ids = {f"{name}_id": said.pop(name) for name in ("product", "family", "partner", "channel")}
        return Draft(**said, **ids)


VENDOR = "vendor"


class AskForm(forms.Form):
    """May it be sold? What is left out is not known."""

    partner = forms.CharField(label=_("Who sells"), required=False, widget=forms.Select(attrs=COMBOBOX))
    product = forms.UUIDField(label=_("Which product"), widget=forms.Select(attrs=COMBOBOX))
    channel = forms.TypedChoiceField(
        label=_("In which sales channel"), required=False, coerce=or_none, empty_value=None
    )
    customer = forms.CharField(label=_("To which customer"), max_length=200, required=False)
    segment = forms.ChoiceField(label=_("In which segment"), required=False)
    country = forms.ChoiceField(label=_("In which country"), required=False, widget=forms.Select(attrs=COMBOBOX))
    on = DateField(label=_("On which day"))

    def __init__(
        self,
        *arguments: Any,
        offers: Mapping[str, Choices],
        sources: Mapping[str, str],
        may_be_vendor: bool,
        **more: Any,
    ) -> None:
        """`offers` are the choices of partner, product, channel and segment; `sources` know more of some."""
        super().__init__(*arguments, **more)
        self.may_be_vendor = may_be_vendor
        offer(self.fields["product"], [("", "—"), *offers["product"]], sources["product"])
        self.fields["partner"].widget.choices = offers["partner"]
        if "partner" in sources:
            self.fields["partner"].widget.attrs["data-source"] = sources["partner"]
        chosen_from(self.fields["channel"], offers["channel"], none=_("Not said"))
        chosen_from(self.fields["segment"], offers["segment"], none=_("Not said"))
        chosen_from(self.fields["country"], formats.countries(), none=_("Not said"))

    def clean_partner(self) -> UUID | None:
        """The partner that sells; none when it is the vendor."""
        said = self.cleaned_data["partner"]
        if self.may_be_vendor and said in ("", VENDOR):
            return None
        try:
            return UUID(said)
        except ValueError:
            raise forms.ValidationError(_("Choose who sells from the list.")) from None

    @property
    def asked(self) -> dict[str, Any]:
        """As the query wants it."""
        said = dict(self.cleaned_data)
        ids = {f"{name}_id": said.pop(name) for name in ("partner", "product", "channel")}
        return said | ids


class LabelForm(forms.Form):
    """A partner's own brand on a product."""

    partner = forms.UUIDField(label=_("Partner"), widget=forms.Select(attrs=COMBOBOX))
    brand = forms.CharField(label=_("Brand"), max_length=120)
    name = forms.CharField(label=_("Name there"), max_length=200)
    code = forms.CharField(label=_("Article number there"), max_length=60)
    valid_from = DateField(label=_("From"))

    def __init__(self, *arguments: Any, partners: Choices, source: str, **more: Any) -> None:
        super().__init__(*arguments, **more)
        offer(self.fields["partner"], [("", "—"), *partners], source)

    @property
    def said(self) -> dict[str, Any]:
        """As the action wants it."""
        said = dict(self.cleaned_data)
        said["partner_id"] = said.pop("partner")
        return said


# --- Prices ----------------------------------------------------------------------------------------------------


class PriceListForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    currency = forms.ChoiceField(
        label=_("Currency"), choices=formats.currencies, widget=forms.Select(attrs=COMBOBOX), initial="EUR"
    )
    buyer = forms.TypedChoiceField(label=_("For whom"), choices=lambda: list(BUYERS.items()), coerce=Buyer)
    tier = forms.CharField(label=_("Tier"), max_length=40, required=False, help_text=_("Empty: every tier."))
    channel = forms.TypedChoiceField(label=_("Sales channel"), required=False, coerce=or_none, empty_value=None)
    valid_from = DateField(label=_("From"))
    valid_until = DateField(label=_("Until"), required=False, help_text=_("The first day on which it no longer holds."))

    def __init__(self, *arguments: Any, channels: Choices, **more: Any) -> None:
        super().__init__(*arguments, **more)
        chosen_from(self.fields["channel"], channels, none=_("Every channel"))

    def clean_tier(self) -> str:
        return " ".join(self.cleaned_data["tier"].split())

    @property
    def draft(self) -> ListDraft:
        """The list that was described."""
        said = dict(self.cleaned_data)
        channel_id = said.pop("channel")
        return ListDraft(**said, channel_id=channel_id)


class PriceForm(forms.Form):
    product = forms.UUIDField(label=_("Product"), widget=forms.Select(attrs=COMBOBOX))
    amount = forms.DecimalField(label=_("Price"), min_value=0, max_digits=18, decimal_places=6)

    def __init__(self, *arguments: Any, products: Choices, source: str, **more: Any) -> None:
        super().__init__(*arguments, **more)
        offer(self.fields["product"], [("", "—"), *products], source)


class PriceFileForm(forms.Form):
    file = forms.FileField(label=_("File"))

    def clean_file(self) -> Any:
        return not_too_large(self.cleaned_data["file"])


# --- Files -----------------------------------------------------------------------------------------------------

LARGEST_FILE = 10 << 20


def not_too_large(file: Any) -> Any:
    if file.size > LARGEST_FILE:
        raise forms.ValidationError(_("The file is larger than 10 MB. Send it in parts."))
    return file


class FileForm(forms.Form):
    """A file of products. `mode` says whether it is only to be checked."""

    file = forms.FileField(label=_("File"))
    mode = forms.ChoiceField(choices=[("check", "check"), ("import", "import")])

    def clean_file(self) -> Any:
        return not_too_large(self.cleaned_data["file"])
