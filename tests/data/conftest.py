import pytest
import tensorflow_datasets as tfds


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    """An empty folder for what TFDS prepares, in place of the user's."""
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path / "tfds"))
    return tmp_path / "tfds"
