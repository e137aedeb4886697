"""Messages of programs and their translations."""

import collections
import importlib.util
import re

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo import MissingPackage
from rnnzoo.data import load_pairs
from rnnzoo.data.pipelines.duplicates import Duplicates
from rnnzoo.data.pipelines.splits import plain
from rnnzoo.data.sets import ui_messages
from rnnzoo.data.sets.ui_messages import catalogues

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in (*catalogues._PACKAGES, "polib")),
    reason="pip install 'rnnzoo[ui_messages]'",
)


@pytest.fixture(scope="module")
def splits():
    return catalogues.splits("fr")


@pytest.fixture
def few(data_dir, monkeypatch, splits):
    """As `load_pairs` gives them, but few."""
    some = {split: pairs[::50] for split, pairs in splits.items()}
    monkeypatch.setattr(catalogues, "splits", lambda language: some)
    return some


def _pairs(splits):
    return [pair for part in splits.values() for pair in part]


@pytest.mark.parametrize(
    "language",  # one with JupyterLab's messages and one without are tried fast
    [
        pytest.param(each, marks=() if each in ("fr", "sv") else pytest.mark.slow)
        for each in ui_messages.LANGUAGES
    ],
)
def test_every_language(language):
    splits = catalogues.splits(language)
    pairs = _pairs(splits)
    assert 5000 < len(pairs) == len(set(pairs)) < 12000
    shares = [len(part) / len(pairs) for part in splits.values()]
    assert shares == pytest.approx([0.82, 0.09, 0.09], abs=0.04)
    sources = [{plain(source) for source, _ in part} for part in splits.values()]
    assert sum(map(len, sources)) == len(set().union(*sources))
    words = [
        {
            " ".join(re.findall(r"\w+", re.sub(r"%\(\w+\)s|%s", " ", source))).casefold()
            for source in of
        }
        for of in sources
    ]
    assert sum(map(len, words)) == len(set().union(*words)), "but for placeholders and signs"
    for source, target in pairs:
        assert catalogues.placeholders(source) == catalogues.placeholders(target)
        for side in (source, target):
            assert side and side == " ".join(side.split()) and "\N{ZERO WIDTH SPACE}" not in side
            assert "</" not in side and "http://" not in side
        assert any(character.isalpha() for character in source)


def test_what_is_said(splits):
    pairs = _pairs(splits)
    assert ("Add a user", "Ajouter un utilisateur") in pairs
    assert len({target for source, target in pairs if source == "Filter"}) > 1
    assert ("%(num)d years", "%(num)d années") in pairs
    assert not {"…", ",", "M", "%(range_start)s - %(range_end)s"} & {source for source, _ in pairs}
    assert all(source != target for source, target in pairs if len(source.split()) > 5)


def test_singular_and_plural_are_in_one_split():
    splits = collections.defaultdict(set)
    for split, pairs in catalogues.splits("de").items():
        for source, _ in pairs:
            splits[source].add(split)
    compared = 0
    for _, entry in catalogues._entries("de"):
        one, several = (" ".join(m.split()) for m in (entry.msgid, entry.msgid_plural))
        if several and one in splits and several in splits:
            assert splits[one] == splits[several], one
            compared += 1
    assert compared > 50


def test_programs_that_are_tested_on_are_unseen_and_near_duplicates_too(splits):
    programs = collections.defaultdict(set)
    for program, entry in catalogues._entries("fr"):
        for message in (entry.msgid, entry.msgid_plural):
            programs[" ".join(message.split())].add(catalogues._SPLIT_OF.get(program, "train"))
    for split, pairs in splits.items():
        assert all(split in programs[source] for source, _ in pairs)
    sources = {split: [source for source, _ in pairs] for split, pairs in splits.items()}
    everything = [source for part in sources.values() for source in part]
    of_split = np.repeat(list(sources), [*map(len, sources.values())])
    near = Duplicates(everything).beside(of_split == "train")
    assert near.sum() < 5  # what is left out counts in the weights, too


def test_what_is_left_out(monkeypatch):
    import polib

    def entry(source, target, **more):
        return polib.POEntry(msgid=source, msgstr=target, **more)

    def plural(source, *targets):
        forms = dict(enumerate(targets))
        return polib.POEntry(msgid=source, msgid_plural=f"{source}s", msgstr_plural=forms)

    found = [
        entry("Hello\n  %(name)s", " Salut\N{NO-BREAK SPACE}%(name)s"),
        entry("Hello you", "Salut %(name)s"),
        entry("<b>bold</b>", "<b>gras</b>"),
        entry("see https://docs.org", "voir https://docs.org"),
        entry("set { on: 1 } here", "mettez { on: 1 } ici"),
        entry("%1 of %2", "%1 de %2"),
        entry("%1 of %2", "%1 de %3"),
        entry("word " * 30, "mot"),
        entry("word " * 31, "mot"),
        entry("not translated yet", "not translated yet"),
        entry("Radio buttons", "Radio buttons"),
        entry("S", "D"),
        plural("cat", "chat", "chats", "chats"),
        plural("dog", "pies", "psy", "psów"),
    ]
    monkeypatch.setattr(catalogues, "_entries", lambda language: [("django", one) for one in found])
    assert sorted(_pairs(catalogues.splits("fr"))) == [
        ("%1 of %2", "%1 de %2"),
        ("Hello %(name)s", "Salut %(name)s"),
        ("Radio buttons", "Radio buttons"),
        ("cat", "chat"),
        ("cats", "chats"),
        ("dog", "pies"),
        (" ".join(["word"] * 30), "mot"),
    ]


def test_as_a_data_set(few):
    data = load_pairs()
    for split, pairs in few.items():
        part = getattr(data, split)
        assert list(zip(part.sources, part.targets, strict=True)) == pairs
    assert data.name == "ui_messages" and data.languages == ("en", "fr")
    assert data.metadata["license"].startswith("BSD-3-Clause")
    assert data.metadata["dataset"] == f"ui_messages/{catalogues.config('fr')}/2.0.0"
    assert tfds.load("ui_messages", split="test").cardinality() == len(few["test"])


def test_as_a_data_set_of_a_language(few):
    german = load_pairs("ui_messages/de")
    assert german.languages == ("en", "de")
    assert load_pairs("ui_messages/de") == german


@pytest.mark.parametrize("missing", ["django", "trac", "polib"])
def test_what_to_install_is_said(monkeypatch, missing):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name)
    )
    for load in (lambda: load_pairs("ui_messages/es"), lambda: catalogues.splits("es")):
        with pytest.raises(MissingPackage, match=rf".{missing} missing.*rnnzoo\[ui_messages"):
            load()
