"""The command line's frame: exit codes, and errors in one line."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import rnnzoo
from rnnzoo import DataError, MissingPackage, cli, registry
from rnnzoo.errors import WrongType, WrongValue


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


def test_version(capsys):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["--version"])
    assert exit_info.value.code == 0
    assert capsys.readouterr().out == f"rnnzoo {rnnzoo.__version__}\n"


def test_no_command_shows_the_help(capsys):
    assert cli.main([]) == 2
    assert "list the models" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["lsit"],
        ["info"],
        ["list", "--data", "--pretrained"],
        ["train", "char_rnn", "--epochs", "many"],
        ["train", "char_rnn", "--set", "units"],
        ["generate"],
        ["generate", "run", "--length", "1.5"],
        ["predict", "run"],
        ["states", "run"],
        ["generate", "run", "--temperature", "-1"],
        ["generate", "run", "--top-p", "0"],
        ["generate", "run", "--top-k", "1.5"],
    ],
)
def test_unusable_arguments_end_in_one_line(argv, assert_one_line):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(argv)
    assert exit_info.value.code == 2
    assert_one_line("error:", "--help")


@pytest.mark.parametrize(
    ("argv", "command", "near"),
    [
        (["list", "--no-such-option"], "rnnzoo list", ""),
        (["train", "char_rnn", "--epoch", "3"], "rnnzoo train", "; did you mean '--epochs'"),
        (["--quiet", "generate", "x", "--temprature=3"], "rnnzoo generate", "'--temperature'?"),
        (["info", "x", "y"], "rnnzoo info", ""),
    ],
)
def test_an_unknown_argument_points_to_its_command(argv, command, near, assert_one_line):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(argv)
    assert exit_info.value.code == 2
    assert_one_line(f"{command}: error: unrecognized arguments: ", near, f"(see {command} --help)")


def test_what_a_terminal_can_not_show_is_replaced(tmp_path):
    rnnzoo.create_model("char_rnn", units=2, vocabulary="é").save(tmp_path / "accent.keras")
    done = subprocess.run(
        [sys.executable, "-m", "rnnzoo.cli", "generate", "accent.keras", "--length", "5"],
        capture_output=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONIOENCODING": "ascii",
            "PYTHONPATH": str(Path(rnnzoo.__file__).parents[1]),
        },
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"?????", b"")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (WrongValue("one\n  two"), "one two"),
        (WrongType(), "WrongType"),
        (DataError("a.csv, line 3: no number", "a.csv", 3), "a.csv, line 3: no number"),
        (MissingPackage("it needs x", "video"), "it needs x: pip install 'rnnzoo[video]'"),
        (MemoryError("out of memory"), "out of memory"),
        (FloatingPointError("the loss is nan"), "the loss is nan"),
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


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("shapes\n differ"), "ValueError: shapes differ"),
        (TypeError("no such argument"), "TypeError: no such argument"),
        (ZeroDivisionError(), "ZeroDivisionError: ZeroDivisionError"),
    ],
)
def test_a_fault_of_ours_is_shown_as_such(run_raises, capsys, error, said):
    run_raises(error)
    assert cli.main(["info", "toy_2"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith(f"rnnzoo info: a fault of rnnzoo, not yours: {said} (please ")
    assert "--traceback" in captured.err


def test_a_traceback_is_asked_for_before_or_behind_the_command(run_raises):
    run_raises(ValueError("ours"))
    for argv in (["--traceback", "info", "toy_2"], ["info", "toy_2", "--traceback"]):
        with pytest.raises(ValueError, match="ours"):
            cli.main(argv)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("argv", [["--quiet", "info", "toy_2"], ["info", "--quiet", "toy_2"]])
def test_quiet_leaves_warnings_out(monkeypatch, toy, capsys, argv):
    monkeypatch.setattr(registry, "model_info", lambda name: warnings.warn("careful", stacklevel=1))
    assert cli.main(argv) == 0
    assert capsys.readouterr() == ("None\n", "")


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
