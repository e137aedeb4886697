"""Text given a label."""

import re

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.baselines.text import MarkovOfTexts
from rnnzoo.platform import keras, tf

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

EACH = pytest.mark.parametrize("condition", ["input", "state", "both"])
# What follows an a, only the label tells.
TEXTS, LABELS = ["ab" * 5, "ac" * 5] * 40, ["bees", "seas"] * 40


def made(condition, **options):
    keras.utils.set_random_seed(1)
    return rnnzoo.create_model(
        "char_lstm",
        condition=condition,
        units=8,
        embedding_size=4,
        label_size=3,
        dropout=0.0,
        **options,
    )


@pytest.fixture(scope="module")
def trained():
    model = made("both")
    model.compile(keras.optimizers.Adam(0.03))
    model.fit(TEXTS, LABELS, batch_size=16, window=6, epochs=8, verbose=0)
    return model


def test_a_label_says_what_is_written(trained):
    assert trained.generate(["", ""], ["bees", "seas"], length=6, temperature=0) == [
        "ababab",
        "acacac",
    ]
    assert trained.generate("a", "seas", length=2, temperature=0) == "ca"
    ours, others = trained.log_prob(["abab", "abab"], ["bees", "seas"])
    assert ours > others + 3
    right = trained.predict((["a", "a"], ["bees", "seas"])).argmax(axis=1)
    assert right.tolist() == trained.vocabulary.ids("bc").tolist()


def test_a_text_ends_by_itself(tmp_path, capsys):
    """In Python, exported and on the command line; a newline is a character like others."""
    model = made("both")
    model.compile(keras.optimizers.Adam(0.05))
    written = {"long": "go\non", "short": "no"}
    model.fit(
        [*written.values()] * 30, [*written] * 30, batch_size=8, window=8, epochs=15, verbose=0
    )
    how = {"length": 60, "temperature": 0.0}
    assert model.generate(["", ""], [*written], **how) == [*written.values()]
    assert model.generate("go", "long", **how) == "\non"
    exported = tf.saved_model.load(model.export(tmp_path / "exported", xla=False))
    texts = exported.generate(tf.constant(["", ""]), tf.constant([*written]), **how)["texts"]
    assert [text.decode() for text in texts.numpy()] == [*written.values()]
    ids = exported.encode(tf.constant(["no"]))["ids"]
    assert exported.decode(ids)["texts"].numpy().tolist() == [b"no"]
    model.save(tmp_path / "model.keras")
    argv = ["generate", str(tmp_path / "model.keras"), "--temperature", "0", "--label"]
    assert cli.main([*argv, "short", "--label", "long"]) == 0
    assert capsys.readouterr().out == "no\n\ngo\non\n"
    chance = model.log_prob(["no", "non"], ["short", "short"])  # that it ends there included
    assert np.exp(chance[0]) > 0.5 > 10 * np.exp(chance[1])


def test_evaluate_reads_each_text_from_its_own_beginning(trained):
    """By windows that go on from batch to batch, in strips that begin wherever."""
    x, y = ["abab", "acacacacac", "c"], ["bees", "seas", "bees"]
    found = trained.evaluate(x, y, batch_size=1, window=3, return_dict=True, verbose=0)
    whole = -trained.log_prob(x, y).sum()
    assert found["loss"] == pytest.approx(whole / (5 + 11 + 2), rel=1e-4)
    feed = trained.feed_class(
        trained.preprocessor.splits(test=(x, y)), trained.preprocessor, vocabulary="keep"
    )
    nats, count = feed.replies(trained, "test").sum(axis=0)
    assert (count, nats) == (18, pytest.approx(whole, rel=1e-4))


@EACH
def test_one_by_one_exported_and_at_once_are_the_same(condition, tmp_path):
    model = made(condition, vocabulary="\nabc", labels=["bees", "seas"])
    exported = tf.saved_model.load(model.export(tmp_path / "exported", xla=False))
    labels = tf.constant(["seas", "bees"])
    state, ids = exported.init(labels), model.vocabulary.ids("abcab")
    for i in ids:
        reply = exported.step(tf.constant([i, i]), state)
        state = {key: reply[key] for key in state}
    last = tf.nn.log_softmax(model(ids[None].repeat(2, 0), state=exported.init(labels))[:, -1])
    np.testing.assert_allclose(reply["log_probs"], last, atol=1e-5)
    assert np.abs(reply["log_probs"][0] - reply["log_probs"][1]).max() > 1e-4
    texts = ["abc", "cab"]
    np.testing.assert_allclose(
        exported.serve(tf.constant(texts), labels)["log_prob"],
        model.log_prob(texts, ["seas", "bees"]),
        atol=1e-5,
    )
    written = exported.generate(tf.constant(texts), labels, length=9)["texts"].numpy()
    assert [text.decode() for text in written] == model.generate(texts, ["seas", "bees"], length=9)


@EACH
def test_every_weight_learns_and_is_saved(condition, tmp_path):
    model = made(condition)
    model.compile(keras.optimizers.SGD(1.0))
    model.adapt(TEXTS, LABELS)
    before = model.get_weights()
    model.fit(TEXTS[:10], LABELS[:10], batch_size=4, window=4, epochs=1, verbose=0)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        assert np.abs(old - weight.numpy()).max() > 0, weight.path
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.log_prob("abac", "seas") == model.log_prob("abac", "seas")
    known = model.log_prob("ab", "bees")
    model.adapt(["ad"], ["deeds"])
    assert model.labels.labels == ("bees", "seas", "deeds")
    new_character = model.log_prob("ab", "bees")  # one more that might follow
    assert new_character == pytest.approx(known, abs=0.7) and new_character < known
    model.fit(["ad"] * 8, ["deeds"] * 8, batch_size=4, window=4, verbose=0)


def test_without_a_label_it_reads_the_same():
    model = made("none")
    model.fit(TEXTS, LABELS, batch_size=16, window=6, epochs=1, verbose=0)
    assert model.log_prob("abab", "bees") == model.log_prob("abab", "seas")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.generate("a"), "labels is missing (--label): expected one of 'bees', 'seas'"),
        (lambda m: m.generate("a", "sees"), "the model knows the labels bees, seas, not sees"),
        (lambda m: m.generate(["a", "b"], ["bees"]), "1 labels: expected one for each of 2 texts"),
        (lambda m: m.generate(None, "bees"), "prompts: expected a string or a list of them, got N"),
        (lambda m: m.log_prob(3, "bees"), "texts: expected a string or a list of them, got 3"),
        (lambda m: m.predict("a"), "expected texts and labels, (texts, labels), got 'a'"),
        (lambda m: m.fit(["a", "b"], ["bees"]), "2 texts and 1 labels: expected one of each"),
        (lambda m: m.fit("ab", "bees"), "Expected a list of texts and a list of their labels"),
        (lambda m: m.fit(["ab"], ["bees"], window=0), "window=0: expected a whole number"),
        (lambda m: m.fit(["a\x03"], ["bees"]), "a text holds the control character '\\x02' or"),
        (lambda m: made("neither"), "condition='neither': expected one of input, state, both"),
        (lambda m: made(None, labels=["a", "b"]), "expected None where condition is None"),
        (lambda m: made(None), "label_size=3: expected None where condition is None"),
        (lambda m: type(m)(m.recurrent, label_size=0), "label_size=0: expected a whole number"),
        (lambda m: made("input").generate("a", "b"), "knows no characters and labels yet"),
    ],
)
def test_mistakes(trained, call, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call(trained)


def test_from_a_folder_of_folders_to_text_by_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for label in ("bees", "seas"):
        (tmp_path / "books" / label).mkdir(parents=True)
        for i in range(30):
            (tmp_path / "books" / label / f"{i}.txt").write_text(f"{label} {i} " * 3)
    argv = "train char_lstm --set condition=input --set units=4 --data books --out run --steps 2"
    assert cli.main([*argv.split(), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "Markov chain of order 5" in said
    argv = [
        "generate",
        "run",
        "--prompt",
        "b",
        "--length",
        "5",
        "--label",
        "bees",
        "--label",
        "seas",
    ]
    assert cli.main(argv) == 0
    assert [len(text) for text in capsys.readouterr().out.split("\n\n")] == [6, 7]
    assert cli.main(["evaluate", "run", "--split", "validation", "--no-baseline"]) == 0
    assert "bits per character" in capsys.readouterr().out


@pytest.mark.parametrize(("length", "batch_size"), [(20, 98), (5, 128), (639, 32)])
def test_short_texts_are_read_more_at_a_time(length, batch_size, tmp_path):
    texts = [f"{i:03}{'ab' * length}"[:length] for i in range(120)]
    lines = [f"{text},{('bees', 'seas')[i % 2]}" for i, text in enumerate(texts)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *lines]))
    assert made("both").feed(tmp_path / "texts.csv").recipe.batch_size == batch_size
    assert made("both").feed(tmp_path / "texts.csv", batch_size=4).batch_size == 4


def test_the_chain_beside_it_knows_how_texts_begin():
    """Lower orders count by how many different characters stand before: of a START only one."""
    model = made("none", vocabulary="abc", labels=["bees", "seas"])
    x = ["aab"] * 30 + ["bca"] * 10
    feed = model.feed_class(
        model.preprocessor.splits(train=(x, ["bees"] * 40), test=(["aab"], ["bees"])),
        model.preprocessor,
        vocabulary="keep",
    )
    (nats, count), *others = (
        MarkovOfTexts(feed.preprocessor).fit(feed.data).answers(feed.questions("test"))
    )
    assert count == 4 and not others
    assert nats == pytest.approx(-np.log(30 / 40), abs=0.15)
