"""What resuming asks of every task's data: the batches of a step, wherever one begins."""

import itertools

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import tf


def text(folder):
    (folder / "text.txt").write_text("to be or not to be " * 20)
    return "text.txt"


def names(folder):
    (folder / "names.txt").write_text("\n".join(f"n{i}" for i in range(30)))
    return "names.txt"


def recordings(folder):
    x = np.random.default_rng(0).normal(size=(30, 9, 2))
    np.savez(folder / "own.npz", x=x, y=["up", "down"] * 15, subject=np.arange(30) % 10)
    return "own.npz"


def treebank(folder):
    sentences = [f"w{i}\tNOUN\nv{i % 7}\tVERB\n" for i in range(30)]
    (folder / "own.tsv").write_text("\n".join(sentences))
    return "own.tsv"


def pictures(folder):
    for i in range(30):
        pixels = np.full((4, 4, 3), 8 * i, np.uint8)
        (folder / f"{i}.png").write_bytes(tf.io.encode_png(pixels).numpy())
    lines = [f"{i}.png\t{word} {i}" for i in range(30) for word in ("a", "the")]
    (folder / "captions.tsv").write_text("\n".join(lines))
    return "."


def pairs(folder):
    (folder / "pairs.tsv").write_text("\n".join(f"{'a ' * (i % 5)}w{i}\tv{i}" for i in range(40)))
    return "pairs.tsv"


def series(folder):
    days = np.datetime64("2024-01-01") + np.arange(200)
    rows = (f"{day},{shop},{i % 7 + len(shop)}" for shop in "ab" for i, day in enumerate(days))
    (folder / "sales.csv").write_text("day,shop,sales\n" + "\n".join(rows))
    return "sales.csv"


def labelled(folder):
    pictures(folder)
    for i in range(30):
        (folder / "ab"[i % 2]).mkdir(exist_ok=True)
        (folder / f"{i}.png").rename(folder / "ab"[i % 2] / f"{i}.png")
    (folder / "captions.tsv").unlink()
    return "."


@pytest.mark.parametrize(
    ("name", "make", "options"),
    [
        ("char_rnn", text, {}),
        ("name_rnn", names, {}),
        ("activity_rnn", recordings, {}),
        ("tagger_rnn", treebank, {}),
        ("caption_rnn", pictures, {"size": 4, "filters": (2,)}),
        ("translate_gru", pairs, {}),
        ("forecast_rnn", series, {"context": 8}),
        ("digits_cnn", labelled, {"units": None, "filters": (2,)}),
    ],
)
def test_training_goes_on_from_any_step_as_if_never_broken_off(name, make, options, tmp_path):
    window = 8 if name == "char_rnn" else None
    model = rnnzoo.create_model(name, **{"units": 4, **options})
    feed = model.feed(tmp_path / make(tmp_path), 4, window, seed=3)
    epoch = feed.steps_per_epoch
    assert epoch > 2
    whole = list(itertools.islice(feed.training(), 2 * epoch + 1))
    for start in (1, epoch - 1, epoch, 2 * epoch):
        first = next(iter(feed.training(start)))
        tf.nest.map_structure(np.testing.assert_array_equal, first, whole[start])
    # Batches differ, so that the comparison can fail.
    differs = tf.nest.map_structure(lambda a, b: not np.array_equal(a, b), whole[0], whole[1])
    assert any(tf.nest.flatten(differs))
