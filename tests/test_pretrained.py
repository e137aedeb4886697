"""The weights that come with the package are what they are said to be."""

import json
from pathlib import Path

import numpy as np
import pytest

import rnnzoo

PRETRAINED = rnnzoo.list_models(pretrained=True)


def test_there_are_some():
    assert "char_lstm" in PRETRAINED


@pytest.mark.parametrize("name", PRETRAINED)
def test_facts_travel_with_the_weights(name):
    weights = rnnzoo.model_info(name).weights
    for fact in ("metric", "value", "dataset", "split", "recipe", "licence", "command"):
        assert weights[fact], fact
    path = Path(__file__).parents[1] / "zoo_models" / "weights" / weights["file"]
    assert path.stat().st_size <= 2_000_000


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
