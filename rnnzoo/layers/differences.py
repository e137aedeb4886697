"""Measurements also by how they change: in a smooth curve that is little, and says most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnzoo.platform import keras

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
class Differences(keras.layers.Layer):
    """Some channels also by their first and second differences, each on a scale of its own.

        d_t = x_t - x_{t-1}                               x_0 = x_1: at first nothing changes
        e_t = d_t - d_{t-1}                               d_0 = 0

        y_t = [x_t, d_t / first, e_t / second]

    Where a curve is smooth, d and e are small beside x, and a network takes long to learn to tell
    neighbours apart; yet they say where it rises and how it bends. (The delta features of speech:
    Furui 1986, Speaker-independent isolated word recognition using dynamic features of speech
    spectrum; of series: Tan et al. 2022, MultiRocket.)

    Args:
        places: of the channels that are read so, too; all of them are in y as they are.
        first, second: of each of these the size of d and of e, such as their root mean squares.
        **kwargs: of keras.layers.Layer.

    Call arguments:
        x: (batch, time, channels). What pads comes last.

    Returns:
        (batch, time, channels + 2 places).

    Example:
        >>> layer = Differences(places=[0], first=[2.0], second=[0.5])
        >>> layer(ops.convert_to_tensor([[[1.0], [3.0], [6.0]]]))[0].numpy().tolist()
        [[1.0, 0.0, 0.0], [3.0, 1.0, 4.0], [6.0, 1.5, 2.0]]
    """

    def __init__(
        self,
        places: Sequence[int],
        first: Sequence[float],
        second: Sequence[float],
        **kwargs: Any,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.places = [int(place) for place in places]
        self.first = [float(size) for size in first]
        self.second = [float(size) for size in second]
        self.supports_masking = True

    def call(self, x: Any) -> Any:
        return self.read(x, self.initial_state(ops.shape(x)[0]))[0]

    def initial_state(self, batch_size: Any) -> dict[str, Any]:
        """The state before any step: begun (batch_size, 1), 0; x and d (batch_size, places)."""
        zeros = ops.zeros((batch_size, len(self.places)), "float32")
        return {"begun": ops.zeros((batch_size, 1), "float32"), "x": zeros, "d": zeros}

    def read(self, x: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Some more steps x (batch, time, channels) -> y, new state."""
        chosen = ops.take(x, ops.convert_to_tensor(self.places, "int32"), axis=-1)
        last = ops.where(state["begun"] > 0, state["x"], chosen[:, 0])
        d = chosen - ops.concatenate([last[:, None], chosen[:, :-1]], axis=1)
        e = d - ops.concatenate([state["d"][:, None], d[:, :-1]], axis=1)
        y = ops.concatenate(
            [x, d / ops.convert_to_tensor(self.first), e / ops.convert_to_tensor(self.second)],
            axis=-1,
        )
        state = {"begun": ops.ones_like(state["begun"]), "x": chosen[:, -1], "d": d[:, -1]}
        return y, state

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] + 2 * len(self.places))

    def get_config(self) -> dict[str, Any]:
        own = {"places": self.places, "first": self.first, "second": self.second}
        return {**super().get_config(), **own}
