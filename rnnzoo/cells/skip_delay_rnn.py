"""The recurrent network with skip connections through time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from rnnzoo.cells.arguments import Activation, WeightArguments
from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops


class SkipDelayRNNCell(DenseCell):
    """Connections that skip over time steps (Lin et al. 1996; Chang et al. 2017, Dilated RNNs).

    ::

        h_t = tanh(x_t W + sum_d h_{t-d} U_d + b),       h_{t-d} = 0 before the start

    delays=(1,) is exactly the vanilla network. Over a path of delay d a gradient takes T/d steps
    instead of T.

    Weights: kernel W (features, units), for each delay a recurrent_kernel_d U_d (units, units),
    bias b (units,). State: the last max(delays) hidden states, newest first.

    Args:
        units: size of the hidden state.
        delays: the delays d in time steps, any set of positive integers.
        activation, use_bias, **kwargs: the other arguments of `DenseCell`.

    Raises:
        ValueError: delays are empty, repeated or not positive integers.

    Example::

        layer = rnnzoo.layers.Recurrent(SkipDelayRNNCell(64, delays=(1, 4)))
        h = layer(keras.random.normal((32, 100, 16)))       # (32, 64): the last hidden state
    """

    def __init__(
        self,
        units: int,
        delays: int | Iterable[int] = (1, 4),
        *,
        activation: Activation = "tanh",
        use_bias: bool = True,
        **kwargs: Unpack[WeightArguments],
    ):
        super().__init__(units, activation, use_bias, **kwargs)
        given = list(delays) if isinstance(delays, Iterable) else [delays]
        if not given or not all(map(is_size, given)) or len(set(given)) < len(given):
            raise WrongValue(f"delays must be different positive integers, got {given!r}")
        self.delays = tuple(sorted(map(int, given)))

    def _build_recurrent_kernels(self, columns):
        self.recurrent_kernels = [
            self._add_recurrent_kernel(f"recurrent_kernel_{d}", columns) for d in self.delays
        ]

    def recur(self, state):
        return sum(ops.matmul(h, U) for h, U in zip(state, self.recurrent_kernels, strict=True))

    def update(self, input_term, recurrent_term, state):
        h = self.activation(input_term + recurrent_term)
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "delays": list(self.delays)}
