"""The configuration, as commands get it."""

from __future__ import annotations

from buoy.cli import screen
from buoy.core import configuration
from buoy.core.configuration import BadConfiguration, Configuration


def configured() -> Configuration:
    """The configuration. Ends the command when it holds a mistake."""
    try:
        return configuration.read()
    except BadConfiguration as error:
        screen.stop(f"the configuration cannot be used:\n{error}", screen.REFUSED)
