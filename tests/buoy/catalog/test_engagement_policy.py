"""The first rule that fits decides, and what is not known decides nothing. Repeats docs/algorithms/rules-of-engagement.md."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy.domains.catalog.policy.channels import Operator
from buoy.domains.catalog.policy.engagement import Fact, Question, Rule, Verdict, decide
from tests.house.repository import ROOT

ON = date(2026, 6, 1)


def an_id(number: int) -> UUID:
    return UUID(int=number)


SWITCH, SHIELD = an_id(1), an_id(2)
NETWORK, SWITCHES = an_id(10), an_id(11)
ALPHA, BETA = an_id(20), an_id(21)
RETAIL, SHOP = an_id(30), an_id(31)
SELLERS = {"Alpha": ALPHA, "Beta": BETA, "vendor": None}
PRODUCTS = {"Switch": (SWITCH, frozenset({NETWORK, SWITCHES})), "Shield": (SHIELD, frozenset())}


def rule(number: int, verdict: Verdict, **conditions: object) -> Rule:
    return Rule(
        id=an_id(100 + number),
        title=str(number),
        verdict=verdict,
        reason="so",
        valid_from=date(2026, 1, 1),
        **conditions,  # type: ignore[arg-type]
    )


RULES = (
    rule(1, Verdict.REFUSED, sold_by=Operator.PARTNERS, segments=frozenset({"enterprise"})),
    rule(2, Verdict.ALLOWED, partner_id=ALPHA, family_id=NETWORK, countries=frozenset({"PL"})),
    rule(3, Verdict.REFUSED, partner_id=ALPHA, countries=frozenset({"PL"})),
    rule(4, Verdict.REFUSED, product_id=SHIELD, sold_by=Operator.VENDOR),
    rule(5, Verdict.REVIEW, customers=frozenset({"Acme"})),
)


def ask(seller: str = "Alpha", product: str = "Switch", **facts: str) -> Question:
    product_id, family_ids = PRODUCTS[product]
    said = {name: value for name, value in facts.items() if value != "?"}
    return Question(on=ON, product_id=product_id, family_ids=family_ids, partner_id=SELLERS[seller], **said)  # type: ignore[arg-type]


def worked_table() -> list[list[str]]:
    page = (ROOT / "docs/algorithms/rules-of-engagement.md").read_text(encoding="utf-8")
    table = page.split("| seller | product |")[1].split("\n\n")[0]
    return [re.split(r"\s*\|\s*", line.strip("| ")) for line in table.splitlines()[2:]]


@pytest.mark.parametrize("row", worked_table(), ids=" ".join)
def test_the_worked_table_comes_out(row: list[str]) -> None:
    seller, product, segment, country, customer, answer, decided_by = row
    decision = decide(RULES, ask(seller, product, segment=segment, country=country, customer=customer))
    said = decision.rule.title if decision.rule else "none"
    if decision.verdict is Verdict.UNDECIDED:
        said = " ".join(sorted(fact.value for fact in decision.missing))
    assert (decision.verdict.value, said) == (answer, decided_by)


def test_the_table_is_read() -> None:
    assert len(worked_table()) == 11


@pytest.mark.parametrize(
    ("channel", "operator", "seller", "verdict"),
    [
        (RETAIL, Operator.PARTNERS, "Alpha", Verdict.ALLOWED),
        (RETAIL, Operator.PARTNERS, "vendor", Verdict.REFUSED),
        (SHOP, Operator.VENDOR, "Alpha", Verdict.REFUSED),
        (SHOP, Operator.VENDOR, "vendor", Verdict.ALLOWED),
    ],
)
def test_nobody_sells_in_a_channel_of_somebody_else(
    channel: UUID, operator: Operator, seller: str, verdict: Verdict
) -> None:
    question = replace(ask(seller), channel_id=channel, channel_operator=operator)
    decision = decide([], question)
    assert (decision.verdict, decision.wrong_operator) == (verdict, verdict is Verdict.REFUSED)


def test_a_rule_holds_from_its_first_day_to_the_one_before_its_last() -> None:
    only = rule(1, Verdict.REFUSED, valid_until=ON + timedelta(days=1))
    days = [date(2025, 12, 31), date(2026, 1, 1), ON, ON + timedelta(days=1)]
    found = [decide([only], replace(ask(), on=day)).verdict for day in days]
    assert found == [Verdict.ALLOWED, Verdict.REFUSED, Verdict.REFUSED, Verdict.ALLOWED]


def test_what_was_read_is_told_up_to_the_rule_that_decided() -> None:
    decision = decide(RULES, ask("Alpha", "Shield", segment="small", country="PL", customer="Bob"))
    assert [(read.rule.title, read.failed, read.fits) for read in decision.read] == [
        ("1", Fact.SEGMENT, False),
        ("2", Fact.FAMILY, False),
        ("3", None, True),
    ]


def test_a_name_is_the_same_in_any_case_and_width() -> None:
    for name in ("ACME", "  acme ", "ＡＣＭＥ"):
        assert decide(RULES, ask("Beta", segment="small", customer=name)).verdict is Verdict.REVIEW
    assert decide(RULES, ask("Beta", segment="small", customer="Acme Ltd")).verdict is Verdict.ALLOWED


# --- Laws ------------------------------------------------------------------------------------------------------

some = st.frozensets
rules_of_any_kind = st.lists(
    st.builds(
        rule,
        st.integers(0, 99),
        st.sampled_from([Verdict.ALLOWED, Verdict.REFUSED, Verdict.REVIEW]),
        product_id=st.sampled_from([None, None, SWITCH, SHIELD]),
        family_id=st.sampled_from([None, None, NETWORK]),
        sold_by=st.sampled_from([None, Operator.VENDOR, Operator.PARTNERS]),
        partner_id=st.sampled_from([None, ALPHA, BETA]),
        channel_id=st.sampled_from([None, None, RETAIL]),
        segments=some(st.sampled_from(["small", "enterprise"]), max_size=1),
        countries=some(st.sampled_from(["PL", "NL"]), max_size=1),
        customers=some(st.sampled_from(["Acme", "Bob"]), max_size=1),
    ),
    max_size=6,
)
full_questions = st.builds(
    ask,
    st.sampled_from(list(SELLERS)),
    st.sampled_from(list(PRODUCTS)),
    segment=st.sampled_from(["small", "enterprise"]),
    country=st.sampled_from(["PL", "NL"]),
    customer=st.sampled_from(["Acme", "Bob"]),
)
MAY_BE_UNKNOWN = ["segment", "country", "customer"]


@given(rules_of_any_kind, full_questions, some(st.sampled_from(MAY_BE_UNKNOWN)))
def test_more_facts_never_turn_an_answer_into_another(
    rules: list[Rule], full: Question, unknown: frozenset[str]
) -> None:
    full = replace(full, channel_id=RETAIL)
    partial = decide(rules, replace(full, **dict.fromkeys(unknown, "")))  # type: ignore[arg-type]
    if partial.verdict is not Verdict.UNDECIDED:
        assert decide(rules, full).verdict is partial.verdict
    else:
        assert {fact.value for fact in partial.missing} <= unknown


@given(rules_of_any_kind, full_questions)
def test_who_knows_everything_gets_an_answer(rules: list[Rule], full: Question) -> None:
    assert decide(rules, replace(full, channel_id=RETAIL)).verdict is not Verdict.UNDECIDED


@given(rules_of_any_kind, full_questions)
def test_when_two_partners_change_names_only_their_names_change(rules: list[Rule], full: Question) -> None:
    names = {ALPHA: BETA, BETA: ALPHA, None: None}
    renamed = [replace(each, partner_id=names[each.partner_id]) for each in rules]
    before, after = decide(rules, full), decide(renamed, replace(full, partner_id=names[full.partner_id]))
    assert (before.verdict, before.missing) == (after.verdict, after.missing)
    assert [read.failed for read in before.read] == [read.failed for read in after.read]


@given(rules_of_any_kind, full_questions)
def test_rules_about_other_partners_change_nothing(rules: list[Rule], full: Question) -> None:
    near = [each for each in rules if each.partner_id in (None, full.partner_id)]
    assert decide(rules, full).verdict is decide(near, full).verdict
