"""Tagged sequences: CoNLL files and the roles of Python's characters."""

import itertools
import re
import warnings

import pytest

from rnnzoo.data.readers import conll as tagged
from rnnzoo.data.sets import prepare


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
    assert list(tagged.read_conll(path)) == [(("de", "le", "sol"), ("ADP", "DET", "NOUN"))] * 2
    assert next(tagged.read_conll(path, "xpos")).tags == ("P", "x", "x")


def test_two_columns_with_more_between_and_no_blank_line_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf-DOCSTART- -X- O\r\n\r\n# NN O\r\nEU NNP B-ORG\r\n\r\na\tO")
    assert list(tagged.read_conll(path)) == [(("#", "EU"), ("O", "B-ORG")), (("a",), ("O",))]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.conllu", SENTENCE + "1\tword\n", "line 8: expected 10 columns separated by tabs, got"),
        ("a.conllu", row("one", "a"), "line 1: expected an ID such as 1, 1-2 or 1.1, got 'one'"),
        ("a.conllu", row("2", "a"), "line 1: expected word 1 of the sentence, got 2"),
        ("a.conllu", row("1", ""), "line 1: the word is empty"),
        ("a.txt", "a O\nb\n", "line 2: expected a word and a tag, got 'b'"),
        ("a.txt", b"a O\n\xff O\n", "line 2: not UTF-8"),
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


def pieces(source):
    """(text, role) of each run of one role, without space."""
    pairs = zip(source, tagged.python_tags(source), strict=True)
    runs = itertools.groupby(pairs, key=lambda pair: pair[1])
    return [("".join(c for c, _ in run), role) for role, run in runs if role != "whitespace"]


def test_roles_of_names():
    source = (
        'class A(B):\n    def f(self, *a: int):  # é\n        return self.é.g(x=len(a), y="é")\n'
    )
    assert [piece for piece in pieces(source) if piece[1] != "operator"] == [
        ("class", "keyword"),
        ("A", "class"),
        ("B", "variable"),
        ("def", "keyword"),
        ("f", "function"),
        ("self", "parameter"),
        ("a", "parameter"),
        ("int", "builtin"),
        ("# é", "comment"),
        ("return", "keyword"),
        ("self", "variable"),
        ("é", "attribute"),
        ("g", "call"),
        ("x", "parameter"),
        ("len", "builtin"),
        ("a", "variable"),
        ("y", "parameter"),
        ('"é"', "string"),
    ]


def test_soft_keywords_imports_and_strings():
    assert pieces("import a.b as c; match = 1\n")[:3] == [
        ("import", "keyword"),
        ("a", "module"),
        (".", "operator"),
    ]
    assert ("match", "variable") in pieces("match = 1\n")
    assert ("match", "keyword") in pieces("match x:\n    case 1:\n        pass\n")
    assert ("match", "call") in pieces("match(x)\n")
    assert pieces("x = f'a{b!r:>{w}} {{' \\\n  'c'\n")[2:] == [
        ("f'a{b!r:>{w}} {{'", "string"),
        ("\\", "operator"),
        ("'c'", "string"),
    ]


def test_source_that_does_not_parse():
    with pytest.raises(ValueError, match="no Python that can be parsed"):
        tagged.python_tags("def f(:\n")
    with pytest.raises(ValueError, match="carriage return"):
        tagged.python_tags("a\r\n")


def test_python_tokens_are_aligned():
    data = tagged.load_tagged("python_tokens")
    seen = set()
    for example in data.train + data.validation + data.test:
        assert len(example.tokens) == len(example.tags)
        seen.update(example.tags)
        for character, role in zip(example.tokens, example.tags, strict=True):
            assert (role == "whitespace") <= character.isspace()
    assert seen == set(tagged.PYTHON_ROLES)


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


def test_imports_after_a_colon_and_over_lines():
    source = "try: import a.b as c\nexcept: from x import (y,\n  z); y\n"
    roles = tagged.python_tags(source)
    modules = {i for i, role in enumerate(roles) if role == "module"}
    assert "".join(source[i] for i in sorted(modules)) == "abcxyz"
    assert roles[source.rindex("y")] == "variable"


def test_builtins_are_those_of_every_python():
    source = "print(len(x), _, exit, __name__)"
    roles = dict(zip(source, tagged.python_tags(source), strict=True))
    assert roles["p"] == roles["l"] == "builtin"
    assert tagged.python_tags("_")[0] == tagged.python_tags("exit")[0] == "variable"


def test_a_source_s_own_mistakes_are_no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tagged.python_tags('"\\d" is x')[0] == "string"


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
    assert next(tagged.read_conll(path)).tokens == ("10\u00a0000",)
    assert "column" not in tagged.load_tagged(path, validation=0.5).metadata


def test_english_ewt_comes_through_tfds(data_dir, tmp_path, monkeypatch):
    pytest.importorskip("conllu")
    tfds = prepare.import_tfds()
    path = tmp_path / "a.conllu"
    # As the format has it, multiword tokens and empty nodes have no head.
    headless = [
        line.replace("\t0\troot", "\t_\t_") if re.match(r"\d+[-.]", line) else line
        for line in SENTENCE.splitlines(keepends=True)
    ]
    path.write_text("# sent_id = 1\n" + "".join(headless))
    asked = []
    monkeypatch.setattr(prepare, "check_reachable", lambda name, url: asked.append(url))
    monkeypatch.setattr(
        tfds.download.DownloadManager,
        "download_and_extract",
        lambda self, urls: {k: [path] if isinstance(v, list) else path for k, v in urls.items()},
    )
    loaded = tagged.load_tagged("universal_dependencies/en_ewt")
    assert asked == [tagged.UNIVERSAL_DEPENDENCIES_URL]
    expected = (("de", "le", "sol"), ("ADP", "DET", "NOUN"))
    assert loaded.train == loaded.validation == loaded.test == (expected,)


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setattr(tagged.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"conllu: pip install 'rnnzoo\[tagging\]'"):
        tagged.load_tagged("universal_dependencies/en_ewt")
