"""Trained models by what a user calls them."""

import pytest

from rnnzoo.training import load_model


def test_load_model_says_what_is_wrong(tmp_path):
    with pytest.raises(FileNotFoundError, match="no best.keras"):
        load_model(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such run folder"):
        load_model(tmp_path / "nothing")
    with pytest.raises(ValueError, match="did you mean 'char_gru'"):
        load_model("char_gruu")
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(b"PK")
    with pytest.raises(ValueError, match="damaged"):
        load_model(damaged)
