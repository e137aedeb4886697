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

# These train a model or compile its endpoints, each for some seconds.
SLOW = {"rnnzoo.exporting.saved_model", "rnnzoo.layers.hidden_markov.model"} | {
    f"rnnzoo.tasks.{name}"
    for name in (
        "encoder_decoder.captioning.captioner", "encoder_decoder.translation.endpoints",
        "encoder_decoder.translation.translator", "forecasting.forecaster", "names.generator",
        "series.classifier", "series.hidden_markov.classifier", "series.regressor",
        "tagging.feedback.tagger", "tagging.hidden_markov.tagger", "tagging.tagger",
        "text.conditioned", "text.generator", "text.hidden_markov", "text.markov.chain",
        "text.model",
    )
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in MODULES],
)
def test_examples(name, monkeypatch, tmp_path):
    # An example may register a model or a data set, or prepare one, for itself.
    for table in (registry, datasets):
        table.discover()  # once for all, into the entries that each example has a copy of
        monkeypatch.setattr(table, "_ENTRIES", dict(table._ENTRIES))
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
