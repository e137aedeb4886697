"""The leaky recurrent network: hidden units with time constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from rnnzoo.cells.arguments import Activation, WeightArguments
from rnnzoo.cells.dense_cell import DenseCell
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras

ops = keras.ops


class LeakyRNNCell(DenseCell):
    """Leaky units, which keep a share of their past (Jaeger et al. 2007; Bengio et al. 2013).

    ::

        h_t = (1 - 1/tau) h_{t-1} + (1/tau) tanh(x_t W + h_{t-1} U + b)

    tau >= 1 is a unit's time constant, in time steps: left alone, the unit forgets 1 - 1/e of its
    state in about tau steps. tau = 1 is exactly the vanilla network. (The lecture writes h_{t+1}
    on the left and x_t on the right; here the step that reads x_t makes h_t.)

    Weights: kernel W (features, units), recurrent_kernel U (units, units), bias b (units,), and,
    if learned, time_constant_logit theta (units,) with ``tau = 1 + softplus(theta)``, so tau >= 1
    by construction.

    Args:
        units: size of the hidden state.
        time_constants: tau: one number; a list of one number for each unit; or a pair (low, high),
            spread log-evenly over the units. (With two units a pair means the same either way.)
        learn_time_constants: whether tau is trained, starting from time_constants.
        activation, use_bias, **kwargs: the other arguments of `DenseCell`.

    Raises:
        ValueError: a time constant below 1, not finite, or a list of another length.

    Example::

        cell = LeakyRNNCell(64, time_constants=(1, 100), learn_time_constants=True)
        layer = rnnzoo.layers.Recurrent(cell, return_sequences=True)
        h = layer(keras.random.normal((32, 100, 16)))       # (32, 100, 64)
    """

    def __init__(
        self,
        units: int,
        time_constants: float | Sequence[float] = (1.0, 32.0),
        learn_time_constants: bool = False,
        *,
        activation: Activation = "tanh",
        use_bias: bool = True,
        **kwargs: Unpack[WeightArguments],
    ):
        super().__init__(units, activation, use_bias, **kwargs)
        tau = np.asarray(time_constants, dtype="float64")
        if not (np.isfinite(tau).all() and (tau >= 1).all()):
            raise WrongValue(
                f"time constants are in time steps and must be at least 1, got {time_constants!r}"
            )
        if tau.shape == (2,):
            low, high = tau
            tau = np.geomspace(low, high, units)
        if tau.shape not in ((), (units,)):
            raise WrongValue(
                "time_constants must be one number, a (low, high) pair or one number for each of "
                f"the {units} units, got {time_constants!r}"
            )
        self.time_constants = np.asarray(time_constants).tolist()
        self.learn_time_constants = learn_time_constants
        self._initial_tau = np.broadcast_to(tau, (units,))

    def build(self, input_shape):
        super().build(input_shape)
        if self.learn_time_constants:
            # softplus(theta) = tau - 1; a unit that starts at tau = 1 starts just above it, where
            # the gradient is not yet zero.
            leak = np.maximum(self._initial_tau - 1, 1e-3)
            self.time_constant_logit = self.add_weight(
                shape=(self.units,),
                name="time_constant_logit",
                initializer=lambda shape, dtype: ops.convert_to_tensor(
                    leak + np.log(-np.expm1(-leak)), dtype
                ),
                autocast=False,
            )

    @property
    def tau(self) -> Any:
        """The time constants in force, (units,)."""
        if self.learn_time_constants:
            return 1 + ops.softplus(self.time_constant_logit)
        return ops.convert_to_tensor(self._initial_tau, self.state_dtype)

    def update(self, input_term, recurrent_term, state):
        alpha = 1 / self.tau
        h = (1 - alpha) * state[0] + alpha * self.activation(input_term + recurrent_term)
        return h, [h]

    def get_config(self):
        return {
            **super().get_config(),
            "time_constants": self.time_constants,
            "learn_time_constants": self.learn_time_constants,
        }
