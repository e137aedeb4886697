"""A user's files, one kind a file."""
