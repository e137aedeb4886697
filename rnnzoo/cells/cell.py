"""The contract that every cell of rnnzoo keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnzoo.cells.arguments import DType, show_all_arguments
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops


class Cell(keras.layers.Layer):
    """One time step of a recurrent network, split by what each part needs to see.

    ::

        input_term     = project(x)        no past: all time steps in one product, before the loop
        recurrent_term = recur(state)      the products with the past: what must stay in the loop
        output, state  = update(input_term, recurrent_term, state)        the rest

    A subclass writes these three (and `build`, for its weights); `rnnzoo.layers.Recurrent(cell)`
    then runs it over time, and `keras.layers.RNN` takes it as well. The rules:

    - All three treat each row of a batch by itself, as the loop also hands them all time steps
      at once, folded into the batch: (batch, units) and (time * batch, units) are one call.
    - ``state`` is a list of tensors, ``output`` one tensor; the first state should be the output.
    - Nothing random: what is random is drawn before the loop (dropout is an option of the layer).
      Nothing kept aside: `recur` and `update` compute from their arguments and the cell's weights,
      and assign to no variable.
    - State is float32 under every dtype policy (float64 under float64): `recur` sees it in the
      compute dtype, `update` sees all it gets in the state's dtype. Weights that `update` reads are
      therefore made with ``add_weight(..., autocast=False)``.

    `check_cell(cell)` tests the rules and says what is wrong.

    A saved model names a cell by its package and class, such as ``mypackage>MinimalGatedCell``. The
    package is the first part of the module's name, or another that the class statement gives:
    ``class MinimalGatedCell(rnnzoo.Cell, package="mine")``. To define a class again, as a notebook
    does, replaces it.

    Args:
        units: size of the hidden state, a positive integer.
        name, dtype, trainable: as for every Keras layer.

    Attributes:
        delays: the time steps back, ascending, that `recur` and `update` are given: with delays
            (1, 4), state is [h_{t-1}, h_{t-4}]. (1,) in almost every cell.
        state_names: names of the tensors that make up the state after one step, such as
            ("h", "c"); the exported model's state is named by them.
        state_size: the widths of all that a step must be handed, newest first: one number for each
            name for each of the steps back to the longest delay.
        output_size: the width of the output.
        positions: whether a step is a row of positions, as of pixels: then x is (batch, positions,
            features) and each state (batch, positions, size), their number being the input's.

    Raises:
        ValueError: units is not a positive integer; or, from the class statement, another class
            has its name in a saved model.

    Example (a minimal gated unit with one gate, Zhou et al. 2016)::

        class MinimalGatedCell(rnnzoo.Cell):
            def build(self, input_shape):
                self.kernel = self.add_weight(shape=(input_shape[-1], 2 * self.units))
                self.recurrent_kernel = self.add_weight(shape=(self.units, 2 * self.units))

            def project(self, x):
                return x @ self.kernel

            def recur(self, state):
                return state[0] @ self.recurrent_kernel

            def update(self, input_term, recurrent_term, state):
                x_f, x_h = keras.ops.split(input_term, 2, axis=-1)
                u_f, u_h = keras.ops.split(recurrent_term, 2, axis=-1)
                f = keras.ops.sigmoid(x_f + u_f)
                h = (1 - f) * state[0] + f * keras.ops.tanh(x_h + f * u_h)
                return h, [h]

        layer = rnnzoo.layers.Recurrent(MinimalGatedCell(64), return_sequences=True)
    """

    units: int
    delays: tuple[int, ...] = (1,)
    state_names: tuple[str, ...] = ("h",)
    positions: bool = False

    def __init_subclass__(cls, *, package: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _register(cls, package or cls.__module__.partition(".")[0])
        show_all_arguments(cls, super(cls, cls).__init__)

    def __init__(
        self,
        units: int,
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        if not is_size(units):
            raise WrongValue(f"units must be a positive integer, got {units!r}")
        self.units = int(units)

    def project(self, x: Any) -> Any:
        """Input term of x: (batch, features) -> (batch, n), or a nested structure of such."""
        raise NotImplementedError(f"{type(self).__name__} must define project(x)")

    def recur(self, state: list[Any]) -> Any:
        """Recurrent term of the past state: list of (batch, units) -> (batch, n)."""
        raise NotImplementedError(f"{type(self).__name__} must define recur(state)")

    def update(
        self, input_term: Any, recurrent_term: Any, state: list[Any]
    ) -> tuple[Any, list[Any]]:
        """Output and new state from the two terms and the past state."""
        raise NotImplementedError(
            f"{type(self).__name__} must define update(input_term, recurrent_term, state)"
        )

    def gates(self, input_term: Any, recurrent_term: Any, state: list[Any]) -> dict[str, Any]:
        """By name what its gates let through, (batch, units), from 0 to 1; of a cell without, none.

        `rnnzoo.analysis.gates` asks for it, of all steps at once; the arguments are `update`'s.
        """
        return {}

    @property
    def state_size(self) -> list[int]:
        return [self.units] * len(self.state_names) * self.lag

    @property
    def output_size(self) -> int:
        return self.state_size[0]

    @property
    def lag(self) -> int:
        """The longest delay: how many past steps the cell must be handed."""
        return max(self.delays)

    @property
    def state_dtype(self) -> str:
        return self.variable_dtype

    def get_initial_state(self, batch_size: Any, *positions: Any) -> list[Any]:
        """Zero state: a list of (batch_size, size) tensors, one for each entry of state_size.

        Of a cell with positions, whose number is given, (batch_size, positions, size).
        """
        return [
            ops.zeros((batch_size, *positions, size), dtype=self.state_dtype)
            for size in self.state_size
        ]

    def past(self, states: Sequence[Any]) -> list[Any]:
        """What `recur` and `update` are given, out of all past states, newest first."""
        width = len(self.state_names)
        return [s for d in self.delays for s in states[(d - 1) * width : d * width]]

    def recurrent_term(self, state: Sequence[Any]) -> Any:
        """`recur`, with the state in the compute dtype."""
        return self.recur([ops.cast(s, self.compute_dtype) for s in state])

    def next(self, input_term: Any, recurrent_term: Any, state: list[Any]) -> tuple[Any, list[Any]]:
        """`update`, with everything in the state's dtype."""
        input_term, recurrent_term = keras.tree.map_structure(
            lambda x: ops.cast(x, self.state_dtype), (input_term, recurrent_term)
        )
        output, new_state = self.update(input_term, recurrent_term, state)
        return output, list(new_state)

    def step(self, x: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        """One time step: (batch, features) and all past states -> output and all states."""
        past = self.past(states)
        output, new = self.next(self.project(x), self.recurrent_term(past), past)
        return output, [*new, *states][: len(states)]

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        """The step as `keras.layers.RNN` asks for it: states keep the dtype they came in."""
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        output, new = self.step(inputs, [ops.cast(s, self.state_dtype) for s in states])
        new = [ops.cast(n, s.dtype) for n, s in zip(new, states, strict=True)]
        return ops.cast(output, self.compute_dtype), new

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def _register(cls, package):
    """Known to Keras from its definition on: Bidirectional makes it anew, saving names it."""
    name = f"{package}>{cls.__name__}"
    there = keras.saving.get_custom_objects().get(name, cls)
    ours, theirs = (f"{c.__module__}.{c.__qualname__}" for c in (cls, there))
    if ours != theirs:
        raise WrongValue(
            f"a saved model would name both {theirs} and {ours} {name!r}, and load the wrong one: "
            f"give one another name, or a package, as in class {cls.__name__}(rnnzoo.Cell, "
            f"package={cls.__module__!r})"
        )
    keras.saving.register_keras_serializable(package)(cls)
