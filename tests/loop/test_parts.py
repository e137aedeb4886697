"""Parts of a batch, one for each core."""

import numpy as np
import pytest

from rnnzoo.loop import parts
from rnnzoo.loop.run import run
from rnnzoo.platform import tf


@pytest.mark.parametrize("mask", ["none", "holes"], indirect=True)
def test_parts_of_the_batch_change_nothing(cell, x, state, mask, dropout, gradients, monkeypatch):
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 1)
    whole = gradients(run, cell, x, state, mask, dropout=dropout)
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 2)
    again = gradients(run, cell, x, state, mask, dropout=dropout)
    for a, b in zip(again, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rows", [0, 1, 2, 9])
@pytest.mark.parametrize("cell", ["skip_far", "lstm"], indirect=True)
def test_any_number_of_rows_where_it_is_not_known_before(cell, rows, monkeypatch):
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 3)
    time, features = 6, 4
    x = tf.random.stateless_normal((rows, time, features), seed=(0, 0), dtype=cell.compute_dtype)
    dynamic = tf.function(
        lambda x: run(cell, x, cell.get_initial_state(tf.shape(x)[0])),
        input_signature=[tf.TensorSpec((None, time, features), x.dtype)],
    )
    outputs, last, final = dynamic(x)
    assert outputs.shape == (rows, time, cell.units)
    for row in range(rows):
        alone, _, state = run(cell, x[row : row + 1], cell.get_initial_state(1))
        np.testing.assert_allclose(outputs[row], alone[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(final[-1][row], state[-1][0], rtol=1e-10, atol=1e-12)


def test_a_batch_is_split_among_the_cores_and_not_below_a_few_rows(monkeypatch):
    def numbers(*batch_sizes):
        return [parts.number_of_parts(n) for n in batch_sizes]

    monkeypatch.setattr(tf.config.threading, "get_inter_op_parallelism_threads", lambda: 3)
    assert numbers(1, 7, 8, 12, 64, None) == [1, 1, 2, 3, 3, 2]
    monkeypatch.setattr(tf.config.threading, "get_inter_op_parallelism_threads", lambda: 64)
    assert numbers(1000, None) == [parts.MAX_PARTS, parts.MAX_PARTS_OF_UNKNOWN]
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["a GPU"])
    assert numbers(64, None) == [1, 1]


def test_cores_are_counted_where_a_system_knows_no_affinity(monkeypatch):
    monkeypatch.delattr(parts.os, "sched_getaffinity", raising=False)
    for count, expected in ((3, 3), (None, 1)):
        monkeypatch.setattr(parts.os, "cpu_count", lambda count=count: count)
        assert parts.number_of_parts(64) == expected
