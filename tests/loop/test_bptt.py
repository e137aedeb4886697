"""The gradients of the vanilla network as docs/lecture.md writes them, against TensorFlow's.

The code that is tested is the page's own.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from rnnzoo import layers
from rnnzoo.platform import keras, tf

PAGE = Path(__file__).parents[2] / "docs" / "lecture.md"
GIVEN = ("x", "h_0", "W_xh", "W_hh", "b_h", "W_hy", "b_y")


@pytest.fixture(scope="module")
def page():
    """What the blocks of the page's two sections define."""
    names = {}
    for heading in ("Backpropagation through time", "Truncated backpropagation"):
        section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
        for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL):
            exec(compile(block, heading, "exec"), names)
    return names


def example(seed, batch=3, steps=7, features=4, units=5, classes=6):
    rng = np.random.default_rng(seed)
    shapes = [(batch, units), (features, units), (units, units), (units,), (units, classes)]
    weights = [rng.normal(size=shape) for shape in (*shapes, (classes,))]
    x, y = rng.normal(size=(batch, steps, features)), rng.integers(classes, size=(batch, steps))
    return x, y, *weights


def by_tape(x, y, h_0, *weights, window=None):
    """Loss and gradients, the state passed on from window to window, but no gradient."""
    rnn = layers.SimpleRNN(weights[1].shape[0], return_sequences=True, dtype="float64")
    dense = keras.layers.Dense(weights[-1].shape[0], dtype="float64")
    model = keras.Sequential([rnn, dense])
    model.build(x.shape)
    model.set_weights(weights)
    x, h = tf.constant(x), tf.constant(h_0)
    start, loss = h, tf.constant(0.0, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch((x, start))
        for first in range(0, x.shape[1], window or x.shape[1]):
            here = slice(first, first + (window or x.shape[1]))
            of_window = rnn(x[:, here], initial_state=h)
            h = tf.stop_gradient(of_window[:, -1])
            answers = dense(of_window)
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(y[:, here], answers)
            loss += tf.reduce_sum(each)
    found = tape.gradient(loss, [x, start, *(w.value for w in model.weights)])
    return loss.numpy(), of_window[:, -1].numpy(), [gradient.numpy() for gradient in found]


@pytest.mark.parametrize("shape", [{}, {"batch": 1, "steps": 1}, {"steps": 40, "units": 2}])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_pages_gradients_are_tensorflows(page, shape, seed):
    given = example(seed, **shape)
    loss, state, gradients = page["bptt"](*given)
    for expected in (by_tape(*given), page["by_layers"](*given)):
        np.testing.assert_allclose(loss, expected[0], rtol=1e-10)
        np.testing.assert_allclose(state, expected[1], atol=1e-10)
        for name, ours, theirs in zip(GIVEN, gradients, expected[2], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10, err_msg=name)


def test_the_pages_gradients_are_differences_of_the_loss(page):
    x, y, *weights = example(2)
    gradients = page["bptt"](x, y, *weights)[2]
    rng = np.random.default_rng(3)
    for at, (gradient, value) in enumerate(zip(gradients, (x, *weights), strict=True)):
        direction = rng.normal(size=value.shape)
        losses = []
        for step in (1e-6, -1e-6):
            moved = [x, *weights]
            moved[at] = value + step * direction
            losses.append(page["bptt"](moved[0], y, *moved[1:])[0])
        slope = (losses[0] - losses[1]) / 2e-6
        np.testing.assert_allclose(slope, (gradient * direction).sum(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("window", [1, 3, 7, 9])
def test_truncated_ones_are_those_of_windows_between_which_no_gradient_goes(page, window):
    given = example(4)
    loss, total = page["truncated_bptt"](*given, window=window)
    expected = by_tape(*given, window=window)
    np.testing.assert_allclose(loss, expected[0], rtol=1e-10)
    flat = np.concatenate([gradient.ravel() for gradient in expected[2][2:]])
    np.testing.assert_allclose(total, flat, rtol=0, atol=1e-10)
