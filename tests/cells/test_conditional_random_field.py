"""The cell of a conditional random field: the forward algorithm, of any scores."""

import numpy as np
import pytest
from scipy.special import logsumexp

from rnnzoo import cells
from rnnzoo.cells.conditional_random_field import UnscoredChainCell
from rnnzoo.loop.run import run, step
from rnnzoo.platform import keras, tf

BATCH, TIME, UNITS = 3, 6, 4
rng = np.random.default_rng(0)
SCORES = 3 * rng.normal(size=(BATCH, TIME, UNITS))


def build(dtype="float64", **options):
    cell = cells.ConditionalRandomFieldCell(UNITS, dtype=dtype, **options)
    cell.build((None, UNITS))
    cell.set_weights([2 * rng.normal(size=w.shape) for w in cell.weights])
    return cell


def forward(x, start, moves):
    """alpha_t - log sum exp alpha_{t-1}, with alpha as in the textbook."""
    alpha = start + x[:, 0]
    hs = [alpha]
    for t in range(1, x.shape[1]):
        before = logsumexp(alpha, axis=1, keepdims=True)
        alpha = logsumexp(alpha[:, :, None] + moves, axis=1) + x[:, t]
        hs.append(alpha - before)
    return np.stack(hs, axis=1)


def test_the_cell_keeps_the_contract():
    cells.check_cell(
        cells.ConditionalRandomFieldCell(UNITS, initializer="random_normal"), features=UNITS
    )


def test_loop_computes_the_equation_and_steps_do_the_same():
    cell = build()
    state = cell.get_initial_state(BATCH)
    outputs, _, final = run(cell, tf.constant(SCORES), state)
    np.testing.assert_allclose(outputs, forward(SCORES, *cell.get_weights()), rtol=1e-10)
    for t in range(TIME):
        output, state = step(cell, tf.constant(SCORES[:, t]), state)
        np.testing.assert_allclose(output, outputs[:, t], rtol=1e-10)
    for a, b in zip(final, state, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


def test_no_path_is_lost_however_much_better_others_are():
    """A tag that is 500 nats behind takes over; a hidden Markov model tells apart 85."""
    cell = build("float32")
    cell.set_weights([np.zeros(UNITS), np.where(np.eye(UNITS) > 0, 0, -1e3)])
    x = np.full((1, 3, UNITS), -1e4, "float32")
    x[0, :, 0], x[0, :, 1] = (0, 0, -900), (-250, -250, 0)
    h, *_ = run(cell, tf.constant(x), cell.get_initial_state(1))
    log_z = logsumexp(h.numpy().astype("float64"), axis=-1).sum()
    np.testing.assert_allclose(log_z, -500, atol=1e-3)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_the_state_is_not_rounded_to_half_precision(policy):
    """Scores that half precision holds exactly give what single precision gives."""
    forbidden = np.zeros((UNITS + 1, UNITS + 1), bool)
    forbidden[0, 1] = forbidden[-1, 2] = True
    exact, half = build("float32", forbidden=forbidden), build(policy, forbidden=forbidden)
    half.set_weights(exact.get_weights())
    x = tf.constant(np.round(SCORES).astype("float32"))
    a, b = (run(cell, x, cell.get_initial_state(BATCH))[2][0] for cell in (exact, half))
    np.testing.assert_allclose(a, b, rtol=1e-6)


def test_viterbi_takes_the_scores_of_any_chain():
    chain = build()
    viterbi = cells.ViterbiCell.of(chain)
    came_from, _, (h, *_) = run(viterbi, tf.constant(SCORES), viterbi.get_initial_state(BATCH))
    best = chain.get_weights()[0] + SCORES[:, 0]
    for t in range(1, TIME):
        ways = best[:, :, None] + chain.get_weights()[1]
        np.testing.assert_array_equal(came_from[:, t], ways.argmax(axis=1))
        best = ways.max(axis=1) + SCORES[:, t]
    np.testing.assert_allclose(h - keras.ops.max(h, axis=-1, keepdims=True), best - best.max(
        axis=-1, keepdims=True), atol=1e-10)  # fmt: skip
    free = cells.ViterbiCell.of(UnscoredChainCell(UNITS, dtype="float64"))
    came_from, *_ = run(free, tf.constant(SCORES), free.get_initial_state(BATCH))
    np.testing.assert_array_equal(
        came_from[:, 1:], np.repeat(SCORES[:, :-1].argmax(axis=-1)[..., None], UNITS, axis=-1)
    )


@pytest.mark.parametrize("shape", [(4, 4), (5,), (4, 5)])
def test_a_table_of_another_shape_is_named(shape):
    message = r"forbidden has the shape .*: expected \(5, 5\), a row and a column for each of 4"
    with pytest.raises(ValueError, match=message):
        cells.ConditionalRandomFieldCell(UNITS, forbidden=np.zeros(shape))
