"""What is done to pictures before the network reads them, in the graph."""

import numpy as np
import pytest
from PIL import Image

from rnnzoo.data.readers import picture_sizes
from rnnzoo.platform import tf
from rnnzoo.tasks.pictures.drawings import ground_of, scaled
from rnnzoo.tasks.pictures.preparation import Preparation, extents, grey, sampled

RANDOM = np.random.default_rng(0)


def test_brightness_is_what_pillow_makes_it():
    colour = RANDOM.integers(0, 256, (9, 7, 3), np.uint8)
    expected = np.asarray(Image.fromarray(colour).convert("L"))
    np.testing.assert_array_equal(grey(tf.constant(colour))[..., 0], expected)
    np.testing.assert_array_equal(grey(tf.constant(colour[..., :1])), colour[..., :1])


def test_smaller_pixels_are_means_of_areas():
    picture = RANDOM.integers(0, 256, (6, 9, 1), np.uint8)
    means = picture.reshape(2, 3, 3, 3).mean(axis=(1, 3))
    found = scaled(tf.constant(picture), tf.constant([2, 3]))
    np.testing.assert_array_equal(found[..., 0], means.round())
    # Half of a pixel is in each of two areas.
    thirds = scaled(tf.constant([[[0], [90], [240]]], tf.uint8), tf.constant([1, 2]))
    np.testing.assert_array_equal(thirds[0, :, 0], [30, 190])


@pytest.mark.parametrize("shape", [(3, 5), (8, 8), (1, 1), (12, 2)])
def test_the_ground_is_the_median_at_the_edges(shape):
    picture = RANDOM.integers(0, 256, (*shape, 1), np.uint8)
    of_edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    median = np.median(np.concatenate([edge.ravel() for edge in of_edges]))
    assert ground_of(tf.constant(picture)).numpy() == int(median)


def test_sizes_and_values_in_a_batch_are_those_of_each_picture():
    sizes = [(2, 5), (7, 3), (4, 4)]
    wanted = [(6, 2), (3, 3), (4, 4)]
    padded, mask = np.zeros((3, 7, 5), np.int32), np.zeros((3, 7, 5), bool)
    for i, (height, width) in enumerate(sizes):
        padded[i, :height, :width] = RANDOM.integers(1, 99, (height, width))
        mask[i, :height, :width] = True
    np.testing.assert_array_equal(extents(tf.constant(mask)), sizes)
    np.testing.assert_array_equal(extents(tf.zeros((1, 3, 2), tf.bool)), [[1, 1]])
    found = sampled(*map(tf.constant, (padded, sizes, wanted, [8, 4]))).numpy()
    assert found.shape == (3, 8, 4)
    for i, ((height, width), (rows, columns)) in enumerate(zip(sizes, wanted, strict=True)):
        expected = picture_sizes.sampled(padded[i, :height, :width], (rows, columns))
        np.testing.assert_array_equal(found[i, :rows, :columns], expected)
        assert found[i].sum() == expected.sum()  # and nothing beyond


@pytest.mark.parametrize(
    "preparation",
    [
        Preparation(3),
        Preparation(1, size=(5, 4)),
        Preparation(3, longest=5),
        Preparation(1, size=(5, 4), ground=250, cuts=True),
        Preparation(1, longest=5, ground=0, cuts=True),
        Preparation(1, size=(5, 4), ground=0),
    ],
)
def test_a_batch_is_prepared_as_each_of_its_pictures(preparation):
    sizes = [(9, 6), (5, 4), (3, 8)]
    padded, mask = np.full((3, 9, 8, 3), 77, np.uint8), np.zeros((3, 9, 8), bool)
    for row, there, (height, width) in zip(padded, mask, sizes, strict=True):
        row[:height, :width] = RANDOM.integers(0, 256, (height, width, 3))
        there[:height, :width] = True
    of_batch = tf.function(
        preparation.of_batch,
        input_signature=[
            tf.TensorSpec([None, None, None, None], tf.uint8),
            tf.TensorSpec([None, None, None], tf.bool),
        ],
    )
    x, read = of_batch(tf.constant(padded), tf.constant(mask))
    for i, (height, width) in enumerate(sizes):
        alone, _ = preparation(tf.constant(padded[i, :height, :width]))
        rows, columns = alone.shape[:2]
        np.testing.assert_array_equal(x[i, :rows, :columns], alone)
        assert tf.reduce_sum(tf.cast(x[i], tf.int32)) == alone.numpy().sum()
        assert read[i, :rows, :columns].numpy().all()
        assert tf.math.count_nonzero(read[i]) == rows * columns
        assert alone.shape[-1] == preparation.colours and max(alone.shape[:2]) <= 9
    nothing = of_batch(tf.zeros((0, 4, 4, 1), tf.uint8), tf.zeros((0, 4, 4), tf.bool))
    assert nothing[0].shape[0] == nothing[1].shape[0] == 0
