import collections
from pathlib import Path

import pytest

from rnnzoo.data.sets.python_source.files import FILES, digest, read_files

NAMES = [name for names in FILES.values() for name in names]


@pytest.fixture
def library(tmp_path):
    """A standard library of one line a file."""
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path


def test_no_file_is_in_two_splits():
    assert [name for name, count in collections.Counter(NAMES).items() if count > 1] == []


def test_no_file_is_a_test():
    assert [name for name in NAMES if {"test", "tests"} & set(Path(name).parts)] == []


def test_this_python_has_all_files_and_the_shares_are_as_meant():
    sizes = {split: sum(map(len, read_files(split).values())) for split in FILES}
    total = sum(sizes.values())
    assert 2e6 < total < 3e6
    assert 0.06 < sizes["validation"] / total < 0.09
    assert 0.06 < sizes["test"] / total < 0.09


def test_the_alphabet_is_printable_ascii_and_the_newline():
    ascii_and_newline = {*map(chr, range(32, 127)), "\n"}
    assert {
        split: set("".join(read_files(split).values())) - ascii_and_newline for split in FILES
    } == {split: set() for split in FILES}


def test_files_are_read_in_list_order(library):
    for split, names in FILES.items():
        assert list(read_files(split, library).items()) == [(name, f"# {name}\n") for name in names]


def test_a_missing_file_is_named(library):
    (library / "bdb.py").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks 1 of the 10 files .* bdb\.py"):
        read_files("test", library)
    assert read_files("train", library)


def test_the_digest_follows_every_file(library):
    before = digest(library)
    assert digest(library) == before
    (library / "csv.py").write_text("# another patch of the same Python\n")
    assert digest(library) != before
