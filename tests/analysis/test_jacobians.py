"""How each state depends on the one before."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.analysis import jacobian_products, jacobians_over_time, step_jacobians
from rnnzoo.analysis import jacobians as module
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import keras, tf

LAYERS = {
    "rnn": (rnnzoo.layers.SimpleRNN, {}),
    "leaky": (rnnzoo.layers.LeakyRNN, {}),
    "delays": (rnnzoo.layers.SkipDelayRNN, {"delays": (2, 3)}),
    "gru": (rnnzoo.layers.GRU, {}),
    "lstm": (rnnzoo.layers.LSTM, {}),
    "backwards": (rnnzoo.layers.LSTM, {"go_backwards": True}),
}
X = np.random.default_rng(0).normal(size=(3, 9, 2))


def layer_of(name, units=3):
    kind, options = LAYERS[name]
    return kind(units, dtype="float64", return_state=True, **options)


def by_differences(layer, x, state):
    """Of one step by hand: (rows, size, size)."""
    sizes, found = layer.state_size, []
    flat = np.concatenate(state, axis=-1)
    for j in range(flat.shape[1]):
        ends = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[:, j] += sign * 1e-5
            parts = np.split(moved, np.cumsum(sizes)[:-1], axis=-1)
            _, new = layer.step(tf.constant(x), [tf.constant(part) for part in parts])
            ends.append(np.concatenate(new, axis=-1))
        found.append((ends[0] - ends[1]) / 2e-5)
    return np.stack(found, axis=-1)


@pytest.mark.parametrize("name", LAYERS)
def test_each_step_is_that_of_finite_differences(name):
    layer = layer_of(name)
    found = step_jacobians(layer, X)
    state = [s.numpy() for s in layer.get_initial_state(3)]
    for t in range(9):
        x = X[:, 8 - t] if name == "backwards" else X[:, t]
        np.testing.assert_allclose(found[:, t], by_differences(layer, x, state), atol=1e-8)
        _, state = layer.step(tf.constant(x), [tf.constant(s) for s in state])
        state = [s.numpy() for s in state]


def test_bit_by_bit_forwards_and_backwards_the_same(monkeypatch):
    layer = layer_of("gru")
    whole = step_jacobians(layer, X)
    monkeypatch.setattr(module, "AT_ONCE", 3 * 9 * 8 * 2)  # two steps of three rows
    parts = dict(jacobians_over_time(layer, X))
    assert list(parts) == [0, 2, 4, 6, 8] and parts[8].shape == (3, 1, 3, 3)
    together = np.concatenate(list(parts.values()), axis=1)
    np.testing.assert_allclose(together, whole, atol=1e-15)
    assert list(dict(jacobians_over_time(layer, X, backwards=True))) == [8, 6, 4, 2, 0]
    some = step_jacobians(layer, X, rows=[2, 0])
    np.testing.assert_allclose(some, whole[[2, 0]], atol=1e-15)


def test_masked_steps_have_none():
    layer = layer_of("rnn")
    mask = np.ones((3, 9), bool)
    mask[0, :2], mask[1, 4:6], mask[2, 7:] = False, False, False
    x = np.stack([row[real] for row, real in zip(X, mask, strict=True)])
    np.testing.assert_allclose(
        step_jacobians(layer, X, mask=mask), step_jacobians(layer, x), atol=1e-14
    )


@pytest.mark.parametrize("name", ["rnn", "delays", "gru"])
def test_products_end_at_the_last_step(name):
    layer = layer_of(name)
    found = jacobian_products(layer, X, spans=(9, 2, 1))
    assert found.spans.tolist() == [1, 2, 9]
    jacobians = step_jacobians(layer, X)
    for i, span in enumerate(found.spans):
        product = np.eye(jacobians.shape[-1])
        for t in range(9 - span, 9):
            product = jacobians[:, t] @ product
        values = np.linalg.svd(product, compute_uv=False)
        np.testing.assert_allclose(
            found.log_singular_values[:, i, 0], np.log(values[:, 0]), rtol=1e-9, atol=1e-9
        )
        radius = np.abs(np.linalg.eigvals(product)).max(axis=1)
        np.testing.assert_allclose(np.exp(found.log_spectral_radius[:, i]), radius, rtol=1e-7)
    np.testing.assert_allclose(found.rates[:, 0], np.exp(found.log_singular_values[:, 0, 0]))


def test_of_a_thousand_steps_no_product_is_lost():
    """A linear layer of one radius: 0.3^1000 is less than any number of 64 bits."""
    layer = rnnzoo.layers.SimpleRNN(4, activation="linear", dtype="float64")
    layer.build((None, None, 1))
    orthogonal, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))
    layer.cell.recurrent_kernel.assign(0.3 * orthogonal)
    found = jacobian_products(layer, np.zeros((1, 1000, 1)))
    assert found.spans[-1] == 512
    np.testing.assert_allclose(found.log_singular_values[0, -1], 512 * np.log(0.3), rtol=1e-9)
    np.testing.assert_allclose(found.rates, 0.3, rtol=1e-9)


def test_what_rounding_hides_is_no_number():
    """A symmetric W with the eigenvalues 1, 0.5, 0.2 and 0.05: the values of W^k are theirs^k."""
    layer = rnnzoo.layers.SimpleRNN(4, activation="linear", dtype="float64")
    layer.build((None, None, 1))
    eigenvalues = np.array([1, 0.5, 0.2, 0.05])
    vectors, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))
    layer.cell.recurrent_kernel.assign(vectors * eigenvalues @ vectors.T)
    spans = np.array([1, 5, 20, 100])
    found = jacobian_products(layer, np.zeros((1, 100, 1)), spans=spans).log_singular_values[0]
    wanted = spans[:, None] * np.log(eigenvalues)
    known = ~np.isnan(found)
    assert known.sum(axis=1).tolist() == [4, 4, 2, 1]
    np.testing.assert_allclose(found[known], wanted[known], atol=0.05)


def test_wrong_calls():
    layer = layer_of("rnn")
    with pytest.raises(WrongValue, match=r"spans=\[3, 10\]: expected numbers of steps from 1 to 9"):
        jacobian_products(layer, X, spans=(3, 10))
    with pytest.raises(WrongValue, match="rows of 5 to 9 steps: expected rows that are as long"):
        mask = np.ones((3, 9), bool)
        mask[1, 5:] = False
        step_jacobians(layer, X, mask=mask)
    with pytest.raises(WrongValue, match="a cell with positions has no one Jacobian"):
        grid = rnnzoo.Recurrent(rnnzoo.cells.SimpleRNN2DCell(3))
        step_jacobians(grid, np.zeros((1, 4, 4, 1), "float32"))
    with pytest.raises(WrongValue, match="spans=5: expected whole numbers of steps, 1 or up"):
        jacobian_products(layer, X, spans=5)
    both = keras.layers.Bidirectional(rnnzoo.layers.LSTM(3), name="both")
    with pytest.raises(WrongType, match="both is no recurrent layer, it holds .*: take one"):
        step_jacobians(both, X)
    with pytest.raises(WrongType, match=r"rows=0: expected several, such as slice"):
        step_jacobians(layer, X, rows=0)
    with pytest.raises(WrongValue, match="no step is real"):
        step_jacobians(layer, X, mask=np.zeros((3, 9), bool))
    with pytest.raises(WrongValue, match="is not finite"):
        jacobian_products(layer, np.where(X > 1, np.nan, X))
    with pytest.raises(TypeError, match="expected a Keras model, got str"):
        step_jacobians("lstm", X)
