"""The short Keras script, run as it is."""

import numpy as np

import rnnzoo
from training_scripts import activity_recognition


def test_trains_classifies_and_exports(tmp_path, capsys):
    random = np.random.default_rng(0)
    y = np.arange(60) % 2
    x = random.normal(size=(60, 30, 3)) + y[:, None, None]
    np.savez(tmp_path / "own.npz", x=x, y=np.array(["low", "high"])[y])
    out = tmp_path / "out"
    argv = ["--model", "activity_rnn", "--data", str(tmp_path / "own.npz"), "--window", "10"]
    activity_recognition.main([*argv, "--epochs", "2", "--out", str(out)])
    said = capsys.readouterr().out
    assert "val_macro_f1" in said and "a recording of the test split: " in said
    assert (out / "saved_model" / "saved_model.pb").is_file()
    model = rnnzoo.load_model(out / "model.keras")
    assert model.classes == ("high", "low")
    assert (
        model.evaluate(x, np.array(["low", "high"])[y], return_dict=True, verbose=0)["accuracy"]
        > 0.8
    )
