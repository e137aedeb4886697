"""The command line's frame: exit codes, and errors in one line."""

import os
import subprocess
import sys
import warnings

import pytest

import rnnzoo
from rnnzoo import cli, registry


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
        ["list", "--no-such-option"],
        ["list", "--data", "--pretrained"],
        ["train", "char_rnn", "--epochs", "many"],
        ["train", "char_rnn", "--set", "units"],
        ["generate"],
        ["generate", "run", "--length", "1.5"],
        ["predict", "run"],
        ["states", "run"],
        ["export", "run"],
    ],
)
def test_unusable_arguments_end_in_one_line(argv, assert_one_line):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(argv)
    assert exit_info.value.code == 2
    assert_one_line("error:", "--help")


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
