"""The loop and its gradient, against unrolled loops, equations and differences."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.loop.run import run
from rnnzoo.platform import keras, tf
from tests.loop.conftest import CELLS, FEW

MASKED = [(mask, False) for mask in ("none", "right", "left", "holes", "empty_row")]
MASKED += [("none", True), ("holes", True)]


def _is_fast(name, mask, reverse):
    """Each cell with holes, few of them backwards too, and one with each other mask."""
    if mask == "holes":
        return not reverse or name in FEW
    return name == "lstm"


@pytest.mark.parametrize(
    ("cell", "mask", "reverse"),
    [
        pytest.param(name, *how, marks=() if _is_fast(name, *how) else pytest.mark.slow)
        for how in MASKED
        for name in CELLS
    ],
    indirect=["cell", "mask"],
)
def test_gradient_is_that_of_an_unrolled_loop(
    cell, x, state, mask, reverse, dropout, gradients, unrolled
):
    for masks in (None, dropout):
        ours = gradients(run, cell, x, state, mask, reverse=reverse, dropout=masks)
        plain = gradients(unrolled, cell, x, state, mask, reverse=reverse, dropout=masks)
        for a, b in zip(ours, plain, strict=True):
            scale = max(1.0, float(tf.reduce_max(abs(b))))
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize(
    ("cell", "jit"),
    [
        ("skip", True),
        ("lstm", False),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [("skip", False), ("lstm", True), ("gru", False), ("gru", True)]
        ),
    ],
    indirect=["cell"],
)
@pytest.mark.parametrize("mask", ["holes"], indirect=True)
def test_compiled_equals_eager_with_static_and_dynamic_shapes(cell, x, state, mask, jit, gradients):
    expected = gradients(run, cell, x, state, mask)
    for shape in (x.shape, (None, None, x.shape[-1])):
        compiled = tf.function(
            lambda x, mask: gradients(run, cell, x, state, mask),
            input_signature=[tf.TensorSpec(shape, x.dtype), tf.TensorSpec(shape[:2], tf.bool)],
            jit_compile=jit,
        )
        for a, b in zip(compiled(x, mask), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cell", ["simple_rnn"], indirect=True)
def test_sums_over_time_of_the_vanilla_network(cell, x, state):
    """The gradients of the lecture, written out: L = sum_t |z_t - y_t|^2 / 2, z_t = h_t V + b_z."""
    rng = np.random.default_rng(4)
    (h0,), (batch, time, _) = state, x.shape
    V, b_z = rng.normal(size=(cell.units, 2)), rng.normal(size=2)
    y = rng.normal(size=(batch, time, 2))
    V_, b_z_ = tf.Variable(V), tf.Variable(b_z)
    weights = [w.value for w in cell.trainable_variables]
    with tf.GradientTape() as tape:
        h, _, _ = run(cell, x, [h0])
        loss = tf.reduce_sum((tf.tensordot(h, V_, 1) + b_z_ - y) ** 2) / 2
    ours = tape.gradient(loss, [*weights, V_, b_z_])

    x, h, h0 = x.numpy(), h.numpy(), h0.numpy()
    U = cell.get_weights()[1]
    dz = h @ V + b_z - y  # dL/dz_t
    dL_dWxh = dL_dWhh = dL_db = dL_dWhz = dL_dbz = 0
    carried = np.zeros((batch, cell.units))
    for t in reversed(range(time)):
        dh = dz[:, t] @ V.T + carried  # dL/dh_t
        da = dh * (1 - h[:, t] ** 2)  # through tanh' = 1 - tanh^2
        dL_dWxh += x[:, t].T @ da
        dL_dWhh += (h[:, t - 1] if t else h0).T @ da
        dL_db += da.sum(axis=0)
        dL_dWhz += h[:, t].T @ dz[:, t]
        dL_dbz += dz[:, t].sum(axis=0)
        carried = da @ U.T
    for a, b in zip(ours, (dL_dWxh, dL_dWhh, dL_db, dL_dWhz, dL_dbz), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mask", ["holes"], indirect=True)
@pytest.mark.parametrize("cell", ["lstm"], indirect=True)
def test_gradient_by_finite_differences(cell, x, state, mask, gradients, loss_of):
    _, *ours = gradients(run, cell, x, state, mask)
    rng, eps = np.random.default_rng(5), 1e-6

    def loss():
        return float(loss_of(run(cell, x, state, mask)))

    for variable, gradient in zip(cell.trainable_variables, ours[1 + len(state) :], strict=True):
        value = variable.numpy()
        direction = rng.normal(size=value.shape)
        variable.assign(value + eps * direction)
        up = loss()
        variable.assign(value - eps * direction)
        down = loss()
        variable.assign(value)
        np.testing.assert_allclose((up - down) / (2 * eps), np.sum(gradient * direction), rtol=1e-6)


def test_each_weight_gradient_is_one_product_outside_the_loop(gradients):
    """No weight-shaped gradient is accumulated in a loop: the loops hold no product h^T da."""
    cell = cells.LSTMCell(5)
    cell.build((None, 4))
    state = [tf.zeros((3, 5))] * 2
    graph = tf.function(lambda x: gradients(run, cell, x, state)).get_concrete_function(
        tf.TensorSpec((3, 6, 4))
    )
    bodies = {op.get_attr("body").name for op in graph.graph.get_operations() if "While" in op.type}
    assert len(bodies) == 2  # one forwards, one backwards
    in_loops = [
        node
        for function in graph.graph.as_graph_def().library.function
        if function.signature.name in bodies
        for node in function.node_def
        if node.op == "MatMul"
    ]
    assert in_loops and not any(node.attr["transpose_a"].b for node in in_loops)


def test_a_state_that_would_overflow_in_the_padding_does_not_reach_the_gradients():
    cell = cells.SimpleRNNCell(
        2, activation=None, recurrent_initializer=keras.initializers.Identity(2.0), dtype="float32"
    )
    cell.build((None, 3))
    x, mask = tf.ones((2, 200, 3)), tf.sequence_mask([2, 3], 200)
    values = [w.value for w in cell.trainable_variables]

    def weight_gradients(x, mask):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(run(cell, x, cell.get_initial_state(2), mask)[1])
        return tape.gradient(loss, values)

    for a, b in zip(
        weight_gradients(x, mask), weight_gradients(x[:, :3], mask[:, :3]), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-6)
        assert np.isfinite(a).all() and np.any(a)
