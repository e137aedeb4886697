"""The code of the standard library as text."""

import hashlib

from rnnzoo.data import Text, load_text
from rnnzoo.data.sets.python_source import files


def test_python_source_is_the_files_joined(data_dir, capfd):
    first = load_text()
    assert capfd.readouterr() == ("", "")  # preparing it says nothing
    assert isinstance(first, Text)
    for split in files.FILES:
        joined = "\n".join(files.read_files(split).values())
        assert getattr(first, split) == joined
        assert first.metadata["sha256"][split] == hashlib.sha256(joined.encode()).hexdigest()
    prepared = {path: path.stat().st_mtime_ns for path in data_dir.rglob("*.tfrecord*")}
    assert len(prepared) == 3
    assert load_text("python_source") == first
    assert prepared == {path: path.stat().st_mtime_ns for path in data_dir.rglob("*.tfrecord*")}
