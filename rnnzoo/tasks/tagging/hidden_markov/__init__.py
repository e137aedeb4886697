"""A tagger that counts: a hidden Markov model whose states are the tags."""
