"""Taggers that read vectors of words that were learned elsewhere."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.platform import keras, tf

X = [["the", "dog", "runs"], ["the", "cat", "sits"]] * 40
Y = [["D", "N", "V"]] * 80
LIKE_A_DOG = ["the", "zebra", "runs"]  # which training never saw
ALONE = ["zebra"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("vectors") / "few.vec"
    path.write_text("the 1 0 0\ndog 0 1 0\ncat 0 1 0.1\nzebra 0 1 0.05\nruns 0 0 1\nsits 0.1 0 1\n")
    return path


def fitted(vectors, **options):
    keras.utils.set_random_seed(2)
    sizes = {"units": 8, "embedding_size": 4, "affix_size": 0, "dropout": 0.0}
    model = rnnzoo.create_model("tagger_bilstm", **sizes, vectors=vectors, **options)
    model.compile(keras.optimizers.Adam(0.03))
    model.fit(X, Y, epochs=3, verbose=0)
    return model


@pytest.fixture(scope="module")
def tagger(file):
    return fitted(str(file))


def test_a_word_is_known_by_its_vector_alone(tagger):
    assert tagger.tag([LIKE_A_DOG, ALONE]) == [("D", "N", "V"), ("N",)]
    a, b = tagger.predict([["emu"], ["gnu"]])  # of which neither has one
    np.testing.assert_array_equal(a, b)
    a, b = tagger.predict([["emu"], ALONE])
    assert np.abs(a - b).max() > 0.1


def test_given_vectors_stay_as_they_are_unless_they_are_tuned(tagger, file):
    given = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    np.testing.assert_array_equal(tagger.vectors.embeddings.numpy()[:3], given)
    tuned = fitted(file, tune_vectors=True)
    assert np.abs(tuned.vectors.embeddings.numpy()[1] - given[1]).max() > 1e-3


def test_saved_exported_and_trained_further_without_the_file(tagger, tmp_path):
    tagger.save(tmp_path / "tagger.keras")
    tagger.export(tmp_path / "exported")
    loaded = rnnzoo.load_model(tmp_path / "tagger.keras")
    expected = tagger.predict([LIKE_A_DOG])[0]
    np.testing.assert_allclose(loaded.predict([LIKE_A_DOG])[0], expected, atol=1e-6)
    exported = tf.saved_model.load(str(tmp_path / "exported"))
    answer = exported.serve(sequences=tf.constant([LIKE_A_DOG]))
    np.testing.assert_allclose(answer["probabilities"][0], expected, atol=1e-6)
    loaded.fit([["a", "tall", "emu"]] * 4, [["D", "A", "N"]] * 4, verbose=0)
    np.testing.assert_array_equal(
        loaded.vectors.embeddings.numpy(), tagger.vectors.embeddings.numpy()
    )


def test_characters_have_no_vectors_of_words(file):
    model = rnnzoo.create_model("tagger_bilstm", units=4, vectors=file)
    with pytest.raises(ValueError, match="the tagger reads characters, which have no vectors"):
        model.fit(["f(x)"], ["cppp"], verbose=0)


def test_the_command_says_what_was_read(file, tmp_path, capsys):
    data = tmp_path / "data.conll"
    sentence = "the\tD\ndog\tN\nruns\tV\n\nan\tD\nemu\tN\nsits\tV\n\n"
    data.write_text(sentence * 30)
    options = ["units=4", "embedding_size=4", "spelling_units=0", f"vectors={file}"]
    sets = [word for option in options for word in ("--set", option)]
    command = ["train", "tagger_bilstm", "--data", str(data), "--out", str(tmp_path / "run")]
    assert cli.main([*command, "--steps", "2", "--no-baseline", *sets]) == 0
    said = capsys.readouterr().out
    assert f"vectors of {file}: 6 of 6 words, 3 numbers each; 67% of the words to train on" in said
