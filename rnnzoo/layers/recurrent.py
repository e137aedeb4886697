"""The layer that runs a cell over time."""

from __future__ import annotations

import contextlib
import functools
import warnings
from typing import Any, Literal

from rnnzoo.cells import Cell
from rnnzoo.cells.arguments import DType, Regularizer
from rnnzoo.errors import WrongValue
from rnnzoo.layers.dropout import dropout_mask
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

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
        learn_initial_state: whether the state before the first step is trained, one vector for all
            sequences, from zeros on. Its weights, (size,) for each of `state_names`, come after
            the cell's. Not for a stateful layer or a plain Keras cell.
        activity_regularizer: a penalty on the output, added to the loss.
        name, dtype, trainable: as for every Keras layer.
        **kwargs: Keras's unroll, implementation and reset_after, where they say what is so anyway.

    Call arguments:
        sequences: (batch, time, features); of a cell with positions (batch, time, positions,
            features), and all else that is (batch, ..., size) here has positions, too.
        initial_state: list of (batch, size), one for each entry of cell.state_size; or a dict of
            them by the names in `state_names`.
        mask: (batch, time) of bool, True at real steps; any pattern of padding. Of a cell with
            positions also (batch, time, positions): where it is False, state and output are zero.
        training: whether dropout acts.

    Returns:
        (batch, time, units) or (batch, units) in the layer's compute dtype; with return_state a
        tuple of it and the final states, (batch, size) in float32 under every dtype policy (but
        in the compute dtype in Keras's own loop).

    Raises:
        ValueError: an argument that chooses between Keras's own implementations (unroll,
            implementation, reset_after) and names another than ours; a rate outside
            [0, 1); dropout or learn_initial_state for a plain Keras cell; these, recurrent_dropout
            or stateful for a cell with positions; learn_initial_state for a stateful layer;
            sequences, a mask or a state of another shape, or of another batch
            size than a stateful layer was built for.
        tf.errors.InvalidArgumentError: the same of a shape that only the running graph knows.
        NotImplementedError: training with recurrent_dropout, or a mask by position, on another
            backend than TensorFlow.

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
        learn_initial_state: bool = False,
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
                raise WrongValue(
                    f"{choice}={value!r} is not supported: rnnzoo has one loop and one form of "
                    f"each cell, which is {choice}={ours!r} in Keras's terms; leave the argument "
                    "out"
                )
        if jit_compile not in ("auto", True, False):
            raise WrongValue(f"jit_compile must be 'auto', True or False, got {jit_compile!r}")
        if use_cudnn not in ("auto", False):
            raise WrongValue(
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
                raise WrongValue(f"{kind} must be at least 0 and less than 1, got {rate!r}")
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.jit_compile = jit_compile
        self.use_cudnn = use_cudnn
        if not (checkpoint_every is None or is_size(checkpoint_every)):
            raise WrongValue(
                "checkpoint_every is a number of time steps, at least 1, or None, "
                f"got {checkpoint_every!r}"
            )
        self.checkpoint_every = checkpoint_every
        if getattr(cell, "positions", False) and (
            dropout or recurrent_dropout or stateful or learn_initial_state
        ):
            raise WrongValue(
                f"{type(cell).__name__} has positions, of which each step may have others: "
                "dropout, recurrent_dropout, stateful and learn_initial_state are not for it"
            )
        if learn_initial_state and (stateful or not isinstance(cell, Cell)):
            raise WrongValue(
                "learn_initial_state is for a rnnzoo.Cell in a layer that is not stateful, got "
                f"{type(cell).__name__} and stateful={stateful!r}: a stateful layer starts from "
                "the batch before"
            )
        self.learn_initial_state = learn_initial_state
        # A layer of its own: so its weights come after the cell's.
        self.start = None
        if learn_initial_state:
            self.start = _Start(self.state_names, self.state_size, cell.state_dtype)
        self._features = None
        # Keras would cast the initial state to the compute dtype; the input is cast in `call`.
        self.autocast = False
        if not isinstance(cell, Cell):
            if dropout or recurrent_dropout:
                raise WrongValue(
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

    @property
    def state_names(self) -> list[str]:
        """A name for each state: h, c; those of more than a step back end in _2, _3 ..."""
        many = len(self.state_size)
        names = getattr(self.cell, "state_names", [f"state{i}" for i in range(many)])
        return [
            names[i % len(names)] + (f"_{1 + i // len(names)}" if i >= len(names) else "")
            for i in range(many)
        ]

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Cell):
            self._check_sequences(sequences_shape)
            if sequences_shape[-1] is None:
                raise WrongValue(
                    f"{self.name} must know the number of features, got sequences of the shape "
                    f"{tuple(sequences_shape)}: say it, as in keras.Input((None, 3))"
                )
            if self.stateful and sequences_shape[0] is None:
                raise WrongValue(
                    f"{self.name} is stateful, and must know the batch size, got sequences of the "
                    f"shape {tuple(sequences_shape)}: say it, as in "
                    "keras.Input(batch_shape=(32, None, 3))"
                )
        super().build(sequences_shape, initial_state_shape)
        self._features = sequences_shape[-1]
        if self.start is not None:
            self.start.build()

    def get_initial_state(self, batch_size: Any, *positions: Any) -> list[Any]:
        """The state before the first step: a list of (batch_size, size), one for each name."""
        if positions:
            return self.cell.get_initial_state(batch_size, *positions)
        state = super().get_initial_state(batch_size)
        if self.start is None:
            return state
        if not self.start.built:
            raise WrongValue(f"{self.name} learns its initial state, and must be built before")
        return [s + ops.cast(w, s.dtype) for s, w in zip(state, self.start.state, strict=True)]

    def call(
        self,
        sequences: Any,
        initial_state: Any = None,
        mask: Any = None,
        training: bool = False,
    ) -> Any:
        sequences = ops.cast(sequences, self.compute_dtype)
        if mask is not None:
            mask = keras.tree.flatten(mask)[0]
        if not isinstance(self.cell, Cell):
            return super().call(sequences, initial_state, mask=mask, training=training)

        self._check_sequences(sequences.shape)
        if mask is not None:
            mask = self._of_these_steps(mask, sequences)
        if training and self.dropout:
            mask_of_inputs = dropout_mask(sequences[:, :1], self.dropout, self.seed_generator)
            sequences = sequences * mask_of_inputs
        initial_state = self._state_before(initial_state, sequences)
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
            result = self.run_loop(sequences, initial_state, mask, recurrent_mask)
        outputs, last_output, states = result
        if self.stateful:
            for variable, state in zip(self.states, states, strict=True):
                variable.assign(state)
        output = ops.cast(outputs if self.return_sequences else last_output, self.compute_dtype)
        return (output, *states) if self.return_state else output

    def _check_sequences(self, shape):
        """Refuse a shape that the loop would not understand."""
        features, axes = self._features, 4 if self.cell.positions else 3
        if (
            len(shape) != axes
            or 0 in shape[1:-1]
            or (features and shape[-1] not in (None, features))
        ):
            raise WrongValue(
                f"{self.name} takes sequences "
                + ("(batch, time, features)" if axes == 3 else "(batch, time, positions, features)")
                + " of at least one time step"
                + (f" and of the {features} features that it was built for" if features else "")
                + f", got the shape {tuple(shape)}"
                + (": one of features alone needs x[..., None]" if len(shape) == axes - 1 else "")
                + (": fold the axes after time into one" if len(shape) > axes else "")
            )

    def _of_these_steps(self, mask, sequences):
        message = f"{self.name} takes a mask (batch, time) as long as the sequences"
        axes = 3 if self.cell.positions and len(mask.shape) == 3 else 2
        if axes == 3 and not self._in_fast_loop:
            raise NotImplementedError(
                "a mask by position needs Keras's TensorFlow backend, "
                f"this is {keras.backend.backend()}"
            )
        if not _may_be(mask.shape, sequences.shape[:axes]):
            raise WrongValue(
                f"{message}, got one of the shape {tuple(mask.shape)} for sequences of the shape "
                f"{tuple(sequences.shape)}"
            )
        if mask.shape == sequences.shape[:axes] and None not in mask.shape:
            return mask
        return _reshaped(mask, ops.shape(sequences)[:axes], message)

    def _state_before(self, given, sequences):
        """The initial state as a list of tensors in the state's dtype."""
        names, sizes = self.state_names, self.state_size
        known = (*sequences.shape[:1], *sequences.shape[2:-1])
        batch, _, *positions, _ = ops.shape(sequences)
        expected = (
            f"{self.name} takes {len(sizes)} initial states, "
            f"({'batch, positions, size' if positions else 'batch, size'}) each: "
            + ", ".join(f"{name} of size {size}" for name, size in zip(names, sizes, strict=True))
        )
        if given is None and self.stateful:
            given = self.states
            expected = (
                f"{self.name} is stateful and was built for batches of {given[0].shape[0]}: leave "
                "out a last batch of fewer"
            )
        elif given is None:
            given = self.get_initial_state(batch, *positions)
        elif isinstance(given, dict):
            if given.keys() != set(names):
                raise WrongValue(f"{expected}; got a dict of {', '.join(map(str, given))}")
            given = [given[name] for name in names]
        given = [_tensor(s, self.cell.state_dtype) for s in keras.tree.flatten(given)]
        shapes = [tuple(s.shape) for s in given]
        if len(shapes) != len(sizes) or not all(
            _may_be(shape, (*known, size)) for shape, size in zip(shapes, sizes, strict=True)
        ):
            raise WrongValue(
                f"{expected}; got {', '.join(map(str, shapes)) or 'none'} for sequences of the "
                f"shape {tuple(sequences.shape)}"
            )
        return [
            s if s.shape[:-1] == known else _reshaped(s, (batch, *positions, size), expected)
            for s, size in zip(given, sizes, strict=True)
        ]

    def step(self, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """One time step: (batch, features) and the states -> output (batch, units), new states."""
        if not self._in_fast_loop:
            output, states = self.cell(x, states)
            return output, list(states)
        output, states = step(self.cell, x, states)
        return ops.cast(output, self.compute_dtype), states

    def run_loop(self, sequences: Any, *others: Any) -> tuple[Any, Any, list[Any]]:
        """Outputs, last output and final state, as `rnnzoo.loop.run.run` returns them.

        `rnnzoo.analysis` takes this place where it watches a layer.

        Args:
            sequences: (batch, time, ..., features), in the compute dtype.
            *others: the initial state, the mask, and what multiplies the state in training.
        """
        eager = tf.executing_eagerly()
        xla = self.jit_compile
        if xla == "auto":
            _, time, *positions, _ = sequences.shape
            fixed = None not in positions and (time or self.checkpoint_every) is not None
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
        # TensorFlow counts how often a function is traced by its code, which all layers share, and
        # would warn at the fifth layer; a partial has none, and is counted by itself.
        mine = functools.partial(self._run_in_graph)
        return tf.function(mine, autograph=False, reduce_retracing=True)

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

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        batch, time, *positions, features = sequences_shape
        shapes = super().compute_output_shape((batch, time, features), initial_state_shape)
        if not positions:
            return shapes
        several = [shapes] if not self.return_state else shapes
        several = [(*shape[:-1], *positions, shape[-1]) for shape in several]
        return tuple(several) if self.return_state else several[0]

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
            "learn_initial_state": self.learn_initial_state,
        }


class _Start(keras.layers.Layer):
    """A learned state before the first step: the weights ``state``, (size,) each."""

    def __init__(self, names, sizes, dtype):
        super().__init__(name="start", dtype=dtype)
        self.sizes = dict(zip(names, sizes, strict=True))

    def build(self, input_shape=None):
        self.state = [
            self.add_weight(shape=(size,), name=name, initializer="zeros", autocast=False)
            for name, size in self.sizes.items()
        ]


def _tensor(value, dtype):
    """A tensor; of a variable, too, which Keras's own convert_to_tensor gives back as it is."""
    if isinstance(value, keras.Variable):
        value = value.value
    if keras.backend.backend() == "tensorflow":
        value = tf.convert_to_tensor(value)
    return ops.cast(value, dtype)


def _may_be(shape, other):
    """Whether two shapes are the same, as far as they are known."""
    return len(shape) == len(other) and all(
        None in pair or pair[0] == pair[1] for pair in zip(shape, other, strict=True)
    )


def _reshaped(x, shape, message):
    """The tensor, of this shape; the running graph checks what is not known before."""
    if keras.backend.backend() != "tensorflow":
        return x  # where all is known before
    shape, actual = tf.stack(shape), tf.shape(x)
    same = tf.reduce_all(actual == shape)
    right = tf.debugging.Assert(same, [f"{message}; got one of the shape", actual, "not", shape])
    with tf.control_dependencies([right]):
        # Not the identity: XLA leaves out the assertion, and then has this one.
        return tf.reshape(x, shape)


@functools.cache
def _say_once_that_plain_cells_are_slow(name):
    warnings.warn(
        f"{name} is a plain Keras cell and runs in Keras's own loop; as a rnnzoo.Cell (project, "
        "recur, update) it would run in the fast one",
        stacklevel=4,
    )
