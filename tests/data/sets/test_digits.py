"""Digits written by hand."""

import numpy as np

from rnnzoo.data import load_pictures


def test_digits_are_split_by_class_and_the_same_each_time():
    digits = load_pictures("digits")
    parts = [digits.train, digits.validation, digits.test]
    assert sum(map(len, parts)) == 1797 and digits.classes == tuple(range(10))
    for part in parts:
        counts = np.bincount(part.labels)
        assert counts.max() - counts.min() <= 0.1 * counts.max()
    assert {x.shape for x in digits.train.x} == {(8, 8, 1)} and digits.train.x[0].dtype == np.uint8
    assert max(x.max() for x in digits.train.x) == 255
    assert load_pictures("digits").metadata == digits.metadata
