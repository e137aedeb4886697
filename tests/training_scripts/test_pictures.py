"""The short Keras script, run as it is."""

import numpy as np
import pytest
from PIL import Image

import rnnzoo
from training_scripts import pictures

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_trains_answers_and_exports(tmp_path, capsys):
    random = np.random.default_rng(0)
    for i in range(40):
        folder = tmp_path / "own" / ("dark", "light")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 60, (4, 5)).astype(np.uint8) + np.uint8(190 * (i % 2))
        Image.fromarray(pixels).save(folder / f"{i}.png")
    out = tmp_path / "out"
    data = ["--data", str(tmp_path / "own"), "--model", "digits_cnn"]
    pictures.main([*data, "--epochs", "15", "--out", str(out)])
    said = capsys.readouterr().out
    assert "val_accuracy" in said and "truth: [" in said
    assert (out / "saved_model" / "saved_model.pb").is_file()
    model = rnnzoo.load_model(out / "model.keras")
    assert model.classify([pixels]) == ["light"]
