"""Recurrent layers on top of each other, each of which reads in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.stack import Stack
from rnnzoo.platform import keras

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
class BidirectionalStack(Stack):
    """A `RecurrentStack` that reads x from both ends, and so all of it before it puts out anything.

        layer n reads h^{n-1},   h^n_t = [forward h^n_t, backward h^n_t]

    (Schuster & Paliwal 1997, Bidirectional recurrent neural networks.) Its final state is that of a
    stack with twice the units, whose first half has read x to its end and whose second half to its
    beginning: such a stack can go on from it.

    Args:
        layers: `Recurrent` layers, the lowest first, with the units of one direction.
        dropout, seed: as for `RecurrentStack`.
        **kwargs: name, dtype and trainable, as for every Keras layer.

    Call arguments:
        x: (batch, time, features).
        mask: (batch, time) of bool, True at real steps.
        training: whether dropout acts.

    Returns:
        outputs (batch, time, output_size) and the final state, a dict of (batch, size).

    Example::

        stack = BidirectionalStack([rnnzoo.layers.GRU(32), rnnzoo.layers.GRU(32)], dropout=0.2)
        y, state = stack(keras.random.normal((32, 100, 16)))       # y (32, 100, 64)
    """

    def __init__(
        self,
        layers: Sequence[Recurrent],
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(layers, dropout, seed, **kwargs)
        self.backward_layers = [_backward(layer) for layer in self.layers]

    def build(self, input_shape):
        *leading, features = input_shape
        for both in zip(self.layers, self.backward_layers, strict=True):
            for layer in both:
                if not layer.built:
                    layer.build((*leading, features))
            features = 2 * both[0].cell.output_size

    @property
    def output_size(self) -> int:
        """The width of the output."""
        return 2 * self.layers[-1].cell.output_size

    @property
    def state_sizes(self) -> list[list[int]]:
        """Of each layer those of its states."""
        return [[2 * size for size in sizes] for sizes in super().state_sizes]

    def call(self, x: Any, mask: Any = None, training: bool = False) -> tuple[Any, dict[str, Any]]:
        state: dict[str, Any] = {}
        both = zip(self.layers, self.backward_layers, self.drops, self._names(), strict=False)
        for layer, backward_layer, drop, names in both:
            x = drop(x, training=training)
            y, *ends = layer(x, mask=mask, training=training)
            z, *beginnings = backward_layer(x, mask=mask, training=training)
            x = ops.concatenate([y, ops.flip(z, axis=1)], axis=-1)
            for name, *halves in zip(names, ends, beginnings, strict=True):
                state[name] = ops.concatenate(halves, axis=-1)
        return self.drops[-1](x, training=training), state

    def last(self, outputs: Any) -> Any:
        """The outputs (batch, output_size) of the step that each direction reads last."""
        forward, backward = ops.split(outputs, 2, axis=-1)
        return ops.concatenate([forward[:, -1], backward[:, 0]], axis=-1)


def _backward(layer):
    """A layer of the same kind, with weights of its own, that reads from the end."""
    config = keras.saving.serialize_keras_object(layer)
    config["config"] |= {"go_backwards": True, "name": f"backward_{layer.name}"}
    config.pop("build_config", None)
    return keras.saving.deserialize_keras_object(config)
