"""The optimizer that trains a task unless another is given: AdamW, warmed up, gradients clipped."""

from __future__ import annotations

import math
from typing import Any

from rnnzoo.platform import keras

ops = keras.ops
RATE = 2e-3

# What no weight decay pulls to zero, whatever its rank: GRU's bias has two rows.
_UNDECAYED = ("bias", "gamma", "beta", "b")


def decays(variable: keras.Variable) -> bool:
    """Whether weight decay is for a variable: a matrix, and neither a bias nor a gain."""
    name = variable.name
    return len(variable.shape) > 1 and name not in _UNDECAYED and not name.endswith("_bias")


@keras.saving.register_keras_serializable("rnnzoo")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises, and then falls to 0 or stays.

        t < warmup     peak (t + 1) / (warmup + 1)
        t >= warmup    peak (1 + cos(pi (t - warmup) / (steps - warmup))) / 2

    At and after `steps` it is 0. The steps t are counted from `start` on.

    Args:
        peak: the rate after the warm-up; None: 0.002, unless each fit says otherwise.
        warmup: steps in which it rises; of known `steps` a tenth at most.
        steps: after which it is 0; None: it stays at its peak.
        start: the optimizer's step with which it begins.
        each_fit: whether each `fit` of a task begins it anew, with its own number of steps.

    Source: Loshchilov and Hutter 2017, SGDR: stochastic gradient descent with warm restarts.

    Example:
        >>> schedule = WarmupCosine(1.0, warmup=1, steps=11)
        >>> [round(float(schedule(t)), 3) for t in (0, 1, 6, 11)]
        [0.5, 1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        peak: float | None,
        warmup: int,
        steps: int | None = None,
        start: int = 0,
        each_fit: bool = False,
    ):
        self.peak = peak
        self.warmup = warmup
        self.each_fit = each_fit
        # Variables, so that a compiled training step follows them.
        self._peak, self._start, self._warmup, self._steps = (
            keras.Variable(0.0, trainable=False, autocast=False) for _ in range(4)
        )
        self.begin(start, steps)

    def begin(self, start: int, steps: int | None, rate: float = RATE) -> None:
        """Begin anew at a step of the optimizer, with a rate that counts where none was given."""
        self.start, self.steps = start, steps
        self._peak.assign(rate if self.peak is None else self.peak)
        warmup = self.warmup if steps is None else min(self.warmup, steps // 10)
        self._start.assign(float(self.start))
        self._warmup.assign(float(warmup))
        self._steps.assign(math.inf if steps is None else float(max(steps, warmup + 1)))

    def __call__(self, step):
        t = ops.cast(step, "float32") - ops.convert_to_tensor(self._start)
        warmup, steps = ops.convert_to_tensor(self._warmup), ops.convert_to_tensor(self._steps)
        rising = (t + 1) / (warmup + 1)
        done = ops.clip((t - warmup) / (steps - warmup), 0.0, 1.0)  # 0 where steps are endless
        peak = ops.convert_to_tensor(self._peak)
        return peak * ops.where(t < warmup, rising, 0.5 * (1 + ops.cos(math.pi * done)))

    def get_config(self) -> dict[str, Any]:
        names = ("peak", "warmup", "steps", "start", "each_fit")
        return {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable("rnnzoo")
class AdamW(keras.optimizers.AdamW):
    """Keras's AdamW, which leaves biases and gains undecayed and clips gradients.

    Args:
        learning_rate: a number, or a `WarmupCosine`; None: one that rises to the recipe's rate
            (0.002 where there is none) in 100 steps, or a tenth of all, and falls to 0 with the
            last step of each `fit`, if that is known.
        weight_decay: for what `decays`.
        global_clipnorm: what the gradients' global norm is clipped to.
        **kwargs: of keras.optimizers.AdamW.

    Source: Loshchilov and Hutter 2019, Decoupled weight decay regularization.

    Example:
        >>> optimizer = AdamW(WarmupCosine(2e-3, warmup=100, steps=1000))
        >>> round(float(optimizer.learning_rate), 5)
        2e-05
    """

    def __init__(self, learning_rate=None, weight_decay=0.01, global_clipnorm=1.0, **kwargs):
        if learning_rate is None:
            learning_rate = WarmupCosine(None, warmup=100, each_fit=True)
        super().__init__(
            learning_rate, weight_decay=weight_decay, global_clipnorm=global_clipnorm, **kwargs
        )
        self.schedule = learning_rate if isinstance(learning_rate, WarmupCosine) else None

    def build(self, variables):
        if not self.built:
            undecayed = [variable for variable in variables if not decays(variable)]
            self.exclude_from_weight_decay(var_list=undecayed)
        super().build(variables)


def begin_fit(optimizer: keras.optimizers.Optimizer, steps: int | None, rate: float = RATE) -> None:
    """Let a schedule that is for each fit begin anew, with the number of steps if it is known."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # of loss scaling
    schedule = getattr(optimizer, "schedule", None)
    if schedule is not None and schedule.each_fit:
        schedule.begin(int(optimizer.iterations.numpy()), steps, rate)
