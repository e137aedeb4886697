"""Tagged sentences in every layout, with the words and the tags that are right."""

import json

import pytest

from rnnzoo.data import load_tagged, read_tagged, task_of
from rnnzoo.data.readers.conll import Tagged
from rnnzoo.data.readers.tagged import read_words, spans
from rnnzoo.data.readers.tagged_spans import tagged


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
DE_LE_SOL = (("de", "le", "sol"), ("ADP", "DET", "NOUN"))


def written(tmp_path, text, name="a.txt"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", ["a.conllu", "a.conll", "a.txt", "a"])
def test_conllu_reads_words_not_multiword_tokens_nor_empty_nodes(tmp_path, name):
    path = written(tmp_path, SENTENCE * 2, name)
    sentences, reading = read_tagged(path)
    assert sentences == [DE_LE_SOL] * 2
    assert reading.layout == "CoNLL-U" and reading.facts["columns"] == "column upos"
    assert reading.counts == {"sentences": 2, "words": 6}
    assert reading.facts["tags"] == "3 (ADP, DET, NOUN)"
    assert reading.left_out == ["2 empty nodes, the first is line 5"]
    assert reading.examples[0] == {"words": "de le sol", "tags": "ADP DET NOUN"}
    assert read_tagged(path, column="xpos")[0][0].tags == ("P", "x", "x")
    assert read_tagged(path, columns="lemma,deprel")[0][0].tags == ("root",) * 3
    assert load_tagged(path, validation=0.5).metadata["column"] == "upos"


def test_two_columns_with_more_between_and_no_blank_line_at_the_end(tmp_path):
    text = b"\xef\xbb\xbf-DOCSTART- -X- O\r\n\r\n# NN O\r\nEU NNP B-ORG\r\n\r\na\tO"
    sentences, reading = read_tagged(written(tmp_path, text))
    assert sentences == [(("#", "EU"), ("O", "B-ORG")), (("a",), ("O",))]
    assert reading.left_out == ["1 -DOCSTART- lines, the first is line 1"]


EU = (("EU", "rejects", "German", "call"), ("B-ORG", "O", "B-MISC", "O"))
CONLL_2003 = "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\ncall NN I-NP O\n\n"
COLUMNS_2009 = "{}\t{}\t_\t_\t{}\t_\t_\t_\t0\t0\tROOT\tROOT\t_\t_\n"
CONLL_2012 = "".join(
    f"bc/cctv/00/cctv_0000   0   {i}   {word}   {tag}   *   -   -   -   -   *   -\n"
    for i, (word, tag) in enumerate(zip(*EU, strict=True))
)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (CONLL_2003, "4 columns"),
        (CONLL_2003.replace(" B-NP", "").replace(" B-VP", "").replace(" I-NP", ""), "3 columns"),
        ("EU\tB-ORG\nrejects\tO\nGerman\tB-MISC\ncall\tO\n\n", "2 columns"),
        ("word tag\nEU B-ORG\nrejects O\nGerman B-MISC\ncall O\n\n", "2 columns"),
        ("".join(COLUMNS_2009.format(i, *p) for i, p in enumerate(zip(*EU, strict=True), 1)) + "\n",
         "CoNLL-2009"),
        (f"#begin document (bc/cctv/00/cctv_0000); part 000\n{CONLL_2012}\n#end document\n",
         "CoNLL-2012"),
        ("# id 52 domain=en\nEU _ _ B-ORG\nrejects _ _ O\nGerman _ _ B-MISC\ncall _ _ O\n\n",
         "4 columns"),
        ("#\thttp://n-tv.de [2010]\n1\tEU\tB-ORG\n2\trejects\tO\n3\tGerman\tB-MISC\n4\tcall\tO\n\n",
         "3 columns"),
        ("EU_B-ORG rejects_O German_B-MISC call_O\n", "lines of word_TAG"),
        ("EU/B-ORG rejects/O German/B-MISC call/O\n", "lines of word/TAG"),
        ('{"id": "0", "tokens": ["EU", "rejects", "German", "call"], "ner_tags": '
         '["B-ORG", "O", "B-MISC", "O"]}\n', "JSON lines: words 'tokens', tags 'ner_tags'"),
        ("sentence,word,tag\n1,EU,B-ORG\n1,rejects,O\n1,German,B-MISC\n1,call,O\n",
         "a table, separated by commas: words 'word', tags 'tag'; sentences by 'sentence'"),
        ('"word"\t"tag"\n"EU"\t"B-ORG"\n"rejects"\t"O"\n"German"\t"B-MISC"\n"call"\t"O"\n\n',
         "a table, separated by tabs: words 'word', tags 'tag'"),
        ('{"text": "EU rejects German call", "label": [[11, 17, "MISC"], [0, 2, "ORG"]]}\n',
         "JSON lines: spans 'label' of 'text', words apart at blanks and punctuation"),
        ('{"spans": [{"start": 0, "end": 2, "label": "ORG"}, {"start": 11, "end": 17, '
         '"label": "MISC"}], "text": "EU rejects German call", "tokens": [{"id": 0}]}\n',
         "JSON lines: spans 'spans' of 'text', words apart at blanks and punctuation"),
        ("Token;Label\nEU;B-ORG\nrejects;O\nGerman;B-MISC\ncall;O\n\n",
         "a table, separated by semicolons: words 'Token', tags 'Label'"),
        ("Sentence #,Word,POS,Tag\nSentence: 1,EU,NNP,B-ORG\n,rejects,VBZ,O\n,German,JJ,B-MISC\n"
         ",call,NN,O\n", "a table, separated by commas: words 'Word', tags 'Tag'; sentences by "
         "'Sentence #'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 30])
def test_layouts(tmp_path, text, layout, times):
    if times > 1 and layout.startswith("a table"):
        header, _, body = text.partition("\n")
        body = [body.replace(": 1", f": {i}").replace("1,", f"{i},") for i in range(times)]
        text = header + "\n" + "".join(body)
    elif times > 1 and text.startswith("word tag"):
        text = text + text.partition("\n")[2] * (times - 1)
    else:
        text *= times
    sentences, reading = read_tagged(written(tmp_path, text))
    assert sentences == [EU] * times
    assert reading.layout == layout
    assert reading.facts["spans"] == "IOB2"


def test_a_json_array_is_as_its_lines_are(tmp_path):
    entries = [{"words": EU[0], "labels": EU[1]}] * 2
    assert read_tagged(written(tmp_path, json.dumps(entries)))[0] == [EU] * 2
    assert read_tagged(written(tmp_path, "[ -LRB-\na DT\n"))[0] == [(("[", "a"), ("-LRB-", "DT"))]


def test_the_first_record_with_spans_tells(tmp_path):
    records = [
        {"text": "Go", "entities": None, "label": []},
        {"text": "In Rome", "entities": [], "label": [[3, 7, "LOC"]]},
        {"text": "So", "entities": [], "label": None},
    ]
    tags = [("O",), ("O", "B-LOC"), ("O",)]
    for text in ("\n".join(map(json.dumps, records)), json.dumps(records)):
        sentences, reading = read_tagged(written(tmp_path, text))
        assert [sentence.tags for sentence in sentences] == tags
        assert reading.layout.startswith("JSON lines: spans 'label' of 'text'")
    path = written(tmp_path, '{"text": "Go", "labels": []}\n{"text": "I", "labels": ["bad"]}\n')
    with pytest.raises(ValueError, match=r"which columns are which\? It has 1 text"):
        read_tagged(path)
    assert task_of(path).task == "text-generation"
    # Empty all, they may be spans.
    path = written(tmp_path, '{"text": "Go", "labels": []}\n' * 3)
    assert read_tagged(path)[0] == [(("Go",), ("O",))] * 3
    assert task_of(path)[::2] == ("sequence-tagging", False)


@pytest.mark.parametrize("separator", ["\t", " "])
def test_hashtags_are_words(tmp_path, separator):
    rows = [("#nowplaying", "O"), ("#", "O"), ("#id=5", "B-X"), ("song", "I-X")]
    text = "".join(separator.join(row) + "\n" for row in rows)
    sentences, reading = read_tagged(written(tmp_path, f"# id 7 of=en now\n{text}\n" * 9))
    assert sentences == [tuple(zip(*rows, strict=True))] * 9
    assert reading.left_out == ["9 comments, the first is line 1"]


def test_words_that_are_numbered_from_0(tmp_path):
    text = "".join(f"{i}\t{word}\t{tag}\n" for i, (word, tag) in enumerate(zip(*EU, strict=True)))
    assert read_tagged(written(tmp_path, f"{text}\n" * 9))[0] == [EU] * 9


def test_rows_of_a_table_without_a_word_are_counted(tmp_path):
    text = "Sentence #,Word,Tag\n" + "Sentence: 1,EU,B\n,x,O\n" * 9 + ",,O\n,y,O\n"
    sentences, reading = read_tagged(written(tmp_path, text))
    assert sentences[0].tokens == ("EU", "x") * 9 + ("y",)
    assert reading.left_out == ["1 rows without a word, the first is line 20"]
    with pytest.raises(ValueError, match="a.txt, line 20: 4 rows without a word"):
        read_tagged(written(tmp_path, text + ",,O\n" * 3))


def test_columns_settle_which_is_which(tmp_path):
    path = written(tmp_path, CONLL_2003)
    assert read_tagged(path)[1].facts["columns"] == "word 1, tag 4 of 4 (--columns for others)"
    for columns in ("1,2", (1, 2), ["1", "2"]):
        assert read_tagged(path, columns=columns)[0][0].tags == ("NNP", "VBZ", "JJ", "NN")
    path = written(tmp_path, "Sentence,Wort,Klasse\n1,EU,B\n1,x,O\n2,y,O\n")
    sentences = read_tagged(path, columns="sentence,wort,klasse")[0]
    assert sentences == [(("EU", "x"), ("B", "O")), (("y",), ("O",))]
    assert len(read_tagged(path, columns=("Wort", "Klasse"))[0]) == 1
    with pytest.raises(ValueError, match=r"no column Art; expected one of 1 Sentence \('1'\), 2"):
        read_tagged(path, columns="Wort,Art,1")
    with pytest.raises(ValueError, match="columns='1,1': expected 2 or 3 columns, each once"):
        read_tagged(path, columns="1,1")
    sentences, reading = read_tagged(written(tmp_path, "EU,B-ORG\nx,O\n\n"), columns="1,2")
    assert sentences == [(("EU", "x"), ("B-ORG", "O"))]
    assert reading.layout == "a table, separated by commas: words '1', tags '2'"
    path = written(tmp_path, "\n\nword,tag\na,X\n")
    assert read_tagged(path)[0] == [(("a",), ("X",))]
    with pytest.raises(ValueError, match="columns='a': expected 2 or 3 columns"):
        read_tagged(path, columns="a")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"tokens": ["a"], "pos_tags": [1], "ner_tags": [0]}\n',
         r"several columns may be tags.*1 tokens .*2 pos_tags .*3 ner_tags .*--columns word,tag"),
        ("Word,POS,NER\na,b,c\n", r"several columns may be tags.*1 Word \('a'\), 2 POS \('b'\)"),
        ("1\ta\tX\tO\n2\tb\tY\tO\n\n" * 9, r"several columns may be tags.*1 \('1'\).*--columns"),
        ("1\ta\n2\tb\n\n" * 9, "no column of tags"),
        ("How are you?\tComment ça va ?\nI am fine.\tJe vais bien.\n" * 9, "pairs of sentences"),
        ("0.5 1\n0.7 2\n" * 9, "a table of numbers, as load_series reads"),
        ("0.5,1\n0.7,2\n" * 9, "expected a word and a tag, got '0.5,1'; of commas"),
        ("The quick brown fox jumps.\nOver a lazy dog, it is.\nAnd so\non\n" * 9, "plain text"),
        ("".join(f"O word{i}\n" for i in range(40)), "its last column has 40 different values"),
        ("I like it a lot\t1\nNot for me\t0\n" * 9, "its first column holds sentences"),
        ("7 a X\n7 b Y\n" * 9, "its first column holds numbers"),
        ("just\nwords\n", "line 1: expected a word and a tag, got 'just'"),
        ("\n \n", "holds nothing"),
    ],
)  # fmt: skip
def test_what_can_not_be_told_is_refused(tmp_path, text, why):
    with pytest.raises(ValueError, match=f"(?s)a.txt.*{why}"):
        read_tagged(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('{"tokens": ["a"], "tags": ["X"]}\n{"tokens": ["a"], "tags": []}', 2, "as many of tokens"),
        ('{"tokens": ["a"], "tags": ["X"]}\n{"tokens": ["a"]', 2, "no JSON"),
        ('{"tokens": ["a"], "tags": ["X"]}\n[1]', 2, "expected a JSON object"),
        ("word,tag\na,X\nb\n", 3, "1 columns; expected 2 or more"),
        ("word,tag\na,X\nb,\n", 3, "the tag is empty"),
        ('word,tag\na,X\n"b,\n', 3, "unexpected end of data"),
        ('{"text": "a b", "spans": []}\n{"text": "a", "spans": [[0, 2, "X"]]}', 2, "within 1 char"),
        ('{"text": "a b", "spans": [[0, 3, "X"], [2, 3, "Y"]]}', 1, "X and Y overlap at char.* 2"),
        ("a_X b_Y\n" * 30 + "a_X _\n", 31, "'_': expected word_TAG"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, text, line, why):
    with pytest.raises(ValueError, match=f"a.txt, line {line}: .*{why}"):
        read_tagged(written(tmp_path, text))


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ("O I-LOC I-LOC B-LOC O", "IOB1"),
        ("O B-LOC I-LOC B-LOC O", "IOB2"),
        ("O B-LOC E-LOC S-LOC", "IOBES"),
        ("O B-LOC L-LOC U-LOC", "BILOU"),
        ("B-LOC O I-PER", "I- without B- before, and B- elsewhere"),
        ("NN VB", None),
        ("O O", None),
    ],
)
def test_how_tags_mark_spans(tags, said):
    tags = tuple(tags.split())
    assert spans([Tagged(tags, tags)]) == said


def test_a_file_without_ends_of_sentences_is_odd(tmp_path):
    _, reading = read_tagged(written(tmp_path, "a X\nb Y\n" * 600))
    assert reading.warnings == [
        "a sentence of 1,200 words: are blank lines missing between sentences?"
    ]


def test_folders_of_all_kinds(tmp_path):
    for name, times in (("esp.train", 10), ("esp.testa", 3), ("esp.testb", 2)):
        (tmp_path / "data").mkdir(exist_ok=True)
        written(tmp_path / "data", CONLL_2003.encode("utf-16") * 1, name)
        (tmp_path / "data" / name).write_bytes((CONLL_2003 * times).encode("utf-16"))
    written(tmp_path, "about\n", "README.md")
    data = load_tagged(tmp_path)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [10, 3, 2]
    assert data.reading.counts == {"files": 3, "sentences": 15, "words": 60}
    assert data.reading.facts["encoding"] == "UTF-16"
    assert data.reading.left_out == ["1 other files: README.md"]
    (tmp_path / "data" / "esp.testa").unlink()
    data = load_tagged(tmp_path)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [9, 1, 2]
    said = "1 sentences of train, as no file is for it"
    assert data.reading.facts["validation"] == said


def test_spans_cut_words_where_they_must():
    found = tagged("(New York)-born, don't ... 1996-08-22", [[1, 9, "LOC"], [27, 37, "DATE"]])
    words = ("(", "New", "York", ")-born", ",", "don't", ".", ".", ".", "1996-08-22")
    assert found == (words, ("O", "B-LOC", "I-LOC", *"OOOOOO", "B-DATE"))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (CONLL_2003, None),
        (CONLL_2003, "1"),
        (CONLL_2003, "1,4"),
        (CONLL_2003.replace(" B-ORG", " O").replace(" O", " _"), None),
        ("EU\nrejects\nGerman\ncall\n\n" * 2, None),
        ("Sentence;Word\n1;EU\n1;rejects\n1;German\n1;call\n", None),
        ("id\tform\n1\tEU\n2\trejects\n3\tGerman\n4\tcall\n", None),
        ('{"id": 7, "tokens": ["EU", "rejects", "German", "call"]}\n', None),
        ("word,pos,ner\nEU,X,\nrejects,X,\nGerman,X,\ncall,X,\n", None),
    ],
)
def test_words_are_read_without_their_tags(tmp_path, text, columns):
    sentences, reading = read_words(written(tmp_path, text), columns=columns)
    assert sentences[0] == EU[0] and "tag" not in reading.layout
