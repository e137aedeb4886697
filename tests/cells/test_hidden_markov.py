"""The cells of a hidden Markov model: the forward algorithm and Viterbi's, and their floor."""

import functools

import numpy as np
import pytest
from scipy.special import log_softmax, logsumexp, softmax

from rnnzoo import cells
from rnnzoo.cells.hidden_markov import FLOOR
from rnnzoo.layers import HiddenMarkovChains, HiddenMarkovModel, Recurrent
from rnnzoo.loop.run import run, step
from rnnzoo.platform import keras, tf

BATCH, TIME, UNITS = 3, 7, 5
rng = np.random.default_rng(0)
LOG_PROBS = rng.normal(size=(BATCH, TIME, UNITS)) * 3


def build(cell_class, dtype="float64"):
    cell = cell_class(UNITS, dtype=dtype)
    cell.build((None, UNITS))
    cell.set_weights([2 * rng.normal(size=w.shape) for w in cell.weights])
    return cell


def forward(x, initial_logits, transition_logits):
    """log p(h_t, x_t | x_1 ... x_{t-1}), summed over pairs of hidden states in log space."""
    log_a, hs = log_softmax(transition_logits, axis=1), []
    alpha = log_softmax(initial_logits) + x[:, 0]
    hs = [alpha]
    for t in range(1, x.shape[1]):
        before = logsumexp(alpha, axis=1, keepdims=True)
        alpha = logsumexp(alpha[:, :, None] + log_a, axis=1) + x[:, t]
        hs.append(alpha - before)
    return np.stack(hs, axis=1)


@pytest.mark.parametrize("kind", [cells.HiddenMarkovCell, cells.ViterbiCell])
def test_cells_keep_the_contract(kind):
    cells.check_cell(kind(UNITS), features=UNITS)


def test_loop_computes_the_equation_and_steps_do_the_same():
    cell = build(cells.HiddenMarkovCell)
    state = cell.get_initial_state(BATCH)
    outputs, last, final = run(cell, tf.constant(LOG_PROBS), state)
    expected = forward(LOG_PROBS, *cell.get_weights())
    np.testing.assert_allclose(outputs, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(last, expected[:, -1], rtol=1e-10, atol=1e-12)
    for t in range(TIME):
        output, state = step(cell, tf.constant(LOG_PROBS[:, t]), state)
        np.testing.assert_allclose(output, expected[:, t], rtol=1e-10, atol=1e-12)
    for a, b in zip(final, state, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    assert (final[1] == 1).numpy().all()


def test_a_step_behind_steps_that_are_not_real_is_the_first_one():
    cell = build(cells.HiddenMarkovCell)
    layer = Recurrent(cell, return_sequences=True, dtype="float64")
    mask = np.ones((BATCH, TIME), bool)
    mask[0, :3] = mask[1, [2, 4]] = mask[2] = False
    outputs = layer(LOG_PROBS, mask=tf.constant(mask)).numpy()
    for row in range(2):
        expected = forward(LOG_PROBS[row, mask[row]][None], *cell.get_weights())[0]
        np.testing.assert_allclose(outputs[row, mask[row]], expected, rtol=1e-10, atol=1e-12)
    assert (outputs[2] == 0).all()


@pytest.mark.parametrize("jit_compile", [False, True])
def test_any_length_and_any_unlikelihood_are_computed_in_single_precision(jit_compile):
    cell = build(cells.HiddenMarkovCell, "float32")
    layer = Recurrent(cell, return_sequences=True, jit_compile=jit_compile)
    x = 60 * rng.random((2, 3000, UNITS)).astype("float32") - 500
    outputs = layer(tf.constant(x)).numpy()
    expected = forward(x.astype("float64"), *(w.astype("float64") for w in cell.get_weights()))
    log_prob, exact = (logsumexp(h, axis=-1).sum(axis=1) for h in (outputs, expected))
    np.testing.assert_allclose(log_prob, exact, rtol=1e-6)  # about -1.4 million
    np.testing.assert_allclose(outputs, expected, atol=2e-3)


def test_probability_0_is_a_finite_floor_that_moves_nothing_else():
    """Weights of -1e9 are probabilities of exactly 0."""
    cell = build(cells.HiddenMarkovCell)
    only = np.eye(UNITS, k=1) + np.eye(UNITS)
    only[-1, 0] = 1  # from each state to itself or to the next one
    initial = np.where(np.arange(UNITS) == 0, 0, -1e9)
    transitions = np.where(only > 0, cell.get_weights()[1], -1e9)
    cell.set_weights([initial, transitions])
    possible = np.where(np.arange(UNITS) == np.arange(TIME)[:, None] % UNITS, -1.0, -1e9)
    impossible = possible[::-1]
    x = tf.constant(np.stack([possible, LOG_PROBS[0], impossible]))
    with tf.GradientTape() as tape:
        tape.watch(x)
        h, *_ = run(cell, x, cell.get_initial_state(3))
        log_prob = tf.reduce_sum(tf.reduce_logsumexp(h, axis=-1), axis=-1)
    gradients = tape.gradient(log_prob, [x, *cell.trainable_variables])
    assert all(np.isfinite(g).all() for g in gradients)
    exact = logsumexp(forward(x.numpy(), initial, transitions), axis=-1).sum(axis=-1)
    np.testing.assert_allclose(log_prob[:2], exact[:2], rtol=1e-10)
    # Backwards each step is forbidden, and so is the start: of each the floor remains.
    np.testing.assert_allclose(log_prob[2], TIME * (np.log(FLOOR) - 1), rtol=1e-10)
    assert exact[2] < -1e9
    np.testing.assert_allclose(gradients[0][0], possible == -1, atol=1e-12)  # the posterior


def test_other_states_are_told_apart_down_to_the_floor():
    """A state that is 80 nats behind can take over; one that is 90 behind, as if it were 85."""
    cell = build(cells.HiddenMarkovCell, "float32")
    # Two chains that never meet: state 0 and the others.
    weights = np.zeros(UNITS), np.where(np.eye(UNITS) > 0, 0, -1e9)
    cell.set_weights(weights)
    for behind, off in ((80, 0), (90, 90 + np.log(FLOOR))):
        x = np.full((1, 2, UNITS), -1e3, "float32")
        x[0, :, 0], x[0, :, 1] = (0, -500), (-behind, 0)
        h, *_ = run(cell, tf.constant(x), cell.get_initial_state(1))
        exact = logsumexp(forward(x.astype("float64"), *weights), axis=-1).sum()
        found = logsumexp(h.numpy().astype("float64"), axis=-1).sum()
        np.testing.assert_allclose(found - exact, off, atol=1e-2)


def test_gradients_are_the_posterior_and_the_expected_moves_less_what_rows_expect():
    cell = build(cells.HiddenMarkovCell)
    x = tf.constant(LOG_PROBS[:1, :4])
    initial, transitions = cell.get_weights()
    with tf.GradientTape() as tape:
        tape.watch(x)
        h, *_ = run(cell, x, cell.get_initial_state(1))
        log_prob = tf.reduce_sum(tf.reduce_logsumexp(h, axis=-1))
    by_x, by_pi, by_a = tape.gradient(log_prob, [x, *cell.trainable_variables])
    paths = np.stack(np.meshgrid(*[range(UNITS)] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    joint = log_softmax(initial)[paths[:, 0]] + x.numpy()[0, range(4), paths].sum(axis=1)
    joint += log_softmax(transitions, axis=1)[paths[:, :-1], paths[:, 1:]].sum(axis=1)
    p = softmax(joint)
    np.testing.assert_allclose(log_prob, logsumexp(joint), rtol=1e-12)
    posterior = np.stack([np.bincount(paths[:, t], p, UNITS) for t in range(4)])
    np.testing.assert_allclose(by_x[0], posterior, atol=1e-12)
    moves = np.zeros((UNITS, UNITS))
    for t in range(3):
        np.add.at(moves, (paths[:, t], paths[:, t + 1]), p)
    a = softmax(transitions, axis=1)
    np.testing.assert_allclose(by_a, moves - a * moves.sum(axis=1, keepdims=True), atol=1e-12)
    np.testing.assert_allclose(by_pi, posterior[0] - softmax(initial), atol=1e-12)


def test_half_precision_loses_no_more_than_its_digits():
    exact, half = (build(cells.HiddenMarkovCell, p) for p in ("float32", "mixed_float16"))
    half.set_weights(exact.get_weights())
    x = tf.constant(LOG_PROBS.astype("float32"))
    a, b = (run(cell, x, cell.get_initial_state(BATCH))[0] for cell in (exact, half))
    np.testing.assert_allclose(a, b, atol=0.05)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "make",
    [
        cells.HiddenMarkovCell,
        cells.HiddenMarkovChainsCell,
        cells.ViterbiCell,
        functools.partial(HiddenMarkovChains, 2),
        functools.partial(HiddenMarkovModel, size=3),
    ],
)
def test_pure_half_precision_is_refused(make, dtype):
    with pytest.raises(ValueError, match=f"dtype='{dtype}': expected float32, float64 or a mixed"):
        make(2, dtype=dtype)


@pytest.mark.parametrize(("policy", "most"), [("mixed_float16", 2048), ("mixed_bfloat16", 256)])
def test_the_numbers_of_hidden_states_are_put_out_whole(policy, most):
    """Half precision holds whole numbers up to some size, and rounds those above."""
    cell = cells.ViterbiCell(most, dtype=policy)
    places = keras.ops.cast(keras.ops.arange(most), cell.compute_dtype)
    np.testing.assert_array_equal(keras.ops.cast(places, "int32"), np.arange(most))
    message = f"{most + 1} hidden states under dtype='{policy}': .* whole ones up to {most}; give"
    with pytest.raises(ValueError, match=message):
        cells.ViterbiCell(most + 1, dtype=policy)


def test_another_number_of_features_is_named():
    with pytest.raises(ValueError, match="each of its 5 hidden states, got 4 features"):
        Recurrent(cells.HiddenMarkovCell(5))(keras.ops.zeros((2, 3, 4)))
