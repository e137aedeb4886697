"""Recurrent cells: one time step of one network each, its equation in its docstring."""

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.check import check_cell
from rnnzoo.cells.conditional_random_field import ConditionalRandomFieldCell
from rnnzoo.cells.deep_transition import DeepTransitionCell
from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.cells.grid_cell import GridCell
from rnnzoo.cells.gru import GRUCell
from rnnzoo.cells.hidden_markov import HiddenMarkovCell
from rnnzoo.cells.hidden_markov_chains import HiddenMarkovChainsCell
from rnnzoo.cells.leaky_rnn import LeakyRNNCell
from rnnzoo.cells.lstm import LSTMCell
from rnnzoo.cells.lstm_2d import LSTM2DCell
from rnnzoo.cells.simple_rnn import SimpleRNNCell
from rnnzoo.cells.simple_rnn_2d import SimpleRNN2DCell
from rnnzoo.cells.skip_delay_rnn import SkipDelayRNNCell
from rnnzoo.cells.viterbi import ViterbiCell

__all__ = [
    "Cell",
    "ConditionalRandomFieldCell",
    "DeepTransitionCell",
    "DenseCell",
    "GRUCell",
    "GridCell",
    "HiddenMarkovCell",
    "HiddenMarkovChainsCell",
    "LSTM2DCell",
    "LSTMCell",
    "LeakyRNNCell",
    "SimpleRNN2DCell",
    "SimpleRNNCell",
    "SkipDelayRNNCell",
    "ViterbiCell",
    "check_cell",
]
