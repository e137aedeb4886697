"""One list of checks for every recurrent layer, where people run it.

`check_layer` puts a layer into a model and compares ``predict``, ``fit`` and `tf.function` with a
twin: `keras.layers` where it has the cell, or else the same cell in Keras's own loop. `pairwise`
chooses cases such that each two values of two options meet in one.
"""

import itertools
import random
import warnings

import numpy as np

import rnnzoo
from rnnzoo import layers
from rnnzoo.platform import keras, tf

UNITS, FEATURES, TIME, BATCH = 5, 3, 7, 4


class SineCell(rnnzoo.Cell, package="layer_checks"):
    """A cell as a user writes one."""

    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[-1], self.units))
        self.U = self.add_weight(shape=(self.units, self.units))

    def project(self, x):
        return x @ self.W

    def recur(self, state):
        return state[0] @ self.U

    def update(self, input_term, recurrent_term, state):
        h = keras.ops.sin(input_term + recurrent_term)
        return h, [h]


def _deep_sine(units, dtype):
    # One layer: through more of them, what 16 bits round away grows beyond the tolerance.
    return rnnzoo.cells.DeepTransitionCell(SineCell(units, dtype=dtype), skip=True)


KINDS = {
    "simple_rnn": (layers.SimpleRNN, {}),
    "leaky": (layers.LeakyRNN, {"learn_time_constants": True}),
    "skip": (layers.SkipDelayRNN, {"delays": (1, 3)}),
    "gru": (layers.GRU, {}),
    "lstm": (layers.LSTM, {}),
    "user": (lambda units, dtype, **how: layers.Recurrent(SineCell(units, dtype=dtype), **how), {}),
    "deep": (lambda units, dtype, **how: layers.Recurrent(_deep_sine(units, dtype), **how), {}),
}
TWINS = {
    "simple_rnn": keras.layers.SimpleRNN,
    "gru": keras.layers.GRU,
    "lstm": keras.layers.LSTM,
}
FACTORS = {
    "kind": list(KINDS),
    "dtype": ["float32", "mixed_bfloat16", "float64"],
    "time": [TIME, None],
    "masked": [False, True],
    "start": ["zeros", "learned", "stateful", "constant", "symbolic", "named"],
    "return_sequences": [False, True],
    "return_state": [False, True],
    "go_backwards": [False, True],
    "zero_output_for_mask": [False, True],
    "dropout": [0.0, 0.4],
    "recurrent_dropout": [0.0, 0.4],
    "checkpoint_every": [None, 3],
    "jit_compile": ["auto", False, True],
}


def pairwise(factors, seed=0):
    """Cases, dicts of one value each, in which each two values of two factors meet."""
    rng = random.Random(seed)
    names = list(factors)

    def pairs(case):
        return set(itertools.combinations([(name, str(case[name])) for name in names], 2))

    missing = set()
    for a, b in itertools.combinations(names, 2):
        for x, y in itertools.product(factors[a], factors[b]):
            missing.add(((a, str(x)), (b, str(y))))
    cases = []
    while missing:
        tried = [{name: rng.choice(factors[name]) for name in names} for _ in range(100)]
        best = max(tried, key=lambda case: len(pairs(case) & missing))
        if pairs(best) & missing:
            cases.append(best)
            missing -= pairs(best)
    return cases


def check_layer(kind, dtype, time, masked, start, **options):
    """Predict, fit and call a layer in a graph, and compare it with its twin."""
    make, of_kind = KINDS[kind]
    ours = make(
        UNITS,
        dtype=dtype,
        **of_kind,
        **options,
        stateful=start == "stateful",
        learn_initial_state=start == "learned",
        seed=1,
    )
    theirs = _twin(kind, ours)
    rng = np.random.default_rng(0)
    fixed = start in ("stateful", "constant")  # to one batch size
    rows = 2 * BATCH if fixed else 2 * BATCH + 1  # or else the last batch has one row
    data = {"x": rng.normal(size=(rows, TIME, FEATURES)).astype("float32")}
    if masked:
        data["mask"] = rng.random((rows, TIME)) < 0.7
    if start in ("symbolic", "named"):
        data |= {f"state_{name}": rng.normal(size=(rows, UNITS)) for name in ours.state_names}
    model, twin = (
        _model(layer, data, time, start, BATCH if fixed else None) for layer in (ours, theirs)
    )
    weights = [rng.normal(size=w.shape) * 0.5 for w in theirs.get_weights()]
    theirs.set_weights(weights)
    learned = [rng.normal(size=w.shape) * 0.5 for w in ours.get_weights()[len(weights) :]]
    ours.set_weights([*weights, *learned])
    if start == "learned":
        # The twin is given what ours has learned.
        twin = _model(theirs, data, time, learned, None)
    tolerance = 0.06 if dtype == "mixed_bfloat16" else 1e-5

    def same(a, b):
        for one, other in zip(_flat(a), _flat(b), strict=True):
            np.testing.assert_allclose(
                np.asarray(one, "float64"), np.asarray(other, "float64"), rtol=0, atol=tolerance
            )

    first = model.predict(data, batch_size=BATCH, verbose=0)
    same(first, twin.predict(data, batch_size=BATCH, verbose=0))
    if start == "stateful":
        second = model.predict(data, batch_size=BATCH, verbose=0)
        same(second, twin.predict(data, batch_size=BATCH, verbose=0))
        ours.reset_state(), theirs.reset_state()
        same(model.predict(data, batch_size=BATCH, verbose=0), first)
        ours.reset_state(), theirs.reset_state()

    batch = {name: tf.constant(value[:BATCH]) for name, value in data.items()}
    same(tf.function(model)(batch), [f[:BATCH] for f in _flat(first)])
    if start == "stateful":
        ours.reset_state()

    dropped = options["dropout"] or options["recurrent_dropout"]
    before = ours.get_weights()
    for each in (model, twin):
        outputs = _flat(first)
        each.compile(keras.optimizers.SGD(0.1), loss=["mse"] * len(outputs))
        targets = [np.ones(o.shape, "float32") for o in outputs]
        each.fit(data, targets, batch_size=BATCH, shuffle=False, verbose=0)
    assert all(
        np.isfinite(w).all() and (w != b).any()
        for w, b in zip(ours.get_weights(), before, strict=True)
    )
    if not dropped and start != "learned":
        same(ours.get_weights(), theirs.get_weights())


def _flat(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _twin(kind, ours):
    shared = ("return_sequences", "return_state", "go_backwards", "stateful")
    how = {name: getattr(ours, name) for name in shared}
    # Keras means it for sequences only, yet zeros the last output, too.
    how["zero_output_for_mask"] = ours.zero_output_for_mask and ours.return_sequences
    if kind in TWINS:
        return TWINS[kind](UNITS, dtype=ours.dtype_policy, **how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cell = type(ours.cell).from_config(ours.cell.get_config())
        return keras.layers.RNN(cell, dtype=ours.dtype_policy, **how)


def _model(layer, data, time, start, batch_size):
    """The layer in a functional model; start: how its state begins, or arrays of it."""

    def entry(name, shape):
        return keras.Input(batch_shape=(batch_size, *shape), name=name, dtype=data[name].dtype.name)

    inputs = {"x": entry("x", (time, FEATURES))}
    how = {}
    if "mask" in data:
        how["mask"] = inputs["mask"] = entry("mask", (time,))
    states = {name[6:]: entry(name, (UNITS,)) for name in data if name.startswith("state_")}
    inputs |= {f"state_{name}": state for name, state in states.items()}
    x = inputs["x"]
    if start == "named" and isinstance(layer, layers.Recurrent):
        how["initial_state"] = dict(reversed(states.items()))
    elif states:
        how["initial_state"] = list(states.values())
    elif start == "constant":
        size = len(layer.state_size)
        how["initial_state"] = [keras.ops.full((BATCH, UNITS), 0.1 * (i + 1)) for i in range(size)]
    elif not isinstance(start, str):
        how["initial_state"] = [
            keras.layers.Lambda(lambda x, s=s: keras.ops.zeros_like(x[:, 0, :1]) + s)(x)
            for s in start
        ]
    return keras.Model(inputs, layer(x, **how))
