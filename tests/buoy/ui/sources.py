"""The files of the kit, for the tests that read them."""

from pathlib import Path

import buoy.ui

UI = Path(buoy.ui.__file__).parent
CSS = sorted((UI / "assets" / "css").rglob("*.css"))
JS = sorted((UI / "assets" / "js").rglob("*.js"))
TEMPLATES = sorted(UI.parent.rglob("templates/**/*.html"))
BUILT = UI / "static" / "buoy"


def name(path: Path) -> str:
    return path.relative_to(UI.parent).as_posix()
