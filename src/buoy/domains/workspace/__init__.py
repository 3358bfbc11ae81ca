"""What people need beside every thing: comments, files, tasks, notifications, saved views, long work."""
