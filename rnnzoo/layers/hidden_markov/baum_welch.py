"""Expectation maximization: expected counts of an epoch, and what is likeliest given them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rnnzoo.platform import keras, tf


class ExpectedCounts:
    """What is expected to have happened in the batches of an epoch.

    Args:
        shapes: of the counts.
        dtype: in which they are summed.

    Attributes:
        variables: keras.Variable of each sum. They belong to a run, not to a model.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]], dtype: str):
        self.variables = [
            keras.Variable("zeros", shape, dtype, trainable=False, autocast=False)
            for shape in shapes
        ]

    def add(self, counts: list[tf.Tensor]) -> None:
        """Those of one batch more."""
        for variable, more in zip(self.variables, counts, strict=True):
            variable.assign_add(more)

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
