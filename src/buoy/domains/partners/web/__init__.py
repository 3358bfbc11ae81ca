"""The partners' screens."""
