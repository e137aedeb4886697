"""The short Keras script, run as it is."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import tf
from training_scripts import captioning


@pytest.mark.slow
def test_trains_captions_and_exports(tmp_path, capsys, make_smaller):
    make_smaller(units=8, size=8, filters=(2,))
    folder, out = tmp_path / "pictures", tmp_path / "out"
    folder.mkdir()
    for i in range(20):
        pixels = np.full((8, 8, 3), 250 * (i % 2), np.uint8)
        (folder / f"{i}.png").write_bytes(tf.io.encode_png(pixels).numpy())
    lines = [f"{i}.png\t{('black', 'all white')[i % 2]}" for i in range(20)]
    (folder / "captions.txt").write_text("\n".join(lines))
    captioning.main(["--data", str(folder), "--epochs", "2", "--out", str(out)])
    said = capsys.readouterr().out
    assert "val_accuracy" in said and "'black': " in said
    assert (out / "saved_model" / "saved_model.pb").is_file()
    model = rnnzoo.load_model(out / "model.keras")
    assert len(model.caption(np.zeros((1, 8, 8, 3), np.uint8))) == 1
