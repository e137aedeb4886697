"""Gaussian hidden Markov models side by side: each as `HiddenMarkovModel` is alone."""

import numpy as np
import pytest

from rnnzoo.layers import HiddenMarkovChains, HiddenMarkovModel
from rnnzoo.platform import keras, tf

BATCH, TIME, SIZE, CHAINS, STATES = 6, 9, 2, 3, 4
rng = np.random.default_rng(0)
X = rng.normal(size=(BATCH, TIME, SIZE)).astype("float32")
LENGTHS = np.array([9, 5, 7, 1, 9, 3])
MASK = np.arange(TIME) < LENGTHS[:, None]
OF_CHAIN = np.array([0, 1, 0, 1, 1, 0])  # none of the third


def made(**options):
    keras.utils.set_random_seed(1)
    chains = HiddenMarkovChains(CHAINS, STATES, **options)
    chains.build((None, None, SIZE))
    return chains


@pytest.fixture(scope="module")
def chains():
    return made()


def alone(chains, chain, **options):
    model = HiddenMarkovModel(
        STATES, SIZE, "gaussian", variance_floor=chains.variance_floor, **options
    )
    own = slice(chain * STATES, (chain + 1) * STATES)
    for mine, theirs in zip(model.cell.weights, chains.cell.weights, strict=True):
        mine.assign(theirs[chain])
    for mine, theirs in zip(model.emissions.weights, chains.emissions.weights, strict=True):
        mine.assign(theirs[own])
    return model


def test_likelihoods_are_those_of_each_model_alone(chains):
    steps, _ = chains(X, mask=MASK)
    log_prob = tf.reduce_sum(tf.where(MASK[..., None], steps, 0), axis=1)
    for chain in range(CHAINS):
        expected = alone(chains, chain).log_prob(X, mask=MASK)
        np.testing.assert_allclose(log_prob[:, chain], expected, rtol=1e-5)


def test_steps_are_the_loop_s_and_a_state_goes_on(chains):
    whole, last = chains(X)
    first, state = chains(X[:, :4])
    rest, end = chains(X[:, 4:], state=state)
    np.testing.assert_allclose(tf.concat([first, rest], 1), whole, atol=1e-5)
    state = chains.initial_state(BATCH)
    for t in range(TIME):
        row, state = chains.step(X[:, t], state)
        np.testing.assert_allclose(row, whole[:, t], atol=1e-5)
    for name in last:
        np.testing.assert_allclose(state[name], last[name], atol=1e-4)
        np.testing.assert_allclose(end[name], last[name], atol=1e-4)


def weights_of(model):
    return [w.numpy() for w in (*model.cell.weights, *model.emissions.weights)]


def test_a_step_of_em_is_that_of_each_model_alone_and_unseen_ones_stay():
    chains = made(pseudo_count=0.5)
    models = [alone(chains, chain, pseudo_count=0.5) for chain in range(CHAINS)]
    before = weights_of(models[2])
    chains.maximize(chains.expected_counts(X, tf.one_hot(OF_CHAIN, CHAINS), MASK))
    for chain, model in enumerate(models[:2]):
        rows = chain == OF_CHAIN
        model.maximize(model.expected_counts(X[rows], mask=MASK[rows])[1])
        for mine, theirs in zip(weights_of(alone(chains, chain)), weights_of(model), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-4)
    for mine, theirs in zip(weights_of(alone(chains, 2)), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_padding_may_hold_anything(chains):
    odd = np.where(MASK[..., None], X, np.nan).astype("float32")
    of_class = tf.one_hot(OF_CHAIN, CHAINS)
    for x in (X, odd):
        with tf.GradientTape() as tape:
            found = tf.where(MASK[..., None], chains(x, mask=tf.constant(MASK))[0], 0)
            loss = tf.reduce_sum(found)
        answers = [found, *tape.gradient(loss, chains.trainable_variables)]
        counts = tf.function(chains.expected_counts)(tf.constant(x), of_class, tf.constant(MASK))
        if x is X:
            expected = [*answers, *counts]
    for one, other in zip([*answers, *counts], expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_weight_of_two_counts_twice_and_of_none_not_at_all(chains):
    weight = np.array([2, 1, 0, 1, 1, 1], "float32")
    often = np.repeat(np.arange(BATCH), weight.astype(int))
    weighed = chains.expected_counts(X, tf.one_hot(OF_CHAIN, CHAINS) * weight[:, None], MASK)
    again = chains.expected_counts(X[often], tf.one_hot(OF_CHAIN[often], CHAINS), MASK[often])
    for one, other in zip(weighed, again, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_another_one_s_models_are_taken_over_by_their_places():
    old, new = made(), HiddenMarkovChains(CHAINS + 1, STATES)
    new.build((None, None, SIZE + 1))
    new.take_over(old, [3, 0, 1], [2, 0])
    x = rng.normal(size=(BATCH, TIME, SIZE + 1)).astype("float32")
    for emission in new.emissions.weights:  # the new number tells nothing apart
        emission.assign(emission * np.array([1, 0, 1], "float32"))
    found, expected = new(x)[0].numpy(), old(x[..., [2, 0]])[0].numpy()
    of_new = -0.5 * (np.log(2 * np.pi * (1 + new.variance_floor)))
    of_new = of_new - 0.5 * x[..., 1:2] ** 2 / (1 + new.variance_floor)
    np.testing.assert_allclose(found[..., [3, 0, 1]], expected + of_new, atol=1e-4)
