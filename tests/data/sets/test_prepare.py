"""What TFDS prepares, and how it may go wrong."""

import os
import urllib.error
import urllib.request

import pytest

from rnnzoo.data import load_text
from rnnzoo.data.sets import prepare
from rnnzoo.data.sets.python_source.builder import PythonSource


def test_who_comes_second_takes_what_the_first_prepared(data_dir, monkeypatch):
    prepare_first = PythonSource.download_and_prepare

    def overtaken(builder):
        prepare_first(builder)
        raise FileExistsError("rename: the folder is not empty")

    monkeypatch.setattr(PythonSource, "download_and_prepare", overtaken)
    assert load_text().train


def test_another_version_on_disk_is_not_told(data_dir, caplog):
    load_text()
    kept = next(data_dir.rglob(str(PythonSource.VERSION)))
    kept.rename(kept.with_name("0.0.1"))
    load_text()
    assert not caplog.records


def test_a_data_folder_that_cannot_be_written_is_an_error(data_dir):
    data_dir.write_text("a file where the folder has to be")
    with pytest.raises(OSError, match="cannot prepare python_source in .*TFDS_DATA_DIR"):
        load_text()


@pytest.mark.parametrize("damage", [lambda path: os.truncate(path, 1000), os.remove])
def test_damaged_data_is_named(data_dir, damage):
    load_text()
    damage(next(data_dir.rglob("*train.tfrecord*")))
    with pytest.raises(OSError, match="is damaged .*: delete that folder"):
        load_text()


@pytest.mark.parametrize(
    "error",
    [urllib.error.HTTPError("", 403, "Forbidden", {}, None), urllib.error.URLError("no route")],
)
def test_a_download_that_is_refused_is_no_silence(monkeypatch, error):
    def refuse(request, timeout):
        raise error

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    words = r"not answer as it should \(.*(403: Forbidden|no route).*\). Look .* path of the file"
    with pytest.raises(ConnectionError, match=words):
        prepare.check_reachable("coco_captions", "http://images.cocodataset.org")
