"""Gradients by states, and how far back those of weights come from."""

import warnings

import numpy as np
import pytest

import rnnzoo
from rnnzoo.analysis import gradient_by_span, gradient_flow
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf

CELLS = {
    "rnn": lambda **more: rnnzoo.layers.SimpleRNN(4, **more),
    "leaky": lambda **more: rnnzoo.layers.LeakyRNN(4, **more),
    "skip": lambda **more: rnnzoo.layers.SkipDelayRNN(4, delays=(1, 3), **more),
    "gru": lambda **more: rnnzoo.layers.GRU(4, **more),
    "lstm": lambda **more: rnnzoo.layers.LSTM(4, **more),
}
random = np.random.default_rng(0)
X = random.normal(size=(3, 7, 2))
Y = random.normal(size=(3, 7, 1))


def model_of(layer):
    """Of float64, with an answer at each step."""
    model = keras.Sequential([keras.Input((None, 2), dtype="float64"), layer])
    model.add(keras.layers.Dense(1, dtype="float64"))
    model.compile(loss="mse")
    return model


def layer_of(cell, **more):
    return CELLS[cell](return_sequences=True, dtype="float64", name="memory", **more)


@pytest.mark.parametrize("cell", CELLS)
def test_each_gradient_is_that_of_finite_differences(cell):
    """A state is changed by hand, the steps behind it are taken from there."""
    layer = layer_of(cell)
    model = model_of(layer)
    dense = model.layers[-1]

    def loss_from(t, states):
        for x in np.moveaxis(X[:, t + 1 :], 1, 0):
            _, states = layer.step(tf.constant(x), states)
        return np.sum((dense(states[0]).numpy() - Y[:, -1]) ** 2, axis=1)  # of each row

    flow = gradient_flow(model, (X, Y))["memory"]
    states = layer.get_initial_state(3)
    for t in range(7):
        _, states = layer.step(tf.constant(X[:, t]), states)
        for name, width in (("h", 4), ("c", 4))[: len(layer.cell.state_names)]:
            at = layer.cell.state_names.index(name)
            squares = 0
            for unit in range(width):
                change = np.zeros((3, 4))
                change[:, unit] = 1e-5
                two = [
                    loss_from(t, [s + sign * change * (i == at) for i, s in enumerate(states)])
                    for sign in (1, -1)
                ]
                squares += ((two[0] - two[1]) / 2e-5) ** 2
            found = flow.by_state[name][:, 6 - t]
            np.testing.assert_allclose(found, np.sqrt(squares), atol=1e-8, rtol=1e-8)
    np.testing.assert_allclose(
        flow.norms**2, sum(norms**2 for norms in flow.by_state.values()), rtol=1e-12
    )


@pytest.mark.parametrize(("cell", "backwards"), [*((c, False) for c in CELLS), ("lstm", True)])
def test_spans_add_up_to_the_gradient(cell, backwards):
    layer = layer_of(cell, go_backwards=backwards)
    inputs = keras.Input((None, 2), dtype="float64")
    outputs = layer(inputs)
    if backwards:  # as Bidirectional has it: outputs at their inputs' places
        outputs = keras.ops.flip(outputs, axis=1)
    model = keras.Model(inputs, keras.layers.Dense(1, dtype="float64")(outputs))
    split = gradient_by_span(model, (X, Y), loss="mse", spans=(0, 1, 4))["memory"]
    assert split.spans == [(0, 1), (1, 4), (4, 7)]
    for weight in layer.trainable_weights:
        found = split.gradients[weight.name].sum(axis=0)
        wanted = _gradient(model, weight, 0 if backwards else -1)
        np.testing.assert_allclose(found, wanted, atol=1e-10)
    assert split.norms.shape == (3,) and (split.norms > 0).all()


def _gradient(model, weight, last):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((model(X)[:, last] - Y[:, last]) ** 2)
    return tape.gradient(loss, weight.value)


def test_the_part_of_a_span_is_what_these_steps_use_of_the_weights():
    """Of weights that are other tensors at each step, the gradient of each, as BPTT has it."""
    layer = layer_of("rnn")
    model = model_of(layer)
    dense = model.layers[-1]
    copies = [[tf.identity(w.value) for w in layer.trainable_weights] for _ in range(7)]
    with tf.GradientTape() as tape:
        tape.watch(copies)
        h = tf.zeros((3, 4), tf.float64)
        for t, (W, U, b) in enumerate(copies):
            h = tf.tanh(X[:, t] @ W + h @ U + b)
        loss = tf.reduce_sum((dense(h) - Y[:, -1]) ** 2)
    by_step = tape.gradient(loss, copies)[::-1]  # 0 is the last step
    split = gradient_by_span(model, (X, Y))["memory"]
    assert split.spans == [(0, 1), (1, 2), (2, 4), (4, 7)]
    for i, weight in enumerate(layer.trainable_weights):
        for (first, end), found in zip(split.spans, split.gradients[weight.name], strict=True):
            wanted = sum(of_step[i].numpy() for of_step in by_step[first:end])
            np.testing.assert_allclose(found, wanted, atol=1e-10)


def test_padding_counts_no_steps():
    """Rows of other lengths, padded on any side, have the gradients that they have alone."""
    layer = layer_of("gru")
    inputs = keras.Input((None, 2), dtype="float64")
    masked = keras.layers.Masking(dtype="float64")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, dtype="float64")(layer(masked)))
    alone = gradient_flow(model, (X[:1, :4], Y[:1, :4]), loss="mse")["memory"].norms[0]
    for before in (0, 3):
        x, y = np.zeros((2, 7, 2)), np.zeros((2, 7, 1))
        x[0, before : before + 4], y[0, before : before + 4] = X[0, :4], Y[0, :4]
        y[0, before + 4 :] = -100  # what stands at padding has no part in Keras's loss either
        x[1], y[1] = X[1], Y[1]
        norms = gradient_flow(model, (x, y), loss="mse")["memory"].norms
        np.testing.assert_allclose(norms[0, :4], alone, rtol=1e-8)
        assert np.isnan(norms[0, 4:]).all() and not np.isnan(norms[1]).any()


def test_targets_and_weights_are_read_as_keras_reads_them():
    model = model_of(layer_of("gru"))
    norms = gradient_flow(model, (X, Y))["memory"].norms
    for batch in ((X, Y[..., 0]), (X, Y, np.ones(3)), (X, Y, np.ones((3, 7)))):
        np.testing.assert_array_equal(gradient_flow(model, batch)["memory"].norms, norms)
    model.compile(loss=["mse"])
    np.testing.assert_array_equal(gradient_flow(model, (X, Y))["memory"].norms, norms)
    some = gradient_flow(model, (X, Y, np.array([0.0, 1, 1])))["memory"].norms
    np.testing.assert_array_equal(some, norms[1:])


def test_padding_that_no_layer_is_told_of_counts_no_steps():
    layer = layer_of("lstm")
    model = model_of(layer)
    weight = np.ones((3, 7))
    weight[0, 4:] = 0
    norms = gradient_flow(model, (X, Y, weight))["memory"].norms
    alone = gradient_flow(model, (X[:1, :4], Y[:1, :4]))["memory"].norms
    np.testing.assert_allclose(norms[0, :4], alone[0], rtol=1e-8)
    assert np.isnan(norms[0, 4:]).all()


class Halves(rnnzoo.Cell):
    """A cell whose output is none of its states."""

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), autocast=False)
        self.out = self.add_weight(shape=(self.units,), initializer="ones", autocast=False)

    def project(self, x):
        return x @ self.kernel

    def recur(self, state):
        return 0.5 * state[0]

    def update(self, input_term, recurrent_term, state):
        h = input_term + recurrent_term
        return self.out * h * h, [h]


def test_a_users_cell_whose_output_is_no_state():
    layer = rnnzoo.Recurrent(Halves(4, dtype="float64"), return_sequences=True, dtype="float64")
    model = model_of(layer)
    (split,) = gradient_by_span(model, (X, Y)).values()
    for weight in layer.trainable_weights:
        found = split.gradients[weight.name].sum(axis=0)
        np.testing.assert_allclose(found, _gradient(model, weight, -1), atol=1e-10)
    (flow,) = gradient_flow(model, (X, Y)).values()
    # h_t has no part in y_t but through its own step, and h halves from then on.
    np.testing.assert_allclose(flow.norms[:, 2] / flow.norms[:, 1], 0.5)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_under_each_policy_about_the_same(policy):
    layer = rnnzoo.layers.GRU(4, return_sequences=True, dtype=policy)
    model = keras.Sequential([layer, keras.layers.Dense(1)])
    model.compile(loss="mse")
    x, y = X.astype("float32"), Y.astype("float32")
    (flow,) = gradient_flow(model, (x, y)).values()
    double = layer_of("gru")
    of_double = model_of(double)
    of_double.set_weights(model.get_weights())
    (exact,) = gradient_flow(of_double, (X, Y)).values()
    tolerance = 1e-4 if policy == "float32" else 0.1
    np.testing.assert_allclose(flow.mean, exact.mean, rtol=tolerance)


class Nested(rnnzoo.Cell):
    """A cell of layers, whose weights share their names."""

    def build(self, input_shape):
        self.below, self.across = (
            keras.layers.Dense(self.units, dtype=self.dtype_policy) for _ in range(2)
        )
        self.below.build(input_shape)
        self.across.build((None, self.units))

    def project(self, x):
        return self.below(x)

    def recur(self, state):
        return self.across(state[0])

    def update(self, input_term, recurrent_term, state):
        h = keras.ops.tanh(input_term + recurrent_term)
        return h, [h]


def test_weights_that_share_a_name_are_told_apart():
    layer = rnnzoo.Recurrent(Nested(3, dtype="float64"), return_sequences=True, dtype="float64")
    model = model_of(layer)
    (split,) = gradient_by_span(model, (X, Y)).values()
    assert len(split.gradients) == 4
    for weight, found in zip(layer.trainable_weights, split.gradients.values(), strict=True):
        np.testing.assert_allclose(found.sum(axis=0), _gradient(model, weight, -1), atol=1e-10)


def test_what_has_almost_vanished_is_no_zero():
    """h halves with each step: 2^-100 is a number of 32 bits, its square is none."""
    layer = rnnzoo.Recurrent(Halves(1))
    model = keras.Sequential([keras.Input((None, 2)), layer])
    x = np.zeros((1, 120, 2), "float32")
    x[0, -2] = 1
    (flow,) = gradient_flow(model, (x, np.zeros((1, 1))), loss=lambda y, a: a[:, 0]).values()
    k = np.arange(1, 120)
    np.testing.assert_allclose(flow.norms[0, k] / flow.norms[0, 1], 0.5 ** (k - 1.0), rtol=1e-5)


def test_what_is_left_is_each_rows_own():
    """h halves with each step in every row, however large its loss, however long it is."""
    layer = rnnzoo.Recurrent(Halves(1, dtype="float64"), dtype="float64")
    inputs = keras.Input((None, 2), dtype="float64")
    model = keras.Model(inputs, layer(keras.layers.Masking(dtype="float64")(inputs)))
    x = np.zeros((4, 30, 2))
    x[:3, 20:] = x[3] = 1e-9
    x[[0, 1, 2, 3], [28, 28, 28, 28]] = [[1, 1], [100, 1], [1e4, 1], [1e-5, 1e-5]]
    (flow,) = gradient_flow(model, (x, np.zeros((4, 1))), loss=lambda y, a: a[:, 0]).values()
    wanted = [0, *(0.5 ** np.arange(9.0))]  # its output is no state: the last one has no part
    np.testing.assert_allclose(flow.typical, wanted, rtol=1e-9)  # three of four rows end here
    np.testing.assert_allclose(flow.left[3, 1:], 0.5 ** np.arange(29.0), rtol=1e-9)


def test_backwards_without_turning_its_outputs():
    layer = layer_of("rnn", go_backwards=True)
    inputs = keras.Input((None, 2), dtype="float64")
    model = keras.Model(inputs, keras.layers.Dense(1, dtype="float64")(layer(inputs)))
    backwards = gradient_flow(model, (X[:, ::-1], Y), loss="mse")["memory"].norms
    forwards = model_of(layer_of("rnn"))
    forwards.set_weights(model.get_weights())
    np.testing.assert_allclose(backwards, gradient_flow(forwards, (X, Y))["memory"].norms)
    layer.go_backwards = False
    again = gradient_flow(model, (X, Y), loss="mse")["memory"].norms
    np.testing.assert_allclose(again, backwards)


def test_frozen_weights_have_gradients_too():
    layer = layer_of("gru")
    model = model_of(layer)
    free = gradient_by_span(model, (X, Y))["memory"]
    layer.trainable = False
    frozen = gradient_by_span(model, (X, Y))["memory"]
    np.testing.assert_array_equal(frozen.norms, free.norms)


def test_whether_earlier_outputs_are_read_is_told():
    def direct(of_outputs):
        layer = layer_of("lstm")
        inputs = keras.Input((None, 2), dtype="float64")
        answers = keras.layers.Dense(1, dtype="float64")(of_outputs(layer(inputs)))
        flow = gradient_flow(keras.Model(inputs, answers), (X, Y[:, 0]), loss="mse")
        return flow["memory"].direct

    assert direct(lambda h: keras.ops.mean(h, axis=1)) and not direct(lambda h: h[:, -1])


def test_a_stateful_layer_keeps_its_state():
    layer = rnnzoo.layers.GRU(4, stateful=True, name="memory")
    model = keras.Sequential([keras.Input(batch_shape=(3, 7, 2)), layer, keras.layers.Dense(1)])
    x, y = X.astype("float32"), Y[:, 0].astype("float32")
    model.predict(x, verbose=0)
    before = layer.states[0].numpy()
    norms = [gradient_flow(model, (x, y), loss="mse")["memory"].norms for _ in range(2)]
    np.testing.assert_array_equal(*norms)
    np.testing.assert_array_equal(layer.states[0], before)


def test_a_layer_reads_as_before_when_it_was_watched():
    layer = layer_of("lstm")
    model = model_of(layer)
    before = model.predict(X, verbose=0)
    gradient_flow(model, (X, Y))
    assert "run_loop" not in vars(layer)
    np.testing.assert_array_equal(model.predict(X, verbose=0), before)


def test_one_layer_of_several_by_its_name():
    model = keras.Sequential(
        [
            keras.layers.Bidirectional(rnnzoo.layers.GRU(3, return_sequences=True), name="both"),
            rnnzoo.layers.LSTM(3, name="upper"),
            keras.layers.Dense(1),
        ]
    )
    batch = X.astype("float32"), Y[:, 0].astype("float32")
    all_three = gradient_flow(model, batch, loss="mse")
    (upper,) = gradient_flow(model, batch, "upper", loss="mse").values()
    assert len(all_three) == 3
    np.testing.assert_array_equal(upper.norms, all_three["upper"].norms)


def test_wrong_calls():
    model = model_of(layer_of("rnn"))
    with pytest.raises(WrongValue, match="no recurrent layer 'memroy'.*did you mean.*memory"):
        gradient_flow(model, (X, Y), "memroy")
    for spans in (5, (), (1, 2.5), (-1, 3)):
        with pytest.raises(WrongValue, match="expected whole numbers of steps, 0 or up"):
            gradient_by_span(model, (X, Y), spans=spans)
    with pytest.raises(WrongValue, match="the loss depends on no state of memory"):
        gradient_flow(model, (X, Y), loss=lambda y, answers: y[..., 0])
    with pytest.raises(WrongValue, match=r"expected a batch \(x, y\)"):
        gradient_flow(model, X)
    with pytest.raises(WrongValue, match="no recurrent layer of rnnzoo"):
        gradient_flow(keras.Sequential([keras.layers.Dense(1)]), (X, Y), loss="mse")
    with warnings.catch_warnings():  # that it is slow is told once
        warnings.simplefilter("ignore")
        plain = keras.Sequential([rnnzoo.Recurrent(keras.layers.GRUCell(3))])
    with pytest.raises(WrongValue, match="its cells are plain Keras cells"):
        gradient_flow(plain, (X, Y), loss="mse")
    with pytest.raises(WrongValue, match="not compiled"):
        gradient_flow(keras.Sequential([rnnzoo.layers.GRU(3)]), (X.astype("float32"), Y))
    for loss in (lambda y, a: tf.reduce_mean((y - a) ** 2), lambda y, a: (y - a) ** 2):
        with pytest.raises(WrongValue, match="one for each row, or for each of its steps"):
            gradient_flow(model, (X, Y), loss=loss)
    with pytest.raises(WrongValue, match="expected one, of the model's one answer"):
        gradient_flow(model, (X, Y), loss=["mse", "mse"])
    inputs = keras.Input((None, 2))
    h = rnnzoo.layers.GRU(3)(inputs)
    with pytest.raises(WrongValue, match="has several answers: expected a model of one"):
        gradient_flow(keras.Model(inputs, [h, h]), (X.astype("float32"), Y), loss="mse")


def test_wrong_calls_of_a_task():
    model = rnnzoo.create_model("activity_gru", units=4)
    x, y = list(X), ["a", "b", "a"]
    model.adapt(x, y)
    with pytest.raises(WrongValue, match=r"a tuple \(x, y\), or .*, got a list of 2"):
        gradient_flow(model, [x, y])
    weighed = gradient_flow(model, (x, y, np.array([1.0, 1.0, 0.0])))
    assert [len(flow.norms) for flow in weighed.values()] == [2]
