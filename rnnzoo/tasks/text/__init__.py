"""Text, one character at a time."""
