"""The short Keras script, run as it is."""

import pytest

import rnnzoo
from training_scripts import translation


@pytest.mark.slow
def test_trains_translates_and_exports(tmp_path, capsys, make_smaller):
    make_smaller(units=8, layers=1)
    pairs, out = tmp_path / "pairs.tsv", tmp_path / "out"
    pairs.write_text("\n".join(f"number {i}\tnombre {i}" for i in range(30)))
    translation.main(["--data", str(pairs), "--epochs", "1", "--out", str(out)])
    said = capsys.readouterr().out
    assert "val_accuracy" in said and "(by hand 'nombre " in said
    assert (out / "saved_model" / "saved_model.pb").is_file()
    assert len(rnnzoo.load_model(out / "model.keras").translate(["number 3"])) == 1
