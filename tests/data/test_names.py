"""Names to train on."""

import keyword
import re

import pytest

from rnnzoo import data
from rnnzoo.data.names import spelling
from rnnzoo.data.readers.names import read_names


def test_no_identifier_is_in_two_splits_of_python_names():
    names = data.load_names("python_names")
    parts = [names.train, names.validation, names.test]
    assert [len(part) > 500 for part in parts] == [True] * 3
    together = [name for part in parts for name in part]
    assert len({*together}) == len(together)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in together)
    spellings = [{*map(spelling, part)} for part in parts]
    assert len(set.union(*spellings)) == sum(map(len, spellings))
    assert {"asyncio", "_os", "read_files"} - {*together} == {"read_files"}


WORDS = ["Anna", "Bob", "anna", "a_nna", "Carl", "Dora", "Eve", "Fay", "Gus", "Hal", "Ida", "Jo"]


@pytest.mark.parametrize(
    ("file", "text", "options"),
    [
        ("names.txt", "\n".join(WORDS) + "\n\n Bob \n", {}),
        ("names.csv", "name\n" + "\n".join(WORDS), {}),
        ("names.csv", "year,name\n" + "\n".join(f'1,"{word}"' for word in WORDS), {}),
        ("names.tsv", "\n".join(f"{word}\t1" for word in WORDS), {"columns": "1"}),
        ("names.csv", "who,year\n" + "\n".join(f"{word},1" for word in WORDS), {"columns": "who"}),
        ("names.jsonl", "\n".join(f'{{"year": 1, "name": "{word}"}}' for word in WORDS), {}),
    ],
)
def test_a_name_a_line_or_a_column(tmp_path, file, text, options):
    (tmp_path / file).write_text(text)
    names = data.load_names(tmp_path / file, validation=0.2, test=0.2, **options)
    parts = [names.train, names.validation, names.test]
    assert sorted(name for part in parts for name in part) == sorted(WORDS)
    assert all(parts)
    of_anna = [{"Anna", "anna", "a_nna"} & {*part} for part in parts]
    assert sorted(map(len, of_anna)) == [0, 0, 3]
    assert names.reading.counts == {"names": 12}


def test_a_row_of_other_columns_is_no_name(tmp_path):
    rows = [f"{word},1" for word in WORDS]
    (tmp_path / "a.csv").write_text("\n".join(["name,year", *rows, "Smith, John,2"]))
    found, reading = read_names(tmp_path / "a.csv")
    assert found == WORDS
    assert reading.left_out == ["1 rows of more or fewer than 2 columns, the first is line 14"]


def test_lines_of_prose_are_read_and_told_to_be_odd(tmp_path):
    lines = [f"{word} went up the hill to fetch a pail" for word in WORDS]
    (tmp_path / "a.txt").write_text("\n".join(lines))
    (odd,) = read_names(tmp_path / "a.txt")[1].warnings
    assert odd.startswith("half of the lines have more than 9 words: that is text")
    (tmp_path / "b.txt").write_text("\n".join(f"{word} of the Old Town" for word in WORDS))
    assert not read_names(tmp_path / "b.txt")[1].warnings


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("a.txt", "\n \n", "holds no names; expected one a line"),
        ("a.txt", "x\n" + "y" * 300, "line 2: 300 characters, expected a name of at most 256"),
        ("a.csv", "who,year\nAnna,1", "has no column called name, names, word"),
        ("a.txt", "Anna\nB\x03b", "line 2: 'B\\x03b' holds the control character '\\x03'"),
        ("a.txt", "Anna\nanna", "holds 2 name(s), 1 of them different: too few to train"),
    ],
)
def test_mistakes(tmp_path, file, text, message):
    (tmp_path / file).write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        data.load_names(tmp_path / file)
    with pytest.raises(FileNotFoundError, match="neither a file of names, nor one of python_names"):
        data.load_names(tmp_path / "nothing.txt")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("who,year", "columns='who,year': expected 1 column, by name or number from 1, such as"),
        ("name", "no column name; expected one of 1 who ('who'), 2 year ('year'), by name or num"),
    ],
)
def test_which_column_is_asked_for_as_one(tmp_path, columns, message):
    (tmp_path / "a.csv").write_text("who,year\nAnna,1\nBob,2")
    with pytest.raises(ValueError, match=re.escape(message)):
        read_names(tmp_path / "a.csv", columns)


@pytest.mark.parametrize(
    ("file", "text", "columns", "names"),
    [
        ("a.csv", "first_name\nAnna", None, ["Anna"]),
        ("a.csv", "count,First Name\n1,Bob", None, ["Bob"]),
        ("a.csv", "count,first name\n1,Bob", "2", ["Bob"]),
        ("a.csv", "count,given\n1,Bob\nNA,Eve", "2", ["Bob", "Eve"]),
        ("a.jsonl", '{"surname": "Bob", "n": 1}', None, ["Bob"]),
        ("a.csv", "Anna,x1\nBob,y2", "1", ["Anna", "Bob"]),
        ("a.csv", "Anna,NA\nBob,2", "1", ["Anna", "Bob"]),
        ("a.csv", "Anna,-\nBob,2", "1", ["Anna", "Bob"]),
        ("a.csv", "Anna\n1", None, ["Anna", "1"]),
        ("a.csv", 'name\n"Smith, John"\nDoe, Jane\nBob', None, ["Smith, John", "Doe, Jane", "Bob"]),
        ("a.csv", 'Bob\n"Smith ""J"" John"', None, ["Bob", 'Smith "J" John']),
    ],
)
def test_a_first_line_that_names_columns_is_no_name_and_quotes_are_none(
    tmp_path, file, text, columns, names
):
    (tmp_path / file).write_text(text)
    found, reading = read_names(tmp_path / file, columns)
    assert found == names
    as_name = "line 1" in reading.facts
    assert as_name == text.startswith(names[0])
