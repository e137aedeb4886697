"""Recordings without labels."""

import numpy as np
import pytest

from rnnzoo.data import read_recordings


def test_names_of_channels_are_read_over_in_any_encoding(tmp_path):
    (tmp_path / "own.csv").write_bytes("Beschleunigung [m/s²],y\n1,2\n3,4\n".encode("latin-1"))
    (x,) = read_recordings(tmp_path / "own.csv")
    assert x.tolist() == [[1, 2], [3, 4]]


def test_recordings_that_are_none_are_named(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 7, 3))
    np.savez(tmp_path / "real.npz", x=x)
    (tmp_path / "zip.npy").write_bytes((tmp_path / "real.npz").read_bytes())
    (tmp_path / "empty.npy").touch()
    np.save(tmp_path / "objects.npy", np.array([None, 1]))
    for name in ("zip", "empty", "objects"):
        with pytest.raises(ValueError, match=f"{name}.npy can't be read as an .npy file: "):
            read_recordings(tmp_path / f"{name}.npy")
    np.save(tmp_path / "own.npy", x)
    recordings = read_recordings(tmp_path / "own.npy")
    assert len(recordings) == 40 and recordings[0].dtype == np.float32
    np.testing.assert_allclose(recordings[3], x[3], rtol=1e-6)
