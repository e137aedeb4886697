"""What picture classifiers are to be better than."""

import numpy as np

from rnnzoo.baselines.pictures import Around, MostFrequentClassOfPixels, Pixels
from rnnzoo.data import Examples, PictureData
from rnnzoo.data.step_labels import entries

RANDOM = np.random.default_rng(0)


def parts_of(x, labels):
    rows = {"train": slice(0, 40), "validation": slice(40, 50), "test": slice(50, 60)}
    return {split: Examples(x[of], labels[of]) for split, of in rows.items()}


def of_pictures(sizes):
    """Light pictures on the left or on the right."""
    labels = RANDOM.integers(0, 2, 60).astype(np.int32)
    x = []
    for label, (height, width) in zip(labels, sizes, strict=True):
        picture = RANDOM.integers(0, 60, (height, width, 1)).astype(np.uint8)
        picture[:, : width // 2] += np.uint8(150 * label)
        x.append(picture)
    return PictureData(name="x", classes=("right", "left"), **parts_of(x, labels))


def test_pixels_or_those_of_a_thumbnail():
    for sizes in ([(8, 8)] * 60, [(8 + i % 3, 9) for i in range(60)], [(40, 40)] * 60):
        data = of_pictures(sizes)
        p = Pixels().fit(data).answers(data.test)
        assert p.shape == (10, 2) and (p.argmax(axis=1) == data.test.labels).all()
        np.testing.assert_allclose(p.sum(axis=1), 1)


def test_pictures_are_brought_to_the_size_of_those_fitted():
    data = of_pictures([(8, 8)] * 50 + [(9, 8)] * 10)
    p = Pixels().fit(data).answers(data.test)
    assert p.shape == (10, 2) and (p.argmax(axis=1) == data.test.labels).all()


def test_pixels_by_what_is_around_them():
    x = [RANDOM.integers(0, 2, (6, 5 + i % 2, 1)).astype(np.uint8) * 255 for i in range(60)]
    labels = entries([(one[..., 0] > 0).astype(np.int32) for one in x])
    for one in labels:
        one[0] = -1
    data = PictureData(name="x", classes=(0, 1), per_pixel=True, **parts_of(x, labels))
    answers = Around().fit(data).answers(data.test)
    for p, truth in zip(answers, data.test.labels, strict=True):
        assert p.shape == (*truth.shape, 2)
        assert (p.argmax(axis=-1) == truth)[truth >= 0].all()
    (shares,) = MostFrequentClassOfPixels().fit(data).answers(data.test)[:1]
    truth = np.concatenate([one[1:].ravel() for one in data.train.labels])
    np.testing.assert_allclose(shares[0, 0], np.bincount(truth) / len(truth))
