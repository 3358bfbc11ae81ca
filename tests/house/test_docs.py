"""The documentation keeps up with the code: no dead link, no part of the engine or problem code without a word."""

import importlib
import importlib.util
import re
from pathlib import Path

from buoy.core.configuration import Configuration
from tests.house.repository import ROOT, files, read_text, short

DOCS = ROOT / "docs"


def dead_links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read_text(page))
    near = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    return [f"{short(page)} -> {target}" for target in near if not (page.parent / target).exists()]


def test_links_between_pages_lead_somewhere() -> None:
    assert [link for page in files("*.md") for link in dead_links(page)] == []


def test_every_decision_is_in_the_list_of_decisions() -> None:
    index = read_text(DOCS / "adr/README.md")
    assert [page.name for page in (DOCS / "adr").glob("0*.md") if f"({page.name})" not in index] == []


def test_the_architecture_page_names_every_package() -> None:
    page = read_text(DOCS / "architecture.md")
    packages = [init.parent for init in (ROOT / "src").glob("*/*/__init__.py")]
    assert [short(package) for package in packages if f"{package.name}/" not in page] == []


def exists(module: str) -> bool:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return spec is not None and spec.origin is not None


if exists("buoy_engine.kernel.problems"):

    def test_every_problem_code_has_a_page_and_every_page_a_code() -> None:
        codes = importlib.import_module("buoy_engine.kernel.problems").CODES
        assert {page.stem for page in (DOCS / "problems").glob("*.md")} - {"README"} == set(codes)


if exists("buoy_engine.rules"):

    def test_every_rule_kind_is_in_the_plan_language() -> None:
        kinds = importlib.import_module("buoy_engine.rules").KINDS
        page = read_text(DOCS / "plan-language.md")
        assert [kind for kind in kinds if not re.search(rf"`{re.escape(kind)}\b", page)] == []


def test_every_setting_is_described_and_every_described_setting_exists() -> None:
    described = re.findall(r"^\| `(\w+)` \|", read_text(DOCS / "configuration.md"), re.MULTILINE)
    assert sorted(described) == sorted(Configuration.model_fields)
