"""Batches of whole sequences."""

import numpy as np
import pytest

from rnnzoo.data import sequences_per_epoch, shuffled_rows
from rnnzoo.data.pipelines.sequences import POOL

LENGTHS = np.random.default_rng(0).integers(1, 40, size=403)


def batches(count, **how):
    return [rows.numpy() for rows in shuffled_rows(LENGTHS, 4, **how).take(count)]


def test_an_epoch_holds_no_row_twice_and_leaves_out_less_than_a_batch():
    steps = sequences_per_epoch(LENGTHS, 4)
    assert steps == 100
    first, second = np.split(np.concatenate(batches(2 * steps)), 2)
    for epoch in (first, second):
        assert len(set(epoch)) == 400
    assert (first != second).any()


def test_rows_of_a_batch_are_about_as_long_as_each_other():
    spread = np.mean([np.ptp(LENGTHS[rows]) for rows in batches(100)])
    assert spread < 2 < 0.2 * np.ptp(LENGTHS)
    assert len(LENGTHS) > POOL * 4  # so several pools were sorted apart


def test_a_batch_depends_on_seed_and_step_alone():
    whole = batches(230, seed=3)
    for start in (0, 7, 99, 100, 201):
        np.testing.assert_array_equal(
            batches(5, seed=3, start_step=start), whole[start : start + 5]
        )
    assert any((a != b).any() for a, b in zip(whole, batches(230, seed=4), strict=True))


def test_fewer_sequences_than_a_batch_come_all_together():
    rows = next(iter(shuffled_rows([5, 2, 9], 8)))
    assert sorted(rows.numpy()) == [0, 1, 2]
    assert rows.shape == (3,)


@pytest.mark.parametrize(("count", "steps"), [(1, 1), (4, 1), (7, 1), (8, 2)])
def test_steps_of_an_epoch(count, steps):
    assert sequences_per_epoch([0] * count, 4) == steps
