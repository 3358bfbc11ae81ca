"""`{% load ui %}`: what repeats in rows as plain tags, and `{% ui "card" … %}…{% endui %}` for what has an inside."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.http import HttpRequest
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from buoy.core import clock
from buoy.ui import charts, formats
from buoy.ui.shell import Group, current_url

register = template.Library()

# They point the way one reads, so they turn round where one reads from right to left.
TURNING_ICONS = {
    "arrow-down-right", "arrow-left", "arrow-narrow-right", "arrow-right", "arrow-up-right",
    "chevron-left", "chevron-right", "external-link", "list-check", "login", "logout", "send",
}  # fmt: skip
HUES = 8
THEMES = ("light", "dark")


@cache
def _icon_names() -> frozenset[str]:
    return frozenset((Path(__file__).parents[1] / "assets" / "icons.txt").read_text(encoding="utf-8").split())


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite. It is decoration: the words beside it, or the name of its button, say what it means."""
    if name not in _icon_names():
        raise template.TemplateSyntaxError(f"there is no icon {name!r}: add its name to ui/assets/icons.txt")
    classes = " ".join(filter(None, ("icon", "icon-turns" if name in TURNING_ICONS else "", css)))
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("buoy/icons.svg"), name
    )


def _attributes(values: dict[str, Any]) -> SafeString:
    """`hx_post="/x"` becomes ` hx-post="/x"`; True is an attribute without a value, False and None none at all."""
    kept = [(name.replace("_", "-"), value) for name, value in values.items() if value not in (None, False)]
    return mark_safe("".join(format_html(" {}", n) if v is True else format_html(' {}="{}"', n, v) for n, v in kept))


@register.simple_tag
def button(label: str, kind: str = "", icon: str = "", size: str = "", href: str = "", **attributes: Any) -> SafeString:
    """A button, or a link that looks like one when it has `href`.

    `kind`: primary, danger or quiet. `size`: s. Other names become attributes, with dashes for underscores. An icon
    alone is `square=True`: its label is then its name and its tooltip.
    """
    square = attributes.pop("square", False)
    parts = ("button", kind and f"button-{kind}", size and f"button-{size}", square and "button-square")
    classes = " ".join(part for part in (*parts, attributes.pop("css", "")) if part)
    drawn = globals()["icon"](icon) if icon else ""
    if square:
        attributes = {"aria_label": label, "data_tip": label, **attributes}
    inside = drawn if square else format_html("{}{}", drawn, label)
    if href:
        return format_html('<a class="{}" href="{}"{}>{}</a>', classes, href, _attributes(attributes), inside)
    attributes = {"type": "button", **attributes}
    return format_html('<button class="{}"{}>{}</button>', classes, _attributes(attributes), inside)


@register.simple_tag
def badge(label: str, tone: str = "", icon: str = "", dot: bool = False) -> SafeString:
    """`tone`: good, warn, bad, info, accent, line, or a tier: platinum, gold, silver, bronze."""
    classes = " ".join(filter(None, ("badge", tone and f"badge-{tone}", "badge-dot" if dot else "")))
    drawn = globals()["icon"](icon) if icon else ""
    return format_html('<span class="{}">{}{}</span>', classes, drawn, label)


@register.simple_tag
def avatar(name: str, kind: str = "", size: str = "", image: str = "") -> SafeString:
    """Initials on a colour that a name always has; `kind="person"` is round. Decoration: the name stands beside it."""
    hue = zlib.crc32(name.encode()) % HUES
    shape = " ".join(filter(None, (kind and f"avatar-{kind}", size and f"avatar-{size}")))
    inside = format_html('<img src="{}" alt="">', image) if image else _initials(name)
    return format_html('<span class="avatar hue-{} {}" aria-hidden="true">{}</span>', hue, shape, inside)


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalpha()] or [name or "?"]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


# --- Numbers, money, dates ----------------------------------------------------------------------------------------


def _isolated(text: str) -> SafeString:
    """Keeps the parts of a number in their order inside words that run the other way."""
    return format_html('<bdi dir="ltr">{}</bdi>', text)


@register.simple_tag
def money(amount: Decimal, currency: str, whole: bool = False) -> SafeString:
    return _isolated(formats.money(amount, currency, whole=whole))


@register.simple_tag
def price(amount: Decimal, currency: str) -> SafeString:
    return _isolated(formats.price(amount, currency))


@register.simple_tag
def number(value: int | Decimal, places: int | None = None) -> SafeString:
    return _isolated(formats.number(value, places=places))


@register.simple_tag
def percent(ratio: Decimal, places: int = 0) -> SafeString:
    return _isolated(formats.percent(ratio, places=places))


@register.simple_tag
def day(value: date, style: str = "medium") -> SafeString:
    return format_html('<time datetime="{}"><bdi>{}</bdi></time>', value.isoformat(), formats.day(value, style=style))


@register.simple_tag
def moment(value: datetime, style: str = "medium") -> SafeString:
    return format_html(
        '<time datetime="{}"><bdi>{}</bdi></time>', value.isoformat(), formats.moment(value, style=style)
    )


@register.simple_tag
def ago(value: datetime) -> SafeString:
    """How long ago, with the exact moment as its tooltip."""
    return format_html(
        '<time datetime="{}" data-tip="{}">{}</time>',
        value.isoformat(),
        formats.moment(value, style="long"),
        formats.distance(value, now=clock.now()),
    )


@register.simple_tag
def delta(ratio: Decimal, good: str = "up", places: int = 1) -> SafeString:
    """A change with its direction as an arrow; `good="down"` where less is better, `none` where neither is."""
    way = "up" if ratio > 0 else "down"
    tone = "none" if not ratio or good == "none" else "good" if way == good else "bad"
    arrow = icon(f"arrow-{way}-right") if ratio else ""
    return format_html(
        '<span class="delta delta-{}">{}{}</span>', tone, arrow, _isolated(formats.percent(ratio, places=places))
    )


@register.simple_tag
def meter(ratio: Decimal, warn: Decimal = Decimal("0.95"), bad: Decimal = Decimal("0.7")) -> SafeString:
    """How much of a target is reached: a bar and the share in words. Below `warn` and `bad` the bar changes colour."""
    tone = "bad" if ratio < bad else "warn" if ratio < warn else "good"
    return format_html(
        '<span class="meter meter-{}">{}{}</span>', tone, charts.meter(ratio), _isolated(formats.percent(ratio))
    )


@register.simple_tag
def spark(values: Sequence[int | Decimal]) -> SafeString:
    return charts.spark(values)


@register.inclusion_tag("ui/chart.html")
def chart(picture: charts.Picture) -> dict[str, Any]:
    return {"chart": picture}


# --- Forms --------------------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, before: str = "", after: str = "", switch: bool = False) -> dict[str, Any]:
    """A field of a form with its label, help and errors. `before` and `after` are units: "$", "%"."""
    widget = bound.field.widget
    is_choice = isinstance(widget, CheckboxInput)
    attributes: dict[str, str | bool] = {"class": "switch", "role": "switch"} if switch else {}
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attributes),
        "before": before,
        "after": after,
        "is_choice": is_choice,
        "is_group": isinstance(widget, RadioSelect) or bound.use_fieldset,
    }


# --- The frame ----------------------------------------------------------------------------------------------------


@register.simple_tag
def current_nav(groups: Sequence[Group], path: str) -> str:
    return current_url(groups, path)


register.filter("country", formats.country)
register.filter("language", formats.language)


@register.simple_tag
def theme_of(request: HttpRequest | str) -> str:
    """light or dark as the reader chose on this device; nothing where the system decides."""
    chosen = request.COOKIES.get("theme", "") if isinstance(request, HttpRequest) else ""
    return chosen if chosen in THEMES else ""


class ComponentNode(Node):
    """Renders ui/NAME.html with the given words, what stands inside as `content`, and each slot under its name."""

    def __init__(self, *, name: FilterExpression, values: dict[str, FilterExpression], content: NodeList) -> None:
        self.name = name
        self.values = values
        self.slots = {node.name: node for node in content if isinstance(node, SlotNode)}
        self.nodelist = NodeList(node for node in content if not isinstance(node, SlotNode))

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.values.items()}
        values |= {name: slot.nodelist.render(context) for name, slot in self.slots.items()}
        assert context.template is not None
        component = context.template.engine.get_template(f"ui/{self.name.resolve(context)}.html")
        inner = context.new({**values, "content": self.nodelist.render(context)})
        inner["csrf_token"] = context.get("csrf_token")
        return component.render(inner)


class SlotNode(Node):
    """A second inside of a component: its buttons, its foot."""

    def __init__(self, *, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        raise template.TemplateSyntaxError(f"slot {self.name!r} must stand directly inside a {{% ui %}} tag")


@register.tag("ui")
def component(parser: Parser, token: Token) -> ComponentNode:
    """`{% ui "card" title=_("Deals") %}…{% slot actions %}…{% endslot %}{% endui %}`"""
    words = token.split_contents()[1:]
    if not words:
        raise template.TemplateSyntaxError('ui needs the name of a component, as in {% ui "card" %}')
    name = parser.compile_filter(words.pop(0))
    values = token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError(f"ui takes name=value after the component, not {words[0]!r}")
    content = parser.parse(("endui",))
    parser.delete_first_token()
    return ComponentNode(name=name, values=values, content=content)


@register.tag
def slot(parser: Parser, token: Token) -> SlotNode:
    _, name = token.split_contents()
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(name=name, nodelist=nodelist)
