"""What all tasks share."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf


def tagger():
    """A model with sequences of very different lengths, which it finds more or less hard."""
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(
        "tagger_lstm", units=6, spelling_units=0, dropout=0.0, word_dropout=0.0
    )
    x = [["a"], ["b"] * 2, ["c"] * 30, ["a", "b"]]
    y = [["X"], ["Y"] * 2, ["Z"] * 30, ["X", "Y"]]
    model.fit(x, y, epochs=10, verbose=0)
    return model, x, y


def classifier():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("activity_rnn", units=6, dropout=0.0, balanced=False)
    x, y = np.random.default_rng(0).normal(size=(9, 5, 2)), ["a", "b", "a"] * 3
    model.adapt(x, y)
    return model, x, y


@pytest.mark.parametrize("make", [pytest.param(tagger, marks=pytest.mark.slow), classifier])
def test_loss_is_the_mean_over_what_is_real_in_batches_of_any_size(make):
    model, x, y = make()
    losses = [
        model.evaluate(x, y, batch_size=size, verbose=0, return_dict=True)["loss"]
        for size in (1, 3, len(x))
    ]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-5)
    model.compile(keras.optimizers.SGD(0.0))  # a fit that changes nothing
    how = {"batch_size": len(x), "augment": 0, "verbose": 0}
    history = model.fit(x, y, validation_data=(x, y), **how).history
    for loss in (history["loss"], history["val_loss"]):
        assert loss == pytest.approx(losses[:1], rel=1e-5)


def test_loss_in_fit_weighs_a_batch_by_its_weights():
    model, x, _ = classifier()
    model.compile(keras.optimizers.SGD(0.0))
    y, weight = np.array([0, 1, 0] * 3), np.array([5, 1, 1, 1, 0, 0, 0, 0, 2], "float32")
    nats = -np.log(model.probabilities(x)[np.arange(9), y])
    batches = tf.data.Dataset.from_tensor_slices((x.astype("float32"), y, weight)).batch(4)
    expected = np.average(nats, weights=weight)
    assert model.fit(batches, verbose=0).history["loss"][0] == pytest.approx(expected, rel=1e-5)
    unweighed = batches.map(lambda x, y, weight: (x, y))
    loss = model.evaluate(unweighed, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(nats.mean(), rel=1e-5)


def test_a_step_follows_the_gradient_of_the_mean_by_weight():
    model, x, _ = classifier()
    x, y = x.astype("float32"), np.array([0, 1, 0] * 3)
    weight = np.array([5, 1, 1, 1, 0, 0, 0, 0, 2], "float32")
    with tf.GradientTape() as tape:
        nats = -tf.gather(model(x), y, batch_dims=1)
        loss = tf.reduce_sum(weight * nats) / tf.reduce_sum(weight)
    variables = model.trainable_variables
    expected = [
        variable - tf.convert_to_tensor(gradient)
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True)
    ]
    model.compile(keras.optimizers.SGD(1.0))
    model.fit(tf.data.Dataset.from_tensors((x, y, weight)), verbose=0)
    for variable, value in zip(variables, expected, strict=True):
        np.testing.assert_allclose(variable, value, atol=1e-5)


def test_which_losses_are_of_densities():
    """Those of numbers that are told by a distribution; no class and no quantile has one."""

    def of(name, **options):
        return rnnzoo.create_model(name, **options).loss_of_density

    told = {"features": (2,), "center": 0.0, "scale": 1.0}
    assert of("forecast_gru", units=2)
    assert of("regress_gru", units=2, distribution="normal", **told)
    assert not of("regress_gru", units=2, distribution="quantiles", **told)
    assert not of("activity_gru", units=2)
