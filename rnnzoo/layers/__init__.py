"""Recurrent layers, and convolutions to go before them, to stack in any Keras model."""

from rnnzoo.layers.convolutions import ConvStack
from rnnzoo.layers.hidden_markov import HiddenMarkovModel
from rnnzoo.layers.named import GRU, LSTM, LeakyRNN, SimpleRNN, SkipDelayRNN
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.running_scale import RunningScale
from rnnzoo.layers.stack import RecurrentStack

__all__ = [
    "GRU",
    "LSTM",
    "ConvStack",
    "HiddenMarkovModel",
    "LeakyRNN",
    "Recurrent",
    "RecurrentStack",
    "RunningScale",
    "SimpleRNN",
    "SkipDelayRNN",
]
