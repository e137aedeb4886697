"""The linear-chain conditional random field."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from rnnzoo.cells import ConditionalRandomFieldCell
from rnnzoo.cells.arguments import DType, Initializer
from rnnzoo.cells.linear_chain import END, forbidden_table, without
from rnnzoo.errors import WrongValue
from rnnzoo.layers.hidden_markov.steps import as_bool, sum_of_steps, without_padding
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    from rnnzoo.layers.hidden_markov.path import BestPath
    from rnnzoo.platform import tf


@keras.saving.register_keras_serializable("rnnzoo")
class ConditionalRandomField(keras.layers.Layer):
    """A linear-chain conditional random field: tags that follow one another as scores say.

    ::

        s(x, y) = pi(y_1) + sum_t x_t(y_t) + sum_t A(y_{t-1}, y_t) + omega(y_T)
        log p(y | x) = s(x, y) - log Z(x),      Z(x) = sum_y exp s(x, y)

    The x_t(j) are the emission scores: how well tag j suits step t, of a network below. Z is found
    forwards, by a cell in the loop over time, `rnnzoo.cells.ConditionalRandomFieldCell`; the
    gradient of log Z by x is what the backward algorithm finds.

    As a layer it puts out the `marginals`; trained it is by -`log_prob`. `marginals` and
    `best_path` are on the TensorFlow backend only.

    Weights: initial_scores pi (tags,), transition_scores A (tags, tags), from a row's tag to a
    column's, and end_scores omega (tags,); float32 under every mixed policy, as all that is
    computed.

    Args:
        tags: how many there are.
        forbidden: None, or what must not follow what, bool (tags + 1, tags + 1): row i, column j
            for tag j after tag i; the last row is the start, the last column the end. The score
            there is -1e30: what holds it has log p below -1e29 and is no best path, but where every
            path holds such a thing.
        initializer: of all weights.
        name, dtype, trainable: as for every Keras layer.

    Call arguments:
        x: (batch, time, tags).
        mask: bool (batch, time), True at real steps; any pattern of padding.

    Raises:
        ValueError: tags is not a positive integer; the table has another shape; dtype is pure half
            precision.

    Source: Lafferty, McCallum & Pereira 2001, Conditional random fields: probabilistic models for
    segmenting and labeling sequence data; behind a recurrent network, Huang, Xu & Yu 2015,
    Bidirectional LSTM-CRF models for sequence tagging.

    Example:
        >>> crf = ConditionalRandomField(2, forbidden=[[0, 1, 0], [0, 0, 0], [0, 0, 0]])
        >>> x = ops.array([[[2.0, 0.0], [0.0, 3.0]]])  # each step by itself: 0 and then 1
        >>> crf.best_path(x).numpy().tolist()
        [[1, 1]]
        >>> print(ops.exp(crf.log_prob(x, [[1, 1]])).numpy().round(3))
        [0.705]
        >>> print(crf(x).numpy().round(3)[0])
        [[0.259 0.741]
         [0.295 0.705]]
    """

    def __init__(
        self,
        tags: int,
        forbidden: Any = None,
        initializer: Initializer = "zeros",
        *,
        name: str | None = None,
        dtype: DType = None,
        trainable: bool = True,
    ):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        if not is_size(tags):
            raise WrongValue(f"tags={tags!r}: expected a positive integer")
        self.tags = int(tags)
        # Not in half precision, in which scores are too coarse.
        dtype = self.variable_dtype
        self.cell = ConditionalRandomFieldCell(self.tags, forbidden, initializer, dtype=dtype)
        self.chain = Recurrent(
            self.cell,
            return_sequences=True,
            return_state=True,
            jit_compile=False,  # no gradient of the marginals, a second one, comes out of XLA
            dtype=dtype,
            name="chain",
        )
        self.chain.build((None, None, self.tags))
        self.end_scores = self.add_weight(
            shape=(self.tags,),
            name="end_scores",
            initializer=self.cell.initializer,
            autocast=False,
        )
        self.supports_masking = True
        self.autocast = False
        self.built = True

    @property
    def end(self) -> Any:
        """The score of each tag to come last, (tags,)."""
        return without(self.end_scores, self.cell.forbidden, END)

    def call(self, x: Any, mask: Any = None) -> Any:
        return self.marginals(x, mask)

    def log_partition(self, x: Any, mask: Any = None) -> Any:
        """Log Z(x), (batch,); 0 of a sequence without a real step. Arguments as for a call."""
        x, mask = self._checked(x, mask)
        h, last, _ = self.chain(x, mask=mask)
        end = ops.logsumexp(ops.log_softmax(last) + self.end, axis=-1)
        return sum_of_steps(h, mask) + self._where_real(end, mask)

    def log_prob(self, x: Any, tags: Any, mask: Any = None) -> Any:
        """Log p(tags | x) in nats, (batch,).

        Args:
            x, mask: as for a call.
            tags: int (batch, time); at steps that are not real it doesn't matter which.

        Raises:
            ValueError: a tag is none of 0, 1, ... tags - 1 (looked at in eager calls).
        """
        return self.score(x, tags, mask) - self.log_partition(x, mask)

    def score(self, x: Any, tags: Any, mask: Any = None) -> Any:
        """s(x, tags), (batch,); arguments and errors as for `log_prob`."""
        x, mask = self._checked(x, mask)
        tags = without_padding(ops.cast(tags, "int32"), mask)
        self._check_tags(tags)
        real = ops.ones(ops.shape(tags), "bool") if mask is None else mask
        if mask is not None:  # real steps first, in their order, so that each follows a real one
            time = ops.arange(ops.shape(tags)[1])[None]
            order = ops.argsort(ops.where(real, time, time + ops.shape(tags)[1]), axis=1)
            x = ops.take_along_axis(x, order[..., None], axis=1)
            tags, real = (ops.take_along_axis(each, order, axis=1) for each in (tags, real))
        emissions = ops.take_along_axis(x, tags[..., None], axis=-1)[..., 0]
        moves = ops.reshape(self.cell.moves, (-1,))
        moves = ops.take(moves, self.tags * tags[:, :-1] + tags[:, 1:])
        length = ops.sum(ops.cast(real, "int32"), axis=1, keepdims=True)
        last = ops.take_along_axis(tags, ops.maximum(length - 1, 0), axis=1)[:, 0]
        ends = ops.take(self.cell.start, tags[:, 0]) + ops.take(self.end, last)
        return (
            ops.sum(without_padding(emissions, real), axis=1)
            + ops.sum(without_padding(moves, real[:, 1:]), axis=1)
            + self._where_real(ends, mask)
        )

    def marginals(self, x: Any, mask: Any = None) -> Any:
        """p(y_t | x), (batch, time, tags); zeros at steps that are not real.

        It is the gradient of log Z by x.
        """
        x, mask = self._checked(x, mask)
        with tf.GradientTape() as tape:
            tape.watch(x)
            log_z = self.log_partition(x, mask)
        return ops.maximum(tape.gradient(log_z, x), 0)  # what rounding leaves of 0 may be below

    def best_path(self, x: Any, mask: Any = None) -> Any:
        """The likeliest tags (Viterbi), int32 (batch, time); -1 at steps that are not real.

        Of equal paths that with the lowest tags is taken, from the last step on backwards.
        """
        x, mask = self._checked(x, mask)
        return self._best_path(x, mask, self.end)

    # A cached property stays out of Keras's tracking.
    @functools.cached_property
    def _best_path(self):
        return BestPath(self.cell)

    def forbid(self, forbidden: Any) -> None:
        """Take another table of what must not follow what, or None."""
        self.cell.forbidden = forbidden_table(forbidden, self.tags)
        self.__dict__.pop("_best_path", None)

    def take_over(self, other: Self, here: Sequence[int] | np.ndarray) -> None:
        """Learn what another one knows, whose tags are those numbered `here`."""
        places = np.asarray(here)
        for mine, theirs in zip(self.weights, other.weights, strict=True):
            values = mine.numpy()
            values[np.ix_(*[places] * values.ndim)] = theirs.numpy()
            mine.assign(values)

    def _checked(self, x, mask):
        """X without what stands at padding, in the dtype of the weights; the mask as bool."""
        x, mask = ops.convert_to_tensor(x), as_bool(mask)
        if len(x.shape) != 3 or x.shape[-1] != self.tags:
            raise WrongValue(
                f"x has the shape {tuple(x.shape)}: expected (batch, time, {self.tags}), a score "
                "of each tag at each step"
            )
        return without_padding(ops.cast(x, self.variable_dtype), mask), mask

    def _check_tags(self, tags):
        if keras.backend.backend() == "tensorflow" and tf.executing_eagerly():
            values = tags.numpy()
            if values.size and not 0 <= values.min() <= values.max() < self.tags:
                raise WrongValue(
                    f"tags from {values.min()} to {values.max()}: expected numbers from 0 to "
                    f"{self.tags - 1}"
                )

    def _where_real(self, values, mask):
        """Values (batch,), 0 of sequences without a real step."""
        return values if mask is None else ops.where(ops.any(mask, axis=1), values, 0)

    def compute_output_shape(self, x_shape: Any) -> Any:
        return x_shape

    def get_config(self) -> dict[str, Any]:
        cell = self.cell.get_config()
        return {
            **super().get_config(),
            "tags": self.tags,
            "forbidden": cell["forbidden"],
            "initializer": cell["initializer"],
        }
