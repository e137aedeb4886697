"""Expectation maximization: expected counts of an epoch, and what is likeliest given them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rnnzoo.cells import HiddenMarkovCell
from rnnzoo.cells.hidden_markov import FLOOR
from rnnzoo.platform import keras

if keras.backend.backend() == "tensorflow":
    from rnnzoo.platform import tf


def expected_moves(
    cell: HiddenMarkovCell,
    h: tf.Tensor,
    posterior: tf.Tensor,
    mask: tf.Tensor | None,
    state: dict[str, tf.Tensor],
) -> list[tf.Tensor]:
    """How often hidden states are expected to come first, and to follow each other.

    ::

        p(h_{t-1} = i, h_t = j | x) = p(h_{t-1} = i | x_1 ... x_{t-1}) A(i, j) r_t(j)
        r_t(j) = p(h_t = j | x) / p(h_t = j | x_1 ... x_{t-1})

    Where A leads to j less often than `FLOOR`, which the cell takes in place of it, nothing tells
    where j was reached from beyond what was known: there p(h_{t-1} = i | x_1 ... x_{t-1}) is the
    share of i. So the moves of a sequence sum to its steps, the first one left out.

    Args:
        cell: of `units` states.
        h: (batch, time, units), its outputs.
        posterior: (batch, time, units), p(h_t | x).
        mask: bool (batch, time), True at real steps, or None.
        state: "h" and "begun" before the first step.

    Returns:
        Counts shaped as the cell's weights, (units,) and (units, units), of all sequences, float64.
        Of one that goes on from a state, nothing comes first, and p(h_0) is what was known then.
    """
    before, begun = _states_before(h, mask, state["h"], state["begun"])
    # In float64, in which sums of ratios as large as 1 / FLOOR are numbers.
    known, after = (tf.cast(cell.apart(each), tf.float64) for each in (before, posterior))
    transitions = tf.cast(cell.transitions, tf.float64)
    begun = tf.cast(tf.reshape(begun, (-1, *[1] * (known.shape.rank - 1))), tf.float64)
    first = tf.reduce_sum((1 - begun) * after, axis=0)
    known, none = begun * tf.nn.softmax(known), tf.zeros_like(after)
    led_to = tf.einsum("n...i,...ij->n...j", known, transitions)
    told = led_to > FLOOR
    ratio = tf.where(told, after / tf.maximum(led_to, FLOOR), none)
    moves = transitions * tf.einsum("n...i,n...j->...ij", known, ratio)
    return [first, moves + tf.einsum("n...i,n...j->...ij", known, tf.where(told, none, after))]


def _states_before(h, mask, first, begun):
    """The state before each step: h (batch, time, units) and begun (batch, time, 1)."""
    first, begun = first[:, None], begun[:, None]
    before = tf.concat([first, h[:, :-1]], axis=1)
    real = tf.ones_like(h[..., :1]) if mask is None else tf.cast(mask, h.dtype)[..., None]
    # The loop puts out zeros before the first real step.
    some = tf.cumsum(real, axis=1, exclusive=True) > 0
    return tf.where(some, before, first), tf.where(some, tf.ones_like(begun), begun)


class ExpectedCounts:
    """What is expected to have happened in the batches of an epoch.

    They are summed in float64, so that the last step of millions counts as much as the first.

    Args:
        shapes: of the counts.

    Attributes:
        variables: keras.Variable of each sum. They belong to a run, not to a model.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]]):
        self.variables = [
            keras.Variable("zeros", shape, "float64", trainable=False, autocast=False)
            for shape in shapes
        ]

    def add(self, counts: list[tf.Tensor]) -> None:
        """Those of one batch more."""
        for variable, more in zip(self.variables, counts, strict=True):
            variable.assign_add(tf.cast(more, tf.float64))

    def reset(self) -> None:
        """Begin to count anew."""
        for variable in self.variables:
            variable.assign(keras.ops.zeros_like(variable))

    def take(self) -> list[tf.Tensor]:
        """The counts, and begin to count anew; an empty list if nothing was counted."""
        counts = [tf.identity(variable.value) for variable in self.variables]
        self.reset()
        return counts if any(of.numpy().any() for of in counts) else []


class BaumWelch(keras.callbacks.Callback):
    """Makes an epoch of `fit` one step of EM (Baum et al. 1970).

    Each training step adds expected counts. After the last one of an epoch, before the validation,
    they become the new probabilities: no such step lowers the likelihood of what the epoch held.

    Args:
        model: returns the `HiddenMarkovModel` that learns, as an owner may make it anew.
    """

    def __init__(self, model: Callable[[], Any]):
        super().__init__()
        self.hmm = model

    def on_train_begin(self, logs: Any = None) -> None:
        self.hmm().counts.reset()

    def on_test_begin(self, logs: Any = None) -> None:
        self._maximize()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._maximize()

    def _maximize(self):
        if counts := self.hmm().counts.take():
            self.hmm().maximize(counts)
