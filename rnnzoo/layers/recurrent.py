"""The layer that runs a cell over time."""

from __future__ import annotations

import contextlib
import functools
import numbers
import warnings
from typing import Any, Literal

from rnnzoo.cells import Cell
from rnnzoo.cells.arguments import DType, Regularizer
from rnnzoo.keras_internals import expected_batch_size
from rnnzoo.layers.dropout import dropout_mask
from rnnzoo.platform import keras

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    from rnnzoo.layers import cudnn
    from rnnzoo.loop.run import run, step
    from rnnzoo.platform import tf

# Arguments of Keras's layers that choose between its implementations, and the value of each that
# describes ours.
_ONLY = {"unroll": False, "implementation": 2, "reset_after": True}


@keras.saving.register_keras_serializable("rnnzoo")
class Recurrent(keras.layers.RNN):
    """Runs a cell over a batch of sequences; takes what `keras.layers.RNN` takes.

    Args:
        cell: a `rnnzoo.Cell`, which runs in the fast loop of `rnnzoo.loop`. A plain Keras
            cell runs too, in Keras's own loop, and so does any cell on the JAX and torch backends.
            (That loop ignores jit_compile and checkpoint_every.)
        return_sequences: whether to return every step's output, or the last one only.
        return_state: whether to return the final states as well.
        go_backwards: whether to read the sequence from its end; outputs then come in that order.
        stateful: whether a batch starts from the final states of the batch before.
        zero_output_for_mask: whether masked steps put out zeros, or else the last real output.
        dropout: share of the input's entries that is dropped in training. One mask a sequence,
            the same at all its time steps (Gal & Ghahramani 2016).
        recurrent_dropout: the same for the state on its way into the recurrent product. One mask
            for all gates, where Keras draws one for each. On the TensorFlow backend only.
        seed: of the dropout masks.
        jit_compile: whether XLA compiles the loops. "auto": where the number of time steps is
            fixed, or checkpoint_every set, as it compiles anew, in a second or two, for each
            length; not in eager calls; and not in half precision on a CPU, where XLA multiplies
            in float32. (The two round differently.) Within a function that XLA compiles as a
            whole, it compiles the loop too. False where there is no XLA, and for second
            derivatives.
        use_cudnn: "auto": LSTM and GRU train through cuDNN in float32 where a GPU is visible, and
            where there is no mask, recurrent_dropout, checkpoint_every or jit_compile=True. False:
            they don't; for second derivatives, and for a function of your own that XLA compiles.
        checkpoint_every: for long sequences, K: in training, keep the state after every K steps
            only, and compute the rest again on the way back. Beside input and output, memory then
            grows with T / K + K instead of T time steps, and a step takes about twice as long.
        activity_regularizer: a penalty on the output, added to the loss.
        name, dtype, trainable: as for every Keras layer.
        **kwargs: Keras's unroll, implementation and reset_after, where they say what is so anyway.

    Call arguments:
        sequences: (batch, time, features).
        initial_state: list of (batch, size), one for each entry of cell.state_size.
        mask: (batch, time) of bool, True at real steps; any pattern of padding.
        training: whether dropout acts.

    Returns:
        (batch, time, units) or (batch, units) in the layer's compute dtype; with return_state a
        tuple of it and the final states, (batch, size) in float32 under every dtype policy (but
        in the compute dtype in Keras's own loop).

    Raises:
        ValueError: an argument that chooses between Keras's own implementations (unroll,
            implementation, reset_after) and names another than ours; a rate outside
            [0, 1); dropout for a plain Keras cell.
        NotImplementedError: training with recurrent_dropout on another backend than TensorFlow.

    Example::

        layer = rnnzoo.layers.Recurrent(rnnzoo.cells.LSTMCell(64), return_sequences=True)
        layer(keras.random.normal((32, 100, 16)))       # (32, 100, 64)
    """

    def __init__(
        self,
        cell: Cell | keras.layers.Layer,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        jit_compile: bool | Literal["auto"] = "auto",
        use_cudnn: Literal["auto", False] = "auto",
        checkpoint_every: int | None = None,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        zero_output_for_mask: bool = False,
        activity_regularizer: Regularizer = None,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
        **kwargs: Any,
    ):
        for choice, ours in _ONLY.items():
            if (value := kwargs.pop(choice, ours)) != ours:
                raise ValueError(
                    f"{choice}={value!r} is not supported: rnnzoo has one loop and one form of "
                    f"each cell, which is {choice}={ours!r} in Keras's terms; leave the argument "
                    "out"
                )
        if jit_compile not in ("auto", True, False):
            raise ValueError(f"jit_compile must be 'auto', True or False, got {jit_compile!r}")
        if use_cudnn not in ("auto", False):
            raise ValueError(
                f"use_cudnn must be 'auto' or False, got {use_cudnn!r}: it can't be forced, as "
                "cuDNN doesn't know every cell, mask and dtype"
            )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            zero_output_for_mask=zero_output_for_mask,
            activity_regularizer=activity_regularizer,
            name=name,
            dtype=dtype,
            trainable=trainable,
            **kwargs,
        )
        for kind, rate in (("dropout", dropout), ("recurrent_dropout", recurrent_dropout)):
            if not 0 <= rate < 1:
                raise ValueError(f"{kind} must be at least 0 and less than 1, got {rate!r}")
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.jit_compile = jit_compile
        self.use_cudnn = use_cudnn
        whole = isinstance(checkpoint_every, numbers.Integral)
        if not (checkpoint_every is None or (whole and checkpoint_every >= 1)):
            raise ValueError(
                "checkpoint_every is a number of time steps, at least 1, or None, "
                f"got {checkpoint_every!r}"
            )
        self.checkpoint_every = checkpoint_every
        # Keras would cast the initial state to the compute dtype; the input is cast in `call`.
        self.autocast = False
        if not isinstance(cell, Cell):
            if dropout or recurrent_dropout:
                raise ValueError(
                    f"dropout on {type(self).__name__} needs a rnnzoo.Cell; "
                    f"{type(cell).__name__} is a plain Keras cell: give it dropout of its own"
                )
            _say_once_that_plain_cells_are_slow(type(cell).__name__)

    @property
    def _in_fast_loop(self):
        return isinstance(self.cell, Cell) and keras.backend.backend() == "tensorflow"

    @property
    def supports_jit(self) -> bool:
        """Whether Keras may compile the whole step by XLA, which has no cuDNN layers."""
        return not self._through_cudnn

    @supports_jit.setter
    def supports_jit(self, value):
        """Keras's constructors say True."""

    def call(
        self,
        sequences: Any,
        initial_state: Any = None,
        mask: Any = None,
        training: bool = False,
    ) -> Any:
        sequences = ops.cast(sequences, self.compute_dtype)
        if len(sequences.shape) < 3 or sequences.shape[1] == 0:
            raise ValueError(
                f"{self.name} takes sequences (batch, time, features) of at least one time step, "
                f"got {tuple(sequences.shape)}"
            )
        if training and self.dropout:
            sequences = sequences * dropout_mask(
                sequences[:, :1], self.dropout, self.seed_generator
            )
        if mask is not None:
            mask = keras.tree.flatten(mask)[0]
        if not isinstance(self.cell, Cell):
            return super().call(sequences, initial_state, mask=mask, training=training)

        if initial_state is None:
            initial_state = (
                self.states if self.stateful else self.get_initial_state(ops.shape(sequences)[0])
            )
        if self.stateful and sequences.shape[0] not in (None, expected_batch_size(self)):
            raise ValueError(
                f"{self.name} is stateful and was built for batches of {expected_batch_size(self)}"
                f", got one of {sequences.shape[0]}"
            )
        initial_state = [
            ops.convert_to_tensor(s, dtype=self.cell.state_dtype)
            for s in keras.tree.flatten(initial_state)
        ]
        if len(initial_state) != len(self.state_size):
            raise ValueError(
                f"{self.name} takes {len(self.state_size)} initial states, of the sizes "
                f"{self.state_size}, got {len(initial_state)}"
            )
        if not self._in_fast_loop:
            if training and self.recurrent_dropout:
                raise NotImplementedError(
                    "recurrent_dropout needs Keras's TensorFlow backend, "
                    f"this is {keras.backend.backend()}"
                )
            return super().call(sequences, initial_state, mask=mask, training=training)

        recurrent_mask = None
        if training and self.recurrent_dropout:
            recurrent_mask = [
                dropout_mask(s, self.recurrent_dropout, self.seed_generator)
                for s in initial_state[: len(self.cell.state_names)]
            ]
        result = None
        if training and self._through_cudnn and mask is None and recurrent_mask is None:
            # Where the layer is placed on a CPU beside the GPU, there is no cuDNN.
            with contextlib.suppress(NotImplementedError):
                result = cudnn.run(self.cell, sequences, initial_state, reverse=self.go_backwards)
        if result is None:
            result = self._run(sequences, initial_state, mask, recurrent_mask)
        outputs, last_output, states = result
        if self.stateful:
            for variable, state in zip(self.states, states, strict=True):
                variable.assign(state)
        output = ops.cast(outputs if self.return_sequences else last_output, self.compute_dtype)
        return (output, *states) if self.return_state else output

    def step(self, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """One time step: (batch, features) and the states -> output (batch, units), new states."""
        if not self._in_fast_loop:
            output, states = self.cell(x, states)
            return output, list(states)
        output, states = step(self.cell, x, states)
        return ops.cast(output, self.compute_dtype), states

    def _run(self, sequences, *others):
        eager = tf.executing_eagerly()
        xla = self.jit_compile
        if xla == "auto":
            fixed = sequences.shape[1] is not None or self.checkpoint_every is not None
            xla = fixed and not eager and self._xla_multiplies_as_fast
        # No function within a function: it would send zeros back for each unused result.
        return (self._run_eagerly if eager else self._run_in_graph)(xla, sequences, *others)

    @property
    def _through_cudnn(self):
        return (
            self.use_cudnn == "auto"
            and self.jit_compile is not True
            and self.checkpoint_every is None
            and self._in_fast_loop
            and cudnn.serves(self.cell)
        )

    @property
    def _xla_multiplies_as_fast(self):
        """Whether XLA's products are no slower than TensorFlow's: on a CPU it has none in 16 bits,
        and multiplies in float32 instead.
        """
        half = keras.backend.standardize_dtype(self.compute_dtype) in ("bfloat16", "float16")
        return not half or bool(tf.config.list_logical_devices("GPU"))

    @functools.cached_property
    def _run_eagerly(self):
        return tf.function(self._run_in_graph, autograph=False, reduce_retracing=True)

    def _run_in_graph(self, xla, sequences, initial_state, mask, recurrent_mask):
        return run(
            self.cell,
            sequences,
            initial_state,
            mask=mask,
            reverse=self.go_backwards,
            zero_masked=self.zero_output_for_mask,
            dropout=recurrent_mask,
            compiled=self._compiled if xla else None,
            checkpoint_every=self.checkpoint_every,
        )

    @functools.cached_property
    def _compiled(self):
        return functools.cache(
            lambda loop: tf.function(
                functools.partial(loop, self.cell), autograph=False, jit_compile=True
            )
        )

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["unroll"]
        return {
            **config,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
            "jit_compile": self.jit_compile,
            "use_cudnn": self.use_cudnn,
            "checkpoint_every": self.checkpoint_every,
        }


@functools.cache
def _say_once_that_plain_cells_are_slow(name):
    warnings.warn(
        f"{name} is a plain Keras cell and runs in Keras's own loop; as a rnnzoo.Cell (project, "
        "recur, update) it would run in the fast one",
        stacklevel=4,
    )
