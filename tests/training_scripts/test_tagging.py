"""The short Keras script, run as it is."""

import rnnzoo
from training_scripts import tagging


def test_trains_tags_and_exports(tmp_path, capsys, make_smaller):
    make_smaller(spelling_units=0)
    sentence = "the\tDET\ndog\tNOUN\nbarks\tVERB\n\n"
    (tmp_path / "own.tsv").write_text(sentence * 50)
    out = tmp_path / "out"
    argv = ["--model", "tagger_rnn", "--data", str(tmp_path / "own.tsv"), "--epochs", "4"]
    tagging.main([*argv, "--out", str(out)])
    said = capsys.readouterr().out
    assert "val_accuracy" in said and "('dog', 'NOUN', 'NOUN')" in said
    assert (out / "saved_model" / "saved_model.pb").is_file()
    model = rnnzoo.load_model(out / "model.keras")
    assert model.tag(["the", "dog"]) == ("DET", "NOUN")
