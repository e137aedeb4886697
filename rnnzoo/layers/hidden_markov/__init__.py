"""Hidden Markov models."""

from rnnzoo.layers.hidden_markov.model import HiddenMarkovModel

__all__ = ["HiddenMarkovModel"]
