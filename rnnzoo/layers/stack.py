"""Recurrent layers on top of each other, with the state in the open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnzoo.cells.arguments import DType
from rnnzoo.errors import WrongValue
from rnnzoo.layers.dropout import Dropout
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras


@keras.saving.register_keras_serializable("rnnzoo")
class RecurrentStack(keras.layers.Layer):
    """A deep recurrent network whose whole state goes in and comes out as one flat dict.

    With the state in the open the same weights serve training on windows that carry it, streaming
    one step at a time, and generation.

    Args:
        layers: `Recurrent` layers, the lowest first; all are made to return sequences and states.
        dropout: share of the entries dropped, in training, of each layer's input and of the
            output; drawn anew at every time step (Zaremba et al. 2014).
        seed: of the dropout; each layer's differs.
        name, dtype, trainable: as for every Keras layer.

    Call arguments:
        x: (batch, time, features).
        state: dict of (batch, size) as from `initial_state`, which is the default.
        mask: (batch, time) of bool, True at real steps.
        training: whether dropout acts.

    Returns:
        outputs (batch, time, units of the last layer) and the new state.

    Example::

        stack = RecurrentStack([rnnzoo.layers.GRU(64), rnnzoo.layers.GRU(64)], dropout=0.2)
        y, state = stack(keras.random.normal((32, 100, 16)))       # y (32, 100, 64)
        y, state = stack.step(keras.random.normal((32, 16)), state)       # y (32, 64)
    """

    def __init__(
        self,
        layers: Sequence[Recurrent],
        dropout: float = 0.0,
        seed: int | None = None,
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        if not layers:
            raise WrongValue("a stack needs at least one recurrent layer, got none")
        self.layers = list(layers)
        self.dropout = dropout
        self.seed = seed
        for layer in self.layers:
            if not isinstance(layer, Recurrent) or layer.go_backwards or layer.stateful:
                raise WrongValue(
                    "a stack takes forward Recurrent layers that carry no state of their own, got "
                    f"{layer!r}"
                )
            layer.return_sequences = layer.return_state = True
        self.drops = [
            Dropout(dropout, seed=None if seed is None else seed + i, dtype=self.dtype_policy)
            for i in range(len(layers) + 1)
        ]
        self.supports_masking = True
        self.autocast = False  # the state stays float32; each layer casts its input

    def build(self, input_shape):
        for layer in self.layers:
            if not layer.built:
                layer.build(input_shape)
            input_shape = (*input_shape[:-1], layer.cell.output_size)

    @property
    def state_names(self) -> list[str]:
        """The keys of the state dict, in order: layer_0_h, layer_0_c, layer_1_h, ..."""
        return [name for names in self._names() for name in names]

    def _names(self) -> Iterator[list[str]]:
        """For each layer the names of its states."""
        for i, layer in enumerate(self.layers):
            yield [f"layer_{i}_{name}" for name in layer.state_names]

    def initial_state(self, batch_size: Any) -> dict[str, Any]:
        """Zeros, or what layers learned: a dict of (batch_size, size) float32 tensors."""
        return {
            name: value
            for layer, names in zip(self.layers, self._names(), strict=True)
            for name, value in zip(names, layer.get_initial_state(batch_size), strict=True)
        }

    def call(
        self,
        x: Any,
        state: dict[str, Any] | None = None,
        mask: Any = None,
        training: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        if state is None:
            state = self.initial_state(keras.ops.shape(x)[0])
        self._check(state)
        new_state: dict[str, Any] = {}
        for layer, drop, names in zip(self.layers, self.drops, self._names(), strict=False):
            x, *states = layer(
                drop(x, training=training),
                initial_state=[state[name] for name in names],
                mask=mask,
                training=training,
            )
            new_state.update(zip(names, states, strict=True))
        return self.drops[-1](x, training=training), new_state

    def step(self, x: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """One time step: x (batch, features) and a state -> output (batch, units), new state."""
        self._check(state)
        new_state: dict[str, Any] = {}
        for layer, names in zip(self.layers, self._names(), strict=True):
            x, states = layer.step(x, [state[name] for name in names])
            new_state.update(zip(names, states, strict=True))
        return x, new_state

    def _check(self, state):
        if missing := [name for name in self.state_names if name not in state]:
            raise WrongValue(
                f"{self.name} takes a state of {', '.join(self.state_names)}, got one of "
                f"{', '.join(state) or 'nothing'}: {', '.join(missing)} is missing"
            )

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, dict[str, Any]]:
        features = self.layers[-1].cell.output_size if self.layers else input_shape[-1]
        sizes = [size for layer in self.layers for size in layer.state_size]
        states = ((input_shape[0], size) for size in sizes)
        return (*input_shape[:-1], features), dict(zip(self.state_names, states, strict=True))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "layers": [keras.saving.serialize_keras_object(layer) for layer in self.layers],
            "dropout": self.dropout,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        layers = [keras.saving.deserialize_keras_object(layer) for layer in config["layers"]]
        return cls(**{**config, "layers": layers})
