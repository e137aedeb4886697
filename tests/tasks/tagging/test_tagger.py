"""Tags from words and characters: looped = stepped = exported, and what is learned."""

import json
import types

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data import Tagged, TaggedData
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.feed import scores

SENTENCES = [["The", "dog", "barks"], ["A", "cat", "sleeps", "here"], ["Rain", "falls"]]
TAGS = [["DET", "NOUN", "VERB"], ["DET", "NOUN", "VERB", "ADV"], ["NOUN", "VERB"]]


def make(name="tagger_bilstm", x=SENTENCES, y=TAGS, **options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model(name, **{"units": 6, "spelling_units": 4, **options})
    model.adapt(x, y)
    return model


def probabilities(model, sequences):
    tokens = model.preprocessor.tensors(sequences)
    if model.reads_words:
        tokens = tokens.to_tensor("")
    return model.endpoints["serve"](tokens)["probabilities"].numpy()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("words", "tagger_bilstm"),
        ("characters", "tagger_lstm"),
        pytest.param("words", "tagger_lstm", marks=pytest.mark.slow),
        pytest.param("characters", "tagger_bilstm", marks=pytest.mark.slow),
    ],
)
def test_a_sequence_gets_the_same_answer_alone_and_among_longer_ones(name, kind):
    x, y = (
        (SENTENCES, TAGS)
        if kind == "words"
        else (["ab c", "d", "abcdabcd"], ["xyxy", "y", "xyxyxyxy"])
    )
    model = make(name, x, y)
    together = probabilities(model, x)
    for i, sequence in enumerate(x):
        (alone,) = probabilities(model, [sequence])
        np.testing.assert_allclose(together[i, : len(sequence)], alone, atol=1e-6)
        assert not together[i, len(sequence) :].any()
        np.testing.assert_allclose(alone.sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["words", "characters"])
def test_stepped_equals_looped(kind):
    x, y = (SENTENCES, TAGS) if kind == "words" else (["ab c"], ["xyxy"])
    model = make("tagger_lstm", x, y)
    for sequence in x:
        (looped,) = probabilities(model, [sequence])
        state = model.endpoints["init"](tf.constant(1))
        for t, element in enumerate(sequence):
            answer = dict(model.endpoints["step"](tf.constant([element]), state))
            np.testing.assert_allclose(answer["probabilities"][0], looped[t], atol=1e-6)
            state = {key: answer[key] for key in state}
    assert "step" not in make("tagger_bilstm", x, y).endpoints


def test_only_a_bidirectional_tagger_sees_what_follows():
    for name, sees in (("tagger_lstm", False), ("tagger_bilstm", True)):
        model = make(name, ["abcd"], ["xyxy"])
        a, b = probabilities(model, ["abcd", "abcb"])
        assert np.allclose(a[:3], b[:3], atol=1e-7) != sees


def test_the_best_epoch_of_spans_is_not_the_one_that_answers_most_often_O(tmp_path):
    def monitor(tags):
        lines = [f"word{i}\t{tag}" for i, tag in enumerate(tags)]
        path = tmp_path / "tagged.tsv"
        path.write_text("\n\n".join("\n".join(lines) for _ in range(20)) + "\n")
        return rnnzoo.create_model("tagger_birnn").feed(path).monitor

    assert monitor(["B-name", "I-name", "O", "O"]) == "macro_f1"
    assert monitor(["NOUN", "VERB", "O", "O"]) == "accuracy"


def test_loss_and_metrics_count_real_elements_only():
    model = make()
    measured = model.evaluate(SENTENCES, TAGS, batch_size=3, return_dict=True, verbose=0)
    answers = probabilities(model, SENTENCES)
    nats, right = [], []
    for row, tags in zip(answers, TAGS, strict=True):
        ids = [model.tags.index(tag) for tag in tags]
        nats += [-np.log(row[t, label_id]) for t, label_id in enumerate(ids)]
        right += [row[t].argmax() == label_id for t, label_id in enumerate(ids)]
    assert len(nats) == 9
    assert measured["loss"] == pytest.approx(np.mean(nats), rel=1e-5)
    assert measured["accuracy"] == pytest.approx(np.mean(right))


def nonsense(count, seed):
    """Words whose tag is in their ending, but for one whose tag is in the word that follows."""
    rng = np.random.default_rng(seed)
    sentences, tags = [], []
    for _ in range(count):
        endings = rng.integers(0, 3, size=rng.integers(3, 7))
        words = [
            "".join(rng.choice(list("bdfgklmnprst"), 5)) + ("a", "en", "os")[e] for e in endings
        ]
        roles = ["NOUN" if e == 0 else "VERB" if e == 1 else "ADJ" for e in endings]
        sentences.append(["to", *words])
        tags.append(["PREP" if endings[0] == 0 else "PART", *roles])
    return sentences, tags


@pytest.mark.slow
def test_unknown_words_are_known_by_their_spelling():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("tagger_bigru", units=16, embedding_size=8, spelling_units=12)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(*nonsense(400, 0), epochs=5, verbose=0)
    sentences, tags = nonsense(60, 1)
    new = [word for sentence in sentences for word in sentence[1:]]
    assert sum(word in model.preprocessor.words.counts for word in new) < 0.1 * len(new)
    sequences = [Tagged(tuple(s), tuple(t)) for s, t in zip(sentences, tags, strict=True)]
    result = scores(model.preprocessor, sequences, model.tag(sentences))
    assert result["unknown_share"] > 0.7
    assert result["unknown_accuracy"] > 0.95
    assert result["sequence_accuracy"] > 0.7


def test_scores_by_hand():
    model = make(x=[["B", "b"]], y=[["B-PER", "I-PER"]], tags=None)
    sequences = [Tagged(("B", "zz", "b"), ("B-PER", "I-PER", "B-PER")), Tagged(("b",), ("B-PER",))]
    answers = [("B-PER", "I-PER", "I-PER"), ("B-PER",)]
    result = scores(model.preprocessor, sequences, answers)
    span_f1 = result.pop("span_f1")
    assert result == {
        "accuracy": 0.75,
        "unknown_accuracy": 1.0,
        "unknown_share": 0.25,
        "sequence_accuracy": 0.5,
    }
    # Spans: 3 real, 2 guessed, 1 the same; None where seqeval is not installed.
    assert span_f1 in (None, pytest.approx(2 * 1 / (3 + 2)))


def test_a_step_is_the_gradient_of_the_mean_over_real_elements():
    # Without spellings, which the loss knows nothing of: a network less to differentiate.
    model = make("tagger_rnn", spelling_units=0, dropout=0.0, word_dropout=0.0)
    model.compile(keras.optimizers.SGD(1.0))
    data = model.preprocessor.splits(train=(SENTENCES, TAGS))
    batches = model.feed_class(data, model.preprocessor, 3).training()
    batch, y, weight = next(iter(batches))
    before = model.get_weights()
    with tf.GradientTape() as tape:
        log_probs = tf.nn.log_softmax(model(batch))
        nats = -tf.gather(log_probs, y, batch_dims=2)
        loss = tf.reduce_sum(nats * weight) / 9
    gradients = tape.gradient(loss, model.trainable_variables)
    model.fit(batches, steps_per_epoch=1, verbose=0)
    moved = [
        a - b for a, b in zip(before, model.get_weights(), strict=True) if a.dtype == "float32"
    ]
    assert len(moved) == len(gradients)
    for step, gradient in zip(moved, gradients, strict=True):
        np.testing.assert_allclose(step, tf.convert_to_tensor(gradient), atol=1e-6)


@pytest.mark.slow
def test_saved_loaded_and_exported_answer_the_same(tmp_path):
    model = make()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    exported = tf.saved_model.load(model.export(tmp_path / "saved_model"))
    new = [["The", "zebra", "sleeps", "there"], ["Dogs"]]
    assert loaded.tag(new) == model.tag(new)
    padded = tf.constant([new[0], [*new[1], "", "", ""]])
    np.testing.assert_allclose(
        exported.serve(padded)["probabilities"], probabilities(model, new), atol=1e-6
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="empty string stands before a word"):
        exported.serve(tf.constant([["", "word"]]))
    ragged = tf.ragged.constant(new)
    answer = exported.serve_ragged(ragged.values, ragged.row_lengths())
    assert [tag.decode() for tag in answer["tags"].numpy()] == list(sum(model.tag(new), ()))
    first, second = probabilities(model, new)
    np.testing.assert_allclose(
        answer["probabilities"], np.concatenate([first, second[:1]]), atol=1e-6
    )
    with pytest.raises(tf.errors.InvalidArgumentError, match="a word is empty"):
        exported.serve_ragged(tf.constant(["a", ""]), tf.constant([2], tf.int64))
    assert "serve_ragged" not in make(x=["ab"], y=["xy"]).endpoints
    names = [tag.decode() for tag in exported.tags()["tags"].numpy()]
    assert names == ["ADV", "DET", "NOUN", "VERB"] == list(model.tags)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: rnnzoo.create_model("tagger_rnn").tag("x"), ValueError, "knows no tags yet"),
        (lambda: make().tag("dogs"), ValueError, "expected lists of words"),
        (lambda: make().tag([["dogs", ""]]), TypeError, "none empty"),
        (lambda: make(x=["ab"], y=["xy"]).tag([["a"]]), TypeError, "expected a string"),
        (lambda: make().fit([["a"]], [["NOUN", "VERB"]]), ValueError, "1 elements and 2 tags"),
        (
            lambda: make().fit([["a", ""]], [TAGS[2]]),
            TypeError,
            "sequence 0 holds '': expected str",
        ),
        (lambda: make().fit([["a", "b"]], [[0, 1]]), TypeError, "sequence 0 holds 0: expected str"),
        (lambda: make().fit([["a"]], None), ValueError, "y is missing"),
        (
            lambda: make().fit([["a"]], [["X"]], vocabulary="keep"),
            ValueError,
            "knows the tags ADV, .*, not X",
        ),
        (lambda: make().fit(["a"], [["NOUN"]]), ValueError, "reads lists of words, got characters"),
        (
            lambda: make(x=["ab"], y=["xx"]),
            ValueError,
            "tags: expected two or more that",
        ),
        (lambda: make(word_dropout=1), ValueError, "word_dropout=1: expected a number"),
        (lambda: make(spelling_units=-1), ValueError, "spelling_units=-1: expected a positive"),
    ],
)
def test_mistakes_are_named(act, error, message):
    with pytest.raises(error, match=message):
        act()


@pytest.mark.slow
def test_tags_of_held_out_sentences_alone_count_as_wrong(tmp_path):
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "train.txt").write_text("a X\nb Y\n\n" * 20)
    (folder / "dev.txt").write_text("a X\nb Y\nc V\n\n" * 3)
    (folder / "test.txt").write_text("a X\nc Z\n\n" * 3)
    options = {"units": 3, "spelling_units": 0}
    with pytest.warns(UserWarning) as warned:
        metrics = rnnzoo.train(
            "tagger_rnn",
            folder,
            tmp_path / "run",
            epochs=8,
            learning_rate=0.1,
            overrides=options,
            test=True,
        )
    told = [str(w.message) for w in warned if "no training sequence" in str(w.message)]
    assert [text.split("these tags of ")[1] for text in told] == [
        "the validation split, which count as wrong: V",
        "the test split, which count as wrong: Z",
    ]
    assert metrics["validation"]["accuracy"] == pytest.approx(2 / 3)
    assert metrics["test"]["accuracy"] == metrics["test_scores"]["accuracy"] == 0.5
    rows = (tmp_path / "run" / "tags.csv").read_text().splitlines()
    assert "Z,0.0000,0.0000,0.0000,3" in rows
    expected = pytest.raises(ValueError, match="knows the tags ADV, .*, not ")
    with pytest.warns(UserWarning), expected:
        rnnzoo.train(make(), folder, tmp_path / "other", vocabulary="keep")


@pytest.mark.slow
def test_a_run_from_files(tmp_path):
    lines = [
        f"{word}\t{tag}"
        for s, t in zip(*nonsense(60, 0), strict=True)
        for word, tag in [*zip(s, t, strict=True), ("", "")]
    ]
    text = "\n".join(line.strip() for line in lines)
    folder = tmp_path / "bank"
    folder.mkdir()
    for split in ("train", "dev", "test"):
        (folder / f"{split}.tsv").write_text(text)
    options = {"units": 4, "spelling_units": 0, "embedding_size": 4}
    settings = {"epochs": 2, "batch_size": 8, "overrides": options, "test": True}
    metrics = rnnzoo.train("tagger_rnn", folder, tmp_path / "run", **settings)
    model = rnnzoo.load_model(tmp_path / "run")
    again = model.evaluate(*nonsense(60, 0), return_dict=True, verbose=0)
    assert metrics["test"]["accuracy"] == pytest.approx(again["accuracy"], abs=1e-6)
    assert metrics["test_scores"]["accuracy"] == pytest.approx(again["accuracy"], abs=1e-5)
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["test_scores"]
    rows = (tmp_path / "run" / "tags.csv").read_text().splitlines()
    assert rows[0] == "tag,precision,recall,f1,elements"
    assert len(rows) == 1 + len(model.tags)


def test_spans_of_a_text_are_counted_whole_though_it_is_read_in_pieces():
    """A span of four characters, in pieces of two, is right only as a whole."""
    text = Tagged("abcd", ("B-x", "I-x", "I-x", "I-x"))
    model = make(x=["abcd"], y=[text.tags], tags=None)
    data = TaggedData(name="few", train=(text,), validation=(text, text))
    feed = model.feed_class(data, model.preprocessor, None, 2)
    by_answers = {("I-x", "I-x"): 1.0, ("B-x", "I-x"): 0.0}
    for second, f1 in by_answers.items():
        read = {"ab": ("B-x", "I-x"), "cd": second}
        asked = types.SimpleNamespace(tag=lambda pieces, read=read: [read[p] for p in pieces])
        replies = feed.replies(asked, "validation")
        span, accuracy = feed.measures("validation", feed.answers(replies))
        assert span.name == "span F1" and span.value == f1
        assert len(span.statistics) == 2 and len(replies[0]) == 4
