"""Hidden Markov models."""

from rnnzoo.layers.hidden_markov.chains import HiddenMarkovChains
from rnnzoo.layers.hidden_markov.model import HiddenMarkovModel

__all__ = ["HiddenMarkovChains", "HiddenMarkovModel"]
