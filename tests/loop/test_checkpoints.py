"""Memory for time: the same gradients from checkpoints."""

import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.loop import parts
from rnnzoo.loop.run import run
from rnnzoo.platform import tf
from tests.loop.conftest import few_cells


@pytest.mark.parametrize(
    "mask", [pytest.param("none", marks=pytest.mark.slow), "holes"], indirect=True
)
@few_cells
def test_checkpoints_change_nothing(cell, x, state, mask, dropout, gradients, monkeypatch):
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 1)
    whole = gradients(run, cell, x, state, mask, dropout=dropout)
    # Six steps are a multiple of 3, so there and only there no step is padded; 7 is more than all.
    for count, every in ((1, 3), (2, 4), (3, 7)):
        monkeypatch.setattr(parts, "number_of_parts", lambda batch_size, n=count: n)
        again = gradients(run, cell, x, state, mask, dropout=dropout, checkpoint_every=every)
        for a, b in zip(again, whole, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


def test_weight_gradients_of_many_segments_are_not_summed_in_half_precision():
    cell = cells.LSTMCell(4, dtype="mixed_bfloat16")
    cell.build((None, 3))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(2, 2000, 3)), tf.bfloat16)
    values = [w.value for w in cell.trainable_variables]

    @tf.function(autograph=False)
    def weight_gradients(every):
        with tf.GradientTape() as tape:
            outputs, _, _ = run(cell, x, cell.get_initial_state(2), checkpoint_every=every)
            loss = tf.reduce_sum(outputs)
        return tape.gradient(loss, values)

    for ours, whole in zip(weight_gradients(10), weight_gradients(None), strict=True):
        apart = np.linalg.norm(ours - whole) / np.linalg.norm(whole)
        assert apart < 0.01
