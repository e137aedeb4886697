import hashlib
import os

import pytest

from rnnzoo.data import load_text


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_an_own_text_is_split_in_order(tmp_path):
    path = write(tmp_path / "own.txt", "".join(chr(97 + i % 26) for i in range(100)))
    own = load_text(path)
    assert (len(own.train), len(own.validation), own.test) == (90, 10, "")
    assert own.train + own.validation == path.read_text()
    assert (own.name, own.metadata["files"]) == (str(path), 1)
    assert own.metadata["sha256"]["train"] == hashlib.sha256(own.train.encode()).hexdigest()

    own = load_text(str(path), validation=0.2, test=0.3)
    assert [len(part) for part in (own.train, own.validation, own.test)] == [50, 20, 30]
    assert own.train + own.validation + own.test == path.read_text()


def test_a_folder_is_read_whole_and_in_order(tmp_path):
    for name, content in {
        "b.txt": "2",
        "a/z.md": "1",
        "a-b/c.txt": "3 é",
        ".git/config": b"\xff",
        "a/.hidden": "no",
    }.items():
        write(tmp_path / name, content)
    own = load_text(tmp_path, validation=0)
    assert own.train == "1\n3 é\n2"
    assert own.metadata["files"] == 3


def test_line_ends_and_the_byte_order_mark_are_those_of_text_mode(tmp_path):
    path = write(tmp_path / "dos.txt", b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    assert load_text(path, validation=0).train == "one\ntwo\nthree\n"


def test_what_is_not_utf8_is_named_with_its_place(tmp_path):
    write(tmp_path / "good.txt", "fine")
    write(tmp_path / "old.txt", b"caf\xe9 au lait")
    with pytest.raises(ValueError, match=r"old\.txt is not UTF-8.*0xe9 at offset 3"):
        load_text(tmp_path)


@pytest.mark.parametrize("content", ["", " \n\t\n"])
def test_an_empty_file_is_an_error(tmp_path, content):
    with pytest.raises(ValueError, match="holds no text"):
        load_text(write(tmp_path / "empty.txt", content))


def test_an_empty_folder_is_an_error(tmp_path):
    write(tmp_path / ".hidden", "no")
    with pytest.raises(ValueError, match="holds no files"):
        load_text(tmp_path)


def test_a_miss_names_what_is_near(tmp_path):
    with pytest.raises(FileNotFoundError, match="did you mean 'tiny_shakespeare'"):
        load_text("tiny_shakespear")
    write(tmp_path / "poems.txt", "a rose")
    with pytest.raises(FileNotFoundError, match="did you mean '.*poems.txt'"):
        load_text(tmp_path / "poem.txt")
    with pytest.raises(FileNotFoundError, match="one of python_source, tiny_shakespeare"):
        load_text(tmp_path / "nowhere" / "x")
    with pytest.raises(ValueError, match="source=''"):
        load_text("")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all files")
def test_an_unreadable_file_is_an_error(tmp_path):
    path = write(tmp_path / "secret.txt", "text")
    path.chmod(0)
    with pytest.raises(PermissionError, match=r"secret\.txt"):
        load_text(path)


@pytest.mark.parametrize("shares", [(-0.1, 0), (0.5, 0.5), (0, 1), (float("nan"), 0)])
def test_shares_must_leave_something_to_train_on(tmp_path, shares):
    path = write(tmp_path / "own.txt", "text")
    with pytest.raises(ValueError, match=f"validation={shares[0]}"):
        load_text(path, validation=shares[0], test=shares[1])
