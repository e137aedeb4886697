"""The conditional random field against all paths, one by one."""

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from rnnzoo.layers import ConditionalRandomField
from rnnzoo.platform import keras, tf

TAGS, TIME = 3, 5
rng = np.random.default_rng(0)
X = 2 * rng.normal(size=(5, TIME, TAGS))
Y = rng.integers(0, TAGS, size=(5, TIME))
MASK = np.ones((5, TIME), bool)
MASK[0, 1:] = MASK[1, 3:] = MASK[2, [0, 2]] = MASK[3] = False  # one step, padding, holes, none
FORBIDDEN = np.zeros((TAGS + 1, TAGS + 1), bool)
FORBIDDEN[-1, 2] = FORBIDDEN[0, 1] = FORBIDDEN[1, 1] = FORBIDDEN[2, -1] = True


def make(forbidden=None, dtype="float64"):
    crf = ConditionalRandomField(TAGS, forbidden, dtype=dtype)
    crf.set_weights([rng.normal(size=w.shape) for w in crf.weights])
    return crf


def paths_and_scores(crf, x, forbidden=None):
    """All paths of a sequence (steps, tags), and the score of each; -inf where forbidden."""
    steps = len(x)
    weights = *crf.cell.get_weights(), crf.end_scores.numpy()
    start, moves, end = (w.astype("float64") for w in weights)
    if forbidden is not None:
        start = np.where(forbidden[-1, :-1], -np.inf, start)
        moves = np.where(forbidden[:-1, :-1], -np.inf, moves)
        end = np.where(forbidden[:-1, -1], -np.inf, end)
    paths = np.array(list(itertools.product(range(TAGS), repeat=steps)))
    scores = start[paths[:, 0]] + end[paths[:, -1]] + x[range(steps), paths].sum(axis=1)
    return paths, scores + moves[paths[:, :-1], paths[:, 1:]].sum(axis=1)


def padded(x=X, mask=MASK):
    return np.where(mask[..., None], x, np.nan)  # padding may hold anything


@pytest.mark.parametrize("forbidden", [None, FORBIDDEN], ids=["free", "forbidden"])
def test_all_is_that_of_all_paths(forbidden):
    crf = make(forbidden)
    log_z, log_prob = crf.log_partition(padded(), MASK), crf.log_prob(padded(), Y, MASK)
    marginals, best = crf(padded(), mask=MASK).numpy(), crf.best_path(padded(), MASK).numpy()
    for row, mask in enumerate(MASK):
        assert (best[row, ~mask] == -1).all() and not marginals[row, ~mask].any()
        if not mask.any():
            assert log_z[row] == log_prob[row] == 0
            continue
        paths, scores = paths_and_scores(crf, X[row, mask], forbidden)
        np.testing.assert_allclose(log_z[row], logsumexp(scores), rtol=1e-12)
        np.testing.assert_array_equal(best[row, mask], paths[scores.argmax()])
        p = softmax(scores)
        expected = [np.bincount(paths[:, t], p, TAGS) for t in range(mask.sum())]
        np.testing.assert_allclose(marginals[row, mask], expected, atol=1e-12)
        (given,) = np.flatnonzero((paths == Y[row, mask]).all(axis=1))
        if np.isfinite(scores[given]):
            np.testing.assert_allclose(log_prob[row], scores[given] - logsumexp(scores), rtol=1e-10)
        else:
            assert log_prob[row] < -1e29
    assert forbidden is None or (log_prob.numpy() < -1e29).any()


@pytest.mark.parametrize("forbidden", [None, FORBIDDEN], ids=["free", "forbidden"])
def test_gradients_of_the_loss_are_differences_of_it(forbidden):
    crf = make(forbidden)
    y = np.where(MASK, crf.best_path(X, MASK), 0)
    x = tf.Variable(X)

    def loss():
        return -tf.reduce_sum(crf.log_prob(x, y, MASK))

    with tf.GradientTape() as tape:
        value = loss()
    variables = [x, *(w.value for w in crf.trainable_weights)]
    for variable, gradient in zip(variables, tape.gradient(value, variables), strict=True):
        before, gradient = variable.numpy(), tf.convert_to_tensor(gradient).numpy()
        for place in [np.unravel_index(i, before.shape) for i in (0, 1, before.size - 1)]:
            around = []
            for away in (1e-5, -1e-5):
                moved = before.copy()
                moved[place] += away
                variable.assign(moved)
                around.append(float(loss()))
            variable.assign(before)
            expected = (around[0] - around[1]) / 2e-5
            np.testing.assert_allclose(gradient[place], expected, atol=1e-6)


def answers(crf, x, y, mask):
    return crf.log_prob(x, y, mask), crf(x, mask=mask), crf.best_path(x, mask)


def test_the_same_compiled_for_any_batch_and_time_and_in_half_precision():
    crf = make(FORBIDDEN, "float32")
    half = ConditionalRandomField(TAGS, FORBIDDEN, dtype="mixed_bfloat16")
    half.set_weights(crf.get_weights())
    compiled = tf.function(
        lambda *given: answers(half, *given),
        input_signature=[
            tf.TensorSpec([None, None, TAGS], tf.float32),
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None, None], tf.bool),
        ],
        autograph=False,
    )
    for rows, steps in [(5, TIME), (2, 3), (1, 1)]:
        x, y = X[:rows, :steps].astype("float32"), Y[:rows, :steps].astype("int32")
        found = compiled(x, y, MASK[:rows, :steps])
        assert [each.dtype for each in found] == [tf.float32, tf.float32, tf.int32]
        for a, b in zip(found, answers(crf, x, y, MASK[:rows, :steps]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_forbidden_is_on_no_path_whatever_the_scores_say():
    crf = ConditionalRandomField(TAGS, FORBIDDEN)
    x = 1e5 * rng.normal(size=(200, 7, TAGS)).astype("float32")
    path = crf.best_path(x).numpy()
    start, end = np.full((200, 1), TAGS), np.full((200, 1), TAGS)
    path = np.concatenate([start, path, end], axis=1)
    assert not FORBIDDEN[path[:, :-1], path[:, 1:]].any()
    marginals = crf(x).numpy()
    np.testing.assert_allclose(marginals.sum(axis=-1), 1, atol=1e-5)
    assert marginals[:, 0, 2].max() < 1e-6 and marginals[:, -1, 2].max() < 1e-6
    assert marginals.min() >= 0


def test_long_sequences_lose_no_digits_in_single_precision():
    crf = make(dtype="float32")
    x = 50 * rng.normal(size=(2, 2000, TAGS)).astype("float32")
    wide = ConditionalRandomField(TAGS, dtype="float64")
    wide.set_weights(crf.get_weights())
    np.testing.assert_allclose(crf.log_partition(x), wide.log_partition(x), rtol=1e-6)
    np.testing.assert_allclose(crf(x), wide(x), atol=2e-3)


@pytest.mark.slow
def test_a_second_derivative_is_right():
    """Of -log p of single tags, by the marginals."""
    crf, x = make(), tf.Variable(X[:1, :2])
    with tf.GradientTape() as tape:
        p = crf(x)[0, 0, 0]
    paths, scores = paths_and_scores(crf, X[0, :2])
    joint = softmax(scores)
    of_first = joint[paths[:, 0] == 0].sum()
    expected = np.array([[joint[(paths[:, 0] == 0) & (paths[:, t] == j)].sum() - of_first
                          * joint[paths[:, t] == j].sum() for j in range(TAGS)]
                         for t in range(2)])  # fmt: skip
    np.testing.assert_allclose(tape.gradient(p, x)[0], expected, atol=1e-12)


def test_it_is_trained_saved_and_loaded_in_a_model_of_ones_own(tmp_path):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, TAGS))
    outputs = ConditionalRandomField(TAGS, FORBIDDEN)(keras.layers.Dense(TAGS)(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(loss="sparse_categorical_crossentropy")
    y = np.where(X[..., 0] > 0, 0, 2)
    losses = model.fit(X, y, epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    np.testing.assert_array_equal(loaded.layers[-1].cell.forbidden, FORBIDDEN)


def test_what_was_known_is_kept_among_more_tags():
    small, large = make(), ConditionalRandomField(5, dtype="float64")
    places = [3, 0, 4]
    large.take_over(small, places)
    x = np.full((5, TIME, 5), -1e6)
    x[..., places] = X
    np.testing.assert_allclose(large.log_partition(x), small.log_partition(X), rtol=1e-12)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: ConditionalRandomField(0), "tags=0: expected a positive integer"),
        (lambda: ConditionalRandomField(2, dtype="float16"), "expected float32, float64 or a mix"),
        (lambda: make()(X[..., :2]), r"shape \(5, 5, 2\): expected \(batch, time, 3\)"),
        (lambda: make().log_prob(X, Y + 1), "tags from 1 to 3: expected numbers from 0 to 2"),
    ],
)
def test_mistakes_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()
