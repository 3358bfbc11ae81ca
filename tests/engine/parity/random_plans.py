"""Random small plans and facts in the documented language, the same for the same seed. No floats, no dependencies."""

from datetime import date, timedelta
from random import Random
from typing import Any

PARTNERS = ("P1", "P2", "P3", "P4")
FAMILIES = ("Bikes", "Parts", "Care")
START = date(2025, 1, 1)


def random_case(seed: int, lines: int = 40) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """(plan, facts)."""
    random = Random(seed)
    plan = {
        "currency": random.choice(["USD", "USD", "JPY", "KWD"]),
        "period": random.choice(["month", "month", "quarter"]),
        "valid": {"from": START, "to": date(2025, 12, 31)},
        "settings": {
            "rounding": random.choice(["half_up", "half_up", "half_even"]),
            "edges": random.choice(["reach", "reach", "exceed"]),
        },
        "components": [_component(random, number) for number in range(1, random.randint(2, 4))],
    }
    return plan, _facts(random, lines)


def _component(random: Random, number: int) -> dict[str, Any]:
    component: dict[str, Any] = {"id": f"c{number}"} | _function(random)
    if random.random() < 0.3:
        component["where"] = {"wrong_family": f'product.family in ("{random.choice(FAMILIES)}", "Bikes")'}
    if random.random() < 0.25 and "credit" not in component:
        component["credit"] = "splits"
    if random.random() < 0.2 and component.get("per") is None:
        component["accumulate"] = "year"
    if random.random() < 0.2:
        component["when"] = {"too_little": f"sum(amount) >= {_money(random, 300)}"}
    if random.random() < 0.2:
        component["multiply"] = {"by": "partner.tier", "gold": "1.2", "otherwise": 1}
    if random.random() < 0.3:
        component["limits"] = [_limit(random)]
    if random.random() < 0.2:
        component["round"] = {"stage": "row"}
    return component


def _function(random: Random) -> dict[str, Any]:
    kind = random.choice(["rate", "rate_table", "marginal", "retroactive", "upline", "row_tiers", "curve", "blocks"])
    if kind == "rate":
        return {"rate": f"{random.randint(-200, 1500)} / 10000"}
    if kind == "rate_table":
        return {"rate": {"by": "product.family", "Bikes": "7.5%", "Parts": "2.25%", "otherwise": "1%"}}
    if kind == "upline":
        return {"credit": {"upline": {"levels": 2}}, "rate": {"by": "level", "1": "2%", "2": "1%"}}
    if kind == "curve":
        points = [[0, 0], [500, 10], [2000, "55.55"], [6000, 333]]
        return {"curve": {"points": points, "pays": random.choice(["amount", "amount"])}}
    if kind == "blocks":
        size, started = random.choice([100, 250]), random.choice([True, False])
        return {"blocks": {"size": size, "pays": "1.35", "started": started, "free": random.choice([0, 120])}}
    tiers = {"mode": "retroactive" if kind == "retroactive" else "marginal", "bands": _bands(random)}
    return {"tiers": tiers, "per": "row"} if kind == "row_tiers" else {"tiers": tiers}


def _bands(random: Random) -> list[dict[str, Any]]:
    edges = sorted(random.sample(range(100, 6000, 50), random.randint(1, 3)))
    rates = [f"{random.randint(0, 2000)} / 10000" for _ in range(len(edges) + 1)]
    if random.random() < 0.3:
        closed = [{"up_to": edge, "rate": rate} for edge, rate in zip(edges, rates, strict=False)]
        return [*closed, {"rate": rates[-1]}]
    bands: list[dict[str, Any]] = [{"from": edge, "rate": rate} for edge, rate in zip([0, *edges], rates, strict=True)]
    if random.random() < 0.3:
        bands[-1]["amount"] = _money(random, 50)
    return bands


def _limit(random: Random) -> dict[str, Any]:
    per = random.choice(["row", "period", "year"])
    limit: dict[str, Any] = {"max": _money(random, {"row": 30, "period": 150, "year": 400}[per]), "per": per}
    if per == "row" and random.random() < 0.5:
        limit["min"] = "0.50"
    return limit


def _money(random: Random, most: int) -> str:
    return _decimal(random.randint(1, most * 100))


def _decimal(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _facts(random: Random, count: int) -> dict[str, list[dict[str, Any]]]:
    lines = [_line(random, number) for number in range(1, count + 1)]
    for number in range(1, count // 8):
        original = random.choice(lines[:count])
        later = original["date"] + timedelta(days=random.randint(0, 40))
        lines.append(
            original
            | {"id": f"R{number:03}", "date": min(later, date(2025, 12, 31)), "returns": original["id"]}
            | {"amount": _decimal(-_cents(original["amount"])), "quantity": -original["quantity"]}
        )
    shared = [line["id"] for line in lines[:count] if random.random() < 0.3]
    return {
        "lines": lines,
        "products": [{"product": f"S{place}", "family": family} for place, family in enumerate(FAMILIES)],
        "partners": [
            {"partner": "P1", "tier": "gold", "valid_to": date(2025, 7, 1)},
            {"partner": "P1", "tier": "silver", "valid_from": date(2025, 7, 1)},
            {"partner": "P2", "tier": "gold"},
            {"partner": "P3", "tier": "silver"},
            {"partner": "P4"},
        ],
        "hierarchy": [
            {"partner": "P1", "parent": "P3"},
            {"partner": "P2", "parent": "P3", "valid_through": date(2025, 4, 30)},
            {"partner": "P2", "parent": "P4", "valid_from": date(2025, 5, 1)},
            {"partner": "P3", "parent": "P4"},
        ],
        "splits": [
            split
            for sale in shared
            for split in (
                {"sale": sale, "partner": "P1", "share": "0.4"},
                {"sale": sale, "partner": "P3", "share": "0.6"},
            )
        ],
    }


def _line(random: Random, number: int) -> dict[str, Any]:
    return {
        "id": f"L{number:03}",
        "partner": random.choice(PARTNERS),
        "date": START + timedelta(days=random.choice([3, 3, 17, 45, 46, 47, 100, 190, 200, 201, 333])),
        "amount": _decimal(random.choice([random.randint(1, 90000), random.randint(-5000, 200000), 50000, 10000])),
        "quantity": random.randint(1, 9),
        "product": f"S{random.randint(0, 2)}",
        "customer": f"C{random.randint(1, 5)}",
    }


def _cents(text: str) -> int:
    return int(text.replace(".", ""))
