"""What is installed is what was tested: exact versions, each file by its hash, each dependency with a reason."""

import re
import tomllib

import pytest

from tests.house.repository import ROOT

LISTS = ["app", "dev", "spark", "assets", "node"]


def lines_of(name: str) -> list[str]:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()


def wanted(name: str) -> dict[str, str]:
    """The dependencies of an .in file, each with the comment that stands after it."""
    rows = [line.partition("#") for line in lines_of(f"{name}.in") if line and line[0] not in "#-"]
    return {bare_name(row[0]): row[2].strip() for row in rows}


def bare_name(requirement: str) -> str:
    """`ruamel.yaml>=0.19` and `ruamel-yaml==0.19.1` are one package."""
    word = re.match(r"[\w.-]+", requirement)
    assert word, requirement
    return re.sub(r"[-_.]+", "-", word[0]).lower()


@pytest.mark.parametrize("name", LISTS)
def test_every_locked_line_is_an_exact_version_with_hashes(name: str) -> None:
    packages = "\n".join(lines_of(f"{name}.txt")).replace("\\\n", " ").splitlines()
    assert packages
    for package in packages:
        assert re.fullmatch(r"[\w.-]+==[\w.+!]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+", package.strip())


@pytest.mark.parametrize("name", LISTS)
def test_every_dependency_has_a_reason_and_is_locked(name: str) -> None:
    locked = {bare_name(line) for line in lines_of(f"{name}.txt") if line[0] != " "}
    for package, reason in wanted(name).items():
        assert reason, f"{package} in {name}.in has no comment that says why it is there"
        assert package in locked, f"{package} is in {name}.in and not in {name}.txt; lock the lists again"


def test_an_installed_package_asks_for_the_same_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {bare_name(each) for each in project["dependencies"]} == set(wanted("app"))
    assert {bare_name(each) for each in project["optional-dependencies"]["spark"]} == set(wanted("spark"))
