"""The rooms. docs/architecture.md says which may know which, and what files a room has."""
