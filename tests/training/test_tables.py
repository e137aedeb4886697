"""Trained on a table of each form, measured, and trained further, on the command line."""

import numpy as np
import pytest

from rnnzoo import cli

COUNT, STEPS = 20, 12


def recordings(seed):
    """Waves (count, steps), and a class of each."""
    phase = np.random.default_rng(seed).uniform(0, 6, (COUNT, 1))
    return np.sin(np.arange(STEPS) / 2 + phase).round(3).tolist(), [
        "uv"[i % 2] for i in range(COUNT)
    ]


def ts(x, y):
    rows = (f"{','.join(map(str, row))}:{label}" for row, label in zip(x, y, strict=True))
    return ["@classLabel true u v", "@data", *rows]


def arff(x, y):
    head = [f"@attribute att{i} numeric" for i in range(STEPS)]
    rows = (",".join(map(str, [*row, label])) for row, label in zip(x, y, strict=True))
    return ["@relation own", *head, "@attribute class {u,v}", "@data", *rows]


def wide(x, y):
    rows = (",".join(map(str, [label, *row])) for row, label in zip(x, y, strict=True))
    return [",".join(["label", *(f"t{i}" for i in range(STEPS))]), *rows]


def with_id(x, y):
    rows = (f"{i},{v},{y[i]}" for i, row in enumerate(x) for v in row)
    return ["id,a,label", *rows]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "written"), [("ts", ts), ("arff", arff), ("csv", wide), ("csv", with_id)]
)
def test_trained_measured_and_trained_further(kind, written, tmp_path, capsys):
    for seed, split in enumerate(("TRAIN", "TEST")):
        lines = written(*recordings(seed))
        (tmp_path / f"Own_{split}.{kind}").write_text("\n".join(lines) + "\n")
    own, test, run = (
        str(tmp_path / name) for name in (f"Own_TRAIN.{kind}", f"Own_TEST.{kind}", "run")
    )
    train = ["--epochs", "1", "--batch-size", "32", "--data", own]
    assert cli.main(["train", "activity_gru", "--set", "units=2", *train, "--out", run]) == 0
    sizes = "train 16, validation 4, test 20 sequences of 2 classes"
    assert sizes in capsys.readouterr().out
    assert cli.main(["evaluate", run]) == 0
    assert f"test: {COUNT} examples" in capsys.readouterr().out
    assert cli.main(["evaluate", run, "--data", test]) == 0  # and nothing that it was trained on
    assert f"all: {COUNT} examples" in capsys.readouterr().out
    assert cli.main(["train", run, *train, "--out", str(tmp_path / "further")]) == 0
    assert sizes in capsys.readouterr().out
