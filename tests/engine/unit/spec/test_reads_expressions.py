"""The expression language: what binds how, and messages that point at the place."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buoy_engine.spec.expressions import (
    Among,
    Binary,
    Call,
    Constant,
    Day,
    ExpressionError,
    IsNull,
    Name,
    Node,
    Number,
    Over,
    Text,
    Unary,
    is_aggregate,
    parse,
    walk,
)


def bracketed(node: Node) -> str:
    """The tree with all its brackets."""
    match node:
        case Binary(op, left, right):
            return f"({bracketed(left)} {op} {bracketed(right)})"
        case Unary(op, value):
            return f"({op} {bracketed(value)})"
        case Among(value, choices):
            inside = choices if isinstance(choices, str) else f"[{' '.join(map(bracketed, choices))}]"
            return f"({bracketed(value)} in {inside})"
        case IsNull(value):
            return f"({bracketed(value)} is null)"
        case Over(value, window, count):
            return f"({bracketed(value)} over {window}{'' if count is None else f' {count}'})"
        case Call(name, args, where):
            condition = "" if where is None else f" where {bracketed(where)}"
            return f"{name}({', '.join(map(bracketed, args))}{condition})"
        case Name():
            return str(node)
        case Number(value) | Day(value) | Constant(value):
            return str(value)
        case Text(value):
            return repr(value)
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("8 - 4 - 2", "((8 - 4) - 2)"),
        ("8 / 4 / 2", "((8 / 4) / 2)"),
        ("8 / 4 * 2", "((8 / 4) * 2)"),
        ("-a * b", "((- a) * b)"),
        ("-a + b", "((- a) + b)"),
        ("2 * -a", "(2 * (- a))"),
        ("a - -1", "(a - (- 1))"),
        ("a + b >= c * d", "((a + b) >= (c * d))"),
        ("a and b or c and d", "((a and b) or (c and d))"),
        ("not a and b", "((not a) and b)"),
        ("not a == b", "(not (a == b))"),
        ("not (a and b)", "(not (a and b))"),
        ("a == 1 and b != 2", "((a == 1) and (b != 2))"),
        ("a in (1, 2) and b", "((a in [1 2]) and b)"),
        ("a not in skus", "(not (a in skus))"),
        ("a in ()", "(a in [])"),
        ("a + 1 in (b)", "((a + 1) in [b])"),
        ("a is null or b is not null", "((a is null) or (not (b is null)))"),
        ("sum(a) over year / target(x) over year", "((sum(a) over year) / (target(x) over year))"),
        ("-sum(a) over previous", "(- (sum(a) over previous))"),
        ("sum(a) over last 3 > 5", "((sum(a) over last 3) > 5)"),
        ("sum(a where b > 1 and c)", "sum(a where ((b > 1) and c))"),
        ("count(where a == 'x')", "count( where (a == 'x'))"),
        ("count()", "count()"),
        ("if(a > b, a, b)", "if((a > b), a, b)"),
        ("max(a, b) - max(a)", "(max(a, b) - max(a))"),
        ("a<b", "(a < b)"),
    ],
)
def test_words_bind_as_in_arithmetic_and_speech(text: str, read: str) -> None:
    assert bracketed(parse(text)) == read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", "5"),
        ("5%", "0.05"),
        ("0.125%", "0.00125"),
        ("1_000_000", "1000000"),
        ("1_000.50", "1000.50"),
        (".5", "0.5"),
        (".5%", "0.005"),
        ("0.1", "0.1"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    ],
)
def test_numbers_are_exact_and_percent_is_a_hundredth(text: str, value: str) -> None:
    assert parse(text) == Number(Decimal(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**15, places=6))
def test_every_decimal_is_read_as_it_is_written(number: Decimal) -> None:
    assert parse(f"{number:f}") == Number(number)
    assert parse(f"{number:f}%") == Number(number / 100)


def test_dates_texts_and_constants_are_values() -> None:
    assert parse("2025-02-28") == Day(date(2025, 2, 28))
    assert parse("'a \"b\"'") == Text('a "b"')
    assert parse('"it\'s"') == Text("it's")
    assert [parse(word) for word in ("true", "false", "null")] == [Constant(True), Constant(False), Constant(None)]
    assert parse("product.family") == Name(("product", "family"))
    assert parse("größe") == Name(("größe",))


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 0, "the expression ends where a value was expected"),
        ("amount >", 8, "the expression ends where a value was expected"),
        ("amount > > 5", 9, "'>' is not a value"),
        ("amount 5", 7, "'5' was not expected after a complete expression"),
        ("(a + b", 6, "found the end where ')' was expected"),
        ("sum(a b)", 6, "found 'b' where ',' was expected"),
        ("sum(amount) over decade", 17, "'decade' is not a window"),
        ("sum(amount) over last x", 22, "needs a whole number of periods"),
        ("sum(amount) over last 0", 22, "needs a whole number of periods"),
        ("a in 5", 5, "after 'in' comes a list in brackets or the name of a list"),
        ("a is 5", 5, "found '5' where 'null' was expected"),
        ("a ; b", 1, "the character ';' has no meaning here"),
        ("a & b", 1, "the character '&' has no meaning here"),
        ("2025-02-30", 0, "2025-02-30 is not a date in the calendar"),
        ("not", 3, "the expression ends where a value was expected"),
    ],
)
def test_a_mistake_is_said_with_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.column == column


@given(st.text(max_size=20) | st.text("ab()<>=+-*/% ,.'\"0123456789", max_size=20))
def test_any_text_is_an_expression_or_a_mistake_with_a_column(text: str) -> None:
    column = 0
    try:
        parse(text)
    except ExpressionError as error:
        column = error.column
    assert 0 <= column <= len(text)


def test_min_and_max_of_one_value_are_aggregates_and_of_several_are_not() -> None:
    assert [is_aggregate(parse(text)) for text in ("max(a)", "max(a, b)", "sum(a)", "count()", "abs(a)")] == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_walk_meets_every_part() -> None:
    node = parse("if(sum(a where b in (c, 1)) over year > d, e, f is null)")
    assert {str(part) for part in walk(node) if isinstance(part, Name)} == set("abcdef")
