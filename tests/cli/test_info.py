"""`rnnzoo info`."""

from rnnzoo import cli, registry


def test_info(toy, capsys):
    assert cli.main(["info", "toy_10"]) == 0
    assert capsys.readouterr().out == f"{registry.model_info('toy_10')}\n"


def test_info_of_weights(toy, capsys):
    assert cli.main(["info", "toy_10.digits"]) == 0
    out = capsys.readouterr().out
    assert "units=9" in out and "5,678" in out and "toy_10.letters" not in out


def test_info_of_an_unknown_tag(toy, assert_one_line):
    assert cli.main(["info", "toy_10.digit"]) == 2
    assert_one_line("'digit'; did you mean 'digits'", "letters, digits")


def test_info_of_an_unknown_name(toy, assert_one_line):
    assert cli.main(["info", "toy10"]) == 2
    assert_one_line("rnnzoo info: error:", "did you mean 'toy_10'")


def test_info_of_a_data_set(toy_data, capsys):
    assert cli.main(["info", "letters"]) == 0
    assert capsys.readouterr().out == f"{toy_data.dataset_info('letters')}\n"
    assert cli.main(["info", "speeches/fr"]) == 0
    assert capsys.readouterr().out == f"{toy_data.dataset_info('speeches')}\n"


def test_info_of_a_data_set_of_two_tasks(toy_data, capsys):
    assert cli.main(["info", "clips"]) == 0
    of_each = (toy_data.dataset_info("clips", t) for t in ("captioning", "sequence-classification"))
    assert capsys.readouterr().out == "\n\n".join(map(str, of_each)) + "\n"
    assert cli.main(["info", "clisp"]) == 2
    assert "did you mean 'clips'" in capsys.readouterr().err
