"""A vendor's own colours as a small style sheet: a file of its own, because inline styles are forbidden."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: words of normal size against their ground.


class UnreadableBrand(ValueError):
    """The words of a button could not be read on its colour."""


@dataclass(frozen=True, kw_only=True)
class Brand:
    """Three tokens: the accent and the words on it as #rrggbb, the roundness of corners in pixels.

    Raises ValueError for another shape, UnreadableBrand when the two colours are too close.
    """

    accent: str
    accent_text: str = "#ffffff"
    radius_px: int = 8

    def __post_init__(self) -> None:
        for colour in (self.accent, self.accent_text):
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
                raise ValueError(f"a colour must be written as #rrggbb; {colour!r} is not")
        if not 0 <= self.radius_px <= 16:
            raise ValueError(f"the roundness must be between 0 and 16 pixels; it is {self.radius_px}")
        ratio = contrast(self.accent, self.accent_text)
        if ratio < LEAST_CONTRAST:
            raise UnreadableBrand(
                f"{self.accent_text} on {self.accent} has a contrast of {ratio:.1f} to 1; it must be at least "
                f"{LEAST_CONTRAST} to 1. Choose a darker accent or other words on it."
            )

    def css(self) -> str:
        """The style sheet. It is loaded after ours and outside our layers, so that it wins."""
        return f":root{{--accent:{self.accent};--accent-text:{self.accent_text};--radius:{self.radius_px}px}}\n"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG defines it: 1 for equal ones, 21 for black and white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
