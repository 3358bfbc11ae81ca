"""The workspace's screens, the same for both faces unless they say otherwise."""
