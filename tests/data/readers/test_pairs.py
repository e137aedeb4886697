"""Pairs of sentences in files."""

from rnnzoo.data import read_pairs


def test_what_unicode_takes_for_an_end_of_line_is_none(tmp_path):
    path = tmp_path / "pairs.tsv"
    text = "\N{BYTE ORDER MARK}one\u2028two \t eins\x85zwei\r\nthree\tdrei\r\n"
    path.write_bytes(text.encode())
    assert read_pairs(path) == [("one\u2028two", "eins\x85zwei"), ("three", "drei")]
