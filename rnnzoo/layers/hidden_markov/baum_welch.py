"""Expectation maximization: expected counts of an epoch, and what is likeliest given them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from rnnzoo.platform import keras, tf

if TYPE_CHECKING:
    from rnnzoo.layers.hidden_markov.model import HiddenMarkovModel


class BaumWelch(keras.callbacks.Callback):
    """Trains a hidden Markov model without an optimizer (Baum et al. 1970).

    An epoch of `fit` is one step of EM. A training step adds to the expected counts; after the last
    one, before the validation, they make the new probabilities, and none of these steps lowers the
    likelihood of what the epoch held.

    Args:
        model: the `HiddenMarkovModel` whose weights are learned.
    """

    def __init__(self, model: HiddenMarkovModel):
        super().__init__()
        self.hmm = model

    @functools.cached_property
    def variables(self) -> list[keras.Variable]:
        """The counts of the running epoch: of a run, not of the model."""
        return [
            keras.Variable("zeros", shape, self.hmm.variable_dtype, trainable=False, autocast=False)
            for shape in self.hmm.count_shapes
        ]

    def add(self, counts: list[tf.Tensor]) -> None:
        """Counts of one batch more, from `HiddenMarkovModel.expected_counts`."""
        for variable, more in zip(self.variables, counts, strict=True):
            variable.assign_add(more)

    def maximize(self) -> None:
        """Make the counts probabilities, and begin to count anew; nothing where none are counted."""
        if any(variable.numpy().any() for variable in self.variables):
            self.hmm.maximize([tf.identity(variable.value) for variable in self.variables])
            self.reset()

    def reset(self) -> None:
        """Begin to count anew."""
        for variable in self.variables:
            variable.assign(keras.ops.zeros_like(variable))

    def on_train_begin(self, logs: Any = None) -> None:
        self.reset()

    def on_test_begin(self, logs: Any = None) -> None:
        self.maximize()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.maximize()
