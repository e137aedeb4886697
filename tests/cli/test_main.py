"""The command line's frame: exit codes, one-line errors, `list` and `info`."""

import inspect
import json
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest

import rnnzoo
from rnnzoo import cli, registry, training
from rnnzoo.platform import keras


@pytest.fixture
def toy(monkeypatch):
    """A zoo of two made-up models."""
    monkeypatch.setattr(registry, "_ENTRIES", {})
    monkeypatch.setattr(registry, "discover", lambda: None)
    row = dict(task="text-generation", description="A made-up model.")
    registry.register_model("toy_10", **row, parameters=1234, weights={"file": "x"})(lambda: None)
    registry.register_model("toy_2", **row)(lambda: None)


@pytest.fixture
def run_raises(monkeypatch, toy):
    """Make `rnnzoo info` raise this."""

    def set_error(error):
        def model_info(name):
            raise error

        monkeypatch.setattr(registry, "model_info", model_info)

    return set_error


def run(*arguments):
    command = [sys.executable, "-m", "rnnzoo.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def assert_one_line(captured, *parts):
    assert captured.out == ""
    assert captured.err.endswith("\n") and captured.err.count("\n") == 1
    for part in parts:
        assert part in captured.err


def test_list(toy, capsys):
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "toy_2", "toy_10"]
    assert lines[2].split(maxsplit=4)[2:] == ["1,234", "yes", "A made-up model."]


def test_list_filters(toy, capsys):
    assert cli.main(["list", "toy_*", "--task", "text-generation", "--pretrained"]) == 0
    out = capsys.readouterr().out
    assert "toy_10" in out and "toy_2" not in out


def test_list_without_a_match(toy, capsys):
    assert cli.main(["list", "tyo*", "--task", "tagging", "--pretrained"]) == 2
    assert_one_line(capsys.readouterr(), "'tyo*'", "'tagging'", "pretrained")


def test_list_where_nothing_is_installed(toy, capsys):
    registry._ENTRIES.clear()
    assert cli.main(["list"]) == 2
    assert_one_line(capsys.readouterr(), "no model is registered", "pip install")


def test_info(toy, capsys):
    assert cli.main(["info", "toy_10"]) == 0
    assert capsys.readouterr().out == f"{registry.model_info('toy_10')}\n"


def test_info_of_an_unknown_name(toy, capsys):
    assert cli.main(["info", "toy10"]) == 2
    assert_one_line(capsys.readouterr(), "rnnzoo info: error:", "did you mean 'toy_10'")


def test_version(capsys):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["--version"])
    assert exit_info.value.code == 0
    assert capsys.readouterr().out == f"rnnzoo {rnnzoo.__version__}\n"


def test_no_command_shows_the_help(capsys):
    assert cli.main([]) == 2
    assert "list the models" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["lsit"], ["info"], ["list", "--no-such-option"]])
def test_unusable_arguments_end_in_one_line(argv, capsys):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(argv)
    assert exit_info.value.code == 2
    assert_one_line(capsys.readouterr(), "error:", "--help")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("one\n  two"), "one two"),
        (TypeError(), "TypeError"),
        (FileNotFoundError("no file here"), "no file here"),
        (PermissionError(13, "Permission denied", "/etc/x"), "/etc/x: Permission denied"),
    ],
)
def test_mistakes_end_in_one_line(run_raises, capsys, error, said):
    run_raises(error)
    assert cli.main(["info", "toy_2"]) == 2
    assert capsys.readouterr().err == f"rnnzoo info: error: {said}\n"
    with pytest.raises(type(error)):
        cli.main(["--traceback", "info", "toy_2"])


def test_a_bug_keeps_its_traceback(run_raises):
    run_raises(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        cli.main(["info", "toy_2"])


def test_ctrl_c_is_quiet(run_raises, capsys):
    run_raises(KeyboardInterrupt())
    assert cli.main(["info", "toy_2"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.filterwarnings("default")
def test_a_warning_is_one_line(monkeypatch, toy, capsys):
    monkeypatch.setattr(registry, "model_info", lambda name: warnings.warn("careful", stacklevel=1))
    show = warnings.showwarning
    assert cli.main(["info", "toy_2"]) == 0
    assert capsys.readouterr().err == "rnnzoo: warning: careful\n"
    assert warnings.showwarning is show


def test_a_reader_that_leaves_early():
    reader, writer = os.pipe()
    os.close(reader)
    register = "register_model('toy', task='t', description='d')(lambda: None)"
    code = f"from rnnzoo import register_model, cli; {register}; print(cli.main(['info', 'toy']))"
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (0, b"")


def test_the_commands_run_as_a_program():
    process = run("--version")
    assert (process.returncode, process.stderr) == (0, "")
    process = run("info", "no_such_model")
    assert process.returncode == 2 and process.stderr.splitlines()[-1].startswith("rnnzoo info: ")


# --- train, generate, export ----------------------------------------------------------------------


def test_resume_takes_the_settings_from_the_run(finished, capsys, monkeypatch):
    asked = {}
    monkeypatch.setattr(training, "train", lambda **settings: asked.update(settings))
    assert cli.main(["train", "--resume", "--out", str(finished), "--export"]) == 0
    begun_with = training.read_settings(finished)
    assert asked == {**begun_with, "out": str(finished), "resume": True, "export": True}
    monkeypatch.undo()
    assert cli.main(["train", "--resume", "--out", str(finished), "--window", "9"]) == 2
    assert_one_line(capsys.readouterr(), "window=8, not 9")


def test_generate(finished, capsys):
    argv = ["generate", str(finished), "--length", "7", "--temperature", "0.5", "--seed", "3"]
    argv += ["--prompt", "to be", "--prompt", "not"]
    assert cli.main(argv) == 0
    first = capsys.readouterr()
    assert first.err == ""
    assert first.out.startswith("to be") and "\n\nnot" in first.out
    assert len(first.out) == len("to be") + 7 + len("\n\nnot") + 7 + len("\n")
    assert cli.main(argv) == 0
    assert capsys.readouterr() == first


def test_export(finished, capsys, tmp_path):
    assert cli.main(["export", str(finished), str(tmp_path / "exported"), "--no-xla"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'exported'}\n"
    assert (tmp_path / "exported" / "saved_model.pb").is_file()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["char_rn", "--data", "text"], ["did you mean 'char_rnn'"]),
        ([], ["NAME is missing"]),
        (["--resume"], ["--out"]),
        (["--resume", "--out", "nothing"], ["nothing holds no run"]),
        (["char_rnn", "--data", "txt"], ["'txt'", "did you mean 'text'"]),
        (["char_rnn", "--data", "empty"], ["empty", "no text"]),
        (["char_rnn", "--data", "binary"], ["binary", "UTF-8", "offset 1"]),
        (["char_rnn", "--data", "text", "--window", "900"], ["shorter", "900"]),
        (
            ["char_rnn", "--data", "short", "--window", "8", "--batch-size", "1"],
            ["too short", "validate"],
        ),
        (["char_rnn", "--data", "text", "--batch-size", "9999"], ["batch_size=9999", "only 449"]),
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
def test_mistakes_in_training(tmp_path, monkeypatch, capsys, arguments, parts):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("to be or not to be\n" * 30)
    (tmp_path / "empty").write_text("")
    (tmp_path / "binary").write_bytes(b"a\xff")
    (tmp_path / "short").write_text("to be or n")
    for name, config in {"foreign": "[1]", "older": '{"model": "x"}', "broken": "{"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(config)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["train", *arguments]) == 2
    assert_one_line(capsys.readouterr(), "rnnzoo train: error:", *parts)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "char_rnn", "--epochs", "many"],
        ["train", "char_rnn", "--set", "units"],
        ["generate"],
        ["generate", "run", "--length", "1.5"],
        ["export", "run"],
    ],
)
def test_unusable_arguments_of_training(argv, capsys):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(argv)
    assert exit_info.value.code == 2
    assert_one_line(capsys.readouterr(), f"rnnzoo {argv[0]}: error:")


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["generate", "no/such/run"], "no/such/run: there is no such run folder"),
        (["generate", "char_rm"], "did you mean 'char_rnn'"),
        (["generate", "{run}", "--temperature", "-1"], "temperature=-1.0"),
        (["generate", "{run}", "--top-p", "0"], "top_p=0.0"),
        (["export", "{run}", "{run}"], "is no SavedModel"),
        (["export", "{run}", "{run}/config.json"], "config.json"),
    ],
)
def test_mistakes_after_training(finished, capsys, argv, part):
    assert cli.main([word.format(run=finished) for word in argv]) == 2
    assert_one_line(capsys.readouterr(), part)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["generate"], "writes no text"),
        (["predict", "x.csv"], "classifies, tags, captions and translates"),
        (["export", "folder"], "is no task of rnnzoo"),
    ],
)
def test_a_plain_keras_model_is_no_task(tmp_path, capsys, command, message):
    path = str(tmp_path / "seq.keras")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
    assert cli.main([command[0], path, *command[1:]]) == 2
    assert_one_line(capsys.readouterr(), f"seq.keras holds a Sequential, which {message}")


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    """A tagger of characters, trained a little."""
    model = rnnzoo.create_model("tagger_birnn", units=4, embedding_size=4)
    model.fit(["a1\n", "11a\n"] * 8, ["ldw", "ddlw"] * 8, verbose=0)
    path = tmp_path_factory.mktemp("tagger") / "tagger.keras"
    model.save(path)
    return str(path)


def test_predict_tags_the_characters_of_a_file(tagger, tmp_path, capsys, monkeypatch):
    file = tmp_path / "text.txt"
    file.write_text("a11a\né")
    assert cli.main(["predict", tagger, str(file)]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert "".join(json.loads(run) for _, run in lines) == "a11a\né"
    assert {tag for tag, _ in lines} <= {"l", "d", "w"}
    monkeypatch.setattr(sys.stdin, "read", lambda: "a11a\né", raising=False)
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
    model = rnnzoo.create_model("tagger_birnn", units=4, embedding_size=4, spelling_units=4)
    model.fit(sentences, tags, verbose=0)
    model.save(tmp_path / "words.keras")
    line = "{}\t{}" + 8 * "\t_" + "\n"
    bank = "# text = two dogs\n" + line.format(1, "two") + line.format(2, "dogs") + "\n"
    (tmp_path / "bank.conllu").write_text(bank)
    assert cli.main(["predict", str(tmp_path / "words.keras"), str(tmp_path / "bank.conllu")]) == 0
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
def test_predict_says_what_is_wrong_with_a_file(name, content, message, tmp_path, capsys):
    model = rnnzoo.create_model("activity_rnn", units=2, classes=["a", "b"], features=(2,))
    model.save(tmp_path / "model.keras")
    if content:
        (tmp_path / name).write_bytes(content)
    assert cli.main(["predict", str(tmp_path / "model.keras"), str(tmp_path / name)]) == 2
    assert_one_line(capsys.readouterr(), message)


def test_defaults_in_the_help_are_true(capsys):
    """Each `(default: x)` is that of `rnnzoo.train`."""
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    option_and_default = r"--([a-z-]+) [A-Z]+\s(?:(?!--)[^(])*\(default:\s+([\w.]+)"
    said = re.findall(option_and_default, capsys.readouterr().out)
    said = {option.replace("-", "_"): value for option, value in said}
    defaults = inspect.signature(rnnzoo.train).parameters
    del said["out"]
    assert len(said) == 10
    assert said == {name: str(defaults[name].default) for name in said}


@pytest.mark.parametrize(
    ("text", "value"), [("a=3", 3), ("a=(1, 4)", (1, 4)), ("a=lstm", "lstm"), ("a=b=c", "b=c")]
)
def test_values_of_set(text, value):
    assert cli._key_and_value(text) == ("a", value)
