"""A tag for each element of a sequence."""
