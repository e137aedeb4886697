"""`rnnzoo list`."""

import re

from rnnzoo import cli, registry


def test_list(toy, capsys):
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "toy_2", "toy_10"]
    columns = re.split(r" {2,}", lines[2])
    assert columns[2:] == ["1,234", "letters, digits", "A made-up model."]


def test_list_filters(toy, capsys):
    assert cli.main(["list", "toy_1*", "--task", "text"]) == 0
    out = capsys.readouterr().out
    assert "toy_10" in out and "toy_2" not in out


def test_list_pretrained(toy, capsys):
    assert cli.main(["list", "toy_*", "--task", "text-generation", "--pretrained"]) == 0
    columns = [re.split(r" {2,}", line) for line in capsys.readouterr().out.splitlines()]
    rest = ["bits per character 2.5", "letters, test", "CC0-1.0"]
    assert columns == [
        ["NAME", "TASK", "PARAMETERS", "FIGURE", "DATA", "LICENCE"],
        ["toy_10.letters", "text-generation", "1,234", *rest],
        ["toy_10.digits", "text-generation", "5,678", *rest],
    ]
    assert cli.main(["list", "toy_10.d*", "--pretrained"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_list_without_a_match(toy, assert_one_line):
    assert cli.main(["list", "tyo*", "--task", "tagging", "--pretrained"]) == 2
    assert_one_line("'tyo*'", "'sequence-tagging'", "pretrained")


def test_list_where_nothing_is_installed(toy, assert_one_line):
    registry._ENTRIES.clear()
    assert cli.main(["list"]) == 2
    assert_one_line("no model is registered", "pip install")


def test_list_data(toy_data, capsys):
    assert cli.main(["list", "--data"]) == 0
    columns = [re.split(r" {2,}", line) for line in capsys.readouterr().out.splitlines()]
    assert columns == [
        ["NAME", "TASK", "SIZE", "LICENCE", "NEEDS", "DESCRIPTION"],
        ["clips", "captioning", "rnnzoo[captioning]", "Clips with captions."],
        ["clips", "sequence-classification", "rnnzoo[video]", "Clips of a class."],
        ["letters", "text-generation", "made here", "CC0-1.0", "A text."],
        ["speeches[/de,/es,...]", "translation", "3 MB", "Pairs."],
        ["talks/en_to_fr", "translation", "One pair alone."],
    ]


def test_list_data_filters(toy_data, capsys):
    assert cli.main(["list", "--data", "c*", "--task", "captioning"]) == 0
    _, line = capsys.readouterr().out.splitlines()
    assert line.split(maxsplit=3)[:2] == ["clips", "captioning"]
    assert cli.main(["list", "--data", "*/fr"]) == 0  # a variant: its data set is shown
    _, line = capsys.readouterr().out.splitlines()
    assert line.startswith("speeches[")


def test_list_data_without_a_match(toy_data, assert_one_line):
    assert cli.main(["list", "--data", "leters", "--task", "captioning"]) == 2
    assert_one_line("no data set of task 'captioning' matches 'leters'", "`rnnzoo list --data`")
