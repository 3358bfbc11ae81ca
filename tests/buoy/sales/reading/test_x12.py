"""X12 867: what distributors send is read, and what was cut on the way is refused with both counts (I6)."""

import pytest

from buoy.domains.sales.reading.flaws import Unreadable
from tests.buoy.sales.reading.reading import read

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*U*00401*000000001*0*P*>~"
GS, GE, IEA = "GS*PT*S*R*20240101*1200*1*X*004010~", "GE*1*1~", "IEA*1*000000001~"
BODY = (
    "ST*867*0001~",
    "BPT*00*R1*20240131*PS~",
    "CUR*SE*USD~",
    "N1*DS*DELTA*92*D7~",
    "PTD*SS~",
    "DTM*011*20240105~",
    "REF*IV*INV1~",
    "N1*ST*OUTLET*92*C9~",
    "N4*CITY*CA*90001*US~",
    "LIN**VP*P1~",
    "QTY*39*10~",
    "UIT*EA*2.50~",
    "QTY*76*2~",
    "UIT*EA*2.50~",
    "PTD*SS~",
    "SII*VP*P2*4*EA*5.00~",
    "QTY*39*4~",
)


def file(*body: str, count: int | None = None, isa: str = ISA) -> bytes:
    return "".join([isa, GS, *body, f"SE*{count or len(body) + 1}*0001~", GE, IEA]).encode()


def test_every_quantity_is_a_line_with_what_stands_above_it() -> None:
    outcome = read(file(*BODY))
    assert outcome.asks == set()
    shared = {"partner_code": "D7", "partner_name": "DELTA", "currency": "USD"}
    first = shared | {
        "sale_date": "2024-01-05",
        "document_no": "INV1",
        "product_code": "P1",
        "customer_code": "C9",
        "customer_name": "OUTLET",
        "customer_country": "US",
        "unit_price": "2.5",
    }
    assert outcome.lines == [
        first | {"quantity": "10", "amount": "25", "kind": "sale"},
        first | {"quantity": "-2", "amount": "-5", "kind": "return"},
        shared
        | {
            "sale_date": "2024-01-31",
            "product_code": "P2",
            "quantity": "4",
            "unit_price": "5",
            "amount": "20",
            "kind": "sale",
        },
    ]


def test_other_separators_are_taken_from_the_first_segment() -> None:
    text = file(*BODY).decode().replace("*", "|").replace("~", "\n")
    assert len(read(text.encode()).lines) == 3


def test_a_bare_report_is_read() -> None:
    assert len(read("".join([*BODY, "SE*18*0001~"]).encode()).lines) == 3


@pytest.mark.parametrize(
    "content, code, params",
    [
        (file(*BODY, count=14), "x12-count", {"segment": "SE", "said": "14", "found": 18}),
        (file(*BODY).replace(b"GE*1*1", b"GE*2*1"), "x12-count", {"segment": "GE", "said": "2", "found": 1}),
        (file(*BODY).replace(b"IEA*1", b"IEA*3"), "x12-count", {"segment": "IEA", "said": "3", "found": 1}),
        (
            file(*BODY).replace(b"SE*18*0001", b"SE*18*0002"),
            "x12-number",
            {"segment": "SE", "said": "0002", "found": "0001"},
        ),
        (file(*BODY)[: -len(IEA)], "x12-envelope", {"segment": "ISA"}),
        (file(*BODY)[:300], "x12-envelope", {"segment": "ISA"}),
        (b"ISA*00*", "x12-envelope", {"segment": "ISA"}),
        (file(*BODY).replace(b"ST*867", b"ST*850"), "not-867", {"found": "850", "line": 3}),
    ],
)
def test_what_does_not_fit_together_is_refused(content: bytes, code: str, params: dict[str, object]) -> None:
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert (caught.value.code, caught.value.params) == (code, params)
