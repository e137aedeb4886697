"""Sentences of CoNLL files."""

from rnnzoo.data import read_conll


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


def test_conllu_reads_words_not_multiword_tokens_nor_empty_nodes(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(SENTENCE * 2)
    assert list(read_conll(path)) == [(("de", "le", "sol"), ("ADP", "DET", "NOUN"))] * 2
    assert next(read_conll(path, "xpos")).tags == ("P", "x", "x")


def test_two_columns_with_more_between_and_no_blank_line_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf-DOCSTART- -X- O\r\n\r\n# NN O\r\nEU NNP B-ORG\r\n\r\na\tO")
    assert list(read_conll(path)) == [(("#", "EU"), ("O", "B-ORG")), (("a",), ("O",))]
