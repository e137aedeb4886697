import numpy as np

from rnnzoo.cells import LeakyRNNCell
from rnnzoo.loop.weights import cell_weights, weights_scope
from rnnzoo.platform import tf


def built():
    cell = LeakyRNNCell(5, learn_time_constants=True, dtype="mixed_bfloat16")
    cell.build((None, 4))
    return cell


def test_weights_are_read_in_the_dtype_that_the_cell_computes_with():
    cell = built()
    dtypes = {v.name: w.dtype for v, w in zip(cell.variables, cell_weights(cell), strict=True)}
    assert dtypes == {
        "kernel": tf.bfloat16,
        "recurrent_kernel": tf.bfloat16,
        "bias": tf.bfloat16,
        "time_constant_logit": tf.float32,  # made with autocast=False
    }


def test_in_the_scope_the_cell_computes_with_the_tensors_and_is_differentiable_by_them():
    cell = built()
    x = tf.ones((2, 4), tf.bfloat16)
    with tf.GradientTape() as tape:
        kernel, *others = given = [2 * w for w in cell_weights(cell)]
        tape.watch(given)
        with weights_scope(cell, given):
            y = cell.project(x)
            read = cell_weights(cell)
    np.testing.assert_array_equal(y, x @ kernel + others[1])
    assert all(a is b for a, b in zip(read, given, strict=True))
    np.testing.assert_array_equal(tape.gradient(y, kernel), tf.fill((4, 5), 2.0))
    np.testing.assert_array_equal(cell.project(tf.zeros((1, 4)))[0], cell.bias)
