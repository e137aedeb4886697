"""The stack: whole, in pieces, and step by step."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo import layers
from rnnzoo.platform import keras

numpy = keras.ops.convert_to_numpy


def close(a, b):
    np.testing.assert_allclose(numpy(a), numpy(b), rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "skip"])
def stack(request):
    stack = layers.RecurrentStack(
        [layers.LSTM(5), layers.SkipDelayRNN(6, delays=(1, 3)), layers.LeakyRNN(4)],
        dropout=0.3,
        skip=request.param,
    )
    stack.build((None, None, 3))
    return stack


def test_with_skips_each_layer_sees_the_input_and_the_output_sees_each_layer():
    stack = layers.RecurrentStack([layers.SimpleRNN(4), layers.SimpleRNN(5)], skip=True)
    stack.build((None, None, 3))
    assert stack.output_size == 9
    (W, U, b), (W2, U2, b2) = (layer.get_weights() for layer in stack.layers)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    h, h2, expected = np.zeros((2, 4)), np.zeros((2, 5)), []
    for t in range(7):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        # What comes from below, then the input.
        h2 = np.tanh(h @ W2[:4] + x[:, t] @ W2[4:] + h2 @ U2 + b2)
        expected.append(np.concatenate([h, h2], axis=1))
    outputs, final = stack(x)
    close(outputs, np.stack(expected, axis=1))
    close(final["layer_1_h"], h2)


def test_layers_above_the_lowest_see_what_is_between():
    stack = layers.RecurrentStack([layers.SimpleRNN(n) for n in (4, 5, 3)], between=2)
    stack.build((None, None, 3))
    (W, U, b), (W2, U2, b2), (W3, U3, b3) = (layer.get_weights() for layer in stack.layers)
    assert W2.shape == (6, 5) and W3.shape == (7, 3)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    h, h2, h3, expected = np.zeros((2, 4)), np.zeros((2, 5)), np.zeros((2, 3)), []
    for t in range(7):
        h = np.tanh(x[:, t] @ W + h @ U + b)
        c = h[:, 1:3] ** 2
        h2 = np.tanh(h @ W2[:4] + c @ W2[4:] + h2 @ U2 + b2)
        h3 = np.tanh(h2 @ W3[:5] + c @ W3[5:] + h3 @ U3 + b3)
        expected.append(h3)

    def look(h):
        return h[..., 1:3] ** 2

    outputs, final = stack(x, look=look)
    close(outputs, np.stack(expected, axis=1))
    state = stack.initial_state(2)
    for t in range(7):
        output, state = stack.step(x[:, t], state, look)
        close(output, expected[t])
    close(final["layer_2_h"], state["layer_2_h"])

    again = layers.RecurrentStack.from_config(stack.get_config())
    again.build((None, None, 3))
    again.set_weights(stack.get_weights())
    close(again(x, look=look)[0], outputs)
    for call in (lambda: stack(x), lambda: stack.step(x[:, 0], state)):
        with pytest.raises(ValueError, match="between=2: expected look"):
            call()
    with pytest.raises(ValueError, match="between=0: expected look.* there alone"):
        layers.RecurrentStack([layers.SimpleRNN(4)])(x, look=look)


def test_skips_take_inputs_and_outputs_of_two_dtypes():
    stack = layers.RecurrentStack(
        [layers.GRU(n, dtype="mixed_bfloat16") for n in (4, 5)], skip=True, dtype="mixed_bfloat16"
    )
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    outputs, final = stack(x)
    stepped, state = stack.step(x[:, 0], stack.initial_state(2))
    assert outputs.dtype == stepped.dtype == "bfloat16"
    assert {s.dtype.name for s in (*final.values(), *state.values())} == {"float32"}
    np.testing.assert_allclose(
        numpy(outputs[:, 0]).astype("float32"), numpy(stepped).astype("float32"), atol=0.02
    )


def test_the_state_is_a_flat_dict_of_named_tensors(stack):
    state = stack.initial_state(2)
    assert {name: tuple(value.shape) for name, value in state.items()} == {
        "layer_0_h": (2, 5),
        "layer_0_c": (2, 5),
        "layer_1_h": (2, 6),
        "layer_1_h_2": (2, 6),
        "layer_1_h_3": (2, 6),
        "layer_2_h": (2, 4),
    }
    assert list(state) == stack.state_names


def test_whole_equals_in_pieces_equals_stepped(stack):
    x = keras.random.normal((2, 7, 3))
    whole, final = stack(x)
    pieces, state = [], None
    for piece in (x[:, :3], x[:, 3:4], x[:, 4:]):
        y, state = stack(piece, state=state)
        pieces.append(y)
    close(whole, keras.ops.concatenate(pieces, axis=1))
    stepped = stack.initial_state(2)
    for t in range(7):
        y, stepped = stack.step(x[:, t], stepped)
        close(whole[:, t], y)
    for name in final:
        close(final[name], state[name])
        close(final[name], stepped[name])


def test_dropout_acts_in_training_only(stack):
    x = keras.random.normal((2, 7, 3))
    np.testing.assert_array_equal(numpy(stack(x)[0]), numpy(stack(x)[0]))
    assert np.any(numpy(stack(x, training=True)[0]) != numpy(stack(x)[0]))


def test_config_round_trip(stack):
    again = layers.RecurrentStack.from_config(stack.get_config())
    again.build((None, None, 3))
    again.set_weights(stack.get_weights())
    x = keras.random.normal((2, 7, 3))
    np.testing.assert_array_equal(numpy(again(x)[0]), numpy(stack(x)[0]))


@pytest.mark.parametrize(
    ("stacked", "message"),
    [
        (lambda: [], "at least one"),
        (lambda: [layers.GRU(4, go_backwards=True)], "forward Recurrent layers"),
        (lambda: [layers.GRU(4, stateful=True)], "forward Recurrent layers"),
        (lambda: [keras.layers.Dense(4)], "forward Recurrent layers"),
    ],
)
def test_what_can_not_be_stacked_is_refused(stacked, message):
    with pytest.raises(ValueError, match=message):
        layers.RecurrentStack(stacked())


def test_each_dropout_draws_its_own_mask_from_one_seed():
    stack = layers.RecurrentStack([layers.GRU(4)], dropout=0.5, seed=3)
    ones = np.ones((8, 5, 4), "float32")
    first, second = (numpy(drop(ones, training=True)) for drop in stack.drops)
    assert (first != second).any()


def test_a_learned_initial_state_is_the_stack_s():
    stack = layers.RecurrentStack([layers.LSTM(5, learn_initial_state=True), layers.GRU(4)])
    stack.build((None, None, 3))
    stack.set_weights([w + 0.1 for w in stack.get_weights()])
    state = stack.initial_state(2)
    close(state["layer_0_c"], np.full((2, 5), 0.1))
    close(state["layer_1_h"], np.zeros((2, 4)))
    x = keras.random.normal((2, 7, 3))
    whole, final = stack(x)
    for t in range(7):
        y, state = stack.step(x[:, t], state)
    close(whole[:, -1], y)
    close(final["layer_0_h"], state["layer_0_h"])


@pytest.mark.parametrize("names", [["layer_0_h"], ["layer_0_h", "layer_0_x"]])
def test_a_state_of_other_names_is_refused(names):
    stack = layers.RecurrentStack([layers.LSTM(5)])
    state = {name: np.zeros((2, 5), "float32") for name in names}
    for call in (
        lambda: stack(np.ones((2, 7, 3), "float32"), state=state),
        lambda: stack.step(np.ones((2, 3), "float32"), state),
    ):
        with pytest.raises(ValueError, match="takes a state of layer_0_h, layer_0_c, got"):
            call()


def test_a_summary_shows_the_shapes_of_output_and_states(stack, capsys):
    outputs, state = stack(np.zeros((2, 4, 3), "float32"))
    shapes = stack.compute_output_shape((2, 4, 3))
    assert shapes == (tuple(outputs.shape), {name: tuple(s.shape) for name, s in state.items()})
    model = rnnzoo.create_model("char_lstm2", units=4)
    model.adapt("some text")
    model(np.zeros((2, 3), "int32"))
    model.summary()
    assert "?" not in capsys.readouterr().out
