"""The catalog's screens."""
