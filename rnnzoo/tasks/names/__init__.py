"""Short sequences that end by themselves, one character at a time."""
