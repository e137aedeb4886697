"""`rnnzoo generate`."""

import pytest

from rnnzoo import cli


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


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["no/such/run"], "no/such/run: there is no such run folder"),
        (["char_rm"], "did you mean 'char_rnn'"),
        (["{run}", "--temperature", "-1"], "temperature=-1.0"),
        (["{run}", "--top-p", "0"], "top_p=0.0"),
    ],
)
def test_mistakes(finished, assert_one_line, argv, part):
    assert cli.main(["generate", *(word.format(run=finished) for word in argv)]) == 2
    assert_one_line(part)
