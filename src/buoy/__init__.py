"""Buoy: software for selling through partners."""

__version__ = "0.1.0"
