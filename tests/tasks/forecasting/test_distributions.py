"""The families of answers, compared with SciPy's."""

import math

import numpy as np
import pytest
from scipy import stats

from rnnzoo.platform import tf
from rnnzoo.tasks.forecasting.distributions import DISTRIBUTIONS, distribution

RANDOM = np.random.default_rng(0)


def scipys(name, parameters):
    if name == "gaussian":
        return stats.norm(*parameters)
    if name == "student_t":
        loc, scale, df = parameters
        return stats.t(df, loc, scale)
    mean, alpha = parameters
    return stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))


PARAMETERS = {
    "gaussian": [(3.0, 0.5), (-200.0, 20.0)],
    "student_t": [(3.0, 0.5, 2.5), (-200.0, 20.0, 30.0)],
    "negative_binomial": [(0.3, 0.2), (4.0, 2.0), (150.0, 0.05)],
}
CASES = [(name, each) for name, of_one in PARAMETERS.items() for each in of_one]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_likelihood_and_mean_are_scipys(name, parameters):
    family, true = DISTRIBUTIONS[name], scipys(name, parameters)
    y = true.rvs(20, random_state=0)
    given = tf.constant([parameters] * len(y))
    theirs = true.logpmf(y) if name == "negative_binomial" else true.logpdf(y)
    ours = family.log_prob(given, tf.constant(y, tf.float32))
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=2e-3)
    np.testing.assert_allclose(family.mean(given)[0], true.mean(), rtol=1e-5)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_samples_are_of_the_distribution(name, parameters):
    uniforms = RANDOM.random((4000, 2)).astype(np.float32)
    drawn = DISTRIBUTIONS[name].sample(tf.constant([parameters] * 4000), uniforms).numpy()
    true = scipys(name, parameters)
    if name == "negative_binomial":  # by inversion, so that each is known
        expected = true.ppf(uniforms[:, 0].astype(float))
        assert (drawn == expected).mean() > 0.99  # float32
        assert np.abs(drawn - expected).max() <= 1
    else:
        assert stats.kstest(drawn, true.cdf).pvalue > 0.01


def test_an_amount_is_there_with_its_probability_and_is_a_weibull():
    family = DISTRIBUTIONS["dry_or_wet"]
    p, scale, shape = 0.3, 5.0, 0.8
    given = tf.constant([[math.log(p / (1 - p)), scale, shape]] * 4000)
    uniforms = RANDOM.random((4000, 2)).astype(np.float32)
    drawn = family.sample(given, uniforms).numpy()
    np.testing.assert_array_equal(drawn == 0, uniforms[:, 0] < 1 - p)
    wet = stats.weibull_min(shape, scale=scale)
    assert stats.kstest(drawn[drawn > 0], wet.cdf).pvalue > 0.01
    y = np.array([0.0, 0.1, 7.0], np.float32)
    expected = [math.log(1 - p), *(math.log(p) + wet.logpdf(y[1:]))]
    np.testing.assert_allclose(family.log_prob(given[:3], y), expected, rtol=1e-4)
    np.testing.assert_allclose(family.mean(given)[0], p * wet.mean(), rtol=1e-5)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_series_in_other_units_has_the_same_answer_in_these(name):
    family = DISTRIBUTIONS[name]
    outputs = tf.constant(RANDOM.normal(size=(5, family.size)), tf.float32)
    uniforms = tf.constant(RANDOM.random((5, 2)), tf.float32)
    origin = 3.0 if family.centered else 0.0
    one = family.of(outputs, tf.fill([5], origin), tf.ones([5]))
    ten = family.of(outputs, tf.fill([5], 10 * origin), tf.fill([5], 10.0))
    np.testing.assert_allclose(family.mean(ten), 10 * family.mean(one), rtol=1e-5)
    if not family.whole:
        np.testing.assert_allclose(
            family.sample(ten, uniforms), 10 * family.sample(one, uniforms), rtol=1e-4, atol=1e-4
        )


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_far_values_have_finite_gradients(name):
    family = DISTRIBUTIONS[name]
    outputs = tf.constant([[9.0] * family.size, [-9.0] * family.size])
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        y = tf.constant([5e4, 0.0])
        nats = family.log_prob(family.of(outputs, tf.zeros([2]), tf.ones([2])), y)
    assert np.isfinite(tape.gradient(nats, outputs)).all()


def test_auto_is_chosen_by_the_kind_and_a_wrong_name_is_told():
    names = [distribution("auto", kind).name for kind in ("real", "positive", "counts", "wet")]
    assert names == ["student_t", "student_t", "negative_binomial", "dry_or_wet"]
    with pytest.raises(ValueError, match="distribution='normal': expected auto, or one of gauss"):
        distribution("normal", "real")
