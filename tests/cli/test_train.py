"""`rnnzoo train`: what it hands on to `rnnzoo.train`, and mistakes."""

import inspect
import re

import pytest

import rnnzoo
from rnnzoo import cli, training
from rnnzoo.cli.train import _key_and_value


def test_resume_takes_the_settings_from_the_run(finished, assert_one_line, monkeypatch):
    asked = {}
    monkeypatch.setattr(training, "train", lambda **settings: asked.update(settings))
    assert cli.main(["train", "--resume", "--out", str(finished), "--export"]) == 0
    begun_with = training.read_settings(finished)
    assert asked == {**begun_with, "out": str(finished), "resume": True, "export": True}
    monkeypatch.undo()
    assert cli.main(["train", "--resume", "--out", str(finished), "--window", "9"]) == 2
    assert_one_line("window=8, not 9")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["char_rn", "--data", "text"], ["did you mean 'char_rnn'"]),
        ([], ["NAME or --data is missing"]),
        (["--resume"], ["--out"]),
        (["--resume", "--out", "nothing"], ["nothing holds no run"]),
        (["char_rnn", "--data", "txt"], ["'txt'", "did you mean 'text'"]),
        (["char_rnn", "--data", "empty"], ["empty", "no text"]),
        (["char_rnn", "--data", "binary"], ["binary", "no text", "NUL at offset 8", "--encoding"]),
        (["char_rnn", "--data", "text", "--window", "900"], ["shorter", "900"]),
        (
            ["char_rnn", "--data", "short", "--window", "8", "--batch-size", "1"],
            ["too short", "validate"],
        ),
        (["char_rnn", "--data", "text", "--batch-size", "9999"], ["batch_size=9999", "only 449"]),
        (["char_rnn", "--data", "text", "--encoding", "klingon"], ["encoding='klingon'", "cp1252"]),
        (["char_rnn", "--data", "text", "--time", "stamp"], ["time='stamp'", "load_text takes"]),
        (["char_rnn", "--data", "text", "--epochs", "0"], ["epochs=0", "at least 1"]),
        (["char_rnn", "--data", "text", "--set", "unitz=3"], ["did you mean 'units'"]),
        (["char_rnn", "--data", "text", "--set", "units=-3"], ["-3"]),
        (["char_rnn", "--data", "text", "--pretrained"], ["char_rnn", "pretrained"]),
        (["char_rnn", "--data", "text", "--window", "8", "--out", "text/x"], ["Not a directory"]),
        (["char_rnn", "--data", "text", "--out", "full"], ["full is not empty", "--resume"]),
        (["char_rnn", "--data", "text", "--out", "full", "--resume"], ["no run to resume"]),
        (["--resume", "--out", "foreign"], ["config.json", "not of a run of this version"]),
        (["--resume", "--out", "older"], ["config.json", "not of a run of this version"]),
        (["char_rnn", "--resume", "--out", "broken"], ["config.json", "damaged"]),
    ],
)
def test_mistakes_in_training(tmp_path, monkeypatch, assert_one_line, arguments, parts):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("to be or not to be\n" * 30)
    (tmp_path / "empty").write_text("")
    (tmp_path / "binary").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "short").write_text("to be or n")
    for name, config in {"foreign": "[1]", "older": '{"model": "x"}', "broken": "{"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(config)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["train", *arguments]) == 2
    assert_one_line("rnnzoo train: error:", *parts)
    assert sorted(tmp_path.rglob("*")) == before


def test_how_the_data_is_read_is_said_and_kept(tmp_path, capsys):
    path, out = tmp_path / "text", tmp_path / "run"
    path.write_bytes("déjà lu, déjà vu\n".encode("cp437") * 30)
    argv = ["train", "char_rnn", "--set", "units=4", "--window", "8", "--epochs", "1"]
    argv += ["--schedule", "constant"]
    argv += ["--data", str(path), "--out", str(out)]
    assert cli.main([*argv, "--encoding", "cp437"]) == 0
    said = f"{path}: read as plain text: 510 characters; encoding: cp437\n"
    assert said in capsys.readouterr().out
    assert training.read_settings(out)["reading"] == {"encoding": "cp437"}
    assert cli.main(["train", "--resume", "--out", str(out), "--epochs", "2"]) == 0
    assert "é" in rnnzoo.load_model(out).vocabulary.characters
    assert cli.main(["train", "--resume", "--out", str(out), "--encoding", "cp1252"]) == 2


@pytest.mark.slow
def test_columns_of_a_table_are_told_and_kept(tmp_path, monkeypatch, capsys):
    rows = [
        f"{r};{t * 20};{r % 2 + t / 10};{t / 7:.3f};{'uv'[r % 2]}\n".replace(".", ",")
        for r in range(20)
        for t in range(6)
    ]
    (tmp_path / "own.csv").write_text("trip;stamp_ms;a;b;mode\n" + "".join(rows))
    monkeypatch.chdir(tmp_path)
    argv = "train activity_rnn --set units=4 --epochs 1 --data own.csv --id trip --target mode"
    argv += " --time stamp_ms --features b,a --group none --interval 0.02 --out run"
    assert cli.main(argv.split()) == 0
    said = capsys.readouterr().out
    assert "20 recordings, 120 steps, 2 channels, 2 classes" in said
    assert "separated by ';', decimal comma" in said
    assert training.read_settings("run")["reading"] == {
        "id": "trip", "label": "mode", "time": "stamp_ms", "features": "b,a", "group": "none",
        "interval": 0.02,
    }  # fmt: skip
    assert cli.main(["train", "--resume", "--out", "run"]) == 0
    assert cli.main(["train", "--resume", "--out", "run", "--features", "a"]) == 2
    assert "run was begun with reading=" in capsys.readouterr().err
    asked = {}
    monkeypatch.setattr(training, "train", lambda **settings: asked.update(settings))
    assert cli.main(["train", "--resume", "--out", "run"]) == 0
    assert asked["reading"]["features"] == "b,a"


def test_quiet_prints_the_scores_only(corpus, tmp_path, capsys):
    argv = "train char_rnn --set units=4 --window 8 --epochs 1 --quiet"
    assert cli.main([*argv.split(), "--data", str(corpus), "--out", str(tmp_path / "run")]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    first, second, *_ = captured.out.splitlines()
    assert re.fullmatch(r"best epoch 1 \(step \d+\), validation: .*bits per character \d.*", first)
    assert re.fullmatch(r"validation, which chose the epoch: \d+ strips of the text, .*", second)


def test_defaults_in_the_help_are_true(capsys):
    """Each `(default: x)` is that of `rnnzoo.train`."""
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    option_and_default = r"--([a-z-]+) [A-Z]+\s(?:(?!--)[^(])*\(default:\s+([\w.]+)"
    said = re.findall(option_and_default, capsys.readouterr().out)
    said = {option.replace("-", "_"): value for option, value in said}
    defaults = inspect.signature(rnnzoo.train).parameters
    del said["out"], said["split_seed"]  # those of no argument, and of the loader
    assert len(said) == 6
    assert said == {name: str(defaults[name].default) for name in said}


@pytest.mark.parametrize(
    ("text", "value"), [("a=3", 3), ("a=(1, 4)", (1, 4)), ("a=lstm", "lstm"), ("a=b=c", "b=c")]
)
def test_values_of_set(text, value):
    assert _key_and_value(text) == ("a", value)


def test_what_a_trained_model_does_not_take_is_refused(finished, corpus, tmp_path, assert_one_line):
    data, out = ["--data", str(corpus)], ["--out", str(tmp_path / "out")]
    for more, part in (
        (out, "data is missing"),
        (data, "--out FOLDER"),
        ([*data, *out, "--set", "units=9"], "leave overrides out"),
        ([*data, "--out", str(finished)], "is not empty"),
    ):
        assert cli.main(["train", str(finished), *more]) == 2
        assert_one_line("rnnzoo train: error:", part)
    assert not (tmp_path / "out").exists()


def test_without_a_name_the_data_choose_the_model(tmp_path, monkeypatch, capsys):
    asked = {}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training, "train", lambda **settings: asked.update(settings))
    (tmp_path / "book.txt").write_text("to be or not to be\n" * 30)
    assert cli.main(["train", "--data", "book.txt", "--epochs", "1"]) == 0
    assert asked == {
        "model": "char_lstm_markov",
        "data": "book.txt",
        "out": "runs/char_lstm_markov",
        "epochs": 1,
    }
    said = "book.txt looks like text-generation (lines of plain text): training char_lstm_markov\n"
    assert capsys.readouterr().out == said


def test_with_weights_the_first_that_has_some_is_chosen(tmp_path, monkeypatch):
    asked = {}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training, "train", lambda **settings: asked.update(settings))
    (tmp_path / "book.txt").write_text("to be or not to be\n" * 30)
    assert cli.main(["train", "--data", "book.txt", "--pretrained"]) == 0
    assert asked["model"] == "char_lstm"


def test_where_the_data_tell_no_task_a_name_is_asked_for(tmp_path, monkeypatch, assert_one_line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.tsv").write_text("dog\tNOUN\ncat\tNOUN\nruns\tVERB\nthe\tDET\n" * 4)
    assert cli.main(["train", "--data", "words.tsv"]) == 2
    assert_one_line("may be for sequence-tagging", "rnnzoo train NAME --data words.tsv")
    assert cli.main(["train", "--data", "nowhere.tsv"]) == 2
    assert_one_line("'nowhere.tsv': there is no such file, folder or data set")
