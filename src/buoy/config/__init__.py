"""How an installation is put together: its settings, its addresses, its entry for the web server."""
