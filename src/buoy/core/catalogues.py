"""The translations: found in the sources, kept in catalogues (`locale/pl/LC_MESSAGES/django.po`), compiled for Django.

Babel does what GNU gettext would, so that no machine needs that installed; Django's own `templatize` turns a template
into something in which Babel finds the strings.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
LANGUAGES = ("id", "pl", "ar", "nl")
"""Those that have a catalogue: English is what the sources say."""
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_lazy": None,  # What `gettext_lazy` is called beside a `gettext` that is called `_`.
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
WIDTH = 110


def catalogue_path(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue as it lies there; an empty one when there is none."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def found() -> Catalog:
    """Every string of the sources, with where it stands. Line numbers are left out: they change with every edit."""
    catalogue = Catalog(project="Buoy", charset="utf-8")
    for path, source in _sources():
        strings = extract("python", io.BytesIO(source), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})
        for _line, message, comments, context in strings:
            place = path.relative_to(PACKAGE).as_posix()
            catalogue.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return catalogue


def update() -> dict[str, int]:
    """Bring the catalogues to what the sources say; the number of strings still to be translated, by language."""
    template = found()
    left = {}
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(catalogue, catalogue_path(language))
        left[language] = sum(1 for message in catalogue if is_open(message))
    return left


def _write(catalogue: Catalog, path: Path) -> None:
    """Sorted, and with no date: what nobody changed stays the same to the byte."""
    body = io.BytesIO()
    write_po(body, catalogue, width=WIDTH, include_lineno=False, sort_output=True, omit_header=True)
    lines = [
        "Content-Type: text/plain; charset=utf-8",
        f"Language: {path.parts[-3]}",
        f"Plural-Forms: {catalogue.plural_forms}",
    ]
    header = 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + b"\n" + body.getvalue())


def compile_all() -> None:
    """Write the compiled form that Django reads beside each catalogue, where it is missing or older.

    It is written aside and put in place at once: another process may do the same, and a third may read.
    """
    for language in LANGUAGES:
        path = catalogue_path(language)
        compiled = path.with_suffix(".mo")
        if not path.exists() or (compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime):
            continue
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            write_mo(file, read(language))
        Path(file.name).replace(compiled)


def is_open(message: Message) -> bool:
    """Still to be translated: without words, in one of its numbers or altogether, or not looked at since it changed."""
    if not message.id:
        return False
    words = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return message.fuzzy or not all(words)


def _sources() -> Iterator[tuple[Path, bytes]]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield path, path.read_bytes()
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            yield path, templatize(path.read_text(encoding="utf-8"), origin=str(path)).encode()
