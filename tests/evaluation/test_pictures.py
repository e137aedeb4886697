"""Pictures of answers."""

import numpy as np
from PIL import Image

from rnnzoo.evaluation.pictures import draw_pixels


def test_pixels_that_are_wrong_look_otherwise_than_those_that_are_right(tmp_path):
    pictures = [np.zeros((4, 5, 1), np.uint8), np.zeros((6, 3, 3), np.uint8)]
    truth = [np.ones((4, 5), int), np.zeros((6, 3), int)]
    truth[0][0] = -1
    drawn = []
    for wrong in (0, 1):
        answers = {"one": [np.abs(ids - wrong) for ids in map(np.maximum, truth, (0, 0))]}
        draw_pixels(tmp_path / "a.png", pictures, truth, answers, ("out", "in"))
        drawn.append(np.asarray(Image.open(tmp_path / "a.png").convert("RGB")))
    assert drawn[0].shape == drawn[1].shape
    half = drawn[0].shape[0] * 6 // 10  # pictures and truth stay, answers differ
    assert (drawn[0][: half // 2] == drawn[1][: half // 2]).all()
    assert (drawn[0][half:] != drawn[1][half:]).any(axis=-1).mean() > 0.1
