"""Who may come in: users, sign-in, roles, invitations, API keys."""
