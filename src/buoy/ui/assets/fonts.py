"""Cuts the two fonts down to the letters that Buoy's languages use.

Uncut, one partner called Wisła makes every reader download 85 KB of Latin letters of the whole world, and Arabic
takes 166 KB. What is cut away is still shown, in a font of the reader's system.
"""

from pathlib import Path

from fontTools import subset

INTER = "@fontsource-variable/inter/files/inter-{}-wght-normal.woff2"
ARABIC = "@fontsource-variable/noto-sans-arabic/files/noto-sans-arabic-arabic-wght-normal.woff2"

# The ranges here and in css/fonts.css are the same: a font is fetched only when a page has a letter of its range.
CUTS = {
    "inter.woff2": (
        INTER.format("latin"),
        "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+02C6,U+02DA,U+02DC,"
        "U+2000-206F,U+20AC,U+2122,U+2190-2193,U+2212,U+2215",
    ),
    "inter-extended.woff2": (INTER.format("latin-ext"), "U+0100-0130,U+0132-0151,U+0154-017F,U+0218-021B"),
    "arabic.woff2": (
        ARABIC,
        "U+060C-061F,U+0620-065F,U+0660-066D,U+0670-0671,U+067E,U+0686,U+0698,U+06A9,U+06AF,"
        "U+06CC,U+06F0-06F9,U+200C-200F",
    ),
}


def cut_fonts(*, packages: Path, folder: Path) -> None:
    """Write every font of CUTS to `folder`, from the npm packages below `packages`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (source, ranges) in CUTS.items():
        _cut(source=packages / source, target=folder / name, ranges=ranges)


def _cut(*, source: Path, target: Path, ranges: str) -> None:
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["*"]
    options.notdef_outline = True
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(ranges))
    subsetter.subset(font)
    subset.save_font(font, target, options)
