"""The hidden Markov model."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rnnzoo.cells import HiddenMarkovCell
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers.hidden_markov.baum_welch import BaumWelch, ExpectedCounts, expected_moves
from rnnzoo.layers.hidden_markov.emissions import (
    CategoricalEmissions,
    GaussianEmissions,
    GivenEmissions,
)
from rnnzoo.layers.hidden_markov.steps import as_bool, sum_of_steps, without_padding
from rnnzoo.layers.hidden_markov.tables import drawn, log_shares
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.platform import keras
from rnnzoo.sizes import is_size

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    from rnnzoo.layers.hidden_markov.endpoints import hidden_markov_endpoints
    from rnnzoo.layers.hidden_markov.path import BestPath
    from rnnzoo.platform import tf


@keras.saving.register_keras_serializable("rnnzoo")
class HiddenMarkovModel(keras.Model):
    """A hidden Markov model of sequences, a layer that can also be trained by itself.

    ::

        p(x, h) = pi(h_1) prod_t A(h_{t-1}, h_t) prod_t p(x_t | h_t)

    Probability 0 is a finite floor: a forbidden transition costs 85 nats, and no sequence is
    impossible. Its forward algorithm is a cell in the loop over time,
    `rnnzoo.cells.HiddenMarkovCell`; the gradients of log p(x) are what the backward algorithm
    finds.

    `fit` takes sequences x, or ``(x, mask)``; its loss, and that of `evaluate`, is the negative
    log-likelihood in nats per real step. As a layer it puts out what `call` says.

    Args:
        states: how many hidden states.
        size: how many symbols there are; of "gaussian", how many numbers x has at each step.
        emissions: "categorical": x is int (batch, time), symbols from 0 to size - 1; "gaussian":
            x is float (batch, time, size), normally distributed with diagonal covariances, each
            number best with about unit variance; "given": x is log p(o_t | i) of each hidden state
            i, float (batch, time, states), from a table or a network of one's own.
        learn: "em": by expectation maximization (Baum and Welch), of which an epoch is one step,
            and which asks no optimizer; "gradient": by the optimizer that `compile` is given, Adam
            with rate 0.05 by default. Both on the TensorFlow backend only, as `posterior` and
            `viterbi`.
        pseudo_count: for "em", what is added to each expected count of transitions and symbols (of
            "gaussian": to each state's visits), so that nothing gets probability 0 for not having
            been seen.
        variance_floor: for "gaussian", below which no variance falls.
        **kwargs: of keras.Model (name, dtype).

    Raises:
        ValueError: an argument is not as above.

    Source: Rabiner 1989, A tutorial on hidden Markov models and selected applications in speech
    recognition.

    Example:
        >>> keras.utils.set_random_seed(1)
        >>> hmm = HiddenMarkovModel(states=2, size=3)
        >>> x = np.array([[0, 1, 2, 2, 2, 0], [2, 2, 0, 1, 0, 1]] * 8)
        >>> losses = hmm.fit(x, epochs=3, verbose=0).history["loss"]
        >>> losses[0] > losses[1] > losses[2]
        True
        >>> hmm.log_prob(x[:2]).shape, hmm.viterbi(x[:2]).shape
        (TensorShape([2]), TensorShape([2, 6]))
    """

    def __init__(
        self,
        states: int,
        size: int,
        emissions: Literal["categorical", "gaussian", "given"] = "categorical",
        learn: Literal["em", "gradient"] = "em",
        pseudo_count: float = 0.0,
        variance_floor: float = 1e-3,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        _check("states", states, is_size(states), "a positive integer")
        _check("size", size, is_size(size), "a positive integer")
        _check("emissions", emissions, emissions in _EMISSIONS, f"one of {', '.join(_EMISSIONS)}")
        _check("size", size, emissions != "given" or size == states, f"{states}, as the states")
        _check("learn", learn, learn in ("em", "gradient"), "em or gradient")
        _check("pseudo_count", pseudo_count, pseudo_count >= 0, "a number of at least 0")
        _check("variance_floor", variance_floor, variance_floor > 0, "a number above 0")
        states, size = int(states), int(size)
        self.states = states
        self.size = size
        self.emission_kind = emissions
        self.learn = learn
        self.pseudo_count = pseudo_count
        self.variance_floor = variance_floor
        # Not in half precision, in which probabilities are too coarse.
        dtype = self.variable_dtype
        floor = {"floor": variance_floor} if emissions == "gaussian" else {}
        self.emissions = _EMISSIONS[emissions](states, size, dtype=dtype, **floor)
        self.emissions.build(None)
        self.cell = HiddenMarkovCell(
            states, initializer=keras.initializers.RandomNormal(stddev=1.0), dtype=dtype
        )
        self.chain = Recurrent(
            self.cell, return_sequences=True, return_state=True, dtype=dtype, name="chain"
        )
        self.chain.build((None, None, states))
        self.supports_masking = True
        self.autocast = False
        self.built = True

    # --- what it answers --------------------------------------------------------------------------

    def call(
        self,
        x: Any,
        initial_state: Any = None,
        mask: Any = None,
        return_state: bool = False,
    ) -> Any:
        """Of each hidden state log p(h_t, x_t | x_1 ... x_{t-1}), (batch, time, states).

        Its log-sum-exp is the log-likelihood of x_t, its softmax what x_1 ... x_t tell of h_t.

        Args:
            x: sequences, see the class.
            initial_state: dict of "h" (batch, states) and "begun" (batch, 1), see
                `rnnzoo.cells.HiddenMarkovCell`; default zeros, the start.
            mask: bool (batch, time), True at real steps; any pattern of padding.
            return_state: whether to return the state after the last step, too, a dict.
        """
        mask = as_bool(mask)
        h, state = self._filtered(self._log_probs(x, mask), initial_state, mask)
        return (h, state) if return_state else h

    def step(self, x: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """One time step: x (batch, ...) and a state -> what `call` returns of it, the new state."""
        log_probs, names = self.emissions.log_probs(x[:, None])[:, 0], self.chain.state_names
        h, after = self.chain.step(log_probs, [state[name] for name in names])
        return h, dict(zip(names, after, strict=True))

    def initial_state(self, batch_size: Any) -> dict[str, Any]:
        """The state before the first step, zeros."""
        zeros = self.chain.get_initial_state(batch_size)
        return dict(zip(self.chain.state_names, zeros, strict=True))

    def log_prob(self, x: Any, mask: Any = None) -> tf.Tensor:
        """The log-likelihood log p(x) in nats, (batch,); arguments as for `call`."""
        x, mask = self._checked(x, mask)
        return sum_of_steps(self(x, mask=mask), mask)

    def posterior(self, x: Any, mask: Any = None) -> tf.Tensor:
        """p(h_t | x), (batch, time, states); zeros at steps that are not real.

        It is the gradient of log p(x) by the log-likelihoods log p(x_t | h_t).
        """
        x, mask = self._checked(x, mask)
        return self._posterior(x, None, mask)[1]

    def viterbi(self, x: Any, mask: Any = None, forbidden: Any = None) -> tf.Tensor:
        """The likeliest path of hidden states, int32 (batch, time); -1 at padding.

        Of equal ones the lowest state is taken, from the last step on backwards.

        Args:
            x, mask: as for `call`.
            forbidden: None, or what must not follow what on the path, whatever the transitions say,
                a table as for `rnnzoo.layers.ConditionalRandomField`.
        """
        x, mask = self._checked(x, mask)
        key = None if forbidden is None else np.asarray(forbidden, bool).tobytes()
        if key not in self._best_paths:
            self._best_paths[key] = BestPath(self.cell, forbidden)
        return self._best_paths[key](self._log_probs(x, mask), mask)

    def answers(self, x: Any, mask: Any = None) -> dict[str, tf.Tensor]:
        """What `log_prob`, `posterior` and `viterbi` (as "path") say, of one forward pass."""
        x, mask = self._checked(x, mask)
        h, posterior = self._posterior(x, None, mask)
        return {
            "log_prob": sum_of_steps(h, mask),
            "posterior": posterior,
            "path": self.viterbi(x, mask),
        }

    def sample(
        self, length: int, count: int = 1, seed: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw sequences: x (count, length, ...), and the hidden states (count, length)."""
        rng = np.random.default_rng(seed)
        initial, transitions = map(ops.convert_to_numpy, (self.cell.initial, self.cell.transitions))
        states = np.zeros((count, length), np.int64)
        for t in range(length):
            p = transitions[states[:, t - 1]] if t else np.tile(initial, (count, 1))
            states[:, t] = drawn(p, rng)
        return self.emissions.sample(states, rng), states

    # --- how it is exported -----------------------------------------------------------------------

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`, with XLA only in the loop of `jit_compile`, whatever `xla` is."""
        return hidden_markov_endpoints(self)

    @functools.cached_property
    def endpoints(self) -> dict[str, Any]:
        """What an export holds, see `rnnzoo.layers.hidden_markov.endpoints`."""
        return self.make_endpoints()

    def export(self, folder: str | os.PathLike[str], xla: bool = True) -> Path:
        """Write a SavedModel with `endpoints`; see `rnnzoo.export`."""
        from rnnzoo.exporting import export

        return export(self, folder, xla)

    # --- how it learns ----------------------------------------------------------------------------

    def adapt(self, x: Any, mask: Any = None, seed: int = 0) -> None:
        """Let the hidden states of "gaussian" begin as clusters of x (k-means), before `fit`.

        Args:
            x, mask: as for `call`.
            seed: of the clusters.
        """
        from sklearn.cluster import KMeans

        if self.emission_kind != "gaussian":
            raise WrongValue("adapt: symbols have no clusters; it is for emissions='gaussian'")
        x = np.asarray(x, np.float64)
        x = x[np.asarray(mask, bool)] if mask is not None else x.reshape(-1, self.size)
        clusters = KMeans(self.states, n_init=1, random_state=seed).fit_predict(x)
        posterior = tf.one_hot(clusters, self.states, dtype=self.variable_dtype)
        self.emissions.maximize(*self.emissions.counts(x, posterior), self.pseudo_count)

    def fit(self, x: Any = None, *args: Any, callbacks: Iterable = (), **kwargs: Any) -> Any:
        """keras.Model.fit, of x or ``(x, mask)``: arrays, nested lists of numbers, or batches."""
        if kwargs.get("sample_weight") is not None:  # which Keras forgets where there is no y
            raise WrongType(_ALONE.format("sample_weight"))
        x = _as_arrays(x)
        if isinstance(held_out := kwargs.get("validation_data"), (tuple, list)):
            kwargs["validation_data"] = tuple(map(_as_arrays, held_out))
        given = x if isinstance(x, (tuple, list)) else (x,)
        if all(isinstance(each, np.ndarray) for each in given):
            self._checked(*given)
        if not self.compiled:
            # For EM one without weights of its own, as Keras wants one.
            of_em = self.learn == "em"
            self.compile(keras.optimizers.SGD() if of_em else keras.optimizers.Adam(0.05))
        first = [BaumWelch(lambda: self)] if self.learn == "em" else []
        return super().fit(x, *args, callbacks=[*first, *(callbacks or ())], **kwargs)

    def evaluate(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """keras.Model.evaluate, of what `fit` takes."""
        return super().evaluate(_as_arrays(x), *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """keras.Model.predict, of what `fit` takes: what `call` returns."""
        return super().predict(_as_arrays(x), *args, **kwargs)

    def train_step(self, data: Any) -> dict[str, Any]:
        x, mask = _x_and_mask(data)
        if self.learn == "em":
            h, counts = self.expected_counts(x, mask=mask)
            self.counts.add(counts)
            return self._measured(h, mask)
        with tf.GradientTape() as tape:
            h = self(x, mask=mask)
            loss = _nats_a_step(h, mask)
            loss = self.optimizer.scale_loss(loss)
        self.optimizer.apply(
            tape.gradient(loss, self.trainable_variables), self.trainable_variables
        )
        return self._measured(h, mask)

    def test_step(self, data: Any) -> dict[str, Any]:
        x, mask = _x_and_mask(data)
        return self._measured(self(x, mask=mask), mask)

    def predict_step(self, data: Any) -> Any:
        x, mask = _x_and_mask(data)
        return self(x, mask=mask)

    def _measured(self, h, mask):
        (mean_loss,) = (metric for metric in self.metrics if metric.name == "loss")
        mean_loss.update_state(_nats_a_step(h, mask), _real_steps(h, mask))
        return self.get_metrics_result()

    # A cached property stays out of Keras's tracking, and so out of the model's weights.
    @functools.cached_property
    def counts(self) -> ExpectedCounts:
        """What EM has counted in the running epoch."""
        shapes = [(self.states,), (self.states, self.states), *self.emissions.count_shapes]
        return ExpectedCounts(shapes)

    def expected_counts(
        self, x: Any, initial_state: Any = None, mask: Any = None
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """What `call` returns, and counts of what is expected to have happened, given x.

        The counts are those of `expected_moves`, and then of the emissions.
        """
        if initial_state is None:
            initial_state = self.initial_state(tf.shape(x)[0])
        h, posterior = self._posterior(x, initial_state, mask)
        moves = expected_moves(self.cell, h, posterior, mask, initial_state)
        return h, [*moves, *self.emissions.counts(without_padding(x, mask), posterior)]

    def maximize(self, counts: list[Any]) -> None:
        """Take what is likeliest of counts, see `expected_counts`."""
        first, moves, *of_emissions = counts
        cell, more = self.cell, self.pseudo_count
        cell.initial_logits.assign(log_shares(first + more, cell.initial_logits))
        cell.transition_logits.assign(log_shares(moves + more, cell.transition_logits))
        self.emissions.maximize(*of_emissions, more)

    # --- within -----------------------------------------------------------------------------------

    def _checked(self, x, mask=None):
        """Tensors of x and a mask; where their values are at hand, they are looked at, too."""
        x, mask = tf.convert_to_tensor(x), as_bool(mask)
        self.emissions.check(x)
        if tf.executing_eagerly():
            self.emissions.check_values((x if mask is None else x[mask]).numpy())
        return x, mask

    def _log_probs(self, x, mask):
        """Of the emissions; padding may hold anything."""
        self.emissions.check(x)
        return self.emissions.log_probs(without_padding(x, mask))

    def _filtered(self, log_probs, initial_state, mask):
        names = self.chain.state_names
        if initial_state is not None:
            initial_state = [initial_state[name] for name in names]
        h, *state = self.chain(log_probs, initial_state=initial_state, mask=mask)
        return h, dict(zip(names, state, strict=True))

    def _posterior(self, x, initial_state, mask):
        log_probs = self._log_probs(x, mask)
        with tf.GradientTape() as tape:
            tape.watch(log_probs)
            h, _ = self._filtered(log_probs, initial_state, mask)
            log_prob = sum_of_steps(h, mask)
        return h, tape.gradient(log_prob, log_probs)

    # A cached property stays out of Keras's tracking.
    @functools.cached_property
    def _best_paths(self):
        """By what is forbidden, what finds them."""
        return {}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "states": self.states,
            "size": self.size,
            "emissions": self.emission_kind,
            "learn": self.learn,
            "pseudo_count": self.pseudo_count,
            "variance_floor": self.variance_floor,
        }


_EMISSIONS = {
    "categorical": CategoricalEmissions,
    "gaussian": GaussianEmissions,
    "given": GivenEmissions,
}


_ALONE = "{}: a hidden Markov model learns from sequences alone; leave it out"


def _check(name, value, fits, expected):
    if not fits:
        raise WrongValue(f"{name}={value!r}: expected {expected}")


def _as_arrays(x):
    """With an array for nested lists of numbers, in a tuple (x, mask) too: Keras takes a list for
    several inputs.
    """
    if isinstance(x, tuple):
        return tuple(map(_as_arrays, x))
    if not isinstance(x, list) or any(hasattr(each, "shape") for each in x):
        return x
    try:
        return np.array(x)
    except ValueError:
        lengths = [len(each) for each in x if isinstance(each, (list, tuple))]
        steps = f"from {min(lengths)} to {max(lengths)} steps" if lengths else "no steps"
        raise WrongValue(
            f"x: {len(x)} sequences of {steps}: expected as many numbers at each step of all; pad "
            "them, and give (x, mask), True at real steps"
        ) from None


def _x_and_mask(data):
    """Of a batch as `fit` hands it over."""
    x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
    for name, given in (("y", y), ("sample_weight", weight)):
        if given is not None:
            raise WrongType(_ALONE.format(name))
    x, mask = x if isinstance(x, (tuple, list)) else (x, None)
    return x, as_bool(mask)


def _real_steps(h, mask):
    """How many there are in a batch."""
    return tf.cast(tf.size(h[..., 0]) if mask is None else tf.math.count_nonzero(mask), h.dtype)


def _nats_a_step(h, mask):
    """The mean negative log-likelihood of a batch; 0 of one without a real step."""
    return tf.math.divide_no_nan(-tf.reduce_sum(sum_of_steps(h, mask)), _real_steps(h, mask))
