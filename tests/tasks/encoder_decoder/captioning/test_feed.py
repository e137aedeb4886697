"""From a folder of pictures to a run folder, and on from there."""

import json

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli, training
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.captioning.feed import caption_scores

SMALL = "--set units=8 --set embedding_size=8 --set size=8 --set filters=(2,2)"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """A folder of 30 plain pictures with two captions each; the last is no picture."""
    folder = tmp_path_factory.mktemp("photographs")
    lines = ["image,caption,split"]
    for i in range(30):
        pixels = np.full((10, 12, 3), 40 * (i % 3), np.uint8)
        (folder / f"{i}.png").write_bytes(tf.io.encode_png(pixels).numpy())
        split = "validation" if i % 5 == 0 else "test" if i % 5 == 1 else "train"
        word = ("black", "dark", "gray $1_ $")[i % 3]
        lines += [f"{i}.png,a {word} picture,{split}", f"{i}.png,{word},{split}"]
    (folder / "captions.csv").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def run(photographs, tmp_path_factory):
    """The folder of a run that the command line made."""
    out = tmp_path_factory.mktemp("runs") / "captions"
    argv = f"train caption_gru --data {photographs} --epochs 2 --batch-size 8 {SMALL} --test"
    argv += f" --out {out}"
    assert cli.main(argv.split()) == 0
    return out


@pytest.mark.slow
def test_a_run_leaves_answers_scores_and_a_gallery(run, capsys):
    metrics = json.loads((run / "metrics.json").read_text())
    assert {"bleu_1", "bleu_4", "chrf", "exact", "exact_interval"} <= metrics["test_scores"].keys()
    assert metrics["training"]["perplexity"] > 1
    assert "composition_scores" not in metrics
    rows = (run / "captions.csv").read_text().splitlines()
    assert rows[0] == "name,answer,log_prob,captions" and len(rows) == 1 + 6
    assert rows[1].rpartition(" | ")[2] in ("black", "dark", "gray $1_ $")
    assert (run / "gallery.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_predict_says_what_a_picture_shows(run, photographs, capsys):
    assert cli.main(["predict", str(run), str(photographs / "0.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 1 <= len(lines) <= 4
    path, score, _ = lines[0].split("\t")
    assert path.endswith("0.png") and float(score) < 0
    assert cli.main(["predict", str(run), str(photographs / "captions.csv")]) == 2
    assert "captions.csv can't be read" in capsys.readouterr().err


@pytest.mark.slow
def test_starts_from_another_run(run, photographs, tmp_path, capsys):
    argv = f"train caption_gru --data {photographs} --epochs 1 --batch-size 8 {SMALL}"
    argv += f" --init-from {run} --out {tmp_path / 'next'}"
    assert cli.main(argv.split()) == 0
    assert (
        "encoder, projection, output layer, recurrent layer 0, 12 of 12" in capsys.readouterr().out
    )
    argv = f"train char_rnn --init-from {run} --out {tmp_path / 'none'}"
    assert cli.main(argv.split()) == 2
    assert "a TextGenerator takes nothing over" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_scores_are_those_of_sacrebleu_on_words_in_lower_case():
    captions = rnnzoo.data.Captions(
        [None] * 2, (("A red cat sits.", "cat"), ("Two dogs run, now!",)), ("x", "y")
    )
    right = caption_scores(captions, ["a red cat sits.", "two dogs run, now!"])
    assert right["exact"] == right["bleu_4"] == right["chrf"] == 100
    half = caption_scores(captions, ["cat", "two dogs"])
    assert half["exact"] == 50 and half["exact_interval"] == [0, 100]
    # All three words are right, but the closest references hold seven: e^(1 - 7 / 3).
    assert half["bleu_1"] == pytest.approx(100 * np.exp(1 - 7 / 3), abs=0.01)


def test_mistakes_are_named(photographs):
    model = rnnzoo.create_model("caption_gru", units=4, filters=(2,), size=4)
    with pytest.raises(ValueError, match="window=5: sentences are not cut"):
        model.feed(photographs, 8, window=5)
    features = rnnzoo.create_model("caption_gru", units=4, encoder=None)
    with pytest.raises(ValueError, match="for pictures give the model an encoder"):
        features.feed(photographs, 8)


class _Killed(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise RuntimeError("killed")


@pytest.mark.slow
def test_a_run_killed_early_starts_from_the_same_model(run, photographs, tmp_path):
    options = {"units": 8, "embedding_size": 8, "size": 8, "filters": (2, 2)}
    how = {"data": photographs, "epochs": 1, "verbose": 0, "overrides": options, "init_from": run}
    expected = training.train("caption_gru", out=tmp_path / "whole", **how)
    with pytest.raises(RuntimeError, match="killed"):
        training.train("caption_gru", out=tmp_path / "cut", callbacks=[_Killed()], **how)
    found = training.train("caption_gru", out=tmp_path / "cut", resume=True, **how)
    assert found["validation"] == expected["validation"]
