"""Measurements by their own mean and deviation so far: faint signals read like strong ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rnnzoo.platform import keras

ops = keras.ops

FLOOR = 1e-5  # of s, which is 0 where a signal stands still; what is less counts as nothing


@keras.saving.register_keras_serializable("rnnzoo")
class RunningScale(keras.layers.Layer):
    """Some channels also by the mean and the deviation of what came so far.

        m_t = 1/t sum_{i <= t} x_i          s_t^2 = 1/t sum_{i <= t} (x_i - m_t)^2

        y_t = [x_t, (x_t - m_t) / (s_t + floor), asinh((x_t - zero) / floor) / asinh(1 / floor)]

    Where some recordings are a thousand times as strong as others, one mean and variance for all
    leaves the faint ones at nearly 0. The second number is their shape, the third the order of
    their size. Statistics of the past only can be taken as a sequence comes (the instance
    normalization of Kim et al. 2022, Reversible instance normalization for accurate time-series
    forecasting against distribution shift, takes those of all of it).

    (log s_t instead of the third jumps at each beginning, where s_1 = 0, which a maximum over time
    then shows in place of what the recording is about.)

    Args:
        places: of the channels that are read so, too; the others are in y once, as they are.
        zeros: of each of these, x where nothing is measured; default 0. What is standardized is not
            0 there, and a faint signal is lost in its distance from 0.
        **kwargs: of keras.layers.Layer.

    Call arguments:
        x: (batch, time, channels).
        mask: (batch, time) of bool, True at real steps; masked ones count as left out.

    Returns:
        (batch, time, channels + 2 places).

    Example:
        >>> layer = RunningScale(places=[0])
        >>> y = layer(ops.convert_to_tensor([[[1.0], [3.0]], [[0.01], [0.03]]]))
        >>> [round(float(value), 2) for value in y[:, 1, 1]]  # 1 deviation above the mean
        [1.0, 1.0]
    """

    def __init__(self, places: Sequence[int], zeros: Sequence[float] | None = None, **kwargs: Any):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.places = [int(place) for place in places]
        self.zeros = [0.0] * len(self.places) if zeros is None else [float(z) for z in zeros]
        self.supports_masking = True

    def call(self, x: Any, mask: Any = None) -> Any:
        return self.read(x, self.initial_state(ops.shape(x)[0]), mask)[0]

    def initial_state(self, batch_size: Any) -> dict[str, Any]:
        """The state before any step: float32 (batch_size, places), or (batch_size, 1).

        count of steps; first of them, from which the others are measured, so that a high level
        costs the sums no digits; and sum and squares of the distances from it.
        """
        zeros = ops.zeros((batch_size, len(self.places)), "float32")
        return {
            "count": ops.zeros((batch_size, 1), "float32"),
            "first": zeros,
            "sum": zeros,
            "squares": zeros,
        }

    def state_after(self, count: Any, mean: Any, variance: Any) -> dict[str, Any]:
        """The state after `count` steps (rows, 1) of a mean and a variance (rows, places)."""
        return {
            "count": count,
            "first": mean,
            "sum": ops.zeros_like(mean),
            "squares": count * variance,
        }

    def read(self, x: Any, state: dict[str, Any], mask: Any = None) -> tuple[Any, dict[str, Any]]:
        """Some more steps x (batch, time, channels) -> y, new state."""
        chosen = ops.take(x, ops.convert_to_tensor(self.places, "int32"), axis=-1)
        batch, time = ops.shape(x)[:2]
        real = ops.ones((batch, time, 1), "float32") if mask is None else mask[..., None]
        real = ops.cast(real, "float32")
        chosen = ops.where(real > 0, chosen, 0.0)
        begin = ops.argmax(real, axis=1)[..., None]  # (batch, 1, 1), the first real step
        first = ops.take_along_axis(chosen, ops.broadcast_to(begin, (batch, 1, 1)), axis=1)[:, 0]
        first = ops.where(state["count"] > 0, state["first"], first)

        away = chosen - first[:, None]
        count = state["count"][:, None] + ops.cumsum(real, axis=1)
        total = state["sum"][:, None] + ops.cumsum(real * away, axis=1)
        squares = state["squares"][:, None] + ops.cumsum(real * ops.square(away), axis=1)
        steps = ops.maximum(count, 1.0)
        mean = total / steps
        scale = ops.sqrt(ops.maximum(squares / steps - ops.square(mean), 0.0)) + FLOOR
        away = away - mean
        zeros = ops.convert_to_tensor(self.zeros, "float32")
        size = ops.arcsinh((chosen - zeros) / FLOOR) / math.asinh(1 / FLOOR)
        y = ops.concatenate([x, away / scale, size], axis=-1)
        state = {"count": count[:, -1], "first": first, "sum": total[:, -1]}
        return y, {**state, "squares": squares[:, -1]}

    def step(self, x: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """One more step x (batch, channels) -> y (batch, channels + 2 places), new state."""
        y, state = self.read(x[:, None], state)
        return y[:, 0], state

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] + 2 * len(self.places))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "places": self.places, "zeros": self.zeros}
