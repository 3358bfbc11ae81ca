"""The programs' door: one API over all rooms."""
