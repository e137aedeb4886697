"""One picture, video or array of features."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from rnnzoo import MissingPackage
from rnnzoo.data import read_media


def test_arrays_that_could_run_code_are_not_read(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], object))
    np.savez(tmp_path / "x.npz", np.array([{}], object))
    for path in ("x.npy", "x.npz"):
        with pytest.raises(ValueError, match="can't be read"):
            read_media(tmp_path / path)


@pytest.mark.parametrize("count", [1, 5, 16, 40])
def test_sequences_of_features_are_of_one_length(tmp_path, count):
    frames = np.arange(count, dtype=np.float32)[:, None]
    np.save(tmp_path / "x.npy", frames)
    np.savez(tmp_path / "x.npz", frames)
    for name in ("x.npy", "x.npz"):
        read = read_media(tmp_path / name)[:, 0]
        assert len(read) == 16 and read[0] == 0 and read[-1] == count - 1
        assert (np.diff(read) >= 0).all() and len(set(read.tolist())) == min(count, 16)


def test_what_to_install_for_videos_is_said(tmp_path, monkeypatch):
    (tmp_path / "x.mp4").touch()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"av missing.*rnnzoo\[video\]"):
        read_media(tmp_path / "x.mp4")


def test_pictures_in_other_colours_and_turned(tmp_path):
    Image.new("L", (4, 2), 7).save(tmp_path / "grey.png")
    assert (read_media(tmp_path / "grey.png") == np.full((2, 4, 3), 7)).all()
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    Image.new("RGB", (4, 2)).save(tmp_path / "turned.jpg", exif=exif)
    assert read_media(tmp_path / "turned.jpg").shape == (4, 2, 3)
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        read_media(tmp_path / "nowhere.png")


@pytest.mark.parametrize("name", ["grey.png", "grey.tif", "grey.pgm"])
def test_pictures_of_16_bits_keep_their_high_byte(tmp_path, name):
    grey = np.random.default_rng(0).integers(0, 1 << 16, (4, 6), np.uint16)
    Image.fromarray(grey).save(tmp_path / name)
    expected = np.repeat((grey >> 8).astype(np.uint8)[..., None], 3, axis=2)
    np.testing.assert_array_equal(read_media(tmp_path / name), expected)
