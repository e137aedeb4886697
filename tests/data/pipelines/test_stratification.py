"""Splits of rows with any number of labels."""

import numpy as np
import pytest

from rnnzoo.data.pipelines.splits import by_labels, of_recordings
from rnnzoo.data.pipelines.stratification import stratified

NAMES = ("a", "b", "c", "d", "rare")


def labels(count=300, seed=0, shares=(0.5, 0.3, 0.2, 0.06, 0.02)):
    return (np.random.default_rng(seed).random((count, len(shares))) < shares).astype(np.int32)


@pytest.mark.parametrize("seed", range(5))
def test_each_label_keeps_its_share(seed):
    has = labels(seed=seed)
    assert min(np.unique(has, axis=0, return_counts=True)[1]) == 1  # sets that occur once
    rows = by_labels(has, NAMES, "own", validation=0.2, test=0.1, seed=seed)
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(300))
    for split, share in {"train": 0.7, "validation": 0.2, "test": 0.1}.items():
        there, expected = has[rows[split]].sum(axis=0), share * has.sum(axis=0)
        assert np.abs(there - expected).max() <= 2.5, split  # of up to 150
        assert abs(len(rows[split]) - 300 * share) <= 10
    assert has[rows["train"]].any(axis=0).all()


def test_the_split_is_that_of_its_seed():
    has = labels()
    first, again, other = (by_labels(has, NAMES, "own", 0.2, 0.1, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[split], again[split]) for split in first)
    assert not np.array_equal(first["train"], other["train"])


def test_a_label_that_comes_once_is_trained_on_whatever_the_shares():
    has = np.zeros((40, 3), int)
    has[:20, 0] = has[10:30, 1] = 1
    has[7, 2] = 1
    for seed in range(20):
        assert 7 in by_labels(has, "xyz", "own", 0.45, 0.45, seed)["train"]


def test_rows_without_a_label_are_shared_out_and_labels_without_a_row_are_no_trouble():
    has = np.zeros((100, 2), int)
    has[:20, 0] = 1
    parts = stratified(has, (80, 20), np.random.default_rng(0))
    assert [len(part) for part in parts] == [80, 20]
    assert [has[part, 0].sum() for part in parts] == [16, 4]
    assert len(by_labels(has, "xy", "own", 0.1, 0.1)["train"]) == 80


def test_what_cannot_be_split_is_refused():
    with pytest.raises(ValueError, match=r"own has 2 example\(s\) of 2 labels: too few"):
        by_labels(np.eye(2, dtype=int), "ab", "own", 0.2, 0.2)
    with pytest.raises(ValueError, match="20 labels: too few to train on and to hold out"):
        by_labels(np.eye(20, dtype=int), range(20), "own", 0.2, 0.2)


def test_groups_stay_together_and_leave_each_label_some_to_train_on():
    has = labels()
    groups = [f"g{i % 12}" for i in range(300)]
    lacks = 0
    for seed in range(20):
        rows = of_recordings(has, groups, None, "own", 0.2, 0.2, seed, NAMES)
        of_split = {split: {groups[i] for i in part} for split, part in rows.items()}
        assert not of_split["train"] & (of_split["validation"] | of_split["test"])
        assert has[rows["train"]].any(axis=0).all()
        lacks += not has[rows["test"]].any(axis=0).all()
    assert lacks  # so that some choice may have been made again
    only = has.copy()
    only[:, 4] = 0
    only[::12, 4] = 1  # of one group
    trained = [of_recordings(only, groups, None, "own", 0.4, 0.4, s, NAMES) for s in range(20)]
    assert all(only[rows["train"], 4].any() for rows in trained)


def test_splits_that_are_given_must_leave_a_label_some_to_train_on():
    has = np.array([[1, 0], [1, 1], [0, 1]])
    given = ["train", "validation", "test"]
    with pytest.raises(ValueError, match="own: the class wet has no example to train on"):
        of_recordings(has, None, given, "own", 0.1, 0.1, names=("cold", "wet"))
