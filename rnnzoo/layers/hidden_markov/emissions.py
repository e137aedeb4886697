"""What hidden states put out: symbols, or vectors of numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rnnzoo.cells.arguments import DType
from rnnzoo.cells.hidden_markov import FLOOR, shares
from rnnzoo.errors import WrongValue
from rnnzoo.layers.hidden_markov.tables import drawn, log_shares
from rnnzoo.platform import keras

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    from rnnzoo.platform import tf


class CategoricalEmissions(keras.layers.Layer):
    """Symbols 0, 1, ... size - 1, of each hidden state i with probabilities B(i, o).

    Weight: emission_logits (states, size) with ``B = softmax(emission_logits)``, each row of it.
    """

    def __init__(self, states: int, size: int, dtype: DType = None):
        super().__init__(name="emissions", dtype=dtype)
        self.states, self.size = states, size

    def build(self, _):
        self.emission_logits = self.add_weight(
            shape=(self.states, self.size),
            name="emission_logits",
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            autocast=False,
        )
        self.built = True

    @property
    def probabilities(self) -> Any:
        """B (states, size)."""
        return shares(self.emission_logits)

    @property
    def count_shapes(self) -> list[tuple[int, ...]]:
        """Of what `counts` returns."""
        return [(self.states, self.size)]

    @property
    def entry(self) -> tuple[str, tuple[int, ...]]:
        """The dtype and the shape of what is put out at one step."""
        return "int32", ()

    def check(self, x: Any) -> None:
        """Raise an error unless x may be symbols, by its shape and its dtype."""
        kind = keras.backend.standardize_dtype(x.dtype)
        if len(x.shape) != 2 or not keras.backend.is_int_dtype(kind):
            raise WrongValue(f"x is {_described(x)}: expected symbols, int (batch, time)")

    def check_values(self, x: np.ndarray) -> None:
        """Raise an error unless all of x are symbols that there are."""
        if x.size and not 0 <= x.min() <= x.max() < self.size:
            raise WrongValue(
                f"x holds symbols from {x.min()} to {x.max()}: expected 0 to {self.size - 1}; "
                "steps that are none go under a mask"
            )

    def log_probs(self, x: Any) -> Any:
        """Of each state log p(o_t | i): int (batch, time) -> (batch, time, states).

        Raises:
            tf.errors.InvalidArgumentError: there is no such symbol, on the TensorFlow backend.
        """
        if keras.backend.backend() == "tensorflow":  # else -1 would be the last one
            said = f"x: expected symbols from 0 to {self.size - 1}; others go under a mask"
            tf.debugging.assert_non_negative(x, said)
            tf.debugging.assert_less(x, tf.cast(self.size, x.dtype), said)
        return ops.take(ops.transpose(ops.log_softmax(self.emission_logits)), x, axis=0)

    def counts(self, x: Any, posterior: Any) -> list[Any]:
        """How often each state is expected to have put out each symbol: [(states, size)]."""
        flat = ops.reshape(posterior, (-1, self.states))
        of_symbols = tf.math.unsorted_segment_sum(flat, tf.reshape(x, (-1,)), self.size)
        return [tf.transpose(of_symbols)]

    def maximize(self, counts: Any, pseudo_count: float) -> None:
        """The likeliest B of such counts."""
        new = log_shares(counts + pseudo_count, self.emission_logits)
        self.emission_logits.assign(new)

    def sample(self, states: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A symbol of each state."""
        return drawn(ops.convert_to_numpy(self.probabilities)[states], rng)


class GivenEmissions(keras.layers.Layer):
    """Of whatever kind: log p(o_t | i) of each hidden state i is given, and stays as it is."""

    def __init__(self, states: int, size: int, dtype: DType = None):
        super().__init__(name="emissions", dtype=dtype)
        self.states, self.size = states, size
        self.built = True

    @property
    def count_shapes(self) -> list[tuple[int, ...]]:
        """Of what `counts` returns."""
        return []

    @property
    def entry(self) -> tuple[str, tuple[int, ...]]:
        """The dtype and the shape of what is given at one step."""
        return self.variable_dtype, (self.size,)

    def check(self, x: Any) -> None:
        """Raise an error unless x has a number for each hidden state."""
        _check_vectors(x, self.size, "a logarithm for each hidden state")

    def check_values(self, x: np.ndarray) -> None:
        """Raise an error where x is not a number below infinity."""
        if np.isnan(x).any() or (x == np.inf).any():
            raise WrongValue("x holds NaN or infinity at real steps: expected log-probabilities")

    def log_probs(self, x: Any) -> Any:
        """What is given, (batch, time, states); for probability 0 that of `FLOOR` beside the best.

        Where all states of a step have it, that step tells nothing.
        """
        x = ops.cast(x, self.variable_dtype)
        best = ops.max(x, axis=-1, keepdims=True)
        floor = ops.where(best == -math.inf, 0.0, best) + math.log(FLOOR)
        return ops.where(x == -math.inf, floor, x)

    def counts(self, x: Any, posterior: Any) -> list[Any]:
        """Nothing is counted."""
        return []

    def maximize(self, pseudo_count: float) -> None:
        """Nothing is learned."""

    def sample(self, states: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Refused, as there is nothing to draw from."""
        raise WrongValue("sample: emissions='given' can't be drawn")


class GaussianEmissions(keras.layers.Layer):
    """Vectors, of each hidden state from a normal distribution with independent entries.

    Weights: mean (states, size) and log_spread (states, size), where the variances are
    ``exp(log_spread) + floor``. They are meant for entries of about unit variance: those farther
    than 1e12 from the middle of the means (of float64: 1e147) count as that far, so that the
    likelihood of no sequence is infinite.
    """

    def __init__(self, states: int, size: int, floor: float = 1e-3, dtype: DType = None):
        super().__init__(name="emissions", dtype=dtype)
        self.states, self.size, self.floor = states, size, floor

    def build(self, _):
        spread_out = keras.initializers.RandomNormal(stddev=1.0)
        for name, start in (("mean", spread_out), ("log_spread", "zeros")):
            weight = self.add_weight(
                shape=(self.states, self.size), name=name, initializer=start, autocast=False
            )
            setattr(self, name, weight)
        self.built = True

    @property
    def variance(self) -> Any:
        """(states, size)."""
        return ops.exp(self.log_spread) + self.floor

    @property
    def count_shapes(self) -> list[tuple[int, ...]]:
        """Of what `counts` returns."""
        return [(self.states,), (self.states, self.size), (self.states, self.size)]

    @property
    def entry(self) -> tuple[str, tuple[int, ...]]:
        """The dtype and the shape of what is put out at one step."""
        return self.variable_dtype, (self.size,)

    def check(self, x: Any) -> None:
        """Raise an error unless x may be vectors of this size."""
        _check_vectors(x, self.size, "numbers")

    def check_values(self, x: np.ndarray) -> None:
        """Raise an error where x is not a number."""
        if not np.isfinite(x).all():
            raise WrongValue(
                "x holds NaN or infinity at real steps: fill them in, or leave the steps out by a "
                "mask"
            )

    def log_probs(self, x: Any) -> Any:
        """Of each state log p(o_t | i): (batch, time, size) -> (batch, time, states)."""
        # In float64 where there is one: squares of far states, multiplied out, lose their digits.
        wide = "float64" if keras.backend.backend() == "tensorflow" else self.variable_dtype
        mean, precision, x = (ops.cast(v, wide) for v in (self.mean, 1 / self.variance, x))
        # Around the middle of the means: differences of large squares would lose their digits.
        middle = ops.stop_gradient(ops.mean(mean, axis=0))
        farthest = float(np.finfo(self.variable_dtype).max) ** 0.5 * 1e-7
        mean, x = mean - middle, ops.clip(x - middle, -farthest, farthest)
        # The square multiplied out: products of matrices, and no tensor of four axes.
        squares = (
            ops.matmul(ops.square(x), ops.transpose(precision))
            - 2 * ops.matmul(x, ops.transpose(mean * precision))
            + ops.sum(ops.square(mean) * precision, axis=-1)
        )
        log_probs = -0.5 * (squares + ops.sum(ops.log(2 * math.pi / precision), axis=-1))
        return ops.cast(log_probs, self.variable_dtype)

    def counts(self, x: Any, posterior: Any) -> list[Any]:
        """Of each state the expected visits (states,), and sums of x and x^2 (states, size).

        In float64, in which a variance far from 0 keeps its digits.
        """
        x = tf.reshape(tf.cast(x, tf.float64), (-1, self.size))
        posterior = tf.cast(tf.reshape(posterior, (-1, self.states)), tf.float64)
        sums = [tf.matmul(posterior, of, transpose_a=True) for of in (x, x**2)]
        return [tf.reduce_sum(posterior, axis=0), *sums]

    def maximize(self, visits: Any, sums: Any, squares: Any, pseudo_count: Any) -> None:
        """The likeliest means and variances, none below the floor, of such sums.

        Pseudo counts, a number or one for each state, are of vectors with mean 0 and variance 1.
        """
        visits, sums, squares = (ops.cast(each, "float64") for each in (visits, sums, squares))
        more = ops.reshape(ops.cast(pseudo_count, "float64"), (-1, 1))
        n = visits[:, None] + more
        seen, n = n > FLOOR, ops.maximum(n, FLOOR)
        mean = sums / n
        variance = (squares + more) / n - mean**2
        spread = ops.log(ops.maximum(variance - self.floor, 1e-6 * self.floor))
        for weight, new in ((self.mean, mean), (self.log_spread, spread)):
            weight.assign(ops.where(seen, ops.cast(new, weight.dtype), weight))

    def sample(self, states: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A vector of each state."""
        mean, variance = (ops.convert_to_numpy(w) for w in (self.mean, self.variance))
        noise = rng.normal(size=(*states.shape, self.size))
        return mean[states] + np.sqrt(variance)[states] * noise


def _check_vectors(x, size, what):
    """Raise an error unless x is (batch, time, size), by its shape."""
    if len(x.shape) != 3 or x.shape[-1] not in (None, size):
        raise WrongValue(f"x is {_described(x)}: expected {what} (batch, time, {size}), by `size`")


def _described(x):
    """The dtype and the shape of a tensor, in words."""
    return f"{keras.backend.standardize_dtype(x.dtype)} {tuple(x.shape)}"
