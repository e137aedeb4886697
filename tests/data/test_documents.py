"""Texts with a label each."""

import itertools
import json
import re

import numpy as np
import pytest

from rnnzoo import data

TEXTS = [f"text {i}\nof two lines" for i in range(40)]
LABELS = ["odd" if i % 2 else "even" for i in range(40)]


def folders(folder):
    for i, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True)):
        (folder / label).mkdir(exist_ok=True)
        (folder / label / f"{i}.txt").write_text(text)
    return {}


def table(folder):
    rows = [f'"{text}",{label}' for text, label in zip(TEXTS, LABELS, strict=True)]
    (folder / "own.csv").write_text("\n".join(["Text,Label", *rows]))
    return {}


def without_names(folder):
    rows = [f'{label};"{text}"' for text, label in zip(TEXTS, LABELS, strict=True)]
    (folder / "own.csv").write_text("\n".join(rows))
    return {"columns": "2,1"}


def json_lines(folder):
    rows = [{"who": label, "text": text} for text, label in zip(TEXTS, LABELS, strict=True)]
    (folder / "own.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return {"columns": ("text", "who")}


@pytest.mark.parametrize("write", [folders, table, without_names, json_lines])
def test_folders_and_tables(tmp_path, write):
    options = write(tmp_path)
    (source,) = [tmp_path] if write is folders else tmp_path.iterdir()
    text = data.load_text(source, labelled=True, test=0.2, **options)
    parts = [text.documents[split] for split in ("train", "validation", "test")]
    pairs = {(t, n) for part in parts for t, n in zip(part.texts, part.labels, strict=True)}
    assert pairs == {*zip(TEXTS, LABELS, strict=True)}
    assert all(map(len, parts))
    assert text.train == "\n".join(parts[0].texts)
    whole = text.as_test()
    assert len(whole.documents["test"]) == 40 and not whole.train and whole.test.count("text") == 40


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n1,2", {"labelled": True}, "has no column called text, content"),
        ("text,label\n,x\n", {"labelled": True}, "holds no text with a label"),
        ("text,label\na,x", {"columns": "1,2"}, "only texts with labels (labelled=True)"),
    ],
)
def test_mistakes(tmp_path, text, options, message):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        data.load_text(tmp_path / "own.csv", **options)


def test_a_set_without_labels_is_refused():
    with pytest.raises(ValueError, match="python_source has no labels; expected python_lines"):
        data.load_text("python_source", labelled=True)


def test_no_line_is_in_two_splits_of_python_lines():
    text = data.load_text("python_lines")
    lines = [line for part in text.documents.values() for line in part.texts]
    assert len({*lines}) == len(lines) > 10_000
    labels = [{*part.labels} for part in text.documents.values()]
    assert labels[0] == labels[1] == labels[2] and "asyncio" in labels[0]


def test_windows_go_through_all_documents_once_an_epoch():
    lengths = np.random.default_rng(0).integers(2, 30, 25)
    ends = np.cumsum(lengths)
    ids = [np.arange(end - n, end) for n, end in zip(lengths, ends, strict=True)]
    windows = data.DocumentWindows(ids, range(25), window=4)
    seen, last = [], {}
    batches = list(itertools.islice(windows.training(3, seed=1), 2 * (len(windows) // 3)))
    for (x, start, label), y, weight in batches[: len(windows) // 3]:
        assert weight.shape == (3, 4) and (y[weight > 0] == x[weight > 0] + 1).numpy().all()
        for row in range(3):
            document, begins = int(label[row]), int(x[row, 0])
            count = int(weight[row].numpy().sum())
            seen += x[row, :count].numpy().tolist()
            assert start[row] or last[row] == begins
            assert {*x[row, :count].numpy()} <= {*ids[document][:-1]}
            last[row] = begins + 4
    assert len({*seen}) == len(seen) > len(np.concatenate(ids)) - 25 - 3 * 4
    again = next(iter(windows.training(3, seed=1, start_step=5)))
    assert all(map(np.array_equal, again[0], batches[5][0]))
    total = sum(float(weight.numpy().sum()) for *_, weight in windows.in_order(4))
    assert total == lengths.sum() - 25
