"""The embedded recordings of a wristwatch."""

import importlib.util

import numpy as np
import pytest

from rnnzoo import MissingPackage
from rnnzoo.data import load_series
from rnnzoo.data.sets.watch import files

needs_seglearn = pytest.mark.skipif(
    importlib.util.find_spec("seglearn") is None, reason="pip install 'rnnzoo[activity]'"
)


@needs_seglearn
def test_watch_is_split_by_subject_and_every_class_is_in_every_split(data_dir):
    watch = load_series("watch")
    subjects = [set(getattr(watch, split).subjects) for split in files.SUBJECTS]
    assert len(set.union(*subjects)) == sum(map(len, subjects)) == 10
    assert watch.metadata["subjects"]["test"] == ["9", "10"]
    sizes = {split: len(getattr(watch, split)) for split in files.SUBJECTS}
    assert sizes == {"train": 84, "validation": 28, "test": 28}
    for split in files.SUBJECTS:
        assert set(getattr(watch, split).labels) == set(range(7))
    assert watch.train.x[0].dtype == np.float32 and watch.train.x[0].shape[1] == 6
    again = load_series("watch")
    assert again.metadata["sha256"] == watch.metadata["sha256"]


@needs_seglearn
def test_another_file_is_not_unpickled(monkeypatch):
    monkeypatch.setattr(files, "SHA256", "0")
    monkeypatch.setattr(np, "load", lambda *a, **k: pytest.fail("loaded"))
    with pytest.raises(ValueError, match="is not the file that is known"):
        next(files.read_recordings("train"))


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"pip install 'rnnzoo\[activity\]'"):
        next(files.read_recordings("train"))
