"""A layer for each cell: LSTM(64) is short for Recurrent(LSTMCell(64))."""

import inspect

from rnnzoo import cells
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras


class NamedRecurrent(Recurrent):
    """A `Recurrent` that makes its own cell: the arguments of both are its arguments.

    Args:
        units: size of the hidden state.
        *args: the next arguments of `cell_class`, in its order.
        **kwargs: by name, the arguments of `cell_class` (activation, use_bias, initializers,
            regularizers, constraints and the cell's own) and of `Recurrent` (return_sequences,
            return_state, go_backwards, stateful, zero_output_for_mask, dropout,
            recurrent_dropout, seed, jit_compile, use_cudnn, checkpoint_every, name, dtype,
            trainable, activity_regularizer).
    """

    cell_class = None

    def __init__(self, units, *args, **kwargs):
        shared = {name: kwargs[name] for name in ("dtype", "trainable") if name in kwargs}
        of_cell = {name: kwargs.pop(name) for name in self._cell_arguments() if name in kwargs}
        super().__init__(self.cell_class(units, *args, **of_cell, **shared), **kwargs)

    @classmethod
    def _cell_arguments(cls):
        return [
            name
            for base in cls.cell_class.__mro__
            if issubclass(base, cells.Cell)
            for name, parameter in inspect.signature(base.__init__).parameters.items()
            if name not in ("self", "units")
            and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        ]

    @property
    def units(self):
        return self.cell.units

    def get_config(self):
        config = super().get_config()
        del config["cell"]
        of_cell = self.cell.get_config()
        return {**config, **{k: of_cell[k] for k in ("units", *self._cell_arguments())}}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)


@keras.saving.register_keras_serializable("rnnzoo")
class SimpleRNN(NamedRecurrent):
    """The vanilla recurrent layer. Equation, weights and arguments: `rnnzoo.cells.SimpleRNNCell`.

    Example::

        rnnzoo.layers.SimpleRNN(64)(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.SimpleRNNCell


@keras.saving.register_keras_serializable("rnnzoo")
class LeakyRNN(NamedRecurrent):
    """The leaky recurrent layer. Equation, weights and arguments: `rnnzoo.cells.LeakyRNNCell`.

    Example::

        layer = rnnzoo.layers.LeakyRNN(64, time_constants=(1, 100))
        layer(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.LeakyRNNCell


@keras.saving.register_keras_serializable("rnnzoo")
class SkipDelayRNN(NamedRecurrent):
    """Skips through time. Equation, weights and arguments: `rnnzoo.cells.SkipDelayRNNCell`.

    Example::

        layer = rnnzoo.layers.SkipDelayRNN(64, delays=(1, 4))
        layer(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.SkipDelayRNNCell


@keras.saving.register_keras_serializable("rnnzoo")
class GRU(NamedRecurrent):
    """The gated recurrent layer. Equation, weights and arguments: `rnnzoo.cells.GRUCell`.

    Example::

        rnnzoo.layers.GRU(64)(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.GRUCell


@keras.saving.register_keras_serializable("rnnzoo")
class LSTM(NamedRecurrent):
    """Long short-term memory. Equation, weights and arguments: `rnnzoo.cells.LSTMCell`.

    Example::

        layer = rnnzoo.layers.LSTM(64, return_sequences=True, return_state=True)
        layer(keras.random.normal((32, 100, 16)))       # (32, 100, 64), h (32, 64), c (32, 64)
    """

    cell_class = cells.LSTMCell
