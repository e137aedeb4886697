"""`rnnzoo predict`."""

import gzip
import io
import json
import re
import sys

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    """A tagger of characters, trained a little."""
    model = rnnzoo.create_model("tagger_birnn", units=4, embedding_size=4)
    model.fit(["a1\n", "11a\n"] * 8, ["ldw", "ddlw"] * 8, verbose=0)
    path = tmp_path_factory.mktemp("tagger") / "tagger.keras"
    model.save(path)
    return str(path)


@pytest.mark.filterwarnings("always:What is to be tagged")
def test_predict_tags_the_characters_of_a_file(tagger, tmp_path, capsys, monkeypatch):
    file = tmp_path / "text.txt"
    file.write_text("a11a\né")
    assert cli.main(["predict", tagger, str(file)]) == 0
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and "read as the unknown character: 'é'" in captured.err
    lines = [line.split("\t") for line in captured.out.splitlines()]
    assert "".join(json.loads(run) for _, run in lines) == "a11a\né"
    assert {tag for tag, _ in lines} <= {"l", "d", "w"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("a11a\né".encode())))
    assert cli.main(["predict", tagger, "-"]) == 0
    assert [line.split("\t") for line in capsys.readouterr().out.splitlines()] == lines
    # On a terminal: the text itself, in colours, and what they mean.
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert cli.main(["predict", tagger, str(file)]) == 0
    painted = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[\d;]*m", "", painted)
    assert plain == "a11a\né\n\nd  l  w\n" and painted != plain


def test_predict_reads_the_words_of_a_treebank(tmp_path, capsys):
    sentences, tags = [["a", "dog"], ["two", "dogs"]], [["D", "N"], ["D", "N"]]
    model = rnnzoo.create_model("tagger_rnn", units=4, embedding_size=4, spelling_units=0)
    model.fit(sentences, tags, verbose=0)
    model.save(tmp_path / "words.keras")
    line = "{}\t{}" + 8 * "\t_" + "\n"
    bank = "# text = two dogs\n" + line.format(1, "two") + line.format(2, "dogs") + "\n"
    # By what is in it, whatever its name, its encoding and how it is packed.
    (tmp_path / "bank.conllu").write_text(bank)
    (tmp_path / "bank.txt").write_bytes(gzip.compress(bank.encode("utf-16")))
    (tmp_path / "plain.txt").write_bytes("two dogs\r\n".encode("utf-16-le"))
    for name in ("bank.conllu", "bank.txt", "plain.txt"):
        assert cli.main(["predict", str(tmp_path / "words.keras"), str(tmp_path / name)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [word.split("\t")[0] for word in lines] == ["two", "dogs", ""]


def test_predict_classifies_recordings(tmp_path, capsys):
    x = np.random.default_rng(0).normal(size=(6, 5, 2))
    model = rnnzoo.create_model("activity_rnn", units=4)
    model.fit(x, ["up", "down"] * 3, verbose=0)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "several.npy", x)
    np.savetxt(tmp_path / "one.csv", x[3], delimiter=",", header="a,b", comments="")
    np.savez(tmp_path / "both.npz", x=x[:2].reshape(10, 2), lengths=[3, 7])
    for name, count in (("several.npy", 6), ("one.csv", 1), ("both.npz", 2)):
        path = str(tmp_path / name)
        assert cli.main(["predict", str(tmp_path / "model.keras"), path]) == 0
        lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
        assert [line[:2] for line in lines] == [[path, str(i)] for i in range(count)]
        assert all(label in ("up", "down") and float(p) >= 0.5 for _, _, label, p in lines)
        if name == "several.npy":
            assert [label for _, _, label, _ in lines] == model.classify(x)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nowhere.csv", None, "nowhere.csv: there is no such file"),
        ("x.wav", b"1", "expected a file whose name ends in .csv, .npy or .npz"),
        ("x.csv", b"1,2,3\n", "got one of (1, 3)"),
        ("x.csv", b"1,2\n3,y\n", "x.csv, line 2: could not convert"),
    ],
)
def test_predict_says_what_is_wrong_with_a_file(name, content, message, tmp_path, assert_one_line):
    model = rnnzoo.create_model("activity_rnn", units=2, classes=["a", "b"], features=(2,))
    model.save(tmp_path / "model.keras")
    if content:
        (tmp_path / name).write_bytes(content)
    assert cli.main(["predict", str(tmp_path / "model.keras"), str(tmp_path / name)]) == 2
    assert_one_line(message)
