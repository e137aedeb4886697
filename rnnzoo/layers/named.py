"""A layer for each cell: LSTM(64) is short for Recurrent(LSTMCell(64))."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Unpack

from rnnzoo import cells
from rnnzoo.cells.arguments import (
    Activation,
    CellArguments,
    Regularizer,
    WeightArguments,
    show_all_arguments,
)
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras


class LayerArguments(WeightArguments, total=False):
    """What every layer below takes: the arguments of its cell's weights and of `Recurrent`."""

    return_sequences: bool
    return_state: bool
    go_backwards: bool
    stateful: bool
    zero_output_for_mask: bool
    dropout: float
    recurrent_dropout: float
    seed: int | None
    jit_compile: bool | Literal["auto"]
    use_cudnn: Literal["auto", False]
    checkpoint_every: int | None
    learn_initial_state: bool
    activity_regularizer: Regularizer


class NamedRecurrent(Recurrent):
    """A `Recurrent` that makes its own cell: the arguments of both are its arguments.

    Args:
        units: size of the hidden state.
        *args: the next arguments of `cell_class`, in its order.
        **kwargs: by name, the arguments of `cell_class` and of `Recurrent`.
    """

    cell_class: type[cells.Cell]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        takers = (cls.cell_class.__init__, Recurrent.__init__)
        show_all_arguments(cls, *takers, made_here=("cell",))

    def __init__(self, units: int, *args: Any, **kwargs: Any):
        shared = {name: kwargs[name] for name in ("dtype", "trainable") if name in kwargs}
        of_cell = {name: kwargs.pop(name) for name in self._cell_arguments() if name in kwargs}
        super().__init__(self.cell_class(units, *args, **of_cell, **shared), **kwargs)

    @classmethod
    def _cell_arguments(cls):
        """Names of the arguments that are the cell's alone."""
        common = ("self", "units", *CellArguments.__annotations__)
        return [n for n in inspect.signature(cls.cell_class.__init__).parameters if n not in common]

    @property
    def units(self) -> int:
        return self.cell.units

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]
        of_cell = self.cell.get_config()
        return {**config, **{k: of_cell[k] for k in ("units", *self._cell_arguments())}}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)


@keras.saving.register_keras_serializable("rnnzoo")
class SimpleRNN(NamedRecurrent):
    """The vanilla recurrent layer.

    Equation, weights and first arguments: `rnnzoo.cells.SimpleRNNCell`; the others: `Recurrent`.

    Example::

        rnnzoo.layers.SimpleRNN(64)(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.SimpleRNNCell

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        use_bias: bool = True,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(units, activation, use_bias, **kwargs)


@keras.saving.register_keras_serializable("rnnzoo")
class LeakyRNN(NamedRecurrent):
    """The leaky recurrent layer.

    Equation, weights and first arguments: `rnnzoo.cells.LeakyRNNCell`; the others: `Recurrent`.

    Example::

        layer = rnnzoo.layers.LeakyRNN(64, time_constants=(1, 100))
        layer(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.LeakyRNNCell

    def __init__(
        self,
        units: int,
        time_constants: float | Sequence[float] = (1.0, 32.0),
        learn_time_constants: bool = False,
        *,
        activation: Activation = "tanh",
        use_bias: bool = True,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(
            units,
            time_constants,
            learn_time_constants,
            activation=activation,
            use_bias=use_bias,
            **kwargs,
        )


@keras.saving.register_keras_serializable("rnnzoo")
class SkipDelayRNN(NamedRecurrent):
    """Skips through time.

    Equation, weights and first arguments: `rnnzoo.cells.SkipDelayRNNCell`; the others: `Recurrent`.

    Example::

        layer = rnnzoo.layers.SkipDelayRNN(64, delays=(1, 4))
        layer(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.SkipDelayRNNCell

    def __init__(
        self,
        units: int,
        delays: int | Iterable[int] = (1, 4),
        *,
        activation: Activation = "tanh",
        use_bias: bool = True,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(units, delays, activation=activation, use_bias=use_bias, **kwargs)


@keras.saving.register_keras_serializable("rnnzoo")
class GRU(NamedRecurrent):
    """The gated recurrent layer.

    Equation, weights and first arguments: `rnnzoo.cells.GRUCell`; the others: `Recurrent`.

    Example::

        rnnzoo.layers.GRU(64)(keras.random.normal((32, 100, 16)))       # (32, 64)
    """

    cell_class = cells.GRUCell

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(units, activation, recurrent_activation, use_bias, **kwargs)


@keras.saving.register_keras_serializable("rnnzoo")
class LSTM(NamedRecurrent):
    """Long short-term memory.

    Equation, weights and first arguments: `rnnzoo.cells.LSTMCell`; the others: `Recurrent`.

    Example::

        layer = rnnzoo.layers.LSTM(64, return_sequences=True, return_state=True)
        layer(keras.random.normal((32, 100, 16)))       # (32, 100, 64), h (32, 64), c (32, 64)
    """

    cell_class = cells.LSTMCell

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        *,
        unit_forget_bias: bool = True,
        **kwargs: Unpack[LayerArguments],
    ):
        super().__init__(
            units,
            activation,
            recurrent_activation,
            use_bias,
            unit_forget_bias=unit_forget_bias,
            **kwargs,
        )
