"""Rules of engagement as data: kept in their order, asked by staff and partners, and told to nobody whom they do not name."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from buoy.core.errors import NotAllowed, NotFound
from buoy.core.scope import acting
from buoy.domains.catalog.actions import channels, engagement, families
from buoy.domains.catalog.actions.engagement import Draft
from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Verdict
from buoy.domains.catalog.queries.channels import channel_rows
from buoy.domains.catalog.queries.engagement import OnlyForOneself, answer_to, rule_rows
from tests.buoy.catalog.conftest import NOW, Make
from tests.cast import Cast

ON = date(2026, 6, 1)


@pytest.fixture
def rule(cast: Cast) -> Make:
    """Put a rule after all others: `rule("Enterprise is ours", segments=("enterprise",))`; it refuses unless said."""

    def make(title: str, verdict: Verdict = Verdict.REFUSED, **conditions: Any) -> Any:
        begin = {"valid_from": date(2026, 1, 1), "reason": f"Because: {title}"}
        draft = Draft(title=title, verdict=verdict, **{**begin, **conditions})
        return engagement.add_rule(cast.mei, draft=draft, now=NOW)

    return make


def ask(actor: Any, product_id: Any, partner_id: Any, **facts: Any) -> tuple[str, str]:
    with acting(actor):
        answer = answer_to(actor, product_id=product_id, partner_id=partner_id, on=ON, **facts)
    return answer.verdict, answer.reason


def titles(cast: Cast) -> list[str]:
    with acting(cast.mei):
        return [row.title for row in rule_rows(cast.mei)]


def test_a_direct_sale_of_a_product_for_the_channel_only_is_refused(
    cast: Cast, product: Make, family: Make, rule: Make
) -> None:
    network = family(name="Network")
    switches = family(name="Switches", parent_id=network)
    switch = product(code="S-1", family_id=switches)
    rule("Network goes through partners", sold_by=Operator.VENDOR, family_id=network)
    assert ask(cast.mei, switch, None) == ("refused", "Because: Network goes through partners")
    assert ask(cast.mei, switch, cast.alpha.id)[0] == "allowed"
    assert ask(cast.rita, switch, cast.alpha.id) == ("allowed", "No rule speaks against it.")


def test_large_customers_go_to_the_direct_force_and_the_mass_to_partners(cast: Cast, product: Make, rule: Make) -> None:
    pen = product(code="PEN")
    rule("Enterprise is ours", sold_by=Operator.PARTNERS, segments=("enterprise",))
    assert ask(cast.rita, pen, cast.alpha.id, segment="Enterprise")[0] == "refused"
    assert ask(cast.rita, pen, cast.alpha.id, segment="small")[0] == "allowed"
    assert ask(cast.mei, pen, None, segment="enterprise")[0] == "allowed"
    assert ask(cast.rita, pen, cast.alpha.id)[0] == "undecided"


def test_a_partner_sells_in_its_territory(cast: Cast, product: Make, rule: Make) -> None:
    pen = product(code="PEN")
    rule("Alpha in Poland", Verdict.ALLOWED, partner_id=cast.alpha.id, countries=("PL",))
    rule("Alpha nowhere else", partner_id=cast.alpha.id)
    assert ask(cast.rita, pen, cast.alpha.id, country="PL")[0] == "allowed"
    assert ask(cast.rita, pen, cast.alpha.id, country="NL") == ("refused", "Because: Alpha nowhere else")
    assert ask(cast.otto, pen, cast.beta.id, country="NL")[0] == "allowed"


def test_a_partner_does_not_sell_in_the_vendors_own_shop(cast: Cast, product: Make) -> None:
    channels.add_usual_channels(cast.mei)
    with acting(cast.mei):
        ways = {row.code: row.id for row in channel_rows(cast.mei)}
    pen = product(code="PEN")
    assert ask(cast.rita, pen, cast.alpha.id, channel_id=ways["e-shop"])[0] == "refused"
    assert ask(cast.rita, pen, cast.alpha.id, channel_id=ways["retail"])[0] == "allowed"
    assert ask(cast.mei, pen, None, channel_id=ways["retail"])[0] == "refused"


def test_a_partner_asks_for_itself_and_those_below_it(cast: Cast, product: Make) -> None:
    pen = product(code="PEN")
    assert ask(cast.dana, pen, cast.alpha.id)[0] == "allowed"
    with pytest.raises(NotFound):
        ask(cast.rita, pen, cast.beta.id)
    with pytest.raises(OnlyForOneself):
        ask(cast.rita, pen, None)
    with pytest.raises(NotAllowed):
        ask(cast.wout, pen, cast.alpha.id)


def test_a_partner_hears_the_reason_and_not_the_rules(cast: Cast, product: Make, rule: Make) -> None:
    pen = product(code="PEN")
    rule("Named accounts", Verdict.REVIEW, customers=("Acme",))
    with acting(cast.rita):
        answer = answer_to(cast.rita, product_id=pen, partner_id=cast.alpha.id, customer="acme", on=ON)
    assert (answer.verdict, answer.reason, answer.rule, answer.read) == ("review", "Because: Named accounts", "", ())
    with acting(cast.mei):
        for_staff = answer_to(cast.mei, product_id=pen, partner_id=cast.alpha.id, customer="acme", on=ON)
    assert [row.title for row in for_staff.read] == [for_staff.rule] == ["Named accounts"]


def test_partners_do_not_list_the_rules(cast: Cast) -> None:
    with acting(cast.ramon), pytest.raises(NotAllowed):
        rule_rows(cast.ramon)


def test_the_database_tells_a_partner_no_rule_that_names_another(cast: Cast, rule: Make) -> None:
    rule("For all")
    rule("About Alpha", partner_id=cast.alpha.id)
    rule("About Beta", partner_id=cast.beta.id)
    seen = {}
    for name, actor in (("rita", cast.rita), ("otto", cast.otto), ("dana", cast.dana)):
        with acting(actor), connection.cursor() as cursor:
            cursor.execute("select title from catalog_engagementrule order by position")
            seen[name] = [title for (title,) in cursor.fetchall()]
    assert seen == {
        "rita": ["For all", "About Alpha"],
        "otto": ["For all", "About Beta"],
        "dana": ["For all", "About Alpha"],
    }


def test_the_order_is_what_people_make_it(cast: Cast, rule: Make) -> None:
    first, _, third = rule("1"), rule("2"), rule("3")
    engagement.move_rule(cast.mei, rule_id=third, up=True)
    assert titles(cast) == ["1", "3", "2"]
    engagement.move_rule(cast.mei, rule_id=first, up=True)
    engagement.move_rule(cast.mei, rule_id=first, up=False)
    assert titles(cast) == ["3", "1", "2"]


def test_a_rule_ends_and_one_that_never_held_goes_away(cast: Cast, product: Make, rule: Make) -> None:
    pen = product(code="PEN")
    held, ahead = rule("Held"), rule("Ahead", valid_from=date(2026, 7, 1))
    engagement.end_rule(cast.mei, rule_id=held, on=ON)
    engagement.end_rule(cast.mei, rule_id=ahead, on=ON)
    engagement.end_rule(cast.mei, rule_id=held, on=date(2026, 9, 1))
    assert titles(cast) == ["Held"]
    assert ask(cast.mei, pen, None)[0] == "allowed"
    with acting(cast.mei):
        assert rule_rows(cast.mei)[0].valid_until == ON


@pytest.mark.parametrize(
    "wrong",
    [
        lambda cast, pen, family: {"product_id": pen, "family_id": family},
        lambda cast, pen, family: {"partner_id": cast.alpha.id, "sold_by": Operator.VENDOR},
        lambda cast, pen, family: {"valid_until": date(2026, 1, 1)},
    ],
)
def test_a_rule_that_no_sale_fits_is_refused(cast: Cast, product: Make, family: Make, rule: Make, wrong: Any) -> None:
    with pytest.raises(engagement.RuleContradicts):
        rule("Odd", **wrong(cast, product(code="PEN"), family(name="Pens")))


def test_a_family_that_a_rule_speaks_of_is_not_removed(cast: Cast, family: Make, rule: Make) -> None:
    pens = family(name="Pens")
    rule("Pens", family_id=pens)
    with pytest.raises(families.FamilyInUse):
        families.remove_family(cast.mei, family_id=pens)


def test_only_those_who_manage_the_catalog_write_rules(cast: Cast, rule: Make) -> None:
    made = rule("Ours")
    for who in (cast.finn, cast.tess, cast.ramon):
        with pytest.raises(NotAllowed):
            engagement.end_rule(who, rule_id=made, on=ON)


def test_the_page_answers_with_the_reason(cast: Cast, product: Make, rule: Make) -> None:
    pen = product(code="PEN")
    rule("Enterprise is ours", sold_by=Operator.PARTNERS, segments=("enterprise",))
    for who, face in (("mei", "desk"), ("rita", "p")):
        client = Client()
        client.force_login(cast.users[who])
        asked = {"product": str(pen), "partner": str(cast.alpha.id), "segment": "enterprise", "on": "2026-06-01"}
        page = client.get(f"/{face}/engagement/ask/", asked).content.decode()
        assert "No, this may not be sold" in page
        assert "Because: Enterprise is ours" in page
        assert ("How the rules were read" in page) == (face == "desk")


def test_a_question_without_a_product_is_not_answered(cast: Cast, product: Make) -> None:
    product(code="PEN")
    client = Client()
    client.force_login(cast.users["mei"])
    page = client.get("/desk/engagement/ask/", {"product": "", "partner": "vendor", "on": "2026-06-01"})
    assert "Ask, and the answer stands here" in page.content.decode()


def test_the_page_asks_of_a_rule_what_was_typed(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.users["mei"])
    typed = {
        "title": "Pens in Poland",
        "verdict": "refused",
        "reason": "So",
        "countries": "Poland, nl",
        "segments": "small,  large ,small",
        "valid_from": "2026-06-01",
    }
    assert client.post("/desk/engagement/new/", typed).status_code == 302
    with acting(cast.mei):
        (row,) = rule_rows(cast.mei)
    assert (row.countries, row.segments, row.customers) == (("PL", "NL"), ("small", "large"), ())
    wrong = client.post("/desk/engagement/new/", {**typed, "countries": "Narnia"})
    assert wrong.status_code == 422
    assert "Narnia" in wrong.content.decode()


def test_a_field_offers_partners_as_one_types(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.users["mei"])
    offered = client.get("/products/sellers/", {"q": "bet"}).content.decode()
    assert "Beta" in offered
    assert "Alpha" not in offered
    assert "vendor" in client.get("/products/sellers/").content.decode()
    assert "vendor" not in client.get("/products/partners/").content.decode()
    nobody = client.get("/desk/engagement/ask/", {"product": "", "partner": "somebody", "on": "2026-06-01"})
    assert nobody.status_code == 200
