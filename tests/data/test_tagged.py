"""Tagged sequences: CoNLL files and the roles of Python's characters."""

import re

import pytest

from rnnzoo.data import read_tagged, tagged


def row(number, word, upos="X", xpos="x"):
    return "\t".join([number, word, word, upos, xpos, "_", "0", "root", "_", "_"]) + "\n"


SENTENCE = (
    "# text = du sol\n"
    + row("1-2", "du", "_")
    + row("1", "de", "ADP", "P")
    + row("2", "le", "DET")
    + row("2.1", "ghost", "VERB")
    + row("3", "sol", "NOUN")
    + "\n"
)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.conllu", SENTENCE + "1\tword\n", "line 8: expected 10 columns separated by tabs, got"),
        ("a.conllu", row("one", "a"), "line 1: expected an ID such as 1, 1-2 or 1.1, got 'one'"),
        ("a.conllu", row("2", "a"), "line 1: expected word 1 of the sentence, got 2"),
        ("a.conllu", row("1", ""), "line 1: the word is empty"),
        ("a.txt", "a O\nb\n", "line 2: expected a word and a tag, got 'b'"),
        ("a.txt", "é O\n".encode() * 9 + b"\xff O\n", "line 10 is not UTF-8 (byte 0xff"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=re.escape(f"{path}, {message}")):
        tagged.load_tagged(path)


def test_a_folder_s_files_are_known_by_name(tmp_path):
    for name, times in (("x-train.conllu", 3), ("x-dev.conllu", 2), ("x-test.conllu", 1)):
        (tmp_path / name).write_text(SENTENCE * times)
    (tmp_path / "x-train.txt").write_text("the plain text\n")
    (tmp_path / "README").write_text("about\n")
    data = tagged.load_tagged(tmp_path)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [3, 2, 1]
    assert data.metadata["files"] == 3
    assert data.metadata["sha256"].keys() == {"train", "validation", "test"}
    (tmp_path / "x-train.conllu").unlink()
    with pytest.raises(ValueError, match="no file whose name has the word train"):
        tagged.load_tagged(tmp_path)


def test_a_file_is_cut_in_order(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"w{i} T\n\n" for i in range(10)))
    data = tagged.load_tagged(path, validation=0.2, test=0.1)
    words = [example.tokens[0] for example in data.train + data.validation + data.test]
    assert words == [f"w{i}" for i in range(10)]
    assert [len(part) for part in (data.train, data.validation, data.test)] == [7, 2, 1]


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("a.txt", {"validation": 1}, "validation=1, test=0.0: expected shares"),
        ("a.txt", {"column": "pos"}, "column='pos': expected one of upos, xpos, deprel"),
    ],
)
def test_wrong_arguments(source, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        tagged.load_tagged(source, **options)
    with pytest.raises(FileNotFoundError, match="is neither a CoNLL file, nor a folder"):
        tagged.load_tagged("no such file")


def test_pieces_lose_nothing_and_end_at_lines():
    text = "ab\ncd\nefghijkl\nm"
    whole = tagged.Tagged(text, tuple(str(i) for i in range(len(text))))
    found = tagged.pieces(whole, 6)
    assert [piece.tokens for piece in found] == ["ab\ncd\n", "efghij", "kl\nm"]
    assert tuple(tag for piece in found for tag in piece.tags) == whole.tags
    words = tagged.Tagged(("a", "b", "c"), ("x", "y", "z"))
    assert tagged.pieces(words, 2) == [(("a", "b"), ("x", "y")), (("c",), ("z",))]
    with pytest.raises(ValueError, match="length=0: expected at least 1"):
        tagged.pieces(words, 0)


def test_a_column_that_is_not_filled_in_is_said(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(row("1", "a", xpos="_") + "\n" + row("1", "b", xpos="_"))
    assert tagged.load_tagged(path).metadata["column"] == "upos"
    message = "has no xpos tags: each is _; choose another column, such as .*a.conllu:upos$"
    with pytest.raises(ValueError, match=message):
        tagged.load_tagged(path, column="xpos")


def test_a_column_may_stand_behind_the_path(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(SENTENCE * 2)
    data = tagged.load_tagged(f"{path}:xpos", validation=0.5)
    assert data.train[0].tags == ("P", "x", "x")
    assert data.metadata["column"] == "xpos" and data.metadata["source"] == "a.conllu"
    with pytest.raises(FileNotFoundError, match="is neither a CoNLL file"):
        tagged.load_tagged(f"{path}:pos")


def test_spaces_that_do_not_break_belong_to_a_word(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("10\u00a0000  NUM\n\nb O\n")
    assert read_tagged(path)[0][0].tokens == ("10\u00a0000",)
    assert "column" not in tagged.load_tagged(path, validation=0.5).metadata
