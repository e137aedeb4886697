"""The README: its examples run, its tables are those of the results files."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def readme():
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_examples_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    blocks = re.findall(r"```python\n(.*?)```", readme(), re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "char_lstm" in printed and "(64, 20, 64)" in printed


@pytest.mark.parametrize("path", [*re.findall(r"\]\(([\w./-]+)\)", readme())])
def test_linked_files_exist(path):
    assert (ROOT / path).is_file()


def test_tables_are_those_of_the_results():
    spec = importlib.util.spec_from_file_location("readme", ROOT / "benchmarks" / "readme.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    for page in tables.TABLES:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert tables.filled(page) == text, "run: python benchmarks/readme.py"
