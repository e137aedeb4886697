"""Tags that are fed back: forced = stepped = searched = exported, and drawn for training."""

import functools
import itertools

import numpy as np
import pytest

import rnnzoo
from rnnzoo import decoding
from rnnzoo.platform import keras, tf

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

NAMES = ("tagger_output_rnn", "tagger_feedback_lstm")
TEXTS, TAGS = ["abca", "cb"], ["xyzx", "zz"]
TINY = {"units": 5, "embedding_size": 4, "spelling_units": 0, "feedback_size": 3}


@functools.cache
def make(name, bidirectional=False, words=False):
    """A tiny model whose tags depend on each other strongly."""
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, **TINY, bidirectional=bidirectional)
    model.adapt([list(text) for text in TEXTS] if words else TEXTS, TAGS)
    for layer in (model.tag_vectors, model.output_layer):
        layer.set_weights([9 * w for w in layer.get_weights()])
    return model


def encode(model, texts=TEXTS):
    return model.preprocessor.encode(model.preprocessor.tensors(texts))


def ids(model, tags=TAGS):
    rows = [model.preprocessor.labels.ids(row).tolist() for row in tags]
    return tf.ragged.constant(rows, tf.int32).to_tensor()


def stepped(model, text, choose):
    """Probabilities (time, tags) step by step, and the tags that `choose(t, probabilities)` fed."""
    state, found, fed = model.endpoints["init"](tf.constant(1)), [], []
    for t, element in enumerate(text):
        answer = dict(model.endpoints["step"](tf.constant([element]), state))
        found.append(answer["probabilities"][0].numpy())
        fed.append(int(choose(t, found[-1])))
        state = {**{key: answer[key] for key in state}, "last_tag": tf.constant(fed[-1:])}
    return np.array(found), fed


def test_output_recurrence_is_one_product_by_the_last_tag():
    model = make("tagger_output_rnn")
    batch, tags = encode(model), ids(model)
    vectors = model.tag_vectors.embeddings.numpy()
    W, b = model.recurrent.get_weights()
    V, c = model.output_layer.get_weights()
    x = model.embedding(batch["ids"]).numpy()
    logits = model(batch, tags=tags).numpy()
    for row, length in enumerate((4, 2)):
        last = 0  # none
        for t in range(length):
            h = np.tanh(np.concatenate([x[row, t], vectors[last]]) @ W + b)
            np.testing.assert_allclose(logits[row, t], h @ V + c, atol=1e-5)
            last = 1 + int(tags[row, t])


@pytest.mark.parametrize("name", NAMES)
def test_forced_all_at_once_equals_fed_step_by_step(name):
    model = make(name)
    forced, tags = tf.nn.softmax(model(encode(model), tags=ids(model))), ids(model)
    for row, text in enumerate(TEXTS):
        by_hand, _ = stepped(model, text, lambda t, p, row=row: tags[row, t])
        np.testing.assert_allclose(forced[row, : len(text)], by_hand, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_greedy_answers_are_the_likeliest_tag_step_by_step(name):
    model = make(name)
    for text, tags, probabilities in zip(
        TEXTS, model.tag(TEXTS), model.predict(TEXTS), strict=True
    ):
        by_hand, fed = stepped(model, text, lambda t, p: p.argmax())
        assert tags == tuple(model.tags[i] for i in fed)
        np.testing.assert_allclose(probabilities, by_hand, atol=1e-5)
        # The stream feeds its own tags without being told.
        state = model.endpoints["init"](tf.constant(1))
        for element, expected in zip(text, tags, strict=True):
            answer = dict(model.endpoints["step"](tf.constant([element]), state))
            assert answer["tags"].numpy() == [expected.encode()]
            state = {key: answer[key] for key in state}


@pytest.mark.parametrize(
    ("name", "bidirectional"),
    [
        ("tagger_output_rnn", False),
        pytest.param("tagger_output_rnn", True, marks=pytest.mark.slow),
        pytest.param("tagger_feedback_lstm", True, marks=pytest.mark.slow),
        pytest.param("tagger_feedback_lstm", False, marks=pytest.mark.slow),
    ],
)
def test_the_probabilities_of_all_tags_are_1_and_a_full_beam_finds_the_best(name, bidirectional):
    model = make(name, bidirectional)
    every = list(itertools.product(model.tags, repeat=4))
    log_probs = model.log_prob([TEXTS[0]] * len(every), every, batch_size=50)
    assert np.exp(log_probs).sum() == pytest.approx(1, abs=1e-5)
    assert model.tag(TEXTS[0], beam_width=len(every)) == every[log_probs.argmax()]
    greedy = model.log_prob(TEXTS[:1], [model.tag(TEXTS[0])])
    assert log_probs.max() >= greedy[0] - 1e-5
    assert ("step" in model.endpoints) != bidirectional


@pytest.mark.parametrize(
    ("name", "bidirectional"),
    [
        ("tagger_output_rnn", True),
        pytest.param("tagger_feedback_lstm", False, marks=pytest.mark.slow),
    ],
)
def test_a_sentence_gets_the_same_answer_alone_and_among_longer_ones(name, bidirectional):
    model = make(name, bidirectional, words=True)
    words = tf.constant([["a", "b", "c", "a"], ["c", "b", "", ""]])
    for width in (1, 3):
        together = model.endpoints["serve"](words, tf.constant(width))
        alone = model.endpoints["serve"](words[1:, :2], tf.constant(width))
        assert together["tags"][1].numpy().tolist() == [*alone["tags"][0].numpy(), b"", b""]
        np.testing.assert_allclose(
            together["probabilities"][1, :2], alone["probabilities"][0], atol=1e-6
        )
        assert not together["probabilities"][1, 2:].numpy().any()
    x, y = [["a", "b", "c", "a"], ["c", "b"]], ["xyzx", "zz"]
    apart = [model.log_prob([a], [b])[0] for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(model.log_prob(x, y), apart, atol=1e-5)


@pytest.mark.slow
def test_an_export_searches_scores_and_streams(tmp_path):
    model = make("tagger_feedback_lstm", words=True)
    exported = tf.saved_model.load(model.export(tmp_path / "exported"))
    words = tf.constant([["a", "b", "c", "a"], ["c", "b", "", ""]])
    sentences = [["a", "b", "c", "a"], ["c", "b"]]
    for width in (1, 9):
        tags = exported.serve(words, width)["tags"].numpy()
        expected = model.tag(sentences, beam_width=width)
        assert [tuple(t.decode() for t in row if t) for row in tags] == expected
    np.testing.assert_array_equal(exported.serve(words)["tags"], exported.serve(words, 1)["tags"])
    ragged = exported.serve_ragged(["c", "b"], tf.constant([2], tf.int64), 9)["tags"].numpy()
    assert tuple(t.decode() for t in ragged) == expected[1]
    score = exported.score(words, [["x", "y", "z", "x"], ["z", "z", "", ""]])["log_prob"]
    np.testing.assert_allclose(score, model.log_prob(sentences, TAGS), atol=1e-5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="tags: expected one that the model"):
        exported.score(words[1:, :2], [["z", "q"]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="width: expected at least 1"):
        exported.serve(words, 0)
    state, streamed = exported.init(1), []
    for word in sentences[0]:
        answer = exported.step(tf.constant([word]), state)
        state = {key: answer[key] for key in state}
        streamed.append(answer["tags"].numpy()[0].decode())
    assert tuple(streamed) == model.tag(sentences[0])


@pytest.mark.parametrize("name", NAMES)
def test_tags_that_are_drawn_for_training(name):
    model = make(name)
    batch, true = encode(model), ids(model)
    z = model._read(batch)
    np.testing.assert_array_equal(model.partly_own(z, true, 0.0), true)
    seed = model.seed_generator.state.numpy()
    own = model.partly_own(z, true, 1.0).numpy()
    # The same draws again: a share of 1 is running free, each tag drawn given those drawn before.
    model.seed_generator.state.assign(seed)
    _, uniforms = (keras.random.uniform(true.shape, seed=model.seed_generator) for _ in range(2))
    for row, text in enumerate(TEXTS):

        def drawn(t, p, row=row):
            return decoding.choose(tf.math.log(p)[None], uniforms[row, t][None])[0]

        assert stepped(model, text, drawn)[1] == own[row, : len(text)].tolist()
    model.seed_generator.state.assign(seed)
    np.testing.assert_array_equal(model.partly_own(z, 2 - true, 1.0), own)  # whatever is true
    # Between the two, the true tags are there where it is not the model's turn.
    model.seed_generator.state.assign(seed)
    mixed = model.partly_own(z, true, 0.5)
    model.seed_generator.state.assign(seed)
    turn = keras.random.uniform(true.shape, seed=model.seed_generator) < 0.5
    assert 0 < np.sum(turn) < turn.shape.num_elements()
    np.testing.assert_array_equal(tf.where(turn, true, mixed), true)


def test_a_share_of_own_tags_rises_and_trains():
    keras.utils.set_random_seed(0)
    options = {**TINY, "dropout": 0.0, "scheduled_sampling": 0.8}
    model = rnnzoo.create_model("tagger_output_rnn", **options)
    model.compile(keras.optimizers.SGD(0.0))
    model.fit(TEXTS, TAGS, verbose=0)
    model.optimizer.iterations.assign(250)
    assert float(model._share_of_own()) == pytest.approx(0.4)
    model.optimizer.iterations.assign(9999)
    assert float(model._share_of_own()) == pytest.approx(0.8)
    batch, true = encode(model), ids(model)
    seed = model.seed_generator.state.numpy()
    trained = model.read_batch((batch, true), training=True)
    model.seed_generator.state.assign(seed)
    fed = model.partly_own(model._read(batch), true, 0.8)
    assert not np.array_equal(fed, true)
    np.testing.assert_allclose(trained, model(batch, tags=fed), atol=1e-6)
    model.scheduled_sampling = 0.0
    forced = model.read_batch((batch, true), training=True)
    np.testing.assert_allclose(forced, model(batch, tags=true), atol=1e-6)


def test_the_loss_is_of_teacher_forcing_and_the_accuracy_of_greedy_answers():
    model = make("tagger_output_rnn")
    measured = model.evaluate(TEXTS, TAGS, batch_size=2, return_dict=True, verbose=0)
    assert measured["loss"] == pytest.approx(-model.log_prob(TEXTS, TAGS).sum() / 6, rel=1e-5)
    pairs = zip("".join(TAGS), itertools.chain(*model.tag(TEXTS)), strict=True)
    assert measured["accuracy"] == pytest.approx(np.mean([a == b for a, b in pairs]))


def test_a_choice_that_x_does_not_tell_is_made_once():
    """Of x always the same, half of the sequences begin with x, and all take turns."""
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("tagger_output_rnn", **TINY, dropout=0.0)
    model.compile(keras.optimizers.Adam(0.05))
    model.fit(["aaaaaa"] * 200, ["xyxyxy", "yxyxyx"] * 100, batch_size=20, epochs=8, verbose=0)
    log_probs = model.log_prob(["aaaaaa"] * 2, ["xyxyxy", "yxyxyx"])
    np.testing.assert_allclose(log_probs, np.log(0.5), atol=0.3)  # each alone: 6 log(0.5) = -4.2
    assert "".join(model.tag("aaaaaa")) in ("xyxyxy", "yxyxyx")


def test_a_new_tag_leaves_the_vectors_of_the_others():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("tagger_output_rnn", **TINY)
    model.adapt(TEXTS, TAGS)
    before = model.tag_vectors.embeddings.numpy()
    model.adapt(["d"], ["a"])
    assert model.tags == ("x", "y", "z", "a")
    np.testing.assert_array_equal(model.tag_vectors.embeddings.numpy()[:4], before)
    fresh = rnnzoo.create_model("tagger_output_rnn", **TINY, tags="xyza", characters="abcd")
    assert [w.shape for w in fresh.weights] == [w.shape for w in model.weights]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: make(NAMES[0]).tag("ab", beam_width=0), "beam_width=0: expected a whole number"),
        (lambda: make(NAMES[0]).log_prob(["ab"], ["xq"]), "knows the tags x, y, z, not q"),
        (lambda: make(NAMES[0]).log_prob(["ab"], ["x"]), "2 elements and 1 tags"),
        (
            lambda: rnnzoo.create_model(NAMES[1], scheduled_sampling=1.5),
            "scheduled_sampling=1.5: expected a number of at least 0 and at most 1",
        ),
        (lambda: rnnzoo.create_model(NAMES[0], feedback_size=0), "feedback_size=0: expected"),
        (lambda: rnnzoo.create_model(NAMES[1]).log_prob(["a"], ["x"]), "knows no tags yet"),
    ],
)
def test_mistakes_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()
