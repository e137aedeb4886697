"""The examples in docstrings run, and print what they say."""

import doctest
import importlib
from pathlib import Path

import pytest
import tensorflow_datasets as tfds

import rnnzoo
from rnnzoo import registry
from rnnzoo.data import registry as datasets

ROOT = Path(rnnzoo.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in ROOT.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, monkeypatch, tmp_path):
    # An example may register a model or a data set, or prepare one, for itself.
    for table in (registry, datasets):
        table.discover()  # once for all, into the entries that each example has a copy of
        monkeypatch.setattr(table, "_ENTRIES", dict(table._ENTRIES))
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
