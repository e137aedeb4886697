"""Vectors of words: the layouts of their files, what is kept, what is refused."""

import gzip

import numpy as np
import pytest

from rnnzoo.data.readers.vectors import read_vectors

LINES = "The 1 0 -2\ndog 3 4.5 1e-3\nthe 7 7 7\nnew york 5 6 7\nemu 8 9 10\n"
READ = {
    "the": [7, 7, 7],
    "dog": [3, 4.5, 1e-3],
    "new york": [5, 6, 7],
    "emu": [8, 9, 10],
}


def binary():
    parts = [b"4 3\n"]
    for i, (word, values) in enumerate(READ.items()):
        # The first program ends each vector with a line's end, others don't.
        end = b"\n" if i % 2 else b""
        parts.append(word.replace(" ", "_").encode() + b" " + np.array(values, "<f4").tobytes())
        parts.append(end)
    return b"".join(parts)


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        b"5 3\n" + LINES.encode(),
        LINES.replace(" ", "\t").replace("new\t", "new ").encode(),
        gzip.compress(b"5 3\n" + LINES.encode()),
        LINES.replace("\n", " \n").encode(),  # fastText ends lines with a blank
    ],
    ids=["glove", "word2vec", "tabs", "gzip", "fasttext"],
)
def test_text_files(tmp_path, content):
    path = tmp_path / "vectors"
    path.write_bytes(content)
    read = read_vectors(path)
    assert dict(zip(read.words, read.values.tolist(), strict=True)) == {
        word: np.float32(values).tolist() for word, values in READ.items()
    }
    assert read.said == f"{path}: 4 of 5 words, 3 numbers each"
    assert read.values.dtype == np.float32


def test_lines_longer_than_what_is_read_at_a_time(tmp_path):
    path = tmp_path / "vectors"
    numbers = np.linspace(-1, 1, 3000, dtype=np.float32)
    path.write_text(f"1 3000\nthe {' '.join(map(str, numbers))}\n")
    read = read_vectors(path)
    assert read.words == ("the",)
    np.testing.assert_array_equal(read.values[0], numbers)


def test_a_file_with_fewer_words_than_its_first_line_says(tmp_path):
    path = tmp_path / "vectors"
    path.write_text("9 3\n" + LINES)
    said = "4 of 5 words, 3 numbers each (its first line says 9 words: is it complete?)"
    assert read_vectors(path).said == f"{path}: {said}"


def test_binary_files(tmp_path):
    path = tmp_path / "vectors.bin"
    path.write_bytes(binary())
    read = read_vectors(path)
    assert read.words == ("the", "dog", "new_york", "emu")
    np.testing.assert_array_equal(read.values, np.float32(list(READ.values())))


def test_those_wanted_and_the_first_are_kept(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text(LINES)
    assert read_vectors(path, most=2).words == ("the", "dog")
    assert read_vectors(path, most=0, wanted={"emu", "gnu"}).words == ("emu",)
    # "the" comes after the first two, and is the lower case of one of them.
    np.testing.assert_array_equal(read_vectors(path, most=1).values, [[7, 7, 7]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected a word and its numbers"),
        (b"the dog runs\nand runs\n", "line 1: expected a word and its numbers"),
        (b"5 3\n", "holds no vectors"),
        (LINES.encode() + b"gnu 1 2", "line 6: expected a word and 3 numbers, got b'gnu 1 2'"),
        (LINES.encode() + b"gnu 1 2 x", "line 6: expected a word and 3 numbers"),
        (LINES.encode() + b"gnu 1 2 nan", "the vector of 'gnu' has numbers that are none"),
        (binary()[:-7], "ends within word 4 of 4"),
        (gzip.compress(LINES.encode())[:-9], "is packed by gzip, and can't be unpacked"),
    ],
    ids=["empty", "text", "header", "cut", "letters", "nan", "cut binary", "cut gzip"],
)
def test_what_is_no_file_of_vectors_is_refused(tmp_path, content, said):
    path = tmp_path / "vectors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        read_vectors(path)
