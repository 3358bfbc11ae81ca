"""What people do with accounts: invitations, other people's rights, their own profile."""
