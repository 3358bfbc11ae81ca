"""Shape of what people type about the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buoy.domains.catalog.policy.channels import ChannelKind, Operator
from buoy.domains.catalog.policy.codes import clean_code
from buoy.domains.catalog.policy.units import PIECE
from buoy.domains.catalog.queries.families import Tree
from buoy.domains.catalog.queries.words import CHANNEL_KINDS, KINDS, OPERATORS, UNITS

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


class ProductForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Article number"), max_length=60, help_text=_("The same in any case: BK-1 is bk-1."))
    family = forms.TypedChoiceField(
        label=_("Family"), required=False, coerce=or_none, empty_value=None, widget=forms.Select(attrs=COMBOBOX)
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: list(KINDS.items()))
    unit = forms.ChoiceField(label=_("Sold by"), choices=lambda: list(UNITS.items()), initial=PIECE)
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
        return {**said, "family_id": said.pop("family")}


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
        widget = self.fields["part"].widget
        widget.choices = products
        widget.attrs["data-source"] = source
