"""`buoy translations`: bring the catalogues up to date, and compile them."""

from __future__ import annotations

import typer

from buoy.cli import screen

app = typer.Typer(name="translations", help="The catalogues of the interface's languages.", no_args_is_help=True)


@app.command()
def update() -> None:
    """Find the strings of the sources and put new ones into the catalogues, to be translated there."""
    from buoy.core import catalogues

    for language, count in catalogues.update().items():
        screen.say(f"{catalogues.catalogue_path(language)}: {count} to translate")


@app.command("compile")
def compile_() -> None:
    """Write the form that the application reads. `go.py` does this at a start."""
    from buoy.core import catalogues

    catalogues.compile_all()
