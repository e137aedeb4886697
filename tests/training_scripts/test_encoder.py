"""The short Keras script, run as it is."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import tf
from training_scripts import encoder


@pytest.fixture
def weights(tmp_path, capsys):
    for i in range(40):
        folder = tmp_path / "things" / ("dark", "light")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.full((8, 8, 3), 200 * (i % 2) + i, np.uint8)
        (folder / f"{i}.png").write_bytes(tf.io.encode_png(pixels).numpy())
    argv = ["--data", str(tmp_path / "things"), "--filters", "2", "3", "--size", "8"]
    encoder.main([*argv, "--epochs", "1", "--out", str(tmp_path / "out")])
    assert "all 2 words right: " in capsys.readouterr().out
    return tmp_path / "out" / "encoder.weights.h5"


@pytest.mark.parametrize("options", [{"size": 16}, {"size": 8, "attention": "scaled"}])
def test_a_captioner_starts_with_what_it_learned(weights, options):
    given = {"filters": (2, 3), "encoder_weights": str(weights), "words": {"a": 1}, **options}
    tuned = rnnzoo.create_model("caption_gru", fine_tune=True, **given)
    frozen = rnnzoo.create_model("caption_gru", **given)
    for mine, other in zip(tuned.encoder.weights, frozen.encoder.weights, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert tuned.encoder.trainable_weights and not frozen.encoder.trainable_weights


def test_other_filters_are_told(weights, tmp_path):
    with pytest.raises(ValueError, match=r"encoder_weights=.*the same filters"):
        rnnzoo.create_model("caption_gru", filters=(2, 4), size=8, encoder_weights=str(weights))
    with pytest.raises(ValueError, match=r"encoder_weights=.*there is no such file"):
        rnnzoo.create_model("caption_gru", encoder_weights=str(tmp_path / "none.h5"))
