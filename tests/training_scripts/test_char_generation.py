"""The short Keras script, run as it is."""

import rnnzoo
from training_scripts import char_generation


def test_trains_writes_and_exports(tmp_path, capsys):
    text = tmp_path / "text.txt"
    text.write_text("to be or not to be\n" * 150)
    out = tmp_path / "out"
    argv = ["--model", "char_rnn", "--data", str(text), "--epochs", "1", "--prompt", "to"]
    char_generation.main([*argv, "--out", str(out)])
    said = capsys.readouterr().out
    assert "val_bits_per_character" in said and "\nto" in said
    assert (out / "saved_model" / "saved_model.pb").is_file()
    model = rnnzoo.training.load_model(out / "model.keras")
    assert model.compiled and model.vocabulary.characters == "\n benort"
