"""Decisions about products, channels, prices and who may sell what: no database, no Django."""
