"""States at every step, and what the steps were."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.analysis import gradient_flow, hidden_states
from rnnzoo.analysis.pictures import (
    draw_gates,
    draw_gradient_by_span,
    draw_gradient_flow,
    draw_states,
)
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf

X = np.random.default_rng(0).normal(size=(5, 6, 3)).astype("float32")


def test_states_are_what_the_layer_puts_out():
    layer = rnnzoo.layers.LSTM(4, return_sequences=True, return_state=True, name="memory")
    inputs = keras.Input((None, 3))
    h, _, c = layer(inputs)
    model = keras.Model(inputs, [h, c])
    found = hidden_states(model, X)["memory"]
    outputs, last_c = model(X)
    np.testing.assert_allclose(found.states["h"], outputs, atol=1e-6)
    np.testing.assert_allclose(found.states["c"][:, -1], last_c, atol=1e-6)
    assert set(found.gates) == {"input", "forget", "output"} and found.labels is None
    points, labels = found.steps
    assert points.shape == (30, 4) and labels is None


def test_batches_of_several_lengths_are_one():
    model = keras.Sequential([rnnzoo.layers.GRU(4, name="memory"), keras.layers.Dense(1)])
    batches = [(X[:2], np.array([7, 8])), (X[2:, :4], np.array([9, 10, 11]))]
    data = tf.data.Dataset.from_generator(
        lambda: iter(batches),
        output_signature=(
            tf.TensorSpec((None, None, 3), tf.float32),
            tf.TensorSpec((None,), tf.int64),
        ),
    )
    found = hidden_states(model, data)["memory"]
    assert found.states["h"].shape == (5, 6, 4)
    assert found.real.sum(axis=1).tolist() == [6, 6, 4, 4, 4]
    alone = hidden_states(model, X[2:, :4])["memory"]
    np.testing.assert_allclose(found.states["h"][2:, :4], alone.states["h"], atol=1e-6)
    _, labels = found.steps
    assert labels.tolist() == [7] * 6 + [8] * 6 + [9] * 4 + [10] * 4 + [11] * 4
    first = hidden_states(model, data, rows=3)["memory"]
    np.testing.assert_array_equal(first.states["h"][:, :4], found.states["h"][:3, :4])


def test_of_a_task_with_its_classes():
    model = rnnzoo.create_model("activity_gru", units=4, window=4, hop=4)
    x = [X[i, : 3 + i % 4] for i in range(5)]  # the longest are cut to a window
    y = ["sit", "run", "sit", "sit", "run"]
    model.adapt(x, y)
    (found,) = hidden_states(model, (x, y)).values()
    assert found.labels.tolist() == y
    assert found.real.sum(axis=1).tolist() == [3, 4, 4, 4, 3]
    (flow,) = gradient_flow(model, (x, y)).values()
    assert flow.norms.shape == (5, 4) and np.isnan(flow.norms).sum() == 2


def test_of_a_tagger_both_ways():
    model = rnnzoo.create_model("tagger_bilstm", units=3)
    x, y = [["a", "b", "a"], ["b"]], [["A", "B", "A"], ["B"]]
    model.adapt(x, y)
    found = hidden_states(model, (x, y))
    assert len(found) >= 2
    for of_layer in found.values():
        if of_layer.labels is not None:
            assert of_layer.labels[of_layer.real].tolist() == ["A", "B", "A", "B"]
    flows = gradient_flow(model, (x, y))
    assert all((flow.norms[:, 0] > 0).all() for flow in flows.values())


def test_of_a_translator_and_a_text():
    model = rnnzoo.create_model("translate_gru", units=3, layers=1)
    pairs = ["one two", "two"], ["un deux", "deux"]
    model.adapt(*pairs)
    flows = gradient_flow(model, pairs)
    assert len(flows) > 1 and all((flow.norms[:, 0] > 0).all() for flow in flows.values())
    text = rnnzoo.create_model("char_gru", units=4, vocabulary="ab\n")
    (found,) = hidden_states(text, "abab" * 20).values()
    assert set(found.labels[found.real]) == {"a", "b"}
    (flow,) = gradient_flow(text, "abab" * 20, window=8).values()
    assert flow.norms.shape[1] == 8


def test_an_encoder_is_not_cut_by_the_weights_of_the_answers():
    inputs = keras.Input((6, 3))
    code = rnnzoo.layers.GRU(4, name="encoder")(inputs)
    h = keras.layers.RepeatVector(6)(code)
    h = rnnzoo.layers.GRU(4, return_sequences=True, name="decoder")(h)
    model = keras.Model(inputs, keras.layers.Dense(1)(h))
    weight = np.ones((5, 6))
    weight[0, 2:] = 0
    found = hidden_states(model, (X, np.zeros((5, 6, 1)), weight))
    assert found["encoder"].real.all()
    several = keras.Sequential([rnnzoo.layers.GRU(4, name="memory"), keras.layers.Dense(6)])
    assert hidden_states(several, (X, np.zeros((5, 6))))["memory"].labels is None
    with pytest.raises(ValueError, match="rows=-1"):
        hidden_states(several, X, rows=-1)


def test_words_of_a_translator_have_their_names():
    model = rnnzoo.create_model("translate_gru", units=3, layers=1)
    pairs = ["one two", "two"], ["un deux", "deux"]
    model.adapt(*pairs)
    labels = [of.labels for of in hidden_states(model, pairs).values() if of.labels is not None]
    assert labels and {"u", "deux"} <= set(labels[0].ravel())  # one that is met once is spelt


def test_pictures_are_drawn(tmp_path):
    model = keras.Sequential([rnnzoo.layers.GRU(4, name="memory"), keras.layers.Dense(1)])
    labels = np.array(["a", "b", "b", "a", "c"])
    (found,) = hidden_states(model, (X, np.arange(5))).values()
    shares = draw_states(found, tmp_path / "states.png", "title")
    assert shares.shape == (2,) and (shares > 0).all()
    draw_gates(found, tmp_path / "gates.png")
    flows = gradient_flow(model, (X, labels == "a"), loss="mse")
    draw_gradient_flow(flows, tmp_path / "flow.png")
    draw_gradient_by_span(
        rnnzoo.analysis.gradient_by_span(model, (X, labels == "a"), loss="mse"),
        tmp_path / "span.png",
    )
    assert all(path.stat().st_size > 5000 for path in tmp_path.glob("*.png"))
    assert len(list(tmp_path.iterdir())) == 4
    plain = keras.Sequential([rnnzoo.layers.SimpleRNN(4)])
    (found,) = hidden_states(plain, X).values()
    with pytest.raises(WrongValue, match="has no gates"):
        draw_gates(found, tmp_path / "none.png")
    with pytest.raises(WrongValue, match="all states are the same"):
        still = keras.Sequential([rnnzoo.layers.SimpleRNN(4)])
        draw_states(*hidden_states(still, 0 * X).values(), tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
