"""What the tests of the commands share."""

import pytest

from rnnzoo import registry


@pytest.fixture
def toy(monkeypatch, tmp_path, write_card):
    """A zoo of two made-up models, the first with weights of two tags."""
    monkeypatch.setattr(registry, "_ENTRIES", {})
    monkeypatch.setattr(registry, "discover", lambda: None)
    monkeypatch.setattr(registry, "_folder_of", lambda builder: tmp_path)
    write_card(tmp_path / "toy_10.letters.keras")
    write_card(tmp_path / "toy_10.digits.keras", parameters=5678, config={"units": 9})
    row = dict(task="text-generation", description="A made-up model.")
    tags = ("letters", "digits")
    registry.register_model("toy_10", **row, parameters=1234, weights=tags)(lambda *, units=8: None)
    registry.register_model("toy_2", **row)(lambda: None)


@pytest.fixture
def toy_data(monkeypatch, toy):
    """Their data sets: one of a task, one with variants, one of two tasks. Their registry."""
    from rnnzoo.data import registry as datasets

    monkeypatch.setattr(datasets, "_ENTRIES", {})
    monkeypatch.setattr(datasets, "discover", lambda: None)
    for task in ("captioning", "sequence-classification", "translation"):
        registry.register_model(f"toy_{task}", task=task, description="Another.")(lambda: None)

    def register(name, task, description, **facts):
        row = dict(task=task, description=description, **facts)
        datasets.register_dataset(name, **row)(lambda name: None)

    register("letters", "text-generation", "A text.", size="made here", license="CC0-1.0")
    register("clips", "sequence-classification", "Clips of a class.", extra="video")
    register("clips", "captioning", "Clips with captions.", extra="captioning")
    languages = ("de", "es", "fr")
    register("speeches", "translation", "Pairs.", size="3 MB", variants=languages)
    register("talks/en_to_fr", "translation", "One pair alone.")
    return datasets


@pytest.fixture
def assert_one_line(capsys):
    """Check that one line was said, on stderr, with these parts in it, and nothing else."""

    def check(*parts):
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.endswith("\n") and captured.err.count("\n") == 1
        for part in parts:
            assert part in captured.err

    return check
