"""`rnnzoo generate`."""

import pytest

import rnnzoo
from rnnzoo import cli
from rnnzoo.tasks.text import model


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


def test_stop_takes_a_newline(tmp_path, capsys):
    rnnzoo.create_model("char_rnn", units=2, vocabulary="ab\n").save(tmp_path / "some.keras")
    argv = ["generate", str(tmp_path / "some.keras"), "--prompt", "a", "--length", "60"]
    assert cli.main(argv) == 0
    line, newline, _ = capsys.readouterr().out.removesuffix("\n").partition("\n")
    assert newline
    assert cli.main([*argv, "--stop", r"\n"]) == 0
    assert capsys.readouterr().out == line + "\n"


def test_a_long_text_begins_with_the_short_one(finished, capsys):
    """XLA writes the long one alone."""
    argv = ["generate", str(finished), "--length"]
    assert cli.main([*argv, "40"]) == 0
    short = capsys.readouterr().out.removesuffix("\n")
    assert cli.main([*argv, str(model._WITHOUT_XLA + 1)]) == 0
    assert capsys.readouterr().out.startswith(short)


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["no/such/run"], "no/such/run: there is no such run folder"),
        (["char_rm"], "did you mean 'char_rnn'"),
        (["{run}", "--stop", ""], "stop holds an empty string"),
        (["{run}", "--count", "3"], "--count: {run} holds a TextGenerator, which takes none; "),
    ],
)
def test_mistakes(finished, assert_one_line, argv, part):
    assert cli.main(["generate", *(word.format(run=finished) for word in argv)]) == 2
    assert_one_line(part.format(run=finished))


def test_names_are_written_a_line_each(tmp_path, capsys):
    model = rnnzoo.create_model("name_gru", units=4, vocabulary="abc")
    model.save(tmp_path / "names.keras")
    argv = ["generate", str(tmp_path / "names.keras"), "--prompt", "ab", "--prompt", "c"]
    assert cli.main([*argv, "--count", "3", "--seed", "5"]) == 0
    written = capsys.readouterr().out.split("\n")
    assert written == [*model.generate(3, "ab", seed=5), *model.generate(3, "c", seed=5), ""]
    assert cli.main([*argv, "--length", "3"]) == 2
    assert "--length: " in (said := capsys.readouterr().err)
    assert "holds a NameGenerator, which takes none; expected --count, or nothing" in said
