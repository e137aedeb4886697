"""Hidden Markov models against all paths, against hmmlearn, and where users run them."""

import functools
import itertools
import warnings

import numpy as np
import pytest
from hmmlearn import hmm as hmmlearn
from scipy.special import logsumexp

from rnnzoo.layers import HiddenMarkovModel
from rnnzoo.platform import keras, tf

STATES, SYMBOLS, NUMBERS, TIME = 3, 4, 2, 5
rng = np.random.default_rng(0)
SEQUENCES = {
    "categorical": rng.integers(0, SYMBOLS, (6, TIME)),
    "gaussian": rng.normal(size=(6, TIME, NUMBERS)),
}
MASK = np.arange(TIME) < np.array([5, 3, 1, 0, 4, 5])[:, None]
MASK[4:] = [[False, True, True, False, True], [True, False, True, True, False]]
kinds = pytest.mark.parametrize("kind", list(SEQUENCES))


def fast_for(kind):
    """Tests of both kinds, of which the other is marked slow: they learn by the same code."""
    marked = [pytest.param(k, marks=() if k == kind else pytest.mark.slow) for k in SEQUENCES]
    return pytest.mark.parametrize("kind", marked)


def make(kind, dtype="float64", **options):
    keras.utils.set_random_seed(1)
    size = SYMBOLS if kind == "categorical" else NUMBERS
    return HiddenMarkovModel(STATES, size, kind, dtype=dtype, **options)


def drawn(kind, length, count, seed=1):
    """Sequences of a model whose hidden states are far apart."""
    model = make(kind)
    for weight in model.weights:
        weight.assign(2.5 * weight)
    return model.sample(length, count, seed)[0]


def all_paths(model, x):
    """Each path of hidden states, and log p(x, path)."""
    initial, a = (np.log(p) for p in (model.cell.initial, model.cell.transitions))
    if model.emission_kind == "categorical":
        b = np.log(model.emissions.probabilities)[:, x].T
    else:
        mean, variance = (np.asarray(w) for w in (model.emissions.mean, model.emissions.variance))
        z = (x[:, None] - mean) ** 2 / variance + np.log(2 * np.pi * variance)
        b = -0.5 * z.sum(axis=-1)
    paths = np.array(list(itertools.product(range(STATES), repeat=len(x))), int)
    if not len(x):
        return paths, np.zeros(1)
    joint = initial[paths[:, 0]] + b[np.arange(len(x)), paths].sum(axis=1)
    return paths, joint + a[paths[:, :-1], paths[:, 1:]].sum(axis=1)


@pytest.mark.parametrize(
    ("graph", "masked", "kind"),
    [
        (True, True, "categorical"),
        (True, True, "gaussian"),
        (False, False, "gaussian"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                (True, False, "categorical"),
                (True, False, "gaussian"),
                (False, False, "categorical"),
                (False, True, "categorical"),
                (False, True, "gaussian"),
            ]
        ),
    ],
)
def test_all_answers_are_those_of_all_paths(kind, masked, graph):
    model, x = make(kind), SEQUENCES[kind]
    mask = MASK if masked else np.ones_like(MASK)
    given = (tf.constant(x), tf.constant(mask) if masked else None)
    wrap = tf.function if graph else lambda f: f
    log_prob, posterior, path = (
        wrap(f)(*given).numpy() for f in (model.log_prob, model.posterior, model.viterbi)
    )
    moves = np.zeros((STATES, STATES))
    first = np.zeros(STATES)
    for row, real in enumerate(mask):
        paths, joint = all_paths(model, x[row, real])
        np.testing.assert_allclose(log_prob[row], logsumexp(joint), rtol=1e-12)
        p = np.exp(joint - logsumexp(joint))
        expected = np.zeros((TIME, STATES))
        for t, step in enumerate(np.flatnonzero(real)):
            expected[step] = np.bincount(paths[:, t], p, STATES)
            if t:
                np.add.at(moves, (paths[:, t - 1], paths[:, t]), p)
            else:
                first += expected[step]
        np.testing.assert_allclose(posterior[row], expected, atol=1e-12)
        assert path[row, real].tolist() == paths[joint.argmax()].tolist()
        assert (path[row, ~real] == -1).all()
    h, counts = wrap(lambda x, mask: model.expected_counts(x, mask=mask))(*given)
    np.testing.assert_allclose(counts[0], first, atol=1e-12)
    np.testing.assert_allclose(counts[1], moves, atol=1e-12)
    if kind == "categorical":
        of_symbols = [posterior[(x == symbol) & mask].sum(axis=0) for symbol in range(SYMBOLS)]
        np.testing.assert_allclose(counts[2], np.transpose(of_symbols), atol=1e-12)
    else:
        np.testing.assert_allclose(counts[2], posterior.sum(axis=(0, 1)), atol=1e-12)
        np.testing.assert_allclose(counts[3], np.einsum("bti,btd->id", posterior, x), atol=1e-12)
        np.testing.assert_allclose(counts[4], np.einsum("bti,btd->id", posterior, x**2), atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "masked"),
    [
        ("categorical", True),
        ("gaussian", False),
        pytest.param("categorical", False, marks=pytest.mark.slow),
        pytest.param("gaussian", True, marks=pytest.mark.slow),
    ],
)
def test_windows_that_carry_the_state_are_the_whole(kind, masked):
    model, x = make(kind), tf.constant(SEQUENCES[kind])
    mask = tf.constant(MASK) if masked else None
    whole, final = model(x, mask=mask, return_state=True)
    first, state = model(x[:, :2], mask=mask if mask is None else mask[:, :2], return_state=True)
    rest = mask if mask is None else mask[:, 2:]
    second, state = model(x[:, 2:], state, rest, return_state=True)
    real = np.ones_like(MASK) if mask is None else MASK
    joined = np.concatenate([first, second], axis=1)
    np.testing.assert_allclose(joined[real], whole.numpy()[real], rtol=1e-10)
    for name, value in final.items():
        np.testing.assert_allclose(state[name], value, rtol=1e-10)
    _, counts = model.expected_counts(x[:, 2:], model(x[:, :2], return_state=True)[1])
    assert counts[0].numpy() == pytest.approx(0)  # no sequence begins there
    assert counts[1].numpy().sum() == pytest.approx(6 * (TIME - 2))


def test_of_equal_paths_the_lowest_states_are_taken():
    model = make("categorical")
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape))
    x = SEQUENCES["categorical"]
    assert (model.viterbi(x).numpy() == 0).all()
    assert (tf.function(model.viterbi)(tf.constant(x)).numpy() == 0).all()
    start = np.array([-1.0, 0.0, 0.0])  # then 1 and 2 are equal, and 0 is worse
    model.cell.initial_logits.assign(start)
    model.cell.transition_logits.assign(np.where(np.eye(STATES) > 0, 0, -5))
    assert (tf.function(model.viterbi, jit_compile=True)(tf.constant(x)).numpy() == 1).all()


def twin(model):
    """hmmlearn's model of the same parameters."""
    start, moves = np.asarray(model.cell.initial), np.asarray(model.cell.transitions)
    if model.emission_kind == "categorical":
        theirs = hmmlearn.CategoricalHMM(STATES, init_params="", n_features=SYMBOLS)
        theirs.emissionprob_ = np.asarray(model.emissions.probabilities)
    else:
        theirs = hmmlearn.GaussianHMM(
            STATES, init_params="", min_covar=0, covars_prior=0, covars_weight=1, means_weight=0
        )
        theirs.n_features = NUMBERS
        theirs.means_ = np.asarray(model.emissions.mean)
        theirs.covars_ = np.asarray(model.emissions.variance)
    theirs.startprob_, theirs.transmat_ = start, moves
    theirs.n_iter, theirs.tol = 4, -np.inf
    return theirs


@fast_for("gaussian")
def test_the_same_as_hmmlearn(kind):
    model = make(kind)
    x = drawn(kind, 30, count=20)
    theirs, lengths = twin(model), [30] * 20
    flat = x.reshape(600, -1)
    score, posterior = theirs.score_samples(flat, lengths)
    np.testing.assert_allclose(model.log_prob(x).numpy().sum(), score, rtol=1e-6)
    np.testing.assert_allclose(model.posterior(x).numpy().reshape(600, -1), posterior, atol=1e-6)
    np.testing.assert_array_equal(model.viterbi(x).numpy().ravel(), theirs.predict(flat, lengths))
    if kind == "gaussian":
        theirs.covars_ = np.asarray(model.emissions.variance)
    theirs.fit(flat, lengths)
    losses = model.fit(x, epochs=4, batch_size=7, verbose=0).history["loss"]
    np.testing.assert_allclose(np.array(losses) * -600, theirs.monitor_.history, rtol=1e-6)
    np.testing.assert_allclose(model.cell.transitions, theirs.transmat_, atol=1e-6)
    np.testing.assert_allclose(model.cell.initial, theirs.startprob_, atol=1e-6)
    if kind == "categorical":
        np.testing.assert_allclose(model.emissions.probabilities, theirs.emissionprob_, atol=1e-6)
    else:
        np.testing.assert_allclose(model.emissions.mean, theirs.means_, atol=1e-6)
        variance = np.stack([np.diag(c) for c in theirs.covars_])
        np.testing.assert_allclose(model.emissions.variance, variance, atol=1e-6)


@fast_for("categorical")
def test_no_epoch_of_em_lowers_the_likelihood_with_masks_and_short_batches(kind):
    model = make(kind, dtype="float32")
    x = drawn(kind, 12, count=25)
    mask = np.random.default_rng(3).random((25, 12)) < 0.8
    if kind == "gaussian":
        x[~mask] = np.nan  # what is not real may hold anything
        model.adapt(x, mask)
    history = model.fit((x, mask), epochs=15, batch_size=8, verbose=0).history["loss"]
    assert (np.diff(history) <= 1e-5).all()
    assert history[-1] < history[0] - 0.02
    exact = model.evaluate((x, mask), batch_size=8, verbose=0)
    assert exact == pytest.approx(-model.log_prob(x, mask).numpy().sum() / mask.sum(), rel=1e-5)


@fast_for("categorical")
def test_gradients_learn_as_well(kind):
    model = make(kind, dtype="float32", learn="gradient")
    x = drawn(kind, 20, count=16)
    model.compile(keras.optimizers.Adam(0.05))
    history = model.fit(x, epochs=10, batch_size=8, verbose=0, validation_data=(x,)).history
    assert history["loss"][-1] < history["loss"][0] - 0.02
    assert history["val_loss"][-1] < history["val_loss"][0]


@pytest.mark.slow
def test_em_and_gradients_find_what_made_the_data():
    made = make("gaussian")
    made.emissions.mean.assign([[-2, 0], [2, 0], [0, 3]])
    made.emissions.log_spread.assign(np.full((STATES, NUMBERS), -1.5))
    x, states = made.sample(40, count=30, seed=0)
    truth = -made.log_prob(x).numpy().mean() / 40
    for learn in ("em", "gradient"):
        model = make("gaussian", learn=learn)
        model.adapt(x)
        loss = model.fit(x, epochs=25, batch_size=10, verbose=0).history["loss"][-1]
        assert loss < truth + 0.01
        found = model.viterbi(x).numpy()
        confusion = np.histogram2d(states.ravel(), found.ravel(), STATES)[0]
        assert confusion.max(axis=1).sum() > 0.97 * states.size


@kinds
def test_sampled_frequencies_are_the_probabilities(kind):
    model = make(kind)
    x, states = model.sample(40, count=2000, seed=5)
    again, _ = model.sample(40, count=2000, seed=5)
    np.testing.assert_array_equal(x, again)
    first = np.bincount(states[:, 0], minlength=STATES) / 2000
    np.testing.assert_allclose(first, model.cell.initial, atol=0.04)
    moves = np.zeros((STATES, STATES))
    np.add.at(moves, (states[:, :-1], states[:, 1:]), 1)
    moves /= moves.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(moves, model.cell.transitions, atol=0.02)
    for state in range(STATES):
        of_state = x[states == state]
        if kind == "categorical":
            shares = np.bincount(of_state, minlength=SYMBOLS) / len(of_state)
            np.testing.assert_allclose(shares, model.emissions.probabilities[state], atol=0.02)
        else:
            np.testing.assert_allclose(of_state.mean(0), model.emissions.mean[state], atol=0.05)
            variance = model.emissions.variance[state]
            np.testing.assert_allclose(of_state.var(0), variance, rtol=0.05)


@pytest.mark.parametrize(
    ("kind", "learn"),
    [
        ("categorical", "gradient"),
        pytest.param("gaussian", "em", marks=pytest.mark.slow),
        pytest.param("categorical", "em", marks=pytest.mark.slow),
        pytest.param("gaussian", "gradient", marks=pytest.mark.slow),
    ],
)
def test_saved_and_loaded_answer_the_same(kind, learn, tmp_path):
    model, x = make(kind, learn=learn, pseudo_count=0.5), SEQUENCES[kind]
    model.fit(x, verbose=0)
    model.save(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Keras's, of an optimizer's weights
        loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded.log_prob(x), model.log_prob(x))


@fast_for("gaussian")
def test_exported_it_answers_as_in_python(kind, tmp_path):
    model, x = make(kind), SEQUENCES[kind]
    loaded = tf.saved_model.load(model.export(tmp_path / "model"))
    entry, _ = model.emissions.entry
    x, mask = tf.constant(x, entry), tf.constant(MASK)
    for found, given in ((loaded.serve(x), (x,)), (loaded.serve_padded(x, mask), (x, mask))):
        np.testing.assert_allclose(found["log_prob"], model.log_prob(*given), rtol=1e-6)
        np.testing.assert_allclose(found["posterior"], model.posterior(*given), atol=1e-6)
        np.testing.assert_array_equal(found["path"], model.viterbi(*given))
    state, h = loaded.init(6), []
    for t in range(TIME):
        found = loaded.step(x[:, t], state)
        h.append(found.pop("log_probs"))
        state = found
    np.testing.assert_allclose(np.stack(h, axis=1), model(x), rtol=1e-6)
    signature = loaded.signatures["serving_default"]
    np.testing.assert_array_equal(signature(x=x)["path"], model.viterbi(x))


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_em_goes_on_from_transitions_that_were_forbidden(dtype):
    """What alternated all the time now stays, which a table at the floor takes for impossible."""
    model = HiddenMarkovModel(2, 1, "gaussian", dtype=dtype)
    model.emissions.mean.assign([[-20.0], [20.0]])
    forbidden = -1e9 if dtype == "float64" else -85.0
    model.cell.transition_logits.assign([[forbidden, 0], [0, forbidden]])
    x = np.random.default_rng(0).normal(-20, 1, size=(4, 40, 1)).astype(dtype)
    _, (first, moves, *_) = model.expected_counts(tf.constant(x))
    np.testing.assert_allclose(first, [4, 0], atol=1e-6)
    np.testing.assert_allclose(moves, [[4 * 39, 0], [0, 0]], atol=1e-4)
    alternates = x * np.where(np.arange(40) % 2, -1, 1)[:, None]
    _, (_, moves, *_) = model.expected_counts(tf.constant(np.concatenate([x, alternates])))
    np.testing.assert_allclose(np.sum(moves), 8 * 39, rtol=1e-6)
    losses = model.fit(np.concatenate([x, alternates]), epochs=4, verbose=0).history["loss"]
    assert np.isfinite(losses).all() and max(np.diff(losses)) < 1e-5 * abs(losses[-1])
    assert losses[-1] < 3 and np.isfinite(model.cell.transitions).all()


def test_a_forbidden_transition_costs_as_much_by_each_algorithm():
    model = HiddenMarkovModel(2, 2, "gaussian", dtype="float64")
    model.cell.initial_logits.assign([0, -1e9])
    model.cell.transition_logits.assign([[0, 0], [-1e9, 0]])  # none goes back
    model.emissions.mean.assign([[0, 0], [10, 10]])
    x = np.array([0, 10, 10, 0, 0, 10.0])[None, :, None].repeat(2, -1)
    path = model.viterbi(x).numpy()
    assert path.tolist() == [[0, 1, 1, 0, 0, 1]]  # 100 nats by the vectors, 85 by going back
    np.testing.assert_array_equal(model.posterior(x).numpy().argmax(-1), path)


def test_symbols_that_there_are_none_of_are_refused_in_the_graph_too():
    model, x = make("categorical"), SEQUENCES["categorical"].copy()
    x[0, 2] = -1
    batches = tf.data.Dataset.from_tensor_slices(x).batch(3)
    model.compile()
    for verb in (functools.partial(model.fit, shuffle=False), model.evaluate, model.predict):
        with pytest.raises(tf.errors.InvalidArgumentError, match="expected symbols from 0 to 3"):
            verb(batches, verbose=0)
    mask = x >= 0
    assert np.isfinite(model.evaluate((x, mask), verbose=0))


def test_what_is_given_may_be_impossible_and_not_infinite():
    keras.utils.set_random_seed(1)
    model = HiddenMarkovModel(3, 3, "given")
    x = np.zeros((2, 4, 3), "float32")
    x[0, 1], x[1, 2, :2] = -np.inf, -np.inf
    same = x.copy()
    same[0, 1] = -85.0
    np.testing.assert_array_equal(model.viterbi(x)[0], model.viterbi(same)[0])
    assert np.isfinite(model.log_prob(x)).all() and model.viterbi(x)[1, 2] == 2
    np.testing.assert_allclose(model.posterior(x)[1, 2], [0, 0, 1], atol=1e-6)
    with pytest.raises(ValueError, match="x holds NaN or infinity at real steps"):
        model.log_prob(np.where(np.isinf(x), np.inf, x))


@pytest.mark.parametrize("learn", [pytest.param("em", marks=pytest.mark.slow), "gradient"])
def test_a_batch_without_a_real_step_changes_no_measure(learn):
    x, mask = SEQUENCES["categorical"], np.ones((6, TIME), bool)
    mask[3] = False
    model = make("categorical", learn=learn)
    model.compile(keras.optimizers.Adam(0.01))
    others = mask.any(axis=1)
    alone = model.evaluate((x[others], mask[others]), batch_size=1, verbose=0)
    assert model.evaluate((x, mask), batch_size=1, verbose=0) == pytest.approx(alone, rel=1e-6)
    assert np.isfinite(model.fit((x, mask), batch_size=1, verbose=0).history["loss"]).all()
    assert all(np.isfinite(w).all() for w in model.get_weights())


@pytest.mark.parametrize("kind", ["categorical", pytest.param("gaussian", marks=pytest.mark.slow)])
def test_nested_lists_are_as_good_as_arrays(kind):
    x = SEQUENCES[kind]
    model = make(kind)
    begin, found = model.get_weights(), []
    for given in ((x, MASK), (x.tolist(), MASK.tolist())):
        model.set_weights(begin)
        losses = model.fit(given, validation_data=(given[0],), verbose=0).history
        found.append([losses, model.evaluate(given[0], verbose=0)])
        found[-1].append(model.predict(given[0], verbose=0).tolist())
    assert found[0] == found[1]
    with pytest.raises(ValueError, match=r"x: 2 sequences of from 1 to 2 steps: expected as many"):
        model.fit([x[0, :1].tolist(), x[0, :2].tolist()], verbose=0)


def test_numbers_far_off_have_a_likelihood():
    model = HiddenMarkovModel(2, 2, "gaussian")
    model.emissions.log_spread.assign([[0.0, 0.0], [2.0, 2.0]])
    x = np.zeros((2, 50, 2), "float32")
    x[0, 20:], x[1, 20] = 1e25, -3e38
    assert np.isfinite(model.log_prob(x)).all()
    np.testing.assert_allclose(model.posterior(x)[0, 20:], [[0, 1]] * 30, atol=1e-6)  # the wide one
    assert model.viterbi(x).numpy()[0, 20:].tolist() == [1] * 30


@pytest.mark.parametrize(
    ("kind", "learn"),
    [("categorical", "gradient"), pytest.param("gaussian", "em", marks=pytest.mark.slow)],
)
def test_one_hidden_state_is_no_mistake(kind, learn):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Keras's, of a softmax over one entry
        model = HiddenMarkovModel(1, SYMBOLS if kind == "categorical" else NUMBERS, kind, learn)
        model.fit(SEQUENCES[kind], verbose=0)
        assert (model.viterbi(SEQUENCES[kind]).numpy() == 0).all()
        model.sample(3)


def test_numbers_of_numpy_are_sizes():
    assert HiddenMarkovModel(np.int64(3), size=np.int32(2)).get_config()["states"] == 3
    with pytest.raises(ValueError, match="states=True: expected a positive integer"):
        HiddenMarkovModel(True, 2)


def test_vectors_of_unequal_scale_keep_their_digits_in_float32():
    x = np.random.default_rng(1).normal(size=(10, 20, 6)) * [1, 1, 1, 1, 1, 0.02]
    x[5:] += 3
    wide, narrow = (
        HiddenMarkovModel(3, 6, "gaussian", dtype=dtype) for dtype in ("float64", "float32")
    )
    wide.adapt(x)
    narrow.set_weights(wide.get_weights())
    wide.set_weights(narrow.get_weights())
    np.testing.assert_allclose(narrow.log_prob(x.astype("f4")), wide.log_prob(x), rtol=2e-6)
    losses = narrow.fit(x.astype("f4"), epochs=30, verbose=0).history["loss"]
    assert max(np.diff(losses)) < 1e-5


def test_a_state_that_nothing_visits_stays_as_it_was_and_no_variance_vanishes():
    model = make("gaussian")
    model.emissions.mean.assign([[0, 0], [0, 1], [50, 50]])
    x = np.zeros((3, TIME, NUMBERS))
    model.fit(x, epochs=3, verbose=0)
    assert model.emissions.mean.numpy()[2].tolist() == [50, 50]
    np.testing.assert_allclose(model.emissions.variance[0], 1e-3, rtol=1e-4)
    assert np.isfinite(model.log_prob(x)).all()


def test_pseudo_counts_leave_nothing_impossible():
    model = make("categorical", pseudo_count=0.1)
    model.fit(np.zeros((3, TIME), int), epochs=3, verbose=0)
    assert np.min(model.emissions.probabilities) > 1e-3
    assert np.min(model.cell.transitions) > 1e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"states": 0}, "states=0: expected a positive integer"),
        ({"size": 2.5}, "size=2.5: expected a positive integer"),
        ({"emissions": "poisson"}, "emissions='poisson': expected one of categorical, gaussian"),
        ({"learn": "viterbi"}, "learn='viterbi': expected em or gradient"),
        ({"pseudo_count": -1}, "pseudo_count=-1: expected a number of at least 0"),
        ({"variance_floor": 0}, "variance_floor=0: expected a number above 0"),
        ({"dtype": "float16"}, "dtype='float16': expected float32, float64 or a mixed policy"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        HiddenMarkovModel(**{"states": 2, "size": 3, **options})


def test_what_fit_cannot_use_is_refused():
    model, x = make("categorical"), SEQUENCES["categorical"]
    with pytest.raises(TypeError, match="learns from sequences alone"):
        model.fit(x, x, verbose=0)
    with pytest.raises(TypeError, match="sample_weight: a hidden Markov model learns"):
        model.fit(x, sample_weight=np.ones(len(x)), verbose=0)
    with pytest.raises(ValueError, match="symbols have no clusters"):
        model.adapt(x)
    with pytest.raises(ValueError, match=r"x holds symbols from -1 to 0: expected 0 to"):
        model.fit(np.array([[0, -1]]), verbose=0)


@pytest.mark.parametrize(
    ("kind", "x", "message"),
    [
        ("categorical", [[0, -1, 2]], r"x holds symbols from -1 to 2: expected 0 to \d; steps"),
        ("categorical", [[0, 99]], r"x holds symbols from 0 to 99"),
        (
            "categorical",
            [[0.5, 1.0]],
            r"x is float\d+ \(1, 2\): expected symbols, int \(batch, time\)",
        ),
        ("gaussian", np.zeros((1, 4, NUMBERS + 1)), r"expected numbers \(batch, time, \d\)"),
        ("gaussian", np.full((1, 4, NUMBERS), np.nan), "x holds NaN or infinity at real steps"),
    ],
)
def test_what_it_cannot_read_is_refused_by_each_verb(kind, x, message):
    model = make(kind)
    for verb in (model.log_prob, model.posterior, model.viterbi):
        with pytest.raises(ValueError, match=message):
            verb(x)


@pytest.mark.parametrize(
    ("kind", "learn"),
    [
        ("gaussian", "gradient"),
        pytest.param("gaussian", "em", marks=pytest.mark.slow),
        pytest.param("categorical", "gradient", marks=pytest.mark.slow),
        pytest.param("categorical", "em", marks=pytest.mark.slow),
    ],
)
def test_padding_may_hold_anything(kind, learn):
    x = SEQUENCES[kind][:, :6]
    mask = np.ones(x.shape[:2], int)  # of whatever numbers
    mask[:, 4:] = 0
    odd = x.copy()
    odd[:, 4:] = -1 if kind == "categorical" else np.nan
    model = make(kind, learn=learn)
    model.compile(keras.optimizers.SGD(0.1))  # which has no state
    begin, found = model.get_weights(), []
    for sequences in (x, odd):
        model.set_weights(begin)
        model.fit((sequences, mask), epochs=2, verbose=0)
        told = model.predict((sequences, mask), verbose=0)[:, :4]
        found.append([*model.get_weights(), told, model.viterbi(sequences, mask).numpy()])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_vectors_far_from_0_are_as_likely_and_learned_as_well():
    x = SEQUENCES["gaussian"].astype("float64")
    model = make("gaussian", dtype="float32")
    begin = model.get_weights()
    losses = []
    for offset in (0.0, 4096.0):
        model.set_weights(begin)
        model.emissions.mean.assign_add(np.full((1, NUMBERS), offset))
        losses.append(
            model.fit((x + offset).astype("float32"), epochs=4, verbose=0).history["loss"]
        )
    np.testing.assert_allclose(losses[1], losses[0], atol=0.02)
    assert np.all(np.diff(losses[1]) < 0.005)


@pytest.mark.slow
def test_half_precision_learns_as_much():
    after = []
    for policy in ("float32", "mixed_float16"):
        model = make("categorical", learn="gradient", dtype=policy)
        model.compile(keras.optimizers.SGD(1.0))
        model.fit(SEQUENCES["categorical"], epochs=2, shuffle=False, verbose=0)
        after.append(model.emissions.emission_logits.numpy())
    np.testing.assert_allclose(after[1], after[0], rtol=1e-4)
