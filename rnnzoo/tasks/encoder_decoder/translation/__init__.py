"""A sentence into a sentence in another language."""
