"""The short Keras script, run as it is."""

import pytest

import rnnzoo
from training_scripts import name_generation

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow


def test_trains_writes_and_exports(tmp_path, capsys):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(f"{a}{b}{a}" for a in "abcdefg" for b in "opqrst"))
    argv = ["--model", "name_rnn", "--data", str(path), "--length", "model", "--epochs", "1"]
    name_generation.main([*argv, "--prompt", "ab", "--out", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert "val_bits_per_character" in said and said.count("\nab") == 20
    assert (tmp_path / "out" / "saved_model" / "saved_model.pb").is_file()
    model = rnnzoo.training.load_model(tmp_path / "out" / "model.keras")
    assert model.compiled and model.lengths.counts[2] == len(rnnzoo.load_names(path).train)
