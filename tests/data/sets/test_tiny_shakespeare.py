"""Shakespeare through TFDS, with a made-up play."""

import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.core.download import download_manager, util

from rnnzoo.data import load_text
from rnnzoo.data.sets import prepare, tiny_shakespeare


def test_tiny_shakespeare_offline_fails_at_once_and_plainly(data_dir, monkeypatch):
    # Nothing listens at port 9 of this machine: refused at once, as without a network.
    monkeypatch.setattr(tiny_shakespeare, "URL", "http://127.0.0.1:9/input.txt")
    with pytest.raises(ConnectionError, match="does not answer .* give the path of the file"):
        load_text("tiny_shakespeare")


@pytest.mark.parametrize(
    "error",
    [util.DownloadError, download_manager.NonMatchingChecksumError],
    ids=lambda e: e.__name__,
)
def test_a_failed_download_is_said_in_one_line(data_dir, monkeypatch, error):
    def fail(self, url):
        raise error("it broke off.\nTo debug, ...")

    monkeypatch.setattr(prepare, "check_reachable", lambda name, url: None)
    monkeypatch.setattr(tfds.download.DownloadManager, "download", fail)
    with pytest.raises(ConnectionError, match=r"of tiny_shakespeare failed \(it broke off.\): try"):
        load_text("tiny_shakespeare")


def test_tiny_shakespeare_comes_through_tfds_and_only_once(data_dir, tmp_path, monkeypatch, capfd):
    play = "".join(f"Line {i} of a play.\n" for i in range(100))
    path = tmp_path / "input.txt"
    path.write_text(play)
    asked = []
    monkeypatch.setattr(prepare, "check_reachable", lambda name, url: asked.append(url))
    monkeypatch.setattr(tfds.download.DownloadManager, "download", lambda self, url: str(path))
    first = load_text("tiny_shakespeare")
    assert first.train + first.validation + first.test == play
    assert len(first.train) == int(0.9 * len(play))
    path.unlink()
    assert load_text("tiny_shakespeare") == first
    assert asked == [tiny_shakespeare.URL]
    assert capfd.readouterr() == ("", "")
