"""The recurrent network with skip connections through time."""

import numbers

from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.platform import keras

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
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
        **kwargs: the other arguments of `DenseCell`.

    Raises:
        ValueError: delays are empty, repeated or not positive integers.

    Example::

        layer = rnnzoo.layers.Recurrent(SkipDelayRNNCell(64, delays=(1, 4)))
        h = layer(keras.random.normal((32, 100, 16)))       # (32, 64): the last hidden state
    """

    def __init__(self, units, delays=(1, 4), **kwargs):
        super().__init__(units, **kwargs)
        delays = [delays] if isinstance(delays, numbers.Integral) else list(delays)
        right = [isinstance(d, numbers.Integral) and d >= 1 for d in delays]
        if not delays or not all(right) or len(set(delays)) < len(delays):
            raise ValueError(f"delays must be different positive integers, got {delays!r}")
        self.delays = tuple(sorted(map(int, delays)))

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
