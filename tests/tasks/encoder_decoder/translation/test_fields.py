"""What a translation holds as the source does."""

import re

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.endpoints import sampled_sentences
from rnnzoo.tasks.encoder_decoder.translation import fields
from rnnzoo.tasks.vocabulary import REPLACEMENT
from rnnzoo.tasks.vocabulary.sentences import PLACEHOLDER

TINY = {"units": 32, "embedding_size": 24, "layers": 1, "dropout": 0.0, "label_smoothing": 0.0}
NAMES = ["%(a)s", "{b}", "%1", "%d", "{total:.2f}", "%(size)d", "https://a.org/x", "me@b.org"]


def pairs(names):
    """Two ways of saying it, of which one turns it round."""
    sources = [f"delete {one} of {two}" for one in names for two in names if one != two]
    targets = [f"de {two} on ôte {one}" for one in names for two in names if one != two]
    plain = [("save it", "gardez-le"), ("stop", "halte")] * 10
    return [*sources, *(s for s, _ in plain)], [*targets, *(t for _, t in plain)]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("translate_attention_gru", **TINY, min_count=1)
    model.compile(keras.optimizers.Adam(0.02))
    sources, targets = pairs(NAMES[:4])
    model.fit(sources * 4, targets * 4, epochs=12, batch_size=16, verbose=0)
    return model


def text(tensor):
    return [one.decode() for one in tensor.numpy().ravel()]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", []),
        ("no field, 100% sure", []),
        ("%(a)s%(b)d", ["%(a)s", "%(b)d"]),
        ("%s, %s and %%", ["%s", "%s", "%%"]),
        ("see https://a.org/b?c=d. <b>Or</b>", ["https://a.org/b?c=d", "<b>", "</b>"]),
        ("open http://<host>:8080/x, %s", ["<host>", "%s"]),
        ("see http://<b>x</b>", ["<b>", "</b>"]),
        ("https://a.org/été. élo@b.fr", ["https://a.org/été", "élo@b.fr"]),
        (
            "%5.2f of %-5s, %(p).2f%x %@ {0:,.2f}",
            ["%5.2f", "%-5s", "%(p).2f", "%x", "%@", "{0:,.2f}"],
        ),
        ("{{ field_name }} of ${var}", ["{{ field_name }}", "${var}"]),
        ("write to first.last@mail.b-c.org!", ["first.last@mail.b-c.org"]),
        ("two\n{lines} here\n%1", ["{lines}", "%1"]),
        (" ".join(f"{{{i}}}" for i in range(10)), [f"{{{i}}}" for i in range(8)]),
    ],
)
def test_fields_are_marked_in_order_and_filled_in_again(given, found):
    # A file of one sentence, one of several, and none at all.
    for texts in ([given], ["%d first", given, "", given]):
        marked, of_texts = fields.masked(tf.constant(texts))
        assert [one.decode() for one in of_texts[-1].numpy() if one] == found
        expected = given
        for mark, field in zip(fields.MARKS, found, strict=False):
            expected = expected.replace(field, mark, 1)
        assert text(marked)[-1] == expected
        assert text(fields.filled_in(marked, of_texts)) == texts
    none = tf.constant([], tf.string)
    assert fields.filled_in(*fields.masked(none)).shape == (0,)


def test_what_stays_whole_as_a_word_is_a_field_too():
    for word in NAMES[:6]:
        assert re.fullmatch(PLACEHOLDER, word) and re.fullmatch(fields.FIELD, word)


def test_a_target_has_the_marks_of_its_source():
    one, two, three = fields.MARKS[:3]
    _, of_source = fields.masked(tf.constant(["%s of {a}, %s"]))
    for target, expected in {
        "{a} %s": f"{two} {one}",
        "%s %s {a}": f"{one} {three} {two}",
        "%s %s %s": f"{one} {three} {one}",  # one more than there are
        "{b}%s": f"{{b}}{one}",
        "none": "none",
    }.items():
        assert text(fields.masked_as(tf.constant([target]), of_source)) == [expected]
    # In a graph, with any number of sentences.
    strings = tf.TensorSpec([None], tf.string)
    function = tf.function(
        lambda s, t: fields.masked_as(t, fields.masked(s)[1]), input_signature=[strings, strings]
    )
    assert text(function(tf.constant(["{a}", "x"]), tf.constant(["<{a}>", "y"]))) == [
        f"<{one}>",
        "y",
    ]


def test_marks_in_a_text_are_none_of_ours():
    marked, found = fields.masked(tf.constant([f"icon {fields.MARKS[0]} %s"]))
    assert text(marked) == [f"icon \N{REPLACEMENT CHARACTER} {fields.MARKS[0]}"]
    assert found.numpy()[0, 0] == b"%s"
    target = tf.constant([f"icône {fields.MARKS[1]} %s"])
    assert text(fields.masked_as(target, found)) == [
        f"icône \N{REPLACEMENT CHARACTER} {fields.MARKS[0]}"
    ]


def test_damaged_text_keeps_its_fields():
    marked, found = fields.masked(tf.constant([b"caf\xe9 %s"]))
    assert text(marked) == [f"caf\N{REPLACEMENT CHARACTER} {fields.MARKS[0]}"]
    assert found.numpy()[0, 0] == b"%s"


def test_fields_that_training_never_met_stand_where_they_belong(model):
    sources, targets = pairs(NAMES[4:])
    found = model.translate(sources)
    right = np.mean([answer == target for answer, target in zip(found, targets, strict=True)])
    assert right > 0.9
    # Whatever is written, no field is another than the source's.
    for source, answer in zip(sources, found, strict=True):
        assert set(re.findall(fields.FIELD, answer)) <= set(re.findall(fields.FIELD, source))


@pytest.mark.slow
def test_saved_exported_scored_and_aligned_it_copies_the_same(model, tmp_path):
    sources, targets = pairs(NAMES[4:])
    found = model.translate(sources[:3])
    model.save(tmp_path / "model.keras")
    assert rnnzoo.load_model(tmp_path / "model.keras").translate(sources[:3]) == found
    exported = tf.saved_model.load(model.export(tmp_path / "exported", xla=False))
    reply = exported.serve(tf.constant(sources[:3]))
    assert text(reply["sentences"][:, 0]) == found
    (alone,) = model.log_prob(sources[:1], targets[:1])
    beside = exported.score(tf.constant(sources[:3]), tf.constant(targets[:3]))["log_prob"]
    assert alone == pytest.approx(float(beside[0]), abs=1e-3) and alone > -5
    aligned = model.aligned(sources[:1])[0]
    assert set(NAMES[4:6]) < {*aligned.source_tokens} and aligned.target == found[0]


def test_what_a_source_has_none_of_is_never_written(model):
    cannot = model.cannot_write({"fields": tf.constant([0, 1, 2])}).numpy()
    shown = np.array([set(one) & set(fields.MARKS) != set() for one in model.vocabulary.shown])
    assert (cannot[0] == shown).all() and not cannot[2].any() and cannot[1].sum() < shown.sum()
    state = model.start(tf.constant(["stop", "delete %s of {b}"]))
    ids = tf.constant([1, 1])
    reply = model.endpoints["step"](ids=ids, state=state)["log_probs"].numpy()
    assert (reply[0, shown] < -1e8).all() and (reply[1, shown] > -1e8).all()
    # Nor before marks are filled in, however improbable the words that are drawn.
    for seed in range(3):
        uniforms = tf.constant(seed, tf.int64), tf.constant(5.0), tf.constant(0), tf.constant(1.0)
        sampled = sampled_sentences(model, state, *uniforms, tf.constant(20)).numpy()
        assert not set(sampled[0].decode()) & set(fields.MARKS)


def test_further_training_knows_more_fields_and_anew_as_many_as_there_are(model):
    def fitted(vocabulary, sources, targets):
        model = rnnzoo.create_model("translate_gru", **TINY, min_count=1)
        model.compile()
        model.fit(["stop", "go"], ["halte", "va"], verbose=0)
        assert model.preprocessor.marks == []
        model.fit(sources, targets, vocabulary=vocabulary, verbose=0)
        return model

    for vocabulary in ("extend", "reset"):
        more = fitted(vocabulary, ["delete %s of {b}"], ["ôte %s de {b}"])
        assert more.preprocessor.marks == fields.MARKS[:2]
        assert "%s" not in more.vocabulary.counts


def test_fields_in_sources_alone_are_words():
    for min_count in (1, 2):
        model = rnnzoo.create_model("translate_gru", **TINY, min_count=min_count)
        model.compile()
        model.fit(["delete %s", "delete %s"], ["ôtez", "ôtez"], verbose=0)
        assert model.preprocessor.marks == [] and "%s" in model.source_vocabulary.counts
        ids, _ = model.preprocessor.read_sources(tf.constant(["delete %s"]))
        assert 0 not in ids.numpy()


def test_translations_that_lack_a_field_are_told_of(model, recwarn):
    sources = ["delete %s of {b}", "stop"]
    model.preprocessor.warn_of_lost(sources, ["de {b} on ôte %s", "halte"])
    assert not recwarn
    for answer in ("de {b} on ôte", "de {b} on ôte %s %s", "de {c} on ôte %s"):
        with pytest.warns(UserWarning, match="1 of 2 translations lack .*'delete %s of {b}'"):
            model.preprocessor.warn_of_lost(sources, [answer, "halte"])
    with pytest.warns(UserWarning, match="1 of 1 translations lack"):
        model.translate([" ".join(NAMES)])
    with pytest.warns(UserWarning, match="1 of 1 translations lack"):
        model.aligned([" ".join(NAMES)])


@pytest.mark.parametrize("pieces", [None, 20])
def test_characters_of_private_use_in_the_data_are_no_marks(pieces):
    icon = fields.MARKS[0]
    model = rnnzoo.create_model("translate_gru", **TINY, min_count=1, pieces=pieces)
    model.compile()
    model.fit([f"{icon} save"], [f"{icon} garder"], verbose=0)
    assert model.preprocessor.marks == [] and icon not in model.vocabulary.counts
    for known in (model.vocabulary, model.source_vocabulary):
        assert list(known.shown).count(REPLACEMENT) == 1  # the unknown word alone
    model.fit([f"{icon} save"], [f"{icon} garder"], verbose=0)
    assert model.preprocessor.marks == []


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_fed_and_copying_in_fit_predict_and_a_graph_with_open_and_short_batches(dtype, tmp_path):
    keras.utils.set_random_seed(0)
    options = {**TINY, "layers": 2, "min_count": 1, "dtype": dtype}
    model = rnnzoo.create_model("translate_attention_gru", **options)
    assert model.decoder.between == TINY["units"]
    sources, targets = pairs(NAMES[:4])  # 32 pairs: a last batch of 8
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(sources * 4, targets * 4, epochs=20, batch_size=12, verbose=0)
    of_12, of_all = (
        model.evaluate(sources, targets, batch_size=n, return_dict=True, verbose=0)
        for n in (12, len(sources))
    )
    assert of_12 == pytest.approx(of_all, rel=1e-4 if dtype == "float32" else 0.05)
    new, expected = pairs(NAMES[4:6])
    answers = model.predict(new, batch_size=len(new) - 1)
    right = np.mean([one == other for one, other in zip(answers, expected, strict=True)])
    assert right > 0.9
    strings = [tf.TensorSpec([None], tf.string)]
    graph = tf.function(lambda x: model.endpoints["serve"](x)["sentences"][:, 0], strings)
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    for some in (new, new[:1]):
        assert text(graph(tf.constant(some))) == loaded.translate(some) == answers[: len(some)]


def test_a_source_of_fields_alone_says_something(model):
    ids, _ = model.preprocessor.read_sources(tf.constant(["%s \N{SNOWMAN}"]))
    assert not model.source_vocabulary.unheard_of(ids).numpy()[0]


def test_without_copying_or_fields_in_training_there_are_no_marks():
    for options, sources in (({"copying": False}, ["delete %s"]), ({}, ["delete"])):
        model = rnnzoo.create_model("translate_gru", **TINY, min_count=1, **options)
        model.compile()
        model.fit(sources, ["ôtez %s"], verbose=0)
        assert model.preprocessor.marks == [] and "fields" not in model.state_spec
        assert model.source_vocabulary.unheard_of(
            model.preprocessor.read_sources(tf.constant(["delete {x}"]))[0]
        ).numpy().tolist() == [False]
