"""From a file of pairs to a run folder, and on from there."""

import csv
import gzip
import json
import random

import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.evaluation.sentences import scores
from rnnzoo.tasks.encoder_decoder.translation.feed import by_source, tokenizer

SMALL = "--set units=8 --set embedding_size=8 --set layers=1"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A file of 60 pairs of up to 9 words."""
    draw = random.Random(0)
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    words = {"one": "un", "two": "deux", "three": "trois", "four": "quatre"}
    lines = []
    for i in range(60):
        chosen = draw.choices(list(words), k=1 + i % 9)
        lines.append(f"{' '.join(chosen)}!\t{' '.join(words[word] for word in chosen)} !")
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def run(pairs, tmp_path_factory):
    """The folder of a run that the command line made."""
    out = tmp_path_factory.mktemp("runs") / "translation"
    argv = (
        f"train translate_gru --data {pairs} --epochs 2 --batch-size 8 {SMALL} --test --out {out}"
    )
    assert cli.main(argv.split()) == 0
    return out


@pytest.mark.slow
def test_a_run_leaves_translations_scores_and_a_plot(run):
    metrics = json.loads((run / "metrics.json").read_text())
    assert {"bleu_4", "bleu_4_interval", "chrf", "exact"} <= metrics["test_scores"].keys()
    assert metrics["training"]["perplexity"] > 1
    with (run / "translations.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["source", "translation", "log_prob", "targets"]
    groups = metrics["test_bleu_by_length"]
    assert sum(group["sources"] for group in groups) == len(rows)
    bounds = [bound for group in groups for bound in group["words"]]
    assert bounds == sorted(bounds) and bounds[-1] == 1 + max(
        len(r["source"].split()) for r in rows
    )
    assert (run / "bleu_by_length.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.filterwarnings("always:.*is not UTF-8")
def test_predict_translates_a_sentence_or_the_lines_of_a_file(run, tmp_path, capsys):
    assert cli.main(["predict", str(run), "two one!"]) == 0
    (answer,) = capsys.readouterr().out.splitlines()
    lines = tmp_path / "lines.txt"
    lines.write_text("three!\n\ntwo one!\n")
    assert cli.main(["predict", str(run), str(lines)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["", answer]
    lines.write_bytes(gzip.compress("two one!\n".encode("utf-16")))
    assert cli.main(["predict", str(run), str(lines)]) == 0
    assert capsys.readouterr().out.splitlines() == [answer]
    lines.write_bytes(b"\xe9t\xe9")
    assert cli.main(["predict", str(run), str(lines)]) == 0
    assert "lines.txt is not UTF-8, and is read as cp1252, a guess" in capsys.readouterr().err
    lines.write_bytes(b"one\0two\n")
    assert cli.main(["predict", str(run), str(lines)]) == 2
    assert "lines.txt is no text: there is a NUL at offset 3" in capsys.readouterr().err
    assert cli.main(["predict", str(run), "lines.text"]) == 2
    assert "lines.text: there is no such file" in capsys.readouterr().err


@pytest.mark.slow
def test_states_are_drawn(run, tmp_path, capsys):
    file, out = tmp_path / "groups.tsv", tmp_path / "states.png"
    file.write_text("first\tone two\nfirst\tone three $x_1$\nlast\ttwo one\nthree one\n")
    assert cli.main(["states", str(run), str(file), "--out", str(out)]) == 0
    assert "4 states" in capsys.readouterr().out
    assert out.read_bytes().startswith(b"\x89PNG")
    file.write_text("one\none\none\n")
    assert cli.main(["states", str(run), str(file), "--out", str(out)]) == 2
    assert "all states are the same" in capsys.readouterr().err
    file.write_text("one\ntwo\n")
    assert cli.main(["states", str(run), str(file), "--out", str(out)]) == 2
    assert "holds 2 sentences; expected three or more" in capsys.readouterr().err


def test_scores_are_those_of_sacrebleu():
    right = scores(["a b c d.", "two"], [["a b c d."], ["2", "two"]], tokenize="13a")
    assert right["exact"] == right["bleu_4"] == right["chrf"] == 100
    assert right["exact_interval"] == right["chrf_interval"] == [100, 100]
    assert right["bleu_4_interval"] == [0, 100]  # one of the two has no four words
    wrong = scores(["x", "y"], [["a b"], ["c d"]], tokenize="13a")
    assert wrong["bleu_1"] == wrong["exact"] == 0
    assert wrong["bleu_1_interval"] == [0, 0]
    # Some draws have no match at all; one in four is right.
    some = scores(["a b", "c", "d", "e"], [["a b"], ["x"], ["y"], ["z"]], tokenize="13a")
    assert some["exact"] == 25 and some["exact_interval"] == [0, 75]
    assert some["bleu_1"] == pytest.approx(40) and some["bleu_1_interval"][0] == 0


def test_a_source_with_several_translations_counts_once():
    pairs = rnnzoo.data.Pairs(("a", "b", "a"), ("x", "y", "z"))
    assert by_source(pairs) == (["a", "b"], [["x", "z"], ["y"]])
    assert [tokenizer(of) for of in (None, ("en", "de"), ("en", "zh"), ("en", "ja"))] == [
        "13a", "13a", "zh", "char"
    ]  # fmt: skip
