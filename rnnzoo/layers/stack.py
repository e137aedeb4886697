"""Recurrent layers on top of each other, with the state in the open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnnzoo.cells.arguments import DType
from rnnzoo.errors import WrongValue
from rnnzoo.layers.dropout import Dropout
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras

ops = keras.ops


class Stack(keras.layers.Layer):
    """Recurrent layers on top of each other, however each of them reads.

    Args:
        layers: forward `Recurrent` layers, the lowest first; all are made to return sequences and
            states.
        dropout: share of the entries dropped, in training, of each layer's input and of the
            output; drawn anew at every time step (Zaremba et al. 2014).
        seed: of the dropout; each layer's differs.
        name, dtype, trainable: as for every Keras layer.
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

    @property
    def output_size(self) -> int:
        """The width of the output."""
        raise NotImplementedError

    @property
    def state_sizes(self) -> list[list[int]]:
        """Of each layer those of its states."""
        return [list(layer.state_size) for layer in self.layers]

    @property
    def state_names(self) -> list[str]:
        """The keys of the state dict, in order: layer_0_h, layer_0_c, layer_1_h, ..."""
        return [name for names in self._names() for name in names]

    def _names(self) -> Iterator[list[str]]:
        """For each layer the names of its states."""
        for i, layer in enumerate(self.layers):
            yield [f"layer_{i}_{name}" for name in layer.state_names]

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, dict[str, Any]]:
        sizes = [size for of_layer in self.state_sizes for size in of_layer]
        states = ((input_shape[0], size) for size in sizes)
        return (*input_shape[:-1], self.output_size), dict(
            zip(self.state_names, states, strict=True)
        )

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


@keras.saving.register_keras_serializable("rnnzoo")
class RecurrentStack(Stack):
    """A deep recurrent network whose whole state goes in and comes out as one flat dict.

    With the state in the open the same weights serve training on windows that carry it, streaming
    one step at a time, and generation. With h^n the output of layer n, and x the input ::

        layer n reads h^{n-1},          the stack puts out h^N
        layer n reads [h^{n-1}, x],     the stack puts out [h^1, ..., h^N]      with skip=True
        layer n reads [h^{n-1}, c(h^1)], n > 1                                  with between

    Args:
        layers: `Recurrent` layers, the lowest first; all are made to return sequences and states.
        skip: whether connections skip over layers (Graves 2013, Generating sequences with recurrent
            neural networks): each layer sees the input too, and the output is that of all layers.
        between: length of what layers above the lowest see beside, 0 for nothing: a function of the
            output of the lowest, which calls are given.
        dropout: share of the entries dropped, in training, of each layer's input and of the
            output; drawn anew at every time step (Zaremba et al. 2014).
        seed: of the dropout; each layer's differs.
        name, dtype, trainable: as for every Keras layer.

    Call arguments:
        x: (batch, time, features).
        state: dict of (batch, size) as from `initial_state`, which is the default.
        mask: (batch, time) of bool, True at real steps.
        training: whether dropout acts.
        look: the function c, of (batch, time, size), or of one step (batch, size); of a stack with
            `between`.

    Returns:
        outputs (batch, time, output_size) and the new state.

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
        skip: bool = False,
        between: int = 0,
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(layers, dropout, seed, name=name, dtype=dtype, trainable=trainable)
        self.skip = skip
        self.between = between

    def build(self, input_shape):
        *leading, features = input_shape
        sizes = self._sizes
        for i, layer in enumerate(self.layers):
            if not layer.built:
                layer.build((*leading, sum(self._read(features, sizes[:i], [self.between]))))

    @property
    def _sizes(self):
        return [layer.cell.output_size for layer in self.layers]

    @property
    def output_size(self) -> int:
        """The width of the output."""
        return sum(self._put_out(self._sizes))

    def _read(self, x, outputs, seen):
        """What the next layer reads, side by side: of the input, of the outputs so far, and of what
        is `seen` between the layers.
        """
        read = [*outputs[-1:], x] if self.skip else outputs[-1:] or [x]
        return [*read, *seen] if outputs else read

    def _put_out(self, outputs):
        """What the stack puts out, side by side."""
        return outputs if self.skip else outputs[-1:]

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
        look: Callable[[Any], Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        if state is None:
            state = self.initial_state(ops.shape(x)[0])
        self._check(state, look)
        outputs: list[Any] = []
        seen: list[Any] = []
        new_state: dict[str, Any] = {}
        for layer, drop, names in zip(self.layers, self.drops, self._names(), strict=False):
            y, *states = layer(
                drop(_side_by_side(self._read(x, outputs, seen)), training=training),
                initial_state=[state[name] for name in names],
                mask=mask,
                training=training,
            )
            outputs.append(y)
            if look is not None and not seen:
                seen = [look(y)]
            new_state.update(zip(names, states, strict=True))
        output = _side_by_side(self._put_out(outputs))
        return self.drops[-1](output, training=training), new_state

    def step(
        self, x: Any, state: dict[str, Any], look: Callable[[Any], Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """One time step: x (batch, features) and a state -> output (batch, output_size), state."""
        self._check(state, look)
        outputs: list[Any] = []
        seen: list[Any] = []
        new_state: dict[str, Any] = {}
        for layer, names in zip(self.layers, self._names(), strict=True):
            read = _side_by_side(self._read(x, outputs, seen))
            y, states = layer.step(read, [state[name] for name in names])
            outputs.append(y)
            if look is not None and not seen:
                seen = [look(y)]
            new_state.update(zip(names, states, strict=True))
        return _side_by_side(self._put_out(outputs)), new_state

    def last(self, outputs: Any) -> Any:
        """The outputs (batch, output_size) of the last step; padding behind the end repeats it."""
        return outputs[:, -1]

    def _check(self, state, look):
        if bool(self.between) != (look is not None):
            raise WrongValue(
                f"{self.name} has between={self.between}: expected look, what is called between "
                "its layers, where that is not 0, and there alone"
            )
        if missing := [name for name in self.state_names if name not in state]:
            raise WrongValue(
                f"{self.name} takes a state of {', '.join(self.state_names)}, got one of "
                f"{', '.join(state) or 'nothing'}: {', '.join(missing)} is missing"
            )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "skip": self.skip, "between": self.between}


def _side_by_side(tensors):
    """Tensors (..., size) as one, in the dtype of the first."""
    if len(tensors) == 1:
        return tensors[0]
    return ops.concatenate([ops.cast(x, tensors[0].dtype) for x in tensors], axis=-1)
