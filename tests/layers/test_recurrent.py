"""The layers: interchangeable with Keras's, at home in any Keras model."""

import warnings

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cells, layers
from rnnzoo.platform import keras, tf

LAYERS = {
    "simple_rnn": (layers.SimpleRNN, {}),
    "leaky": (layers.LeakyRNN, {"learn_time_constants": True}),
    "skip": (layers.SkipDelayRNN, {"delays": (1, 3)}),
    "gru": (layers.GRU, {}),
    "lstm": (layers.LSTM, {}),
}
TWINS = {
    "simple_rnn": (layers.SimpleRNN, keras.layers.SimpleRNN),
    "gru": (layers.GRU, keras.layers.GRU),
    "lstm": (layers.LSTM, keras.layers.LSTM),
}


def close(a, b, tolerance=1e-5):
    """Within tolerance of the largest entry."""
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * np.abs(b).max() + 1e-30)


@pytest.mark.parametrize(
    ("masked", "go_backwards", "jit"),
    [
        (False, False, False),
        (True, True, False),
        (True, True, True),
        pytest.param(False, True, False, marks=pytest.mark.slow),
        pytest.param(True, False, False, marks=pytest.mark.slow),
        pytest.param(False, False, True, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("name", TWINS)
def test_same_as_keras_with_the_same_weights(name, masked, go_backwards, jit):
    ours_class, keras_class = TWINS[name]
    options = dict(return_sequences=True, return_state=True, go_backwards=go_backwards)
    ours, theirs = ours_class(16, **options), keras_class(16, **options)
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(4, 100, 8)), tf.float32)
    mask = tf.constant(rng.random((4, 100)) < 0.7) if masked else None
    theirs.build(x.shape)
    ours.build(x.shape)
    weights = [rng.normal(size=w.shape) * 0.3 for w in theirs.get_weights()]
    theirs.set_weights(weights)
    ours.set_weights(theirs.get_weights())
    for a, b in zip(ours.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b.astype("float32"))
    state = [tf.constant(rng.normal(size=(4, 16)), tf.float32) for _ in ours.state_size]

    def run(layer):
        with tf.GradientTape() as tape:
            tape.watch((x, state))
            outputs, *final = layer(x, initial_state=state, mask=mask)
            loss = tf.reduce_mean(outputs**2) + sum(tf.reduce_mean(tf.sin(s)) for s in final)
        by = [x, *state, *(w.value for w in layer.trainable_variables)]
        return [outputs, *final, *tape.gradient(loss, by)]

    expected = tf.function(lambda: run(theirs))()
    ours.jit_compile = jit
    for a, b in zip(tf.function(lambda: run(ours))(), expected, strict=True):
        close(a, b)


@pytest.mark.parametrize("name", LAYERS)
def test_a_cell_works_in_keras_own_loop(name):
    layer_class, options = LAYERS[name]
    cell = layer_class.cell_class(6, **options)
    x = keras.random.normal((3, 8, 5))
    mask = tf.constant(np.random.default_rng(1).random((3, 8)) < 0.6)
    ours = layers.Recurrent(cell, return_sequences=True, return_state=True)(x, mask=mask)
    theirs = keras.layers.RNN(cell, return_sequences=True, return_state=True)(x, mask=mask)
    for a, b in zip(ours, theirs, strict=True):
        close(a, b)


def test_cells_stack_in_keras_stacked_cells():
    stacked = [cells.LSTMCell(6), cells.SkipDelayRNNCell(5, delays=(1, 2)), cells.GRUCell(4)]
    x = keras.random.normal((3, 8, 5))
    theirs = keras.layers.RNN(keras.layers.StackedRNNCells(stacked), return_sequences=True)(x)
    for cell in stacked:
        x = layers.Recurrent(cell, return_sequences=True)(x)
    close(x, theirs)


@pytest.mark.parametrize("name", TWINS)
def test_bidirectional_as_keras(name):
    x = keras.random.normal((3, 8, 5))
    mask = tf.constant(np.random.default_rng(1).random((3, 8)) < 0.6)
    ours, theirs = (
        keras.layers.Bidirectional(kind(6, return_sequences=True)) for kind in TWINS[name]
    )
    expected = theirs(x, mask=mask)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    close(ours(x, mask=mask), expected)


@pytest.mark.parametrize(
    ("name", "policy", "jit"),
    [
        pytest.param("skip", "mixed_bfloat16", False, marks=pytest.mark.slow),
        pytest.param("leaky", "mixed_bfloat16", False, marks=pytest.mark.slow),
        pytest.param("gru", "mixed_bfloat16", False, marks=pytest.mark.slow),
        ("lstm", "mixed_float16", False),
        ("simple_rnn", "float32", True),
    ],
)
def test_trains_in_a_plain_model_under_every_policy_and_saves(name, policy, jit, tmp_path):
    layer_class, options = LAYERS[name]
    options = {**options, "dropout": 0.1, "recurrent_dropout": 0.1, "dtype": policy}
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 9, 3)).astype("float32")
    y = np.tanh(x.sum(axis=(1, 2)))[:, None]
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            keras.layers.Masking(),
            keras.layers.Bidirectional(layer_class(8, **options)),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "mse", jit_compile=jit)
    history = model.fit(x, y, epochs=12, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]
    path = tmp_path / "model.keras"
    model.save(path)
    np.testing.assert_array_equal(
        keras.models.load_model(path).predict(x, verbose=0), model.predict(x, verbose=0)
    )


def test_state_stays_float32_under_mixed_precision():
    layer = layers.LSTM(4, return_sequences=True, return_state=True, dtype="mixed_bfloat16")
    x = keras.random.normal((2, 3, 4))
    outputs, h, c = layer(x)
    assert (outputs.dtype, h.dtype, c.dtype) == (tf.bfloat16, tf.float32, tf.float32)
    third = tf.fill((2, 4), 1 / 3)
    _, states = layer.step(x[:, 0], [third, third])
    assert all(s.dtype == tf.float32 for s in states)
    # A float32 state goes in as it is, not rounded to bfloat16 on the way.
    _, _, c1 = layer(x[:, :1], initial_state=[third, third])
    _, _, c2 = layer(x[:, :1], initial_state=[third, third + 1e-3])
    assert np.any(np.asarray(c1) != np.asarray(c2))


@pytest.mark.parametrize("name", LAYERS)
def test_config_round_trip(name):
    layer_class, options = LAYERS[name]
    layer = layer_class(
        4,
        **options,
        kernel_regularizer="l2",
        recurrent_constraint="max_norm",
        bias_initializer="ones",
        dropout=0.2,
        recurrent_dropout=0.3,
        checkpoint_every=5,
        go_backwards=True,
        return_sequences=True,
        seed=7,
    )
    config = layer.get_config()
    again = layer_class.from_config(config)
    assert again.get_config() == config
    assert again.cell.kernel_regularizer is not None and again.dropout == 0.2


def test_dropout_is_one_mask_a_sequence_and_for_training_only():
    layer = layers.SimpleRNN(
        64,
        activation=None,
        use_bias=False,
        kernel_initializer="identity",
        recurrent_initializer="zeros",
        return_sequences=True,
        dropout=0.25,
        seed=1,
    )
    x = tf.ones((50, 6, 64))
    np.testing.assert_array_equal(layer(x), x)
    dropped = layer(x, training=True).numpy()
    assert (dropped == dropped[:, :1]).all()  # the same at every time step
    assert set(np.unique(dropped.round(5))) == {0.0, np.float32(1 / 0.75).round(5)}
    assert abs((dropped[:, 0] == 0).mean() - 0.25) < 0.03
    assert (layer(x, training=True).numpy() != dropped).any()


def test_recurrent_dropout_drops_the_state_on_its_way_into_the_product_only():
    layer = layers.SimpleRNN(
        64,
        activation=None,
        use_bias=False,
        kernel_initializer="zeros",
        recurrent_initializer="identity",
        return_sequences=True,
        recurrent_dropout=0.25,
        seed=1,
    )
    x, one = tf.zeros((50, 3, 64)), [tf.ones((50, 64))]
    np.testing.assert_array_equal(layer(x, initial_state=one), tf.ones((50, 3, 64)))
    h = layer(x, initial_state=one, training=True).numpy()
    kept = h[:, 0] > 0
    assert abs(kept.mean() - 0.75) < 0.03
    np.testing.assert_allclose(h[:, 2], np.where(kept, (1 / 0.75) ** 3, 0), rtol=1e-5)


def test_stateful_carries_the_state_from_batch_to_batch():
    layer = layers.LSTM(4, stateful=True, return_sequences=True)
    whole = layers.LSTM(4, return_sequences=True)
    x = keras.random.normal((2, 6, 3))
    first, second = layer(x[:, :3]), layer(x[:, 3:])
    whole.build(x.shape)
    whole.set_weights(layer.get_weights()[:3])
    close(tf.concat([first, second], axis=1), whole(x))
    layer.reset_state()
    close(layer(x[:, :3]), first)
    with pytest.raises(ValueError, match="built for batches of 2: .* got .*(5, 3, 3)"):
        layer(keras.random.normal((5, 3, 3)))


def test_initial_state_is_learnable_in_a_functional_model():
    x, vector = keras.Input((None, 3)), keras.Input((4,))
    h = keras.layers.Dense(5)(vector)
    y = layers.GRU(5)(x, initial_state=[h])
    model = keras.Model([x, vector], keras.layers.Dense(1)(y))
    model.compile("adam", "mse")
    before = {w.path: w.numpy() for w in model.trainable_weights}
    model.fit([np.ones((4, 6, 3)), np.ones((4, 4))], np.ones((4, 1)), verbose=0)
    assert all((before[w.path] != w.numpy()).any() for w in model.trainable_weights)


def test_a_plain_keras_cell_runs_and_says_once_that_it_is_slow():
    class PlainCell(keras.layers.SimpleRNNCell):
        pass

    x = keras.random.normal((2, 5, 3))
    with pytest.warns(UserWarning, match="PlainCell is a plain Keras cell"):
        layer = rnnzoo.Recurrent(PlainCell(4), return_sequences=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rnnzoo.Recurrent(PlainCell(4))
    theirs = keras.layers.RNN(layer.cell, return_sequences=True)
    np.testing.assert_array_equal(layer(x), theirs(x))


def built(layer):
    layer.build((None, None, 3))
    return layer


def run_from(initial_state):
    return layers.LSTM(4)(tf.ones((2, 3, 3)), initial_state=initial_state)


def run_masked(shape):
    return layers.LSTM(4)(tf.ones((2, 3, 3)), mask=tf.ones(shape, tf.bool))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.LSTM(4, unroll=True), "unroll=True is not supported"),
        (lambda: layers.GRU(4, reset_after=False), "reset_after=False is not supported"),
        (lambda: layers.LSTM(4, implementation=1), "implementation=1 is not supported"),
        (lambda: layers.LSTM(4, use_cudnn=True), "use_cudnn must be 'auto' or False"),
        (lambda: layers.LSTM(4, jit_compile="yes"), "jit_compile must be"),
        (lambda: layers.LSTM(4, checkpoint_every=0), "at least 1, or None, got 0"),
        (lambda: layers.LSTM(4)(np.ones((2, 3), "float32")), r"takes sequences .* x\[..., None\]"),
        (lambda: layers.LSTM(4)(np.ones((2, 3, 4, 1), "float32")), r"sequences .*\(2, 3, 4, 1\)"),
        (lambda: layers.LSTM(4)(keras.Input((5, None))), "must know the number of features"),
        (lambda: layers.LSTM(4, stateful=True)(keras.Input((5, 3))), "must know the batch size"),
        (lambda: built(layers.LSTM(4))(tf.ones((2, 3, 5))), r"of the 3 features .*\(2, 3, 5\)"),
        (lambda: built(layers.LSTM(4))(tf.ones((2, 5))), r"of the 3 features .*\(2, 5\)"),
        (lambda: run_from([tf.zeros((2, 4)), tf.zeros((2, 5))]), r"c of size 4; got .*\(2, 5\)"),
        (lambda: run_from([tf.zeros((3, 4)), tf.zeros((3, 4))]), r"got \(3, 4\), \(3, 4\) for"),
        (lambda: run_from([tf.zeros(4), tf.zeros(4)]), r"\(batch, size\) each: .*got \(4,\)"),
        (lambda: run_from({"h": tf.zeros((2, 4))}), "c of size 4; got a dict of h"),
        (lambda: run_from({"h": 0, "C": 0}), "got a dict of h, C"),
        (lambda: run_masked((2, 2)), r"mask \(batch, time\) as long .*\(2, 2\) .*\(2, 3, 3\)"),
        (lambda: run_masked((2, 4)), r"as long as the sequences, got .*\(2, 4\)"),
        (lambda: run_masked((1, 3)), r"got one of the shape \(1, 3\)"),
        (lambda: run_masked((2, 3, 1)), r"got one of the shape \(2, 3, 1\)"),
        (
            lambda: layers.LSTM(4, stateful=True, learn_initial_state=True),
            "not stateful, got LSTMCell and stateful=True",
        ),
        (
            lambda: layers.Recurrent(keras.layers.GRUCell(4), learn_initial_state=True),
            "is for a rnnzoo.Cell",
        ),
        (
            lambda: layers.GRU(4, learn_initial_state=True).get_initial_state(2),
            "must be built before",
        ),
        (lambda: layers.LSTM(4)(np.ones((2, 0, 3), "float32")), "at least one time step"),
        (
            lambda: layers.LSTM(4)(np.ones((2, 3, 4)), initial_state=[tf.zeros((2, 4))]),
            "takes 2 initial states",
        ),
        (lambda: layers.LSTM(4, dropout=1.0), "dropout must be at least 0"),
        (lambda: layers.LSTM(4, recurrent_dropout=-1), "recurrent_dropout must be"),
        (lambda: layers.LSTM(-4), "units must be a positive integer"),
        (lambda: layers.GRU(4, delays=(1,)), "delays"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


@pytest.mark.parametrize(
    "known",
    [(None, None), *(pytest.param(k, marks=pytest.mark.slow) for k in ((2, None), (None, 3)))],
)
@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("length", [2, 4])
def test_a_mask_of_another_length_is_refused_in_graphs(known, xla, length):
    layer = built(layers.GRU(4))
    run = tf.function(
        lambda x, mask: layer(x, mask=mask),
        input_signature=[tf.TensorSpec((*known, 3)), tf.TensorSpec((None, None), tf.bool)],
        jit_compile=xla,
    )
    x = tf.random.stateless_normal((2, 3, 3), (0, 0))
    np.testing.assert_allclose(run(x, tf.ones((2, 3), tf.bool)), layer(x), atol=1e-6)
    # XLA has no assertions: it stops at the shape.
    message = "Reshape" if xla else "mask .batch, time. as long as the sequences"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        run(x, tf.ones((2, length), tf.bool))


def test_a_stateful_layer_refuses_a_smaller_last_batch_in_its_own_words():
    model = keras.Sequential([keras.Input(batch_shape=(4, 5, 3)), layers.GRU(2, stateful=True)])
    with pytest.raises(tf.errors.InvalidArgumentError, match="leave out a last batch of fewer"):
        model.predict(np.ones((6, 5, 3)), batch_size=4, verbose=0)


def test_a_state_by_name_is_the_state_in_order():
    layer, x = built(layers.LSTM(4)), keras.random.normal((2, 3, 3))
    h, c = keras.random.normal((2, 4)), keras.random.normal((2, 4))
    expected = layer(x, initial_state=[h, c])
    np.testing.assert_array_equal(layer(x, initial_state={"c": c, "h": h}), expected)
    np.testing.assert_array_equal(
        layer(x, initial_state=[keras.Variable(h), tf.Variable(c)]), expected
    )


def test_a_learned_initial_state_is_trained_as_one_given():
    x = keras.random.normal((3, 4, 2), seed=0)
    layer = layers.SkipDelayRNN(5, delays=(1, 2), learn_initial_state=True)
    layer.build(x.shape)
    plain = built_like(layers.SkipDelayRNN(5, delays=(1, 2)), x, layer.get_weights()[:-2])
    np.testing.assert_array_equal(layer(x), plain(x))  # it begins with zeros
    assert [w.shape for w in layer.weights[-2:]] == [(5,), (5,)]
    assert [w.name for w in layer.weights[-2:]] == layer.state_names == ["h", "h_2"]
    given = [keras.random.normal((5,), seed=i) for i in range(2)]
    for weight, value in zip(layer.weights[-2:], given, strict=True):
        weight.assign(value)
    rows = [tf.tile(s[None], (3, 1)) for s in given]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(rows)
        ours, theirs = (tf.reduce_sum(tf.sin(y)) for y in (layer(x), plain(x, initial_state=rows)))
    close(ours, theirs)
    learned = tape.gradient(ours, [w.value for w in layer.weights[-2:]])
    for a, b in zip(learned, tape.gradient(theirs, rows), strict=True):
        close(a, tf.reduce_sum(b, axis=0))


def built_like(layer, x, weights):
    layer.build(x.shape)
    layer.set_weights(weights)
    return layer


@pytest.mark.parametrize(
    "policy", [pytest.param("float32", marks=pytest.mark.slow), "mixed_bfloat16"]
)
def test_a_learned_initial_state_is_saved_both_ways(policy, tmp_path):
    how = {"learn_initial_state": True, "dtype": policy}
    model = keras.Sequential(
        [keras.Input((None, 3)), keras.layers.Bidirectional(layers.LSTM(4, **how))]
    )
    model.compile(keras.optimizers.SGD(0.5), "mse")
    x, y = np.ones((5, 4, 3)), np.ones((5, 8))
    model.fit(x, y, batch_size=4, verbose=0)
    assert len(model.weights) == 2 * (3 + 2)
    assert all(w.numpy().any() for w in model.weights)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "skip"])
def test_wrapped_as_keras_wraps_layers(name):
    layer_class, options = LAYERS[name]
    words, flag = keras.Input((None, 6, 3)), keras.Input((5,))
    sentences = keras.layers.TimeDistributed(layer_class(5, **options))(words)
    both = keras.layers.Bidirectional(layer_class(5, recurrent_dropout=0.2), merge_mode="ave")
    first = [flag] * (2 * len(layer_class(5).state_size))
    model = keras.Model([words, flag], both(sentences, initial_state=first))
    model.compile("sgd", "mse")
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(9, 4, 6, 3)).astype("float32"), rng.normal(size=(9, 5))
    answers = model.predict([x, z], batch_size=4, verbose=0)
    close(answers, model([x, z]), 1e-5)
    assert np.isfinite(model.fit([x, z], answers, batch_size=4, verbose=0).history["loss"]).all()


class TenLineCell(rnnzoo.Cell):
    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[-1], self.units))
        self.U = self.add_weight(shape=(self.units, self.units))

    def project(self, x):
        return x @ self.W

    def recur(self, state):
        return state[0] @ self.U

    def update(self, input_term, recurrent_term, state):
        h = keras.ops.sin(input_term + recurrent_term)
        return h, [h]


def test_a_user_cell_trains_both_ways_stacks_and_saves(tmp_path):
    x, y = np.random.default_rng(0).normal(size=(8, 5, 3)), np.ones((8, 1))
    model = keras.Sequential(
        [
            keras.Input((5, 3)),
            keras.layers.Bidirectional(rnnzoo.Recurrent(TenLineCell(4), return_sequences=True)),
            keras.layers.RNN(
                keras.layers.StackedRNNCells([TenLineCell(4), cells.GRUCell(3)]),
                return_sequences=True,
            ),
            rnnzoo.Recurrent(TenLineCell(4, dtype="mixed_bfloat16"), dtype="mixed_bfloat16"),
            keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    losses = model.fit(x, y, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "units", [5, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3, 4, 6, 7, 8, 9))]
)
def test_gates_of_any_width_have_their_gradients_under_xla(units, dtype):
    rng = np.random.default_rng(0)
    layer = layers.LSTM(units, dtype=dtype)
    layer.build((4, 2, 3))
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    x = tf.constant(rng.normal(size=(4, 2, 3)), dtype)

    @tf.function
    def gradients(x, jit):
        layer.jit_compile = jit
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(x) - 1) ** 2)
        return tape.gradient(loss, layer.trainable_variables)

    for a, b in zip(gradients(x, True), gradients(x, False), strict=True):
        close(a, b)


def test_arguments_as_people_pass_them_to_keras():
    assert layers.LSTM(np.int64(4), "relu", use_cudnn=False).cell.activation is (
        keras.activations.relu
    )
    x, mask = tf.ones((2, 5, 3), tf.int32), tf.constant([[1, 1, 0, 0, 0], [1] * 5]) > 0
    layer = layers.GRU(4, dropout=0.5)
    np.testing.assert_array_equal(layer(x, mask=[mask]), layer(x, mask=mask))
    assert layer(x, training=True).shape == (2, 4)


def test_a_frozen_layer_trains_what_is_below_it():
    below, frozen = keras.layers.Dense(3), layers.GRU(4, trainable=False)
    model = keras.Sequential([keras.Input((5, 3)), below, frozen, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    kept, moved = frozen.get_weights(), below.get_weights()[0]
    model.fit(np.ones((4, 5, 3)), np.ones((4, 1)), verbose=0)
    assert (below.get_weights()[0] != moved).any()
    for a, b in zip(frozen.get_weights(), kept, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("time", "jit"),
    [
        (7, True),
        (None, "auto"),
        pytest.param(8, True, marks=pytest.mark.slow),
        pytest.param(7, "auto", marks=pytest.mark.slow),
    ],
)
def test_checkpoints_train_the_same_where_xla_compiles_the_whole_step(time, jit):
    x = np.random.default_rng(0).normal(size=(8, time or 7, 3)).astype("float32")

    def losses(**how):
        model = keras.Sequential(
            [keras.Input((time, 3)), layers.LSTM(4, checkpoint_every=how.pop("every"))]
        )
        weights = np.random.default_rng(1)
        model.set_weights([weights.normal(size=w.shape) for w in model.get_weights()])
        model.compile(keras.optimizers.Adam(0.1), "mse", **how)
        return model.fit(x, np.ones((8, 4)), batch_size=4, epochs=3, shuffle=False, verbose=0)

    np.testing.assert_allclose(
        losses(every=4, jit_compile=jit).history["loss"],
        losses(every=None, jit_compile=False).history["loss"],
        rtol=1e-4,
    )


def test_second_derivatives_without_xla():
    layer = layers.SimpleRNN(2, jit_compile=False)
    layer.build((None, 4, 3))
    x = tf.constant(np.random.default_rng(0).normal(size=(1, 4, 3)), tf.float32)

    @tf.function
    def gradient_norm(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(layer(x))
            norm = tf.reduce_sum(inner.gradient(y, x) ** 2)
        return norm, outer.gradient(norm, x)

    _, second = gradient_norm(x)
    for at in ((0, 0, 0), (0, 2, 1), (0, 3, 2)):
        step = tf.scatter_nd([at], [1e-2], x.shape)
        difference = (gradient_norm(x + step)[0] - gradient_norm(x - step)[0]) / 2e-2
        np.testing.assert_allclose(second[at], difference, rtol=2e-2, atol=1e-4)


@pytest.mark.parametrize("time", [None, pytest.param(6, marks=pytest.mark.slow)])
def test_a_plain_model_exports_and_answers_without_our_package(time, tmp_path, plain_tensorflow):
    model = keras.Sequential(
        [
            keras.Input((time, 3)),
            keras.layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
            layers.SkipDelayRNN(4, delays=(2,)),
        ]
    )
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    model.export(tmp_path / "exported", verbose=False)
    program = """
import sys
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1] + "/exported")
np.save(sys.argv[1] + "/y.npy", loaded.serve(np.load(sys.argv[1] + "/x.npy")))
"""
    plain_tensorflow(program, tmp_path)
    np.testing.assert_allclose(
        np.load(tmp_path / "y.npy"), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6
    )


def holds_xla(layer, shape):
    function = tf.function(layer, input_signature=[tf.TensorSpec(shape)])
    graph = function.get_concrete_function().graph.as_graph_def()
    return any(f.attr["_XlaMustCompile"].b for f in graph.library.function)


def test_the_loop_is_compiled_where_time_is_fixed_and_only_there():
    layer = layers.LSTM(4)
    layer.build((None, None, 3))
    assert holds_xla(layer, (None, 9, 3)) and holds_xla(layer, (2, 9, 3))
    assert not holds_xla(layer, (None, None, 3))
    layer.checkpoint_every = 4  # the length of a segment is fixed
    assert holds_xla(layer, (None, None, 3))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_compiled_on_a_gpu_only(policy, monkeypatch):
    layer = layers.SimpleRNN(4, dtype=policy)
    layer.build((None, None, 3))
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [])
    assert not holds_xla(layer, (2, 9, 3))
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
    assert holds_xla(layer, (2, 9, 3))
