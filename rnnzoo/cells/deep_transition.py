"""A deep transition: more layers between one hidden state and the next, around any cell."""

from __future__ import annotations

from typing import Any

from rnnzoo.cells.arguments import Activation, DType
from rnnzoo.cells.cell import Cell
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops


class DeepTransitionCell(Cell):
    """Layers between h_{t-1} and h_t, on top of a cell's own (Pascanu et al. 2014).

    ::

        z_0 = what the cell makes its new h, of x_t and its past states
        z_l = tanh(z_{l-1} V_l + b_l)                                 l = 1 ... L
        h_t = z_L

    and with a skip connection, over which a gradient takes one step back in time instead of L + 1,

        h_t = tanh(z_{L-1} V_L + b_L + h_{t-1} S)

    Of a vanilla cell it makes the paper's DT-RNN and DT(S)-RNN (How to construct deep recurrent
    neural networks, figures 2 b and 2 b*). h is the cell's first state, and the output; its other
    states, such as an LSTM's c, stay as the cell makes them. (Of a cell that is not given h_{t-1},
    as one of delays 2 and 4, the newest state that it is given is what skips.)

    Weights, beside the cell's own: for each layer a kernel_l V_l (units, units) and a bias_l b_l
    (units,); with skip a skip_kernel S (units, units).

    Args:
        cell: the `rnnzoo.Cell` that reads the input, a user's own included.
        layers: L, the layers on top of it, at least 1.
        skip: whether h_{t-1} is also seen by the last layer.
        activation: of each of these layers.
        name, trainable: as for every Keras layer.
        dtype: as for every Keras layer; None is the cell's.

    Raises:
        TypeError: cell is no `rnnzoo.Cell`.
        ValueError: layers is not a positive integer, the cell has positions, or its output is not
            its first state: by its size, or, told when it is first called, another tensor.

    Example::

        cell = DeepTransitionCell(rnnzoo.cells.SimpleRNNCell(64), layers=2, skip=True)
        layer = rnnzoo.layers.Recurrent(cell, return_sequences=True)
        h = layer(keras.random.normal((32, 100, 16)))       # (32, 100, 64)
    """

    def __init__(
        self,
        cell: Cell,
        layers: int = 1,
        skip: bool = False,
        activation: Activation = "tanh",
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        if not isinstance(cell, Cell):
            raise WrongType(
                f"a deep transition is made around a rnnzoo.Cell, got {type(cell).__name__}: give "
                "it a cell, such as rnnzoo.cells.SimpleRNNCell(64), or a subclass of rnnzoo.Cell"
            )
        if not is_size(layers):
            raise WrongValue(f"layers must be a positive integer, got {layers!r}")
        if cell.output_size != cell.state_size[0]:
            raise WrongValue(
                f"{type(cell).__name__} puts out {cell.output_size} numbers, and its first state "
                f"has {cell.state_size[0]}: a deep transition needs a cell whose output is its "
                "first state"
            )
        if cell.positions:
            raise WrongValue(
                f"{type(cell).__name__} runs over positions, whose states a deep transition "
                "doesn't mix: give it a cell of plain sequences"
            )
        if not isinstance(skip, bool):
            raise WrongValue(f"skip={skip!r}: expected True or False")
        dtype = cell.dtype_policy if dtype is None else dtype
        super().__init__(cell.state_size[0], name=name, dtype=dtype, trainable=trainable)
        self.cell: Cell = cell
        self.layers = int(layers)
        self.skip = skip
        self.activation = keras.activations.get(activation)
        self.delays, self.state_names = cell.delays, cell.state_names

    def build(self, input_shape):
        if not self.cell.built:
            self.cell.build(input_shape)
        numbers_from_one = range(1, self.layers + 1)
        # `update` reads these, in the state's dtype.
        self.kernels = [self._add_kernel(f"kernel_{i}", autocast=False) for i in numbers_from_one]
        self.biases = [
            self.add_weight(
                shape=(self.units,), name=f"bias_{i}", initializer="zeros", autocast=False
            )
            for i in numbers_from_one
        ]
        self.skip_kernel = self._add_kernel("skip_kernel") if self.skip else None

    def _add_kernel(self, name, autocast=True):
        # Orthogonal, as all of them stand between h_{t-1} and h_t.
        return self.add_weight(
            shape=(self.units, self.units), name=name, initializer="orthogonal", autocast=autocast
        )

    @property
    def state_size(self) -> list[int]:
        return self.cell.state_size

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        return self.cell.get_initial_state(batch_size)

    def project(self, x):
        return self.cell.project(x)

    def recur(self, state):
        term = self.cell.recur(state)
        return (term, ops.matmul(state[0], self.skip_kernel)) if self.skip else term

    def update(self, input_term, recurrent_term, state):
        term, skipped = recurrent_term if self.skip else (recurrent_term, 0)
        output, (z, *others) = self.cell.update(input_term, term, state)
        if output is not z:
            raise WrongValue(
                f"{type(self.cell).__name__} puts out something else than its first state, which a "
                "deep transition would lose: let its update return the same tensor as both, and "
                "make another output in a layer behind"
            )
        to_each = [0] * (self.layers - 1) + [skipped]
        for V, b, from_before in zip(self.kernels, self.biases, to_each, strict=True):
            z = self.activation(ops.matmul(z, V) + b + from_before)
        return z, [z, *others]

    def gates(self, input_term, recurrent_term, state):
        return self.cell.gates(
            input_term, recurrent_term[0] if self.skip else recurrent_term, state
        )

    def get_config(self):
        config = super().get_config()
        del config["units"]
        return {
            **config,
            "cell": keras.saving.serialize_keras_object(self.cell),
            "layers": self.layers,
            "skip": self.skip,
            "activation": keras.activations.serialize(self.activation),
        }

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return super().from_config({**config, "cell": cell})
