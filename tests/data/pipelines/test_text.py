"""The ids of most tests are 0, 1, 2, ...: an id is its own position in the text."""

import itertools

import numpy as np
import pytest

from rnnzoo.data import contiguous, in_order, shuffled_windows, steps_per_epoch
from rnnzoo.platform import tf

TRAINING = [contiguous, shuffled_windows]


def take(dataset, count):
    return [tf.nest.map_structure(lambda t: t.numpy(), e) for e in itertools.islice(dataset, count)]


def assert_equal(left, right):
    tf.nest.map_structure(np.testing.assert_array_equal, left, right)


@pytest.mark.parametrize(("length", "batch_size", "window"), [(500, 4, 8), (131, 1, 5), (65, 4, 8)])
def test_rows_put_end_to_end_are_the_text(length, batch_size, window):
    steps = steps_per_epoch(length, batch_size, window)
    pipeline = iter(contiguous(np.arange(length), batch_size, window, seed=3))
    for _epoch in range(3):
        epoch = take(pipeline, steps)
        x = np.concatenate([x for (x, _), _ in epoch], axis=1)  # (batch, steps * window)
        y = np.concatenate([y for _, y in epoch], axis=1)
        begin = x[0, 0]
        np.testing.assert_array_equal(x.ravel(), np.arange(begin, begin + x.size))
        np.testing.assert_array_equal(y, x + 1)
        assert y.max() < length


def test_rows_start_from_zero_only_where_an_epoch_begins():
    steps = steps_per_epoch(300, 3, 7)
    elements = take(contiguous(np.arange(300), 3, 7), 2 * steps + 1)
    for step, ((_, start), _) in enumerate(elements):
        np.testing.assert_array_equal(start, np.full(3, step % steps == 0))


def test_an_epoch_leaves_out_less_than_one_batch_and_one_window():
    for length, batch_size, window in itertools.product((50, 99, 1000), (1, 2, 5), (3, 8)):
        read = steps_per_epoch(length, batch_size, window) * batch_size * window
        assert 0 <= length - 1 - read < (batch_size + 1) * window


def test_epochs_are_cut_at_different_places():
    steps = steps_per_epoch(1000, 2, 50)
    begins = {
        int(x[0, 0])
        for ((x, start), _) in take(contiguous(np.arange(1000), 2, 50), 20 * steps)
        if start.all()
    }
    assert len(begins) > 10


def test_every_character_is_read_sooner_or_later():
    seen = {int(i) for (x, _), _ in take(contiguous(np.arange(60), 2, 5), 500) for i in x.ravel()}
    assert seen == set(range(59))  # the last one is only predicted


@pytest.mark.parametrize("pipeline", TRAINING)
@pytest.mark.parametrize("start_step", [1, 7, 31, 100])
def test_a_step_is_a_pure_function_of_seed_and_step(pipeline, start_step):
    ids = np.random.default_rng(0).integers(0, 50, 400)
    steps = steps_per_epoch(len(ids), 3, 8)
    assert 7 < steps < 31  # within the first epoch, and in later ones
    whole = take(pipeline(ids, 3, 8, seed=5), start_step + 3)
    resumed = take(pipeline(ids, 3, 8, seed=5, start_step=start_step), 3)
    assert_equal(whole[start_step:], resumed)


@pytest.mark.parametrize("pipeline", TRAINING)
def test_seeds_differ(pipeline):
    first, second = (take(pipeline(np.arange(400), 3, 8, seed=seed), 40) for seed in (0, 1))
    assert any(not np.array_equal(a[1], b[1]) for a, b in zip(first, second, strict=True))


def test_shuffled_windows_of_an_epoch_are_distinct_and_out_of_order():
    steps = steps_per_epoch(1000, 4, 10)
    pipeline = iter(shuffled_windows(np.arange(1000), 4, 10, seed=1))
    orders = []
    for _epoch in range(3):
        epoch = take(pipeline, steps)
        assert all(start.all() for (_, start), _ in epoch)
        x = np.concatenate([x for (x, _), _ in epoch])
        np.testing.assert_array_equal(x, x[:, :1] + np.arange(10))
        np.testing.assert_array_equal(np.concatenate([y for _, y in epoch]), x + 1)
        begins = x[:, 0]
        assert len(set(begins)) == len(begins) == 4 * steps
        assert len(set(begins % 10)) == 1  # one offset an epoch: no two windows overlap
        assert np.abs(np.diff(begins)).mean() > 200  # a third of the text when order is random
        orders.append(begins // 10)
    assert not np.array_equal(orders[0], orders[1])


@pytest.mark.parametrize(
    ("length", "batch_size", "window"), [(2, 1, 1), (100, 3, 7), (43, 3, 7), (5, 8, 16), (64, 1, 9)]
)
def test_in_order_predicts_every_character_after_the_first_once(length, batch_size, window):
    dataset = in_order(np.arange(length), batch_size, window)
    elements = take(dataset, 10_000)
    assert len(elements) == int(dataset.cardinality())
    x, y, weight = (
        np.concatenate(parts, axis=1)
        for parts in zip(*[(x, y, weight) for (x, _), y, weight in elements], strict=True)
    )
    assert set(np.unique(weight)) <= {0.0, 1.0}
    np.testing.assert_array_equal(np.sort(y[weight == 1]), np.arange(1, length))
    np.testing.assert_array_equal(y[weight == 1], x[weight == 1] + 1)
    for row, kept in zip(x, weight, strict=True):  # a row goes on, and its padding comes last
        np.testing.assert_array_equal(np.diff(row[kept == 1]), 1)
        assert (np.diff(kept) <= 0).all()
    for step, ((_, start), _, _) in enumerate(elements):
        assert (start == (step == 0)).all()


@pytest.mark.parametrize("pipeline", [*TRAINING, in_order])
def test_shapes_are_static(pipeline):
    (x, start), y, *weight = pipeline(range(200), 4, 8).element_spec
    assert (x.shape, x.dtype) == ((4, 8), tf.int32)
    assert (y.shape, y.dtype) == ((4, 8), tf.int32)
    assert (start.shape, start.dtype) == ((4,), tf.bool)
    assert all((w.shape, w.dtype) == ((4, 8), tf.float32) for w in weight)


@pytest.mark.parametrize("pipeline", TRAINING)
@pytest.mark.parametrize("length", [9, 10, 30])
def test_a_text_smaller_than_a_batch_fills_it_all_the_same(pipeline, length):
    assert steps_per_epoch(length, batch_size=16, window=8) == 1
    for (x, start), y in take(pipeline(np.arange(length), 16, 8), 20):
        assert start.all()
        np.testing.assert_array_equal(y, x + 1)
        np.testing.assert_array_equal(np.diff(x), 1)
        assert x.min() >= 0
        assert y.max() < length


@pytest.mark.parametrize("pipeline", TRAINING)
def test_a_text_shorter_than_a_window_is_an_error(pipeline):
    with pytest.raises(ValueError, match="8 characters is shorter than one window of 8"):
        pipeline(range(8), 2, 8)


@pytest.mark.parametrize("pipeline", [*TRAINING, in_order])
@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"batch_size": 0}, ValueError, "batch_size=0"),
        ({"window": -1}, ValueError, "window=-1"),
        ({"window": 2.0}, TypeError, "window=2.0"),
        ({"ids": np.zeros((4, 4), int)}, ValueError, r"shape \(4, 4\)"),
        ({"ids": np.zeros(40)}, ValueError, "float64"),
    ],
)
def test_mistakes_are_named(pipeline, wrong, error, says):
    with pytest.raises(error, match=says):
        pipeline(**{"ids": range(100), "batch_size": 2, "window": 5, **wrong})


def test_a_negative_start_step_and_a_text_of_one_character_are_errors():
    with pytest.raises(ValueError, match="start_step=-1"):
        contiguous(range(100), 2, 5, start_step=-1)
    with pytest.raises(ValueError, match="1 characters"):
        in_order([7], 2, 5)
