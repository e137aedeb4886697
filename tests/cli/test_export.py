"""`rnnzoo export`."""

import pytest

from rnnzoo import cli


def test_export(finished, capsys, tmp_path):
    assert cli.main(["export", str(finished), "--out", str(tmp_path / "exported"), "--no-xla"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'exported'}\n"
    assert (tmp_path / "exported" / "saved_model.pb").is_file()


def test_the_folder_is_named_by_out(assert_one_line):
    assert cli.main(["export", "a_run", "a_folder"]) == 2
    assert_one_line("rnnzoo export a_run --out a_folder")
    assert cli.main(["export", "a_run"]) == 2
    assert_one_line("rnnzoo export a_run --out FOLDER")


@pytest.mark.parametrize(
    ("folder", "part"), [("{run}", "is no SavedModel"), ("{run}/config.json", "config.json")]
)
def test_other_things_are_left_alone(finished, assert_one_line, folder, part):
    assert cli.main(["export", str(finished), "--out", folder.format(run=finished)]) == 2
    assert_one_line(part)
