"""Recurrent layers, to stack in any Keras model."""

from rnnzoo.layers.named import GRU, LSTM, LeakyRNN, SimpleRNN, SkipDelayRNN
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.stack import RecurrentStack

__all__ = ["GRU", "LSTM", "LeakyRNN", "Recurrent", "RecurrentStack", "SimpleRNN", "SkipDelayRNN"]
