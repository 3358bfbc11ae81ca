"""Writes of the sales room, by subject."""
