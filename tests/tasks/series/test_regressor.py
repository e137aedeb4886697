"""Numbers of sequences: one each, or one at each step."""

import re

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import mean_pinball_loss

import rnnzoo
from rnnzoo.data.step_labels import entries
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.series.outputs import Normal, Quantiles

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

LEVELS = tuple(k / 10 for k in range(1, 10))
RANDOM = np.random.default_rng(0)
X = [RANDOM.normal(size=(12 + i % 3, 2)).astype("float32") for i in range(12)]
Y = np.array([50 + 10 * x.mean() for x in X])
NUMBERS = RANDOM.normal(size=(40, 9)).astype("float32") * 3


def make(name="regress_gru", **options):
    keras.utils.set_random_seed(0)
    known = {"features": (2,), "center": 50.0, "scale": 4.0}
    if name == "regress_conv_gru":
        known |= {"conv_filters": (3, 3, 3), "kernel_size": 3}
    return rnnzoo.create_model(name, **{"units": 4, **known, **options})


# --- distributions --------------------------------------------------------------------------------


def test_quantiles_never_cross_and_the_middle_one_is_predicted():
    output = Quantiles(5.0, 2.0, LEVELS)
    answer = output.answer(tf.constant(NUMBERS)).numpy()
    assert (np.diff(answer, axis=-1) > 0).all()
    np.testing.assert_allclose(answer[:, 4], 5 + 2 * NUMBERS[:, 4], rtol=1e-5)
    np.testing.assert_array_equal(output.point(answer), answer[:, 4])


def test_nothing_learned_is_the_distribution_of_all_targets_if_that_is_normal():
    expected = norm.ppf(LEVELS, 5, 2)
    for kind in (Normal, Quantiles):
        output = kind(5.0, 2.0, LEVELS)
        answer = output.quantiles(output.answer(tf.zeros((1, output.size))))
        np.testing.assert_allclose(answer[0], expected, rtol=2e-3)


def test_the_loss_of_quantiles_is_the_pinball_loss_by_the_scale():
    output, y = Quantiles(0.0, 4.0, LEVELS), RANDOM.normal(size=40).astype("float32")
    answer = output.answer(tf.constant(NUMBERS))
    each = [mean_pinball_loss(y, q, alpha=a) for q, a in zip(answer.numpy().T, LEVELS, strict=True)]
    found = tf.reduce_mean(output.loss(tf.constant(y), answer))
    np.testing.assert_allclose(found, np.mean(each) / 4, rtol=1e-5)


def test_the_loss_of_a_normal_distribution_is_its_negative_log_likelihood():
    output, y = Normal(5.0, 2.0, LEVELS), RANDOM.normal(size=40).astype("float32")
    answer = output.answer(tf.constant(NUMBERS[:, :2]))
    mean, deviation = answer.numpy().T.astype(float)
    nats = -norm.logpdf(y, mean, deviation) - np.log(2)  # of y counted in the scale
    np.testing.assert_allclose(output.loss(tf.constant(y), answer), nats, rtol=1e-4)
    quantiles = norm.ppf(LEVELS, mean[:, None], deviation[:, None])
    np.testing.assert_allclose(output.quantiles(answer), quantiles, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kind", [Normal, Quantiles])
def test_the_loss_of_the_distribution_of_all_targets_is_about_the_chance_loss(kind):
    y = tf.constant(7 + 3 * np.random.default_rng(0).normal(size=100_000), tf.float32)
    output = kind(7.0, 3.0, LEVELS)
    of_all = norm.ppf(LEVELS, 7, 3) if kind is Quantiles else [7.0, 3.0]
    loss = tf.reduce_mean(output.loss(y, tf.constant([of_all], tf.float32)))
    np.testing.assert_allclose(loss, output.chance_loss, rtol=0.02)


# --- units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("distribution", ["quantiles", "normal"])
def test_other_units_change_answers_likewise_and_the_loss_not(distribution):
    x, y = tf.constant(np.stack([x[:12] for x in X])), tf.constant(Y, tf.float32)
    one = make(distribution=distribution, dropout=0.0)
    other = make(distribution=distribution, dropout=0.0, center=500.0, scale=40.0)
    for model in (one, other):
        model.compile()
    np.testing.assert_allclose(other.predict(x), 10 * one.predict(x), rtol=1e-5)
    losses = [m.loss_and_answers(x, k * y, None, False)[0] for m, k in ((one, 1), (other, 10))]
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_a_missing_number_does_not_count():
    model = make(answer="each", dropout=0.0)
    y = [np.linspace(0, 90, len(x)) for x in X]
    holes = [np.where(np.arange(len(of_one)) % 3, of_one, np.nan) for of_one in y]
    missing = np.concatenate([np.isnan(of_one) for of_one in holes])
    found = model.evaluate(X, holes, verbose=0, return_dict=True)
    apart = np.abs(np.concatenate(model.predict(X)) - np.concatenate(y))[~missing]
    np.testing.assert_allclose(found["mae"], apart.mean(), rtol=1e-5)


# --- windows, streams, files ----------------------------------------------------------------------


def test_a_long_recording_gets_the_mean_of_its_windows_quantiles():
    model = make(window=4, hop=4, dropout=0.0)
    windows = tf.constant(X[0].reshape(3, 4, 2))
    expected = model.way.output.quantiles(model(windows)).numpy().mean(axis=0)
    np.testing.assert_allclose(model.predict_quantiles([X[0]])[0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("regress_gru", {"window": 4, "hop": 3}),
        ("regress_conv_gru", {"answer": "each", "window": 6, "hop": 3, "distribution": "normal"}),
    ],
)
def test_streamed_it_answers_as_it_does_to_the_whole(name, options):
    model = make(name, **options)
    x = np.stack([x[:10] for x in X[:2]])
    state = model.initial_state(2)
    answers = []
    for t in range(10):
        answer, state = model.step(tf.constant(x[:, t]), state)
        answers.append(model.way.output.quantiles(answer))
    whole = model.predict_quantiles(x)
    if model.per_step:
        np.testing.assert_allclose(np.stack(answers, axis=1), whole, rtol=1e-4)
    else:
        np.testing.assert_allclose(answers[-1], whole, rtol=1e-4)


@pytest.fixture(scope="module")
def fitted():
    """A model that learned its units, with a short last batch, and its history."""
    model = rnnzoo.create_model("regress_gru", units=4)
    y = np.where(np.arange(len(Y)) == 3, np.nan, Y)
    with pytest.warns(UserWarning, match="1 of 12 examples have no number"):
        history = model.fit(X, y, batch_size=5, epochs=2, verbose=0)
    return model, history.history


def test_fit_learns_the_units_and_predicts_in_them(fitted):
    model, history = fitted
    known = np.delete(Y, 3).astype("float32")
    assert model.preprocessor.center == pytest.approx(known.mean())
    assert model.preprocessor.scale == pytest.approx(known.std(), rel=1e-4)
    assert model.answer == "pool"
    assert np.abs(model.predict(X) - known.mean()).max() < 5 * known.std()
    assert {"loss", "mae"} <= history.keys()


def test_padding_changes_nothing(fitted):
    model, _ = fitted
    together = model.predict_quantiles(X)
    alone = np.concatenate([model.predict_quantiles([x]) for x in X[:3]])
    np.testing.assert_allclose(together[:3], alone, rtol=1e-5)


def test_saved_it_answers_the_same_and_knows_what_it_predicts(fitted, tmp_path):
    model, _ = fitted
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.get_config()["center"] == model.preprocessor.center


def test_a_reset_learns_other_units(fitted):
    model, _ = fitted
    other = keras.models.clone_model(model)
    other.adapt(X, 1000 * Y)
    assert other.preprocessor.center == model.preprocessor.center
    other.adapt(X, 1000 * Y, vocabulary="reset")
    assert other.preprocessor.center == pytest.approx(1000 * Y.mean(), rel=1e-4)
    assert (other.predict(X) > 10_000).all()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("name", ["regress_gru", "regress_conv_gru"])
@pytest.mark.parametrize("answer", ["pool", "each", "last", "mean"])
def test_every_way_trains_saves_exports_and_streams(name, answer, dtype, tmp_path):
    options = {"features": None, "center": None, "scale": None}
    model = make(name, answer=answer, dtype=dtype, window=6, **options)
    y = [50 + x[:, 0] for x in X] if answer == "each" else Y
    model.fit(X, y, batch_size=5, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    exported = tf.saved_model.load(rnnzoo.export(loaded, tmp_path / "exported"))
    x = np.stack([x[:10] for x in X])
    expected = np.stack(model.predict_quantiles(x))
    np.testing.assert_allclose(exported.serve(x)["quantiles"], expected, rtol=1e-3)
    np.testing.assert_array_equal(exported.levels()["levels"], np.float32(LEVELS))
    state = exported.init(len(x))
    for t in range(10):
        reply = exported.step(tf.constant(x[:, t]), state)
        state = {key: reply[key] for key in state}
    last = expected[:, -1] if answer == "each" else expected
    np.testing.assert_allclose(reply["quantiles"], last, rtol=2e-3 if dtype == "float32" else 2e-2)


@pytest.mark.slow
def test_it_learns_what_a_sum_is_and_how_sure_that_is():
    random = np.random.default_rng(1)
    x = random.normal(size=(800, 10, 1)).astype("float32")
    y = 200 + 30 * x.mean(axis=(1, 2)) + 2 * random.normal(size=800)
    model = make(units=16, features=None, center=None, scale=None, dropout=0.0)
    model.fit(x[:600], y[:600], epochs=60, verbose=0)
    q = model.predict_quantiles(x[600:])
    assert np.abs(q[:, 4] - y[600:]).mean() < 0.5 * np.abs(y[600:] - y[:600].mean()).mean()
    assert 0.6 < np.mean((q[:, 0] < y[600:]) & (y[600:] < q[:, -1])) < 0.95


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["sit"] * 12, "y holds np.str_('sit') and the like"),
        ([3.0] * 12, "what is to be predicted is 3 in all 12 training examples"),
        ([1.0] * 3, "y of 3 entries: expected a number for each of 12 examples"),
        ([np.inf] * 12, "none in float32"),
        ([np.nan] * 12, "y holds no number"),
        ([[1.0, 2.0]] * 12, "expected one for each of the 12 steps"),
    ],
)
def test_what_is_no_number_is_told(y, message):
    model = rnnzoo.create_model("regress_gru", units=4)
    with pytest.raises(ValueError, match=re.escape(message)):
        model.adapt(X, y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (1.7e9 + np.arange(12), "as float32 holds it, to 128: there is nothing to learn"),
        (1.7e9 + 60 * NUMBERS[:12, 0], "such numbers to 128: subtract an offset first"),
    ],
)
def test_a_spread_that_float32_loses_is_told(y, message):
    model = rnnzoo.create_model("regress_gru", units=4)
    told = pytest.warns(UserWarning, match="float32 holds them to 128")
    with told, pytest.raises(ValueError, match=re.escape(message)):
        model.adapt(X, y)


def test_another_loss_takes_numbers():
    model = make()
    with pytest.raises(ValueError, match="takes numbers and the medians, such as .*MeanSquaredE"):
        model.compile(loss="mse")
    model.compile(loss=keras.losses.MeanSquaredError())
    told = model.evaluate(X, Y, batch_size=4, return_dict=True, verbose=0)
    np.testing.assert_allclose(told["loss"], np.mean((model.predict(X) - Y) ** 2), rtol=1e-4)


def test_steps_need_a_model_that_answers_each():
    with pytest.raises(ValueError, match="answer='each'"):
        make(answer="pool").adapt(X, [x[:, 0] for x in X])


def test_classes_are_refused():
    model = make()
    series = rnnzoo.data.Series(
        name="classes",
        classes=("a", "b"),
        train=rnnzoo.data.Examples(X[:2], np.array([0, 1], np.int32)),
        validation=rnnzoo.data.Examples([], np.zeros(0, np.int32)),
        test=rnnzoo.data.Examples([], np.zeros(0, np.int32)),
    )
    with pytest.raises(ValueError, match="holds classes, where the model predicts a number"):
        model.preprocessor.targets(series, series.train)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distribution": "poisson"}, "expected 'normal' or 'quantiles'"),
        ({"scale": 0.0}, "expected both or none, the scale above 0"),
        ({"scale": None}, "expected both or none"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


def test_answers_of_steps_have_a_row_each(tmp_path):
    model = make(answer="each", target="load")
    np.save(tmp_path / "x.npy", X[0][None])
    (rows,) = model.answer_rows(str(tmp_path / "x.npy"))
    assert model.answer_columns[:3] == ("step", "prediction", "q0.1")
    assert [row[1] for row in rows] == list(range(12))
    (quantiles,) = model.predict_quantiles([X[0]])
    np.testing.assert_allclose([float(row[2]) for row in rows], quantiles[:, 4], rtol=1e-5)
    assert len(list(model.answer_lines(str(tmp_path / "x.npy")))) == 12


def test_numbers_of_steps_are_entries():
    found = make(answer="each").preprocessor.splits(test=(X[:2], [x[:, 0] for x in X[:2]]))
    assert found.test.labels.dtype == object
    np.testing.assert_array_equal(found.test.labels[0], entries([X[0][:, 0]])[0])
