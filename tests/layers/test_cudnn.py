"""The way to cuDNN, with its one operation replaced: there may be no GPU where the tests run."""

import numpy as np
import pytest

from rnnzoo import layers
from rnnzoo.cells import LSTMCell
from rnnzoo.layers import cudnn
from rnnzoo.platform import keras, tf

KINDS = [layers.LSTM, layers.GRU]


def cudnn_rnn(
    input, input_h, input_c, params, is_training, rnn_mode, sequence_lengths, time_major=True
):
    """What the NVIDIA cuDNN manual says of LSTM and GRU, from weights in cuDNN's order."""
    x = input if time_major else tf.transpose(input, (1, 0, 2))
    axis = 0 if time_major else 1  # of layers, of which there is one
    h = tf.squeeze(input_h, axis)
    c = tf.squeeze(input_c, axis) if rnn_mode == "lstm" else 0
    gates = {"lstm": 4, "gru": 3}[rnn_mode]
    units, features = h.shape[-1], x.shape[-1]
    sizes = [units * features] * gates + [units * units] * gates + [units] * (2 * gates)
    blocks = tf.split(params, sizes)
    of_input = [tf.reshape(w, (units, features)) for w in blocks[:gates]]
    of_state = [tf.reshape(w, (units, units)) for w in blocks[gates : 2 * gates]]
    biases = blocks[2 * gates :]
    outputs = []
    for x_t in tf.unstack(x):
        a = [x_t @ tf.transpose(w) + b for w, b in zip(of_input, biases, strict=False)]
        b = [h @ tf.transpose(w) + b for w, b in zip(of_state, biases[gates:], strict=True)]
        if rnn_mode == "lstm":
            i, f, g, o = (p + q for p, q in zip(a, b, strict=True))
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
        else:
            r, z = (tf.sigmoid(p + q) for p, q in zip(a[:2], b[:2], strict=True))
            h = (1 - z) * tf.tanh(a[2] + r * b[2]) + z * h
        outputs.append(h)
    c = tf.expand_dims(c, axis) if rnn_mode == "lstm" else c
    return tf.stack(outputs, axis), tf.expand_dims(h, axis), c, None, None


@pytest.fixture
def calls(monkeypatch):
    """Pretend that there is a GPU; what cuDNN is called with is counted."""
    seen = []

    def counted(**arguments):
        seen.append(arguments["rnn_mode"])
        return cudnn_rnn(**arguments)

    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", counted)
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
    return seen


def outputs_and_gradients(layer, x, **arguments):
    with tf.GradientTape() as tape:
        outputs = layer(x, **arguments)
        loss = sum(tf.reduce_sum(tf.sin(tf.cast(o, tf.float32))) for o in tf.nest.flatten(outputs))
    return [*tf.nest.flatten(outputs), *tape.gradient(loss, layer.trainable_variables)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backwards", [False, True])
def test_training_goes_through_cudnn_and_learns_the_same(kind, backwards, calls):
    layer = kind(5, return_sequences=True, return_state=True, go_backwards=backwards)
    x = keras.random.normal((2, 4, 3), seed=0)
    state = [keras.random.normal((2, 5), seed=i) for i in range(len(layer.state_size))]
    layer.build(x.shape)
    layer.cell.bias.assign(keras.random.normal(layer.cell.bias.shape, seed=9))
    by_cudnn = outputs_and_gradients(layer, x, initial_state=state, training=True)
    assert len(calls) == 1
    by_loop = outputs_and_gradients(layer, x, initial_state=state, training=False)
    assert len(calls) == 1, "only training goes through cuDNN: an export must run anywhere"
    for ours, theirs in zip(by_loop, by_cudnn, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"activation": "relu"},
        {"recurrent_activation": "hard_sigmoid"},
        {"use_bias": False},
        {"recurrent_dropout": 0.5},
        {"checkpoint_every": 2},
        {"jit_compile": True},
        {"use_cudnn": False},
        {"dtype": "float64"},
        {"dtype": "mixed_float16"},  # cuDNN's state would have 16 bits, too
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_cudnn_lacks_runs_in_the_loop(kind, options, calls):
    layer = kind(3, **options)
    layer(keras.random.normal((2, 4, 3)), training=True)
    assert not calls


def test_a_mask_runs_in_the_loop(calls):
    layers.LSTM(3)(tf.ones((2, 4, 3)), mask=tf.ones((2, 4), tf.bool), training=True)
    assert not calls


@pytest.mark.parametrize("kind", KINDS)
def test_where_cudnn_cannot_be_called_the_loop_runs(kind, calls, monkeypatch):
    def no_kernel(**arguments):
        calls.append("refused")
        raise tf.errors.NotFoundError(None, None, "no CPU kernel for CudnnRNNV3")

    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", no_kernel)
    layer, x = kind(3), keras.random.normal((2, 4, 3), seed=0)
    output = layer(x, training=True)
    assert calls == ["refused"]
    np.testing.assert_array_equal(output, layer(x))


def kept_in_config(layer):
    return type(layer).from_config(layer.get_config())


def test_keras_does_not_compile_a_step_through_cudnn_by_xla(calls):
    layer = layers.LSTM(3)
    assert not layer.supports_jit
    layer.use_cudnn = False
    assert layer.supports_jit
    assert kept_in_config(layers.GRU(3, use_cudnn=False)).supports_jit
    assert layers.LSTM(3, jit_compile=True).supports_jit
    assert layers.SimpleRNN(3).supports_jit


def test_a_subclass_of_a_cell_may_compute_something_else(calls):
    class Mine(LSTMCell):
        pass

    assert cudnn.serves(LSTMCell(3)) and not cudnn.serves(Mine(3))


def test_without_a_gpu_there_is_no_cudnn(monkeypatch):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [])
    assert not cudnn.serves(LSTMCell(3))
