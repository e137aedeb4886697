"""Tags that mark spans: what may follow what, and that every tagger's answers keep to it."""

import itertools

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data import Tagged, TaggedData
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.spans import forbidden_moves, moves_beyond

BIO = ["B-x", "B-y", "I-x", "I-y", "O"]
WORDS = ["the", "new", "old", "york", "paris", "john", "smith", "is", "in", "a", "big"]
TINY = {"units": 5, "embedding_size": 4, "spelling_units": 0}
NAMES = ["tagger_bilstm", "tagger_lstm", "tagger_hmm", "tagger_feedback_lstm", "tagger_output_rnn"]


def allowed(tags, more=()):
    table = forbidden_moves(tags, more)
    places = [*tags, None]
    return {
        (a, b)
        for (i, a), (j, b) in itertools.product(enumerate(places), repeat=2)
        if not table[i, j]
    }


def test_I_follows_B_or_I_of_its_kind_and_all_else_may_follow_all():
    into = {a for a, b in allowed(BIO) if b == "I-x"}
    assert into == {"B-x", "I-x"}
    for tag in ("B-x", "B-y", "O", None):
        assert {a for a, b in allowed(BIO) if b == tag} == {*BIO, None}


@pytest.mark.parametrize(("ends", "alone"), ["ES", "LU"])
def test_a_closed_span_is_ended_before_another_begins(ends, alone):
    tags = ["B-x", "I-x", f"{ends}-x", f"{alone}-x", "B-y", "I-y", "O"]
    may_follow = allowed(tags)
    assert {b for a, b in may_follow if a == "B-x"} == {"I-x", f"{ends}-x"}
    assert {b for a, b in may_follow if a == "I-x"} == {"I-x", f"{ends}-x"}
    others = {"B-x", f"{alone}-x", "B-y", "O", None}
    for tag in (f"{ends}-x", f"{alone}-x", "O", None):
        assert {b for a, b in may_follow if a == tag} == others
    # Nothing ends a span of y: all may follow it.
    assert {b for a, b in may_follow if a == "B-y"} == others | {"I-y"}


def test_what_training_has_is_allowed_and_where_I_begins_spans_all_of_it():
    mistake = [["B-x", "I-x", "O"], ["O", "I-y", "O"], ["B-y", "O"]]
    assert moves_beyond(BIO, mistake) == {("O", "I-y")}
    assert allowed(BIO, moves_beyond(BIO, mistake)) == allowed(BIO) | {("O", "I-y")}
    iob1 = [["I-x", "I-x", "O", "I-y", "B-y"], ["O", "I-x"]]
    assert forbidden_moves(BIO, moves_beyond(BIO, iob1)) is None
    broken_off = [["B-x", "I-x"], ["B-x", "E-x"]]
    tags = ["B-x", "I-x", "E-x", "O"]
    assert moves_beyond(tags, broken_off) == {("I-x", None)}


def test_what_is_rare_is_a_mistake_and_later_training_does_not_tell_how_spans_begin():
    often = [["B-x", "I-x", "O"]] * 60
    assert moves_beyond(BIO, [*often, ["O", "I-x"]]) == {("O", "I-x")}
    assert moves_beyond(BIO, [*often, *often, ["O", "I-x"]]) == set()
    assert moves_beyond(BIO, [["O", "I-x"]], layout=False) == {("O", "I-x")}
    assert len(moves_beyond(BIO, [["O", "I-x"]])) > 1


def test_an_older_model_answers_as_it_did_until_it_learns_more():
    model = make("tagger_bilstm")
    config = model.get_config()
    del config["more_moves"]
    old = type(model).from_config(config)
    old.set_weights(model.get_weights())
    x = sentences(60, seed=1)
    by_themselves = [[old.tags[i] for i in p.argmax(axis=-1)] for p in old.predict(x)]
    assert [list(tags) for tags in old.tag(x)] == by_themselves
    assert not all(map(is_well_formed, by_themselves))
    old.adapt(x, [spans_of(words) for words in x])
    assert all(map(is_well_formed, old.tag(x)))


@pytest.mark.parametrize("crf", [pytest.param(False, marks=pytest.mark.slow), True])
def test_another_move_changes_no_weight_and_not_the_optimizer(crf):
    model = rnnzoo.create_model("tagger_birnn", crf=crf, **TINY)
    x, y = [["a", "b", "c"]] * 4, [["B-x", "I-x", "O"]] * 4
    model.fit(x, y, epochs=1, verbose=0)
    before = [w.numpy() for w in (*model.weights, *model.optimizer.variables)]
    assert model.preprocessor.forbidden[-1, model.tags.index("I-x")]
    model.tag(x)  # compiles what forbids it
    model.adapt(x, [["I-x", "I-x", "O"]] * 4)
    for old, now in zip(before, (*model.weights, *model.optimizer.variables), strict=True):
        np.testing.assert_array_equal(old, now.numpy())
    assert not model.preprocessor.forbidden[-1, model.tags.index("I-x")]
    model.output_layer.bias.assign([20.0 if tag == "I-x" else 0.0 for tag in model.tags])
    assert model.tag(x[0]) == ("I-x",) * 3
    model.fit(x, [["I-x", "I-x", "I-x"]] * 4, epochs=1, verbose=0)


@pytest.mark.parametrize("tags", [["NOUN", "VERB"], ["O", "B-x"], ["B-x", "X"]])
def test_tags_that_mark_no_inside_of_spans_forbid_nothing(tags):
    assert forbidden_moves(tags) is None
    assert moves_beyond(tags, [tags]) == set()


def sentences(count, seed=0):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(WORDS, rng.integers(1, 7))) for _ in range(count)]


def spans_of(words):
    """Spans of capitals' kind, by length, so that the tags are well formed."""
    tags, inside = [], None
    for word in words:
        kind = {"n": "x", "y": "x", "p": "x", "o": "y", "j": "y", "s": "y"}.get(word[0])
        tags.append("O" if kind is None else f"{'I' if kind == inside else 'B'}-{kind}")
        inside = kind
    return tags


def make(name):
    """A tiny model that is sure of nonsense."""
    keras.utils.set_random_seed(1)
    model = rnnzoo.create_model(name, **({} if name == "tagger_hmm" else TINY))
    x = sentences(30)
    model.adapt(x, [spans_of(words) for words in x])
    if name != "tagger_hmm":
        model.output_layer.set_weights([30 * w for w in model.output_layer.get_weights()])
    return model


def is_well_formed(tags):
    return set(itertools.pairwise([None, *tags, None])) <= allowed(BIO)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n == NAMES[0] else pytest.mark.slow) for n in NAMES]
)
def test_no_answer_holds_an_inside_that_nothing_began(name):
    model = make(name)
    assert sorted(model.tags) == BIO
    x = sentences(60, seed=1)
    padded = model.preprocessor.tensors(x)
    reply = model.endpoints["serve"](padded.to_tensor(""))
    answers = [[tag.decode() for tag in row if tag] for row in reply["tags"].numpy()]
    assert [tuple(row) for row in answers] == model.tag(x)
    ragged = model.endpoints["serve_ragged"](padded.values, padded.row_lengths())
    assert [tag.decode() for tag in ragged["tags"].numpy()] == sum(answers, [])
    assert all(map(is_well_formed, answers))
    ids = reply["probabilities"].numpy().argmax(axis=-1)
    one_by_one = [[model.tags[i] for i in ids[r, : len(words)]] for r, words in enumerate(x)]
    if name != "tagger_hmm":  # whose counts hardly ever say so
        assert not all(map(is_well_formed, one_by_one))


def test_the_answer_is_the_likeliest_of_what_is_allowed_and_probabilities_stay():
    model = make("tagger_bilstm")
    x = [words for words in sentences(12, seed=2) if len(words) < 5]
    answers, probabilities = model.tag(x), model.predict(x)
    batch = model.preprocessor.encode(model.preprocessor.tensors(x))
    log_p = tf.nn.log_softmax(model(batch)).numpy()
    for row, words in enumerate(x):
        of_row = log_p[row, : len(words)]
        np.testing.assert_allclose(probabilities[row], np.exp(of_row), atol=1e-5)
        paths = [p for p in itertools.product(model.tags, repeat=len(words)) if is_well_formed(p)]
        scores = [
            sum(of_row[t, model.tags.index(tag)] for t, tag in enumerate(path)) for path in paths
        ]
        found = scores[paths.index(answers[row])]
        np.testing.assert_allclose(found, max(scores), rtol=1e-4)


@pytest.mark.slow
def test_what_is_measured_is_what_is_answered():
    for name in ("tagger_bilstm", "tagger_feedback_lstm"):
        model = make(name)
        x = sentences(40, seed=3)
        y = [spans_of(words) for words in x]
        measured = model.evaluate(x, y, batch_size=7, verbose=0, return_dict=True)
        right = [a == b for s, t in zip(model.tag(x), y, strict=True) for a, b in zip(s, t)]  # noqa: B905
        assert measured["accuracy"] == pytest.approx(np.mean(right), abs=1e-6)


@pytest.mark.slow
def test_a_stream_of_fed_back_tags_keeps_to_it():
    model = make("tagger_feedback_lstm")
    for words in sentences(20, seed=4):
        state, tags = model.endpoints["init"](tf.constant(1)), []
        for word in words:
            answer = dict(model.endpoints["step"](tf.constant([word]), state))
            tags.append(answer["tags"].numpy()[0].decode())
            state = {key: answer[key] for key in state}
        assert is_well_formed(tags)
        assert tuple(tags) == model.tag(words)


def test_tags_that_mark_no_spans_are_answered_one_by_one():
    model = rnnzoo.create_model("tagger_rnn", **TINY)
    model.adapt([["a", "b"]], [["X", "Y"]])
    logits = tf.random.normal((3, 4, 2))
    batch = {"lengths": tf.constant([4, 4, 4]), "ids": tf.zeros((3, 4), tf.int32)}
    np.testing.assert_array_equal(model.best(batch, logits), tf.argmax(logits, axis=-1))
    assert model.measured(batch, logits) is logits


@pytest.mark.parametrize("name", ["tagger_birnn", "tagger_hmm", "tagger_output_rnn"])
def test_what_training_has_shown_is_kept_and_added_to(name):
    model = rnnzoo.create_model(name, **({} if name == "tagger_hmm" else TINY))
    model.adapt([["a", "b"], ["c", "d"]] * 2, [["O", "I-x"], ["B-x", "B-x"]] * 2)
    assert set(model.preprocessor.more_moves) == {("O", "I-x")}
    again = type(model).from_config(model.get_config())
    assert again.preprocessor.more_moves == model.preprocessor.more_moves
    np.testing.assert_array_equal(again.preprocessor.forbidden, model.preprocessor.forbidden)
    again.adapt([["a"], ["c"]], [["I-x"], ["B-x"]], vocabulary="keep")
    assert set(again.preprocessor.more_moves) == {("O", "I-x"), (None, "I-x")}
    again.adapt([["a", "b"]], [["B-x", "I-x"]], vocabulary="reset")
    assert again.preprocessor.more_moves == ()


def test_a_piece_may_begin_within_a_span():
    text = Tagged("abcdef", ("B-x", "I-x", "I-x", "O", "O", "O"))
    model = rnnzoo.create_model("tagger_birnn", **TINY)
    data = TaggedData(name="few", train=(text,), validation=(text,))
    feed = model.feed_class(data, model.preprocessor, None, 2)
    assert feed.preprocessor.more_moves == ((None, "I-x"),)
