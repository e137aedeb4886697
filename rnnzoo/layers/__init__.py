"""Recurrent layers over time and over pictures, and convolutions."""

from rnnzoo.layers.attention import Attention
from rnnzoo.layers.bidirectional_stack import BidirectionalStack
from rnnzoo.layers.conditional_random_field import ConditionalRandomField
from rnnzoo.layers.convolution_2d import Convolution2D
from rnnzoo.layers.convolutions import ConvStack
from rnnzoo.layers.differences import Differences
from rnnzoo.layers.four_directions import FourDirections2D
from rnnzoo.layers.hidden_markov import HiddenMarkovChains, HiddenMarkovModel
from rnnzoo.layers.named import GRU, LSTM, LeakyRNN, SimpleRNN, SkipDelayRNN
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.running_scale import RunningScale
from rnnzoo.layers.stack import RecurrentStack

__all__ = [
    "GRU",
    "LSTM",
    "Attention",
    "BidirectionalStack",
    "ConditionalRandomField",
    "ConvStack",
    "Convolution2D",
    "Differences",
    "FourDirections2D",
    "HiddenMarkovChains",
    "HiddenMarkovModel",
    "LeakyRNN",
    "Recurrent",
    "RecurrentStack",
    "RunningScale",
    "SimpleRNN",
    "SkipDelayRNN",
]
