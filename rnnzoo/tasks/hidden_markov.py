"""What tasks share that learn a hidden Markov model, by counts or by gradients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rnnzoo.errors import WrongValue
from rnnzoo.layers.hidden_markov.baum_welch import BaumWelch
from rnnzoo.platform import keras, tf
from rnnzoo.replicas import check_one_device
from rnnzoo.tasks.recipes import Recipe
from rnnzoo.tasks.task import OF_OPTIMIZER, Task

# On 405,000 characters of Shakespeare and on Python source (one seed, 1,000 steps, validation), 32
# states have 3.49 and 3.34 bits a character at this rate, 3.53 and 3.32 at half of it; 128 states,
# on Python source after 300 steps, 3.11 and 3.25. At 0.02 Shakespeare has 3.62.
RATE = 0.1


class HiddenMarkovTask(Task):
    """A task whose `learn` is "gradient", by the optimizer, as every network; or "em".

    Expectation maximization (Baum and Welch) takes a step with each epoch, in training runs with
    each validation.

    A subclass has the layer that learns as `hidden`, with `counts` and `maximize`, and defines
    `expected_counts`.
    """

    learn: str
    against_overfitting = "more data or fewer states help"

    @property
    def hidden(self) -> Any:
        """The layer that learns."""
        raise NotImplementedError

    def expected_counts(self, x: Any, y: tf.Tensor, weight: tf.Tensor | None) -> list[tf.Tensor]:
        """What is expected to have happened in a batch, as `hidden` counts it."""
        raise NotImplementedError

    def recipe(self, recipe: Recipe) -> Recipe:
        """The task's, at the rate of logarithms of probabilities."""
        if self.learn == "em":
            why = f"{recipe.why}; expectation maximization takes one with each validation"
            return replace(recipe, why=why)
        because = "as logarithms of probabilities have farther to go than a network's weights"
        return replace(recipe, learning_rate=RATE, rate_because=because)

    @property
    def without_effect(self) -> tuple[str, ...]:
        return OF_OPTIMIZER if self.learn == "em" else super().without_effect

    @property
    def carry(self) -> list[keras.Variable]:
        """Variables of a training that its checkpoints hold, the counts of EM among them."""
        counts = self.hidden.counts.variables if self.learn == "em" else []
        return [*getattr(super(), "carry", ()), *counts]

    def fit(self, *args: Any, callbacks: Iterable = (), **kwargs: Any) -> keras.callbacks.History:
        """`rnnzoo.tasks.Task.fit`."""
        if self.learn == "em":
            check_one_device(self.distribute_strategy, "learn='em'")
            if self.compiled and self.optimizer.use_ema:
                raise WrongValue("learn='em' has no optimizer that averages weights: leave out ema")
            callbacks = [BaumWelch(lambda: self.hidden), *(callbacks or ())]
        return super().fit(*args, callbacks=list(callbacks or ()), **kwargs)

    def train_step(self, batch: Any) -> dict[str, Any]:
        if self.learn == "gradient":
            return super().train_step(batch)
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        self.hidden.counts.add(self.expected_counts(x, y, weight))
        loss, answers = self.loss_and_answers(x, y, weight, training=True)
        return self._measure(x, y, answers, weight, loss)
