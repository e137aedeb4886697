"""Names of emoji in two languages."""

import collections
import importlib.util

import pytest
import tensorflow_datasets as tfds

from rnnzoo import MissingPackage
from rnnzoo.data import list_datasets, load_pairs
from rnnzoo.data.pipelines.splits import seen_in_training
from rnnzoo.data.sets import emoji_names
from rnnzoo.data.sets.emoji_names import names

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("emoji"), reason="pip install 'rnnzoo[translation]'"
)


@pytest.fixture(scope="module")
def splits():
    return names.splits("de")


@pytest.mark.parametrize("language", emoji_names.LANGUAGES)
def test_every_language(language, splits):
    theirs = names.splits(language)
    found = [name for part in theirs.values() for name in part]
    assert len({(name.source, name.target) for name in found}) == len(found) > 1900
    for split, part in theirs.items():
        assert [name.emoji for name in part] == [name.emoji for name in splits[split]]
    for name in found:
        assert name.source == " ".join(name.source.split()) != ""
        assert name.target == " ".join(name.target.split()) != ""
        assert not {"_", ":"} & {*name.source, *name.target}


def test_nothing_is_in_two_splits(splits):
    for key in (lambda name: name.concept, lambda name: name.source.casefold()):
        found = collections.defaultdict(set)
        for split, part in splits.items():
            for name in part:
                found[key(name)].add(split)
        assert all(len(of_one) == 1 for of_one in found.values())
    concepts = [len({name.concept for name in part}) for part in splits.values()]
    shares = [count / sum(concepts) for count in concepts]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)


def test_no_name_hardly_differs_from_one_in_training(splits):
    parts = {split: [name.source for name in part] for split, part in splits.items()}
    assert seen_in_training(parts) == []


def test_what_is_said(splits):
    found = {name.emoji: name for part in splits.values() for name in part}
    assert found["🧑‍🚀"][:2] == ("astronaut", "astronaut(in)")
    assert found["👩‍🚀"].concept == "🧑‍🚀" and "👩🏽‍🚀" not in found
    assert found["🇫🇷"][:2] == ("flag France", "flagge frankreich")
    assert found["🏴󠁧󠁢󠁷󠁬󠁳󠁿"].source == "flag Wales" and found["🏴‍☠️"].source == "pirate flag"
    chinese = {name.emoji: name for part in names.splits("zh").values() for name in part}
    assert chinese["🇫🇷"][:2] == ("France", "法国")


def test_as_a_data_set(data_dir, monkeypatch, splits):
    few = {split: part[::50] for split, part in splits.items()}
    monkeypatch.setattr(names, "splits", lambda language: few)
    data = load_pairs("emoji_names")
    for split, part in few.items():
        assert getattr(data, split).sources == tuple(name.source for name in part)
        assert getattr(data, split).targets == tuple(name.target for name in part)
    assert data.languages == ("en", "de") and data.metadata["license"].startswith("Unicode")
    assert set(data.metadata["sha256"]) == set(few)
    assert "emoji_names/ja" in list_datasets(task="translation")
    builder = tfds.builder("emoji_names")
    first = next(iter(tfds.as_numpy(builder.as_dataset(split="train"))))
    assert first["concept"].decode() == splits["train"][0].concept
    assert load_pairs("emoji_names/fr").languages == ("en", "fr")


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for load in (lambda: load_pairs("emoji_names"), lambda: names.splits("fr")):
        with pytest.raises(MissingPackage, match=r"emoji missing.*rnnzoo\[translation"):
            load()
