"""The convolution that stands beside the two-dimensional recurrent layer."""

import numpy as np
import pytest

from rnnzoo.layers import Convolution2D
from rnnzoo.platform import keras

X = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")


def layer_of(**options):
    keras.utils.set_random_seed(0)
    layer = Convolution2D(4, **options)
    layer.build((None, None, None, 3))
    layer.set_weights([w + 0.1 for w in layer.get_weights()])  # biases and norm, too
    return layer


def test_plain_loops():
    layer = layer_of(dilation=2)
    kernel, bias, scale, shift = layer.get_weights()
    padded = np.pad(X, ((0, 0), (2, 2), (2, 2), (0, 0)))
    expected = np.zeros((2, 6, 5, 4))
    for i in range(6):
        for j in range(5):
            seen = padded[:, i : i + 5 : 2, j : j + 5 : 2]
            a = np.einsum("bklf,klfn->bn", seen, kernel) + bias
            away = a - a.mean(axis=-1, keepdims=True)
            norm = away / np.sqrt((away**2).mean(axis=-1, keepdims=True) + layer.norm.epsilon)
            expected[:, i, j] = np.maximum(norm * scale + shift, 0)
    np.testing.assert_allclose(layer(X), expected, atol=1e-5)


def test_padding_at_any_side_changes_nothing():
    layer, upper = layer_of(), Convolution2D(3, dilation=2)
    small = upper(layer(X))
    padded = np.pad(X, ((0, 0), (1, 2), (3, 0), (0, 0)), constant_values=7)
    mask = np.pad(np.ones(X.shape[:3], bool), ((0, 0), (1, 2), (3, 0)))
    large = upper(layer(padded, mask=mask), mask=mask).numpy()
    np.testing.assert_allclose(large[:, 1:7, 3:], small, atol=1e-5)
    assert not large[~mask].any()


def test_saved_in_a_model_and_mixed_policy(tmp_path):
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, Convolution2D(4, 5, 2, "tanh", dtype="mixed_bfloat16")(inputs))
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again(X), model(X))
    assert model(X).dtype == "bfloat16" and model.output_shape == (None, None, None, 4)


def test_a_kernel_without_a_middle_is_refused():
    with pytest.raises(ValueError, match="kernel_size=2: expected an odd number"):
        Convolution2D(4, 2)
