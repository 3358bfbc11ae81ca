"""docs/facts.md and the schemas say the same; the tables of the engine are among them."""

import re
from pathlib import Path

import pytest

from buoy_engine.facts.schemas import GENERATED, SCHEMAS, Schema
from buoy_engine.facts.tables import TABLES
from buoy_engine.kernel.ir import Kind

PAGE = (Path(__file__).parents[4] / "docs" / "facts.md").read_text(encoding="utf-8")
WORDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "moment",
    Kind.BOOL: "true or false",
}


def section(name: str) -> str:
    """The part of the page below the heading that names the table."""
    found = re.search(rf"^### [^\n]*`{name}`[^\n]*\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/facts.md has no heading for {name}"
    return found[1]


def table_rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda schema: schema.name)
def test_every_column_stands_on_the_page_with_its_type(schema: Schema) -> None:
    text = section(schema.name)
    for name, column in schema.columns.items():
        row = next((line for line in table_rows(text) if f"`{name}`" in line.split("|")[1]), None)
        if row is None and schema.name in ("products", "customers", "deals"):
            assert f"`{name}`" in text
            continue
        assert row is not None, name
        _, _, kind, required, *_ = (cell.strip() for cell in row.split("|"))
        assert (kind, required == "yes") == (WORDS[column.type.kind], column.required), name


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda schema: schema.name)
def test_every_key_and_reference_stands_on_the_page(schema: Schema) -> None:
    text = section(schema.name)
    key = re.search(r"Key: ((?:`\w+`(?:, )?)+)", text)
    if schema.name in ("products", "customers", "deals"):
        assert schema.key[0] in text
    else:
        assert tuple(re.findall(r"`(\w+)`", key[1] if key else "")) == schema.key
    assert bool(schema.dated) == ("dated" in text)
    for column, table in schema.references.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{column}`"))
        assert f"names `{table}`" in row


def test_names_that_are_taken_stand_on_the_page() -> None:
    assert [name for name in GENERATED if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("name", sorted(set(TABLES) - GENERATED))
def test_the_tables_of_the_engine_have_a_schema_with_the_same_types(name: str) -> None:
    assert SCHEMAS[name].types == TABLES[name]
