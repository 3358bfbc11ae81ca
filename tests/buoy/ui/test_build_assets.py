"""The build takes the Node that is new enough, says what is missing, and is repeated only when a source has changed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.buoy.ui.sources import UI
from tests.house.repository import ROOT


def load(path: Path) -> ModuleType:
    """A file that is started as a program, as a module of its own for each test."""
    spec = importlib.util.spec_from_file_location(f"started_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def build() -> ModuleType:
    return load(UI / "assets" / "build.py")


@pytest.fixture
def go() -> ModuleType:
    return load(ROOT / "go.py")


def program(folder: Path, name: str, says: str) -> Path:
    """Something on the path that answers with these words."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "is_new_enough"),
    [("v20.19.0", True), ("v24.1.0", True), ("v20.18.3", False), ("v18.20.4", False), ("not a version", False)],
)
def test_only_a_node_that_is_new_enough_is_taken(
    build: ModuleType, tmp_path: Path, version: str, is_new_enough: bool
) -> None:
    assert build.is_new_enough(str(program(tmp_path, "node", version))) == is_new_enough


def test_a_node_on_the_path_goes_before_the_one_of_a_package(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, npm = program(tmp_path, "node", "v22.0.0"), program(tmp_path, "npm", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert build.find_node() == ([str(node)], [str(npm)])


def test_without_any_node_the_build_says_what_it_needs(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "node", "v12.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(SystemExit, match=r"needs Node 20\.19 or newer with npm; none was found"):
        build.find_node()


def test_what_is_built_depends_on_the_content_of_every_source(
    go: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "requirements").mkdir()
    for name in ("package.json", "package-lock.json", "requirements/assets.txt", "assets/a.css"):
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(go, "ROOT", tmp_path)
    monkeypatch.setattr(go, "ASSETS", assets)
    first = go.digest_of_assets()
    assert go.digest_of_assets() == first
    seen = {first}
    for name in ("package-lock.json", "requirements/assets.txt", "assets/a.css", "assets/b.css"):
        (tmp_path / name).write_text("2")
        seen.add(go.digest_of_assets())
    assert len(seen) == 5


def test_a_build_that_is_current_starts_nothing(
    go: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go, "BUILT_ASSETS", tmp_path)
    monkeypatch.setattr(go, "PYTHON", tmp_path / "no-python-to-start")
    (tmp_path / ".made-from").write_text(go.digest_of_assets())
    go.make_assets()


def test_a_machine_without_chromium_and_without_apt_is_told_what_to_do(
    go: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BUOY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="the browser tests need Chromium, and none is on the path"):
        go.ensure_chromium()
    monkeypatch.setenv("BUOY_CHROMIUM", "somewhere")
    go.ensure_chromium()
