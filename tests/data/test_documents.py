"""Texts with a label each."""

import itertools
import json
import re

import numpy as np
import pytest
from PIL import Image

from rnnzoo import cli, data
from rnnzoo.data.documents import Documents, apart, parted
from rnnzoo.data.readers.documents import read_documents
from rnnzoo.data.sniffing import task_of

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
        ("", {"labelled": True}, "own.csv is empty; expected a table of texts"),
        ("\n\n", {"labelled": True}, "own.csv is empty; expected a table of texts"),
        ("[]", {"labelled": True}, "own.csv is empty; expected a table of texts"),
        (
            "text,label\na,x",
            {"columns": "1,2"},
            "only texts with labels are in two, which char_lstm is told by",
        ),
    ],
)
def test_mistakes(tmp_path, text, options, message):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        data.load_text(tmp_path / "own.csv", **options)


def pairs_of(documents):
    return [*zip(documents.texts, documents.labels, strict=True)]


@pytest.mark.parametrize("written", ["\n".join, lambda rows: f"[{','.join(rows)}]"])
def test_of_json_only_null_is_missing(tmp_path, written):
    values = [0, 1, False, None, " x ", " "]
    rows = [json.dumps({"text": f"of {i}", "label": label}) for i, label in enumerate(values)]
    (tmp_path / "own.jsonl").write_text(written(rows))
    documents, reading = read_documents(tmp_path / "own.jsonl")
    assert documents.labels == ("0", "1", "False", "x")
    where = "entry" if written(rows).startswith("[") else "line"
    assert reading.left_out == [f"2 rows without text or label, the first is {where} 4"]


def test_a_table_of_texts_of_several_lines_and_blanks(tmp_path):
    """Blanks around a label make it no other, and a row is found where it begins."""
    rows = ["", "text,label", '"a\nb\nc",x', 'd," x "', "", '"no\nlabel",', "e,x,, ", ""]
    (tmp_path / "own.csv").write_text("\n".join(rows))
    documents, reading = read_documents(tmp_path / "own.csv")
    assert pairs_of(documents) == [("a\nb\nc", "x"), ("d", "x"), ("e", "x")]
    assert reading.left_out == ["1 rows without text or label, the first is line 8"]


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("odd", ["so, it is,x", "short"])
def test_a_row_of_other_columns_makes_no_label(tmp_path, odd, labelled):
    """Of a text with a comma and without quotes, the rest would be one."""
    rows = ["text,label", *(f"of {i},x" for i in range(9)), odd]
    (tmp_path / "own.csv").write_text("\n".join(rows))
    text = data.load_text(tmp_path / "own.csv", labelled=labelled)
    assert (
        text.reading.left_out[-1] == "1 rows of more or fewer than 2 columns, the first is line 11"
    )
    assert sorted(text.train.split("\n") + text.validation.split("\n"))[-1] == "of 8"
    if labelled:
        assert {*text.documents["train"].labels} == {"x"}
    (tmp_path / "own.csv").write_text("\n".join([*rows, odd]))
    with pytest.raises(ValueError, match="line 11: 2 rows of more or fewer .*; put quotes around"):
        data.load_text(tmp_path / "own.csv", labelled=labelled)


def test_labels_that_are_not_read_are_said_with_what_reads_them(tmp_path, capsys):
    (tmp_path / "own.csv").write_text("text,label\n" + "a,x\nb,y\n" * 9)
    assert "'label', of which char_lstm is told by --set condition=input" in str(
        data.load_text(tmp_path / "own.csv").reading
    )
    assert cli.main(["data", str(tmp_path / "own.csv"), "--labelled"]) == 0
    said = capsys.readouterr().out
    assert "labels   2: x, y" in said and "--set condition=input\n" in said


def test_what_of_a_folder_is_no_label(tmp_path):
    kept = {"a/1.txt": "one", "a/below/2.txt": "two", "b/3.txt": "three"}
    others = {".git/config": "g", "__MACOSX/a/x.txt": "m", "a/1.txt~": "o", "a/.h/x": "h"}
    others |= {"b/3.BAK": "old", "README": "r", "b/blank.txt": " \n", "a/cut.png": "\x89PNG"}
    for name, text in {**kept, **others}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    documents, reading = read_documents(tmp_path)
    assert pairs_of(documents) == [("one", "a"), ("two", "a"), ("three", "b")]
    assert reading.left_out == [
        "2 hidden folders or those of macOS: .git, __MACOSX",
        "2 backups: a/1.txt~, b/3.BAK",
        "1 files in no folder of a label: README",
        "1 pictures or videos: a/cut.png",
        "1 files without text: b/blank.txt",
    ]


def test_labels_that_look_odd_and_an_encoding_that_was_guessed_are_said(tmp_path):
    for name in (
        "Weather/1.txt",
        "Weather/2.txt",
        "weather /1.txt",
        "weather /2.txt",
        "solo/1.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a text of some words\n")
    (tmp_path / "Weather" / "3.txt").write_bytes(
        "Où est le café? Là-bas, déjà à côté.".encode("cp1252")
    )
    reading = read_documents(tmp_path)[1]
    assert reading.warnings == [
        "labels that differ in case or blanks alone: Weather, weather",
        "1 labels of one text each: solo",
    ]
    assert "Weather/3.txt" in reading.facts["encoding"]


def test_a_few_pictures_among_texts_make_no_folder_of_pictures(tmp_path):
    for label in ("Austen", "Melville"):
        (tmp_path / label).mkdir()
        for i in range(3):
            (tmp_path / label / f"{i}.txt").write_text("It is a truth universally acknowledged.\n")
        Image.new("L", (4, 4)).save(tmp_path / label / "portrait.png")
    assert task_of(tmp_path).task == "text-generation"
    for labelled in (False, True):
        reading = data.load_text(tmp_path, labelled=labelled).reading
        assert "portrait.png" in " ".join(reading.left_out)


def test_a_text_that_goes_back_to_be_trained_on_takes_its_others_with_it():
    def split(pairs):
        documents = data.Documents.of(pairs)
        return parted(documents, apart(documents, validation=0.2, test=0.2).split_of)

    often = [(str(i), "often") for i in range(50)]
    before = split(often)
    back = before["test"].texts[0]
    after = split([*often, (back, "rare")])
    assert {(back, "often"), (back, "rare")} <= {*pairs_of(after["train"])}
    assert after["test"].texts == before["test"].texts[1:] != ()
    assert after["validation"] == before["validation"]


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


def test_one_rare_label_takes_no_others_into_training():
    """Of texts that are all alike, so that they can't be kept on one side."""
    thanks = (
        "dear customer, thank you for your letter, which we have received and are going to answer "
        "as soon as everybody who is asked for an opinion has given one; should this take longer "
        "than a month, please write to us once more, and do not forget to tell us your number, "
    )
    texts = [thanks + a + b for a, b in itertools.product("abcdefghij", repeat=2)]
    pairs = [(text, "xy"[i % 2]) for i, text in enumerate(texts)]
    split_of = apart(Documents.of(pairs), 0.1, 0.1).split_of
    rare = next(i for i, text in enumerate(texts) if split_of[text] == "test")
    pairs[rare] = texts[rare], "rare"
    found = apart(Documents.of(pairs), 0.1, 0.1)
    assert not found.whole and found.split_of == split_of | {texts[rare]: "train"}
