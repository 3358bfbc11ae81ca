"""The component kit: how every screen looks."""
