"""The README: its examples run, its tables are those of the results files."""

import importlib
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


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module


def test_tables_are_those_of_the_results(benchmark):
    tables = benchmark("readme")
    for page in tables.TABLES:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert tables.filled(page) == text, "run: python benchmarks/readme.py"


def test_one_figure_has_no_range(benchmark):
    record = benchmark("record")
    assert record.shown(record.spread([2.5])) == "2.50"
    assert record.shown(record.spread([3.0, 2.5, 2.0])) == "2.50 (2.00 to 3.00)"


def test_equal_work_has_equal_products(benchmark):
    product = benchmark("layers").product
    shape, rate = (32, 100, 64, 128), 1e11
    simple, leaky, lstm = (
        product(name, shape, rate, [{"rnnzoo": {"ms": 50.0}}])
        for name in ("SimpleRNN", "LeakyRNN", "LSTM")
    )
    assert simple == leaky
    assert lstm["ms"] == pytest.approx(4 * simple["ms"], rel=1e-3)
