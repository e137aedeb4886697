import gzip
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


def test_other_encodings_are_said_and_settled(tmp_path):
    write(tmp_path / "good.txt", "fine")
    write(tmp_path / "old.txt", b"caf\xe9 au lait")
    own = load_text(tmp_path, validation=0)
    assert own.train == "fine\ncafé au lait"
    assert "encoding: cp1252, a guess (--encoding settles it)" in str(own.reading)
    assert load_text(tmp_path, encoding="cp437", validation=0).train == "fine\ncafΘ au lait"
    with pytest.raises(ValueError, match="encoding='latin-x': expected the name of an encoding"):
        load_text(tmp_path / "old.txt", encoding="latin-x")


def test_a_folder_goes_on_without_what_is_no_text(tmp_path):
    write(tmp_path / "part10.txt", "ten")
    write(tmp_path / "sub/part9.TXT.gz", gzip.compress(b"deeper"))
    write(tmp_path / "part2.txt", "two")
    write(tmp_path / "cover.png", b"\x89PNG\r\n\x1a\n\0\0\0")
    write(tmp_path / "torn.gz", gzip.compress(b"text" * 999)[:-9])
    os.symlink(tmp_path / "sub", tmp_path / "part1")
    os.symlink(tmp_path, tmp_path / "sub" / "loop")
    own = load_text(tmp_path, validation=0)
    assert own.train == "deeper\ntwo\nten\ndeeper"
    assert own.reading.counts == {"files": 4, "characters": len(own.train)}
    (said,) = own.reading.left_out
    assert said.startswith("2 files that are no text: cover.png, torn.gz (of the first: ")
    for name in ("part10.txt", "part2.txt", "sub/part9.TXT.gz"):
        (tmp_path / name).unlink()
    with pytest.raises(ValueError, match="holds 2 files, none of which is text .*is a picture"):
        load_text(tmp_path)


def test_tables_and_json_lines_with_a_column_of_text(tmp_path):
    path = write(
        tmp_path / "a.jsonl", '{"id": 1, "text": "one\\ntwo"}\n\n{"id": 2, "text": "three"}\n'
    )
    own = load_text(path, validation=0)
    assert own.train == "one\ntwo\nthree"
    assert own.reading.layout == "JSON lines, of which 'text' is the text"
    path = write(tmp_path / "a.json", '[{"text": "one"}, {"text": "two"}]')
    assert load_text(path, validation=0).train == "one\ntwo"
    path = write(tmp_path / "a.CSV", 'label,Text\n1,"one, ""two"""\n2,three\n')
    own = load_text(path, validation=0)
    assert own.train == 'one, "two"\nthree' and "the column 'Text'" in own.reading.layout
    path = write(tmp_path / "b.csv", "a,b\nso,on\n")
    own = load_text(path, validation=0)
    assert own.train == "a,b\nso,on\n"
    assert own.reading.warnings == [
        "it is read as plain text, as no column is called 'text'",
        "it looks like translation (two columns of words, apart by ',')",
    ]
    path = write(tmp_path / "c.txt", "x;y\n" + "1,5;2\n3;-4e5\n" * 9)
    with pytest.raises(ValueError, match="looks like sequence-classification .*; --plain, in Pyth"):
        load_text(path)
    assert load_text(path, plain=True, validation=0).train == path.read_text()
    path = tmp_path / "a.jsonl"
    assert load_text(path, plain=True, validation=0).train == path.read_text()
    path = write(tmp_path / "d.jsonl", '{"body": "x"}\n{"body": tru')
    with pytest.raises(ValueError, match="d.jsonl, line 2: no JSON"):
        load_text(path)


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
    with pytest.raises(
        FileNotFoundError, match="one of python_lines, python_source, tiny_shakespeare"
    ):
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
