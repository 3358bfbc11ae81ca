"""The vendor's look for everybody, and the settings for its administrators."""
