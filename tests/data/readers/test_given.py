"""What `rnnzoo predict` reads: words of tagged files, sources of pairs, lines of text."""

import io
import json
import sys

import pytest

from rnnzoo.data import given_sources, given_words

WORDS = [("the", "zoo", "opens"), ("yes",)]
CONLL = "the DT\nzoo NN\nopens VB\n\nyes UH\n\n" * 6
ROWS = "{0}a,the,DT\n{0}a,zoo,NN\n{0}a,opens,VB\n{0}b,yes,UH\n"
TABLE = "sentence,word,tag\n" + "".join(ROWS.format(i) for i in range(6))

pytestmark = pytest.mark.filterwarnings("always:.* is taken for")


def written(tmp_path, text, name="a.txt"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (CONLL, "2 columns"),
        (CONLL.encode("utf-16"), "2 columns"),
        ("the/dt zoo/nn opens/vb\nyes/uh\n" * 6, "lines of word/TAG"),
        ("the_DT zoo_NN opens_VB\nyes_UH\n" * 6, "lines of word_TAG"),
        (TABLE, "a table, separated by commas: words 'word'; sentences by 'sentence'"),
        ("the\nzoo\nopens\n\nyes\n\n" * 6, "a word a line"),
        ('{"tokens": ["the", "zoo", "opens"]}\n{"tokens": ["yes"]}\n' * 6,
         "JSON lines: words 'tokens'"),
        (json.dumps([{"tokens": words} for words in WORDS * 6]), "JSON lines: words 'tokens'"),
        ('{"text": "the zoo opens", "label": []}\n{"text": "yes", "label": null}\n' * 6,
         "JSON lines: spans 'label' of 'text', words apart at blanks and punctuation"),
    ],
)  # fmt: skip
def test_words_of_every_layout(tmp_path, text, layout):
    path = written(tmp_path, text)
    with pytest.warns(UserWarning, match=f"a.txt is taken for {layout}: the words alone are read"):
        assert given_words(path) == WORDS * 6


def test_words_of_plain_text(tmp_path, monkeypatch):
    text = "the zoo opens\n\nyes\n"
    assert given_words(written(tmp_path, text)) == WORDS
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-16"))))
    assert given_words("-") == WORDS
    assert given_words(written(tmp_path, "a dog\n\ntwo dogs\n")) == [("a", "dog"), ("two", "dogs")]
    with pytest.warns(UserWarning, match="2 columns"):
        assert given_words(written(tmp_path, "a DT\ndog NN\n\ntwo CD\n")) == [
            ("a", "dog"),
            ("two",),
        ]
    for cities in ("Paris\nRome\n\nOslo\n", "Go\n\nWait\n\n" * 9, "Oh\nno\n\n" * 4, "Go\n" * 9):
        path = written(tmp_path, cities)
        assert given_words(path) == [(word,) for word in cities.split()]
    with pytest.warns(UserWarning, match="a.txt is taken for a word a line: the words alone"):
        path = written(tmp_path, "the\nzoo\nopens\n\nyes\n")
        assert given_words(path, columns="1") == WORDS
    assert given_words(written(tmp_path, "we saw it, so\n")) == [("we", "saw", "it,", "so")]
    path = written(tmp_path, "zoö\n".encode("cp1252"))
    assert given_words(path, encoding="cp1252") == [("zoö",)]


def test_the_standard_input_may_be_a_treebank(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CONLL.encode())))
    with pytest.warns(UserWarning, match="the standard input is taken for 2 columns"):
        assert given_words("-") == WORDS * 6


def test_columns_as_in_training(tmp_path):
    path = written(tmp_path, "".join(f"{i} {line}\n" if line else "\n" for i, line in
                                     enumerate(CONLL.split("\n"), 7)))  # fmt: skip
    with pytest.warns(UserWarning, match="3 columns"):
        assert given_words(path, columns="2") == given_words(path, usual="2,3") == WORDS * 6
    with pytest.warns(UserWarning, match="2 columns"):  # which has no such column
        assert given_words(written(tmp_path, CONLL), usual="word,pos") == WORDS * 6
    with pytest.raises(ValueError, match="no column word"):
        given_words(written(tmp_path, CONLL), columns="word")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("the zoo\tle zoo\nwe go\tnous allons\nso be it\tsoit\n", None),
        ("le zoo\tthe zoo\nnous allons\twe go\nsoit\tso be it\n", "2,1"),
        ('fr,en\n"le zoo","the zoo"\nnous allons,we go\nsoit,so be it\n', "en,fr"),
        ("the zoo ||| le zoo\nwe go ||| nous allons\nso be it ||| soit\n", None),
        ('"the zoo","le zoo"\n"we go","nous allons"\n"so be it","soit"\n', None),
        ('[{"a": "the zoo", "b": "le zoo"}, {"a": "we go", "b": "nous allons"}, {"a": "so be it", '
         '"b": "soit"}]', None),
        ('{"en": "the zoo", "fr": "le zoo"}\n{"en": "we go", "fr": "nous allons"}\n'
         '{"en": "so be it", "fr": "soit"}\n', None),
    ],
)  # fmt: skip
def test_sources_of_pairs(tmp_path, text, columns):
    path = written(tmp_path, text)
    for given in ({"columns": columns}, {"usual": columns}):
        with pytest.warns(UserWarning, match="a.txt is taken for .*: the sources alone are read"):
            assert given_sources(path, **given) == ["the zoo", "we go", "so be it"]


def test_sources_of_plain_text(tmp_path):
    path = written(tmp_path, "Well, we go\n\nIt is so, he said\n")
    assert given_sources(path) == ["Well, we go", "", "It is so, he said"]
    assert given_sources(path, usual="en,fr")[0] == "Well, we go"


@pytest.mark.parametrize("mark", [", ", "; ", " | ", " / "])
@pytest.mark.parametrize("times", [1, 9])
def test_two_words_a_line_are_a_sentence_and_no_pair(tmp_path, mark, times):
    lines = [mark.join(words) for words in (("Yes", "sir"), ("No", "sir"), ("Go", "Bob"))] * times
    path = written(tmp_path, "\n".join(lines) + "\n")
    for usual in (None, "en,fr"):
        assert given_sources(path, usual=usual) == lines


@pytest.mark.parametrize("read", [given_words, given_sources])
def test_files_without_words_are_refused_and_recordings_are_told(tmp_path, read):
    for text in ("", "\n \n"):
        with pytest.raises(ValueError, match="a.txt holds no word: expected a sentence a line"):
            read(written(tmp_path, text))
    rows = [f"{i // 9},{i % 9},{i / 7:.3f},{-i / 3:.3f},walk" for i in range(40)]
    path = written(tmp_path, "\n".join(["recording,time,x,y,label", *rows]), "a.csv")
    with pytest.warns(UserWarning, match="a.csv looks like .*: each line is read as a sentence"):
        assert len(read(path)) == 41
