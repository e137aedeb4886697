"""Parts of a batch, one for each core."""

import numpy as np
import pytest

from rnnzoo.loop import parts
from rnnzoo.loop.run import run
from rnnzoo.platform import tf
from tests.loop.conftest import CELLS, FEW


@pytest.mark.parametrize(
    ("cell", "mask"),
    [
        pytest.param(
            name,
            mask,
            marks=() if name in FEW and (mask == "holes" or name == "lstm") else pytest.mark.slow,
        )
        for mask in ("none", "holes")
        for name in CELLS
    ],
    indirect=True,
)
def test_parts_of_the_batch_change_nothing(cell, x, state, mask, dropout, gradients, monkeypatch):
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 1)
    whole = gradients(run, cell, x, state, mask, dropout=dropout)
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 2)
    again = gradients(run, cell, x, state, mask, dropout=dropout)
    for a, b in zip(again, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("cell", ["skip_far", "lstm"], indirect=True)
def test_any_number_of_rows_where_it_is_not_known_before(cell, monkeypatch):
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 3)
    time, features = 6, 4
    dynamic = tf.function(
        lambda x: run(cell, x, cell.get_initial_state(tf.shape(x)[0])),
        input_signature=[tf.TensorSpec((None, time, features), cell.compute_dtype)],
    )
    for rows in (0, 1, 2, 9):
        shape = (rows, time, features)
        x = tf.random.stateless_normal(shape, (0, 0), dtype=cell.compute_dtype)
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


def test_cores_are_counted_where_a_system_knows_no_affinity(monkeypatch, tmp_path):
    monkeypatch.delattr(parts.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(parts, "CGROUP", tmp_path)
    for count, expected in ((3, 3), (None, 1)):
        monkeypatch.setattr(parts.os, "cpu_count", lambda count=count: count)
        assert parts.number_of_parts(64) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8),
        ({"v2": "max 100000\n"}, 8),
        ({"v2": "200000 100000\n"}, 2),
        ({"v2": "150000 100000\n"}, 2),
        ({"v2": "10000 100000\n"}, 1),
        ({"v2": "9900000 100000\n"}, 8),
        ({"quota": "-1\n", "period": "100000\n"}, 8),
        ({"quota": "0\n", "period": "100000\n"}, 8),
        ({"quota": "300000\n", "period": "100000\n"}, 3),
        ({"quota": "300000\n"}, 8),
    ],
)
def test_a_container_has_the_cores_of_its_quota(files, expected, monkeypatch, tmp_path):
    monkeypatch.setattr(parts.os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    monkeypatch.setattr(parts, "CGROUP", tmp_path)
    for name, text in files.items():
        path = tmp_path / ("cpu.max" if name == "v2" else f"cpu/cpu.cfs_{name}_us")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert parts.number_of_parts(64) == expected


@pytest.mark.parametrize(
    "cell",
    ["skip_far", *(pytest.param(c, marks=pytest.mark.slow) for c in ("split_terms", "lstm"))],
    indirect=True,
)
def test_dropout_and_gradients_of_any_number_of_rows(cell, gradients, monkeypatch):
    time, features = 5, 4

    def all_of(x, mask):
        ones = [tf.ones((tf.shape(x)[0], n), x.dtype) for n in cell.state_size]
        return gradients(
            run, cell, x, ones, mask, dropout=[2 * s for s in ones][: len(cell.state_names)]
        )

    signature = [
        tf.TensorSpec((None, time, features), cell.compute_dtype),
        tf.TensorSpec((None, time), tf.bool),
    ]
    dynamic = tf.function(all_of, input_signature=signature)
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 3)
    dynamic.get_concrete_function()
    monkeypatch.setattr(parts, "number_of_parts", lambda batch_size: 1)
    for rows in range(1, 10):
        rng = np.random.default_rng(rows)
        x = tf.constant(rng.normal(size=(rows, time, features)), cell.compute_dtype)
        mask = tf.constant(rng.random((rows, time)) < 0.7)
        for a, b in zip(dynamic(x, mask), all_of(x, mask), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
