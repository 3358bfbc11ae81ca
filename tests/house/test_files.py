"""No file says where a package came from or on whose machine it was written: both differ for every reader."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.house.repository import files, read_text, short

FORBIDDEN = {
    "a registry's host": r"https?://pypi\.|pythonhosted\.org|registry\.npmjs\.org",
    "an index of packages": r"https?://\S+/simple\b",
    "an address in a lock file": r'"resolved":\s*"http|^\s*(?:registry|index)\s*=\s*["\']?http|^registry\s*=',
    "an option that names an index": r"--(?:extra-)?index-url",
    "a path of one machine": r"/(?:work|tmp|home|Users)/[A-Za-z]\w*/|/root/\w|[A-Z]:\\Users\\",
}


def configured_hosts() -> set[str]:
    """The hosts that the package tools of this machine are set to use."""
    said = [value for name, value in os.environ.items() if name.upper().startswith(("PIP_", "UV_", "NPM_"))]
    asked = [[sys.executable, "-m", "pip", "config", "list"]]
    if npm := shutil.which("npm"):
        asked.append([npm, "config", "get", "registry"])
    for command in asked:
        said.append(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    return set(re.findall(r"https?://(?:[^@/\s]*@)?([^/\s'\"]+)", "\n".join(said)))


def finds(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.MULTILINE) is not None


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    assert [short(path) for path in files() if finds(FORBIDDEN[what], read_text(path))] == []


def test_no_file_names_a_host_that_packages_come_from_here() -> None:
    hosts = "|".join(re.escape(host) for host in configured_hosts())
    if hosts:
        assert [short(path) for path in files() if finds(hosts, read_text(path))] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a registry's host", "see https://" + "pypi.example/project"),
        ("an index of packages", "from https://" + "packages.example/simple/"),
        ("an address in a lock file", '{"resolved": ' + '"https://packages.example/a.tgz"}'),
        ("an option that names an index", "pip install --" + "index-url there"),
        ("a path of one machine", "open /" + "home/rita/plan.yaml"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, text: str) -> None:
    assert finds(FORBIDDEN[what], text)
