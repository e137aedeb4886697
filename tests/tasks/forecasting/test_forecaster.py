"""Forecasters: what they may see, and that they answer the same wherever they run."""

import dataclasses

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data.forecasting.panel import Line, Panel
from rnnzoo.platform import keras, tf

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow


def later_changed(line, step):
    """The same line up to a step, and something else from there on."""
    target, past = line.target.copy(), line.past.copy()
    target[step:], past[step:] = 1e6, -1e6
    return dataclasses.replace(line, target=target, past=past)


# --- no look-ahead --------------------------------------------------------------------------------


def test_no_answer_sees_what_comes_later(model, panel):
    line, step = panel.lines[0], 60
    before, after = (model.told(one) for one in (line, later_changed(line, step)))
    for name in ("surprise", "expected"):  # of the step itself only the surprise is another one
        until = step + (name == "expected")
        np.testing.assert_array_equal(before[name][:until], after[name][:until])
    assert not np.allclose(before["expected"][step + 1 :], after["expected"][step + 1 :])


def test_no_parameter_of_a_step_ahead_sees_what_comes_later(model, panel):
    feed = model._fed(panel, 4)
    x, _, _ = next(iter(feed.training()))
    step = 11
    later = tf.range(feed.window) >= step
    other = {
        **x,
        "target": tf.where(later, 1e6, x["target"]),
        "past": tf.where(later[:, None], -1e6, x["past"]),
    }
    before, after = model(x).numpy(), model(other).numpy()
    np.testing.assert_array_equal(before[:, : step + 1], after[:, : step + 1])
    assert not np.allclose(before[:, step + 1 :], after[:, step + 1 :])


def test_statistics_and_batches_of_training_see_nothing_that_is_held_out(panel):
    def feed(panel):
        return rnnzoo.create_model("forecast_gru", units=4)._fed(panel, 4)

    cut = {line.id: len(line) for line in panel.train.lines}
    changed = [later_changed(line, cut[line.id]) for line in panel.lines]
    facts = {"known": ("price",), "past": ("rain", "wind"), "static": ("region",)}
    other = Panel.of_lines("", changed, horizon=4, frequency="D", season=7, **facts)
    one, two = feed(panel), feed(other)
    assert one.preprocessor == two.preprocessor
    batches = (next(iter(each.training(5))) for each in (one, two))
    tf.nest.map_structure(np.testing.assert_array_equal, *batches)


def test_a_forecast_sees_nothing_behind_its_origin(model, panel):
    line = panel.lines[0]
    one, two = (
        model.samples([each.until(60, ahead=4)], samples=5)
        for each in (line, later_changed(line, 60))
    )
    np.testing.assert_array_equal(one, two)


# --- the same everywhere --------------------------------------------------------------------------


def test_step_by_step_is_as_read_at_once(model, panel):
    line = panel.lines[0]
    given = model.preprocessor.whole(line)
    start = model.endpoints["init"](1)
    whole = model.endpoints["read"](**given, state=start)
    state, surprises = start, []
    for t in range(25):
        one = {k: v if k == "static" else v[:, t] for k, v in given.items()}
        reply = model.endpoints["step"](**one, state=state)
        state = {name: reply[name] for name in start}
        surprises.append(float(reply["surprise"][0]))
    np.testing.assert_allclose(surprises, whole["surprise"][0, :25], rtol=2e-3, atol=2e-3)


def test_a_stream_forecasts_as_a_whole_series_does(model, panel):
    line = panel.lines[0].until(16, ahead=4)  # as long as what is read before a forecast
    given = model.preprocessor.whole(line)
    state = model.endpoints["init"](1)
    reply = model.endpoints["read"](**given, state=state)
    state = {name: reply[name] for name in state}
    how = {"samples": tf.constant(7), "seeds": tf.constant([3], tf.int64)}
    served = {**model.preprocessor.tensors([line], 4), **how}
    streamed = model.endpoints["forecast"](
        stamps=served["stamps"][:, 16:],
        known=served["known"][:, 16:],
        static=served["static"],
        state=state,
        **how,
    )
    whole = model.endpoints["serve"](**served)
    for name in ("samples", "quantiles", "mean"):
        np.testing.assert_allclose(streamed[name], whole[name], rtol=1e-4)


def test_same_seed_same_samples_whatever_else_is_asked(model, panel):
    lines = [line.until(len(line) - 6, ahead=6) for line in panel.lines]
    one = model.samples(lines, 6, samples=5, seed=1)
    np.testing.assert_array_equal(one, model.samples(lines, 6, samples=5, seed=1))
    np.testing.assert_allclose(one[:1], model.samples(lines[:1], 6, samples=5, seed=1), rtol=1e-4)
    np.testing.assert_allclose(one[..., :3], model.samples(lines, 3, samples=5, seed=1), rtol=1e-4)
    assert not np.allclose(one, model.samples(lines, 6, samples=5, seed=2))


def test_a_longer_horizon_than_trained_for_goes_on_from_what_was_drawn(model, panel):
    lines = [line.until(len(line) - 6, ahead=6) for line in panel.lines]
    drawn = model.samples(lines, 6, samples=50)  # trained for 4
    assert drawn.shape == (3, 50, 6)
    assert np.isfinite(drawn).all()


def test_a_saved_model_answers_the_same(model, panel, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.preprocessor == model.preprocessor
    np.testing.assert_array_equal(loaded.samples(panel), model.samples(panel))


# --- frames, and what is odd ----------------------------------------------------------------------


def test_a_table_gives_a_table_of_quantiles_and_of_surprises():
    pandas = pytest.importorskip("pandas")
    months = pandas.date_range("2015-01-31", periods=60, freq="ME")
    frame = pandas.DataFrame({"month": months, "sales": np.arange(60.0) + 100})
    model = rnnzoo.create_model("forecast_rnn", units=4, horizon=3)
    model.fit(frame, batch_size=4, steps_per_epoch=1, verbose=0)
    found = model.predict(frame, levels=(0.9, 0.1))
    assert list(found) == ["id", "time", "mean", "q0.1", "q0.9"]
    ends = ["2020-01-31", "2020-02-29", "2020-03-31"]
    assert found["time"].dt.strftime("%Y-%m-%d").tolist() == ends
    assert (found["q0.1"] <= found["q0.9"]).all()
    surprise = model.surprise(frame)
    assert list(surprise) == ["id", "time", "sales", "surprise", "expected"]
    assert surprise["surprise"].isna().tolist() == [True, True] + [False] * 58
    assert surprise["expected"].isna().tolist() == [True] + [False] * 59
    assert len(model.predict(frame, horizon=7)) == 7


def series(target, name="a"):
    stamps = (np.datetime64("2021-01-01") + np.arange(len(target))).astype("datetime64[s]")
    nothing = np.zeros((len(target), 0), np.float32)
    return Line(name, stamps, np.asarray(target, float), nothing, nothing)


@pytest.mark.parametrize("kind", ["real", "positive", "counts", "wet"])
def test_a_model_forecasts_before_it_is_trained_about_what_was_last(kind):
    random = np.random.default_rng(0)
    target = {
        "real": 1e4 + random.normal(size=90).cumsum(),
        "positive": np.abs(random.normal(size=90)),
        "counts": random.poisson(3, 90),
        "wet": random.exponential(5, 90) * (random.random(90) < 0.4),
    }[kind]
    panel = Panel.of_lines("", [series(target)], horizon=3, frequency="D", kind=kind)
    model = rnnzoo.create_model("forecast_gru", units=4)
    model.adapt(panel)
    drawn = model.samples(panel, samples=400)[0]
    if kind == "real":
        assert np.abs(np.median(drawn, axis=0) - target[-1]).max() < 1.0
    else:
        newest = target[-model.preprocessor.context :].mean()
        assert (drawn >= 0).all()
        assert (drawn == np.round(drawn)).all() == (kind == "counts")
        assert newest / 4 < drawn.mean() < 4 * newest


@pytest.mark.slow
def test_what_is_never_below_0_is_not_forecast_there_either(tmp_path):
    """After fit, whose evaluation has a short last batch, in what is loaded and in an export."""
    random = np.random.default_rng(1)
    lines = [series(np.abs(random.normal(size=60)), name) for name in "abc"]
    panel = Panel.of_lines("", lines, horizon=3, frequency="D", kind="positive", test=0.0)
    model = rnnzoo.create_model("forecast_gru", units=3)
    model.fit(panel, validation_data=panel, batch_size=2, steps_per_epoch=2, verbose=0)
    drawn = model.samples(lines)
    assert drawn.min() == 0
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.samples(lines), drawn)
    exported = tf.saved_model.load(model.export(tmp_path / "exported", xla=False))
    given = model.preprocessor.tensors(lines, 3)
    seeds = tf.constant([1, 2, 3], tf.int64)
    found = exported.serve(**given, samples=tf.constant(50), seeds=seeds)
    assert float(tf.reduce_min(found["samples"])) == 0
    told = exported.read(**model.preprocessor.whole(lines[0]), state=exported.init(tf.constant(1)))
    assert float(tf.reduce_min(told["expected"])) >= 0


def test_odd_series_are_forecast():
    odd = {"still": np.full(40, 7.0), "short": [1.0, 2.0], "gaps": [1.0, *[np.nan] * 30, 2.0, 3.0]}
    lines = [series(target, name) for name, target in odd.items()]
    panel = Panel.of_lines(
        "", [*lines, series(np.arange(60.0), "long")], horizon=3, frequency="D", test=0.0
    )
    model = rnnzoo.create_model("forecast_gru", units=4)
    history = model.fit(panel, batch_size=4, steps_per_epoch=5, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    drawn = model.samples([*lines, series([5.0], "one value, of a name that is new")])
    assert np.isfinite(drawn).all()
    assert np.abs(drawn[0] - 7).max() < 1.0


def test_covariates_that_are_not_there_ahead_and_other_series_are_refused(model, panel):
    with pytest.raises(ValueError, match="'a': price are known of 6 steps ahead; expected the hor"):
        model.samples(panel, horizon=9)
    other = dataclasses.replace(panel, frequency="h")
    with pytest.raises(ValueError, match="frequency 'h', expected 'D', on which the model was tr"):
        model.fit(other, verbose=0)
    with pytest.raises(TypeError, match="Expected a .*Panel, a frame .* got a float"):
        model.predict(3.0)


def test_new_names_keep_what_was_known(panel):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("forecast_gru", units=4, context=8, names=True)
    model.adapt(panel)
    known = model.embeddings[0].embeddings.numpy()
    renamed = [dataclasses.replace(line, id=f"new {line.id}") for line in panel.lines]
    facts = {"known": ("price",), "past": ("rain", "wind"), "static": ("region",)}
    more = Panel.of_lines("", renamed, horizon=4, frequency="D", season=7, **facts)
    model.adapt(more)
    assert model.preprocessor.words[0] == ("a", "bb", "c", "new a", "new bb", "new c")
    np.testing.assert_array_equal(model.embeddings[0].embeddings[:4], known)


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [1, 6])
def test_quantiles_of_an_autoregression_are_the_true_ones(ahead):
    """y_t = 10 + 0.8 (y_{t-1} - 10) + N(0, 1): the forecast k ahead is normal, as is known.

    A model knows the mean from the values that it reads alone: theirs is off by a deviation of
    5 / sqrt(n), 0.9 for the 32 that are read by default, 0.35 for 200.
    """
    random = np.random.default_rng(0)
    lines = []
    for name in range(20):
        y = np.zeros(500)
        for t in range(1, 500):
            y[t] = 0.8 * y[t - 1] + random.normal()
        lines.append(series(10 + y, str(name)))
    panel = Panel.of_lines("", lines, horizon=6, frequency="D")
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(
        "forecast_gru", units=16, context=200, ahead=ahead, distribution="gaussian"
    )
    model.fit(panel, epochs=1, steps_per_epoch=600, verbose=0)
    origins = [line.until(450) for line in lines]
    drawn = model.samples(origins, samples=500)
    k = np.arange(1, 7)
    newest = np.array([line.target[-1] for line in origins])[:, None]
    true_mean = 10 + 0.8**k * (newest - 10)
    true_deviation = np.sqrt((1 - 0.64**k) / (1 - 0.64))
    assert np.abs(drawn.mean(axis=1) - true_mean).mean() < 0.25
    np.testing.assert_allclose(drawn.std(axis=1).mean(axis=0), true_deviation, rtol=0.12)
