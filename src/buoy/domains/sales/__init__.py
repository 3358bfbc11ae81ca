"""Sales lines of every level, how they come in, and the exchange rates that turn one currency into another."""
