"""Components render what they are given, refuse what they cannot, and escape what is not markup."""

from typing import Any

import pytest
from django import forms
from django.template import RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.html import escape


def render(text: str, **values: Any) -> str:
    return Template(text).render(RequestContext(RequestFactory().get("/"), values))


class Registration(forms.Form):
    customer = forms.CharField(help_text="Who will use it.")
    close = forms.CharField(required=False)
    terms = forms.BooleanField()


def test_a_component_shows_its_content_and_its_slots_in_their_places() -> None:
    drawn = render('{% ui "card" title="Deals" %}<p>12</p>{% slot actions %}<b>All</b>{% endslot %}{% endui %}')
    head, body = drawn.split("</header>")
    assert "Deals" in head
    assert "<b>All</b>" in head
    assert "<p>12</p>" in body


def test_a_component_sees_the_words_around_it_only_in_what_stands_inside() -> None:
    drawn = render('{% ui "card" %}{{ title }}{% endui %}', title="From outside")
    assert "<h2" not in drawn
    assert "From outside" in drawn


def test_components_stand_inside_components() -> None:
    drawn = render('{% ui "card" title="A" %}{% ui "banner" tone="warn" %}late{% endui %}{% endui %}')
    assert drawn.index("card") < drawn.index("banner-warn") < drawn.index("late")


def test_a_slot_outside_a_component_is_a_mistake() -> None:
    with pytest.raises(TemplateSyntaxError, match="must stand directly inside"):
        render("{% slot foot %}x{% endslot %}")


@pytest.mark.parametrize("text", ["{% ui %}{% endui %}", '{% ui "card" bare %}{% endui %}'])
def test_a_component_without_a_name_or_with_a_bare_word_is_a_mistake(text: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=r"ui (needs|takes)"):
        render(text)


def test_what_a_user_wrote_cannot_become_markup() -> None:
    evil = '"><script>alert(1)</script>'
    for text in (
        "{% badge x %}", "{% button x %}", "{% button 'a' title=x %}", "{% button 'a' href=x %}", "{% avatar x %}",
        '{% ui "card" title=x %}{{ x }}{% endui %}', '{% include "ui/toast.html" with text=x %}',
        '{% include "ui/code.html" with code=x label=x %}', '{% include "ui/chip.html" with label=x href=x %}',
    ):  # fmt: skip
        assert evil not in render(text, x=evil), text
    assert escape(evil) in render("{% badge x %}", x=evil)


def test_a_square_button_says_its_name_to_pointer_and_reader() -> None:
    drawn = render('{% button "Edit" icon="pencil" square=True %}')
    assert 'aria-label="Edit"' in drawn
    assert 'data-tip="Edit"' in drawn


def test_a_button_with_an_address_is_a_link() -> None:
    assert render('{% button "Open" href="/p/" %}').startswith('<a class="button" href="/p/"')


@pytest.mark.parametrize(("name", "initials"), [("Wisła Systems", "WS"), ("Mei", "M"), ("أميرة خان", "أخ"), ("", "?")])
def test_an_avatar_has_the_first_letters_of_a_name(name: str, initials: str) -> None:
    assert f">{initials}</span>" in render("{% avatar name %}", name=name)


def test_a_field_is_tied_to_its_label_its_help_and_its_mistakes() -> None:
    form = Registration({"customer": ""})
    drawn = render("{% field form.customer %}", form=form)
    assert '<label for="id_customer">' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_customer_helptext id_customer_error"' in drawn
    assert 'id="id_customer_helptext"' in drawn
    assert 'id="id_customer_error"' in drawn


def test_only_a_field_that_may_stay_empty_says_so() -> None:
    form = Registration()
    assert "(optional)" in render("{% field form.close %}", form=form)
    assert "(optional)" not in render("{% field form.customer %}", form=form)


def test_a_switch_is_a_checkbox_that_says_what_it_is() -> None:
    drawn = render("{% field form.terms switch=True %}", form=Registration())
    assert 'type="checkbox"' in drawn
    assert 'role="switch"' in drawn


@pytest.mark.parametrize(("sort", "says", "leads_to"), [
    ("name", 'aria-sort="ascending"', "?sort=-name"), ("-name", 'aria-sort="descending"', "?sort=name"),
    ("other", "", "?sort=name"),
])  # fmt: skip
def test_the_head_of_a_column_says_its_order_and_leads_to_the_other(sort: str, says: str, leads_to: str) -> None:
    drawn = render('{% include "ui/sort_head.html" with name="name" label="Partner" %}', sort=sort)
    assert says in drawn
    assert f'href="{leads_to}"' in drawn
