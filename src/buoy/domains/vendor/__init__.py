"""The vendor itself: how it is called, how it looks, and how far its installation has been set up."""
