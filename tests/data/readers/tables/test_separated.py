"""Text files of rows: whatever separates them, however numbers and text are written."""

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pytest

from rnnzoo.data.readers.tables import Options, read_tables, separated
from rnnzoo.errors import DataError

NAN = float("nan")


def read(tmp_path, content, name="own.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tables(path, Options(**options))


def values(recordings):
    return [np.asarray(x).tolist() for x in recordings]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x,y\n1.5,2\n3,-4e1\n", "separated by ','"),
        ("x;y\n1.5;2\n3;-4e1\n", "separated by ';'"),
        ("x\ty\n1.5\t2\n3\t-4e1\n", "separated by tabs"),
        ("x|y\n1.5|2\n3|-4e1\n", "separated by '|'"),
        ("x y\n1.5   2\n 3\t-4e1 \n", "separated by blanks"),
        ("x;y\n1,5;2\n3;-4e1\n", "separated by ';', decimal comma"),
        ("x\ty\n1,5\t2,0\n3\t-4e1\n", "separated by tabs, decimal comma"),
        ("x y\n1,5 2,0\n3 -4e1\n", "separated by blanks, decimal comma"),
        ('x,y\n"1,5","2,0"\n"3","-4e1"\n', "separated by ',', decimal comma"),
        ('"x","y"\n"1.5","2"\n"3","-4e1"\n', "separated by ','"),
        ("x , y\n1.5 , 2\n 3, -4e1 \n", "separated by ','"),
        ("sep=;\nx;y\n1,5;2\n3;-4e1\n", "separated by ';', decimal comma"),
        ("\ufeffx,y\r\n1.5,2\r\n3,-4e1\r\n", "separated by ','"),
        ("x,y\r1.5,2\r3,-4e1", "separated by ','"),
        ("\n\nx,y\n\n1.5,2\n\n3,-4e1\n\n\n", "separated by ','"),
        ("# a logger's\n# x y\n1.5 2\n3 -4e1\n", "separated by blanks"),
    ],
)
def test_what_separates_cells_is_found_and_said(tmp_path, content, said):
    recordings = read(tmp_path, content)
    assert recordings.channels == ("x", "y")
    assert values(recordings) == [[[1.5, 2], [3, -40]]]
    assert recordings.reading.layout == f"a table, {said}"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_names_of_channels_in_any_encoding(tmp_path, codec):
    recordings = read(tmp_path, "größe,b\n1,2\n3,4\n".encode(codec))
    assert recordings.channels == ("größe", "b")
    assert values(recordings) == [[[1, 2], [3, 4]]]


def test_an_encoding_may_be_told(tmp_path):
    content = "größe,b\n1,2\n3,4\n".encode("cp437")
    assert read(tmp_path, content, encoding="cp437").channels == ("größe", "b")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, "zip"])
def test_packed_files(tmp_path, pack):
    content = b"x,y\n1,2\n3,4\n"
    if pack == "zip":
        with zipfile.ZipFile(tmp_path / "own.csv.zip", "w") as archive:
            archive.writestr("own.csv", content)
        recordings = read_tables(tmp_path / "own.csv.zip", Options())
    else:
        recordings = read(tmp_path, pack(content), "own.csv.packed")
    assert values(recordings) == [[[1, 2], [3, 4]]]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("acc\n9,81\n9,79\n", [[9.81], [9.79]]),  # one name: one column
        ("x,y\n9,81\n9,79\n", [[9, 81], [9, 79]]),  # two names
        ("9,81\n9,79\n10,02\n", [[9.81], [9.79], [10.02]]),  # no names, but 10,02
        ("-0,5\n0,25\n", [[-0.5], [0.25]]),
        ("1,2\n30,4\n5,600\n", [[1, 2], [30, 4], [5, 600]]),
    ],
)
def test_a_decimal_comma_in_a_single_column(tmp_path, content, expected):
    recordings = read(tmp_path, content)
    np.testing.assert_array_equal(recordings[0], np.float32(expected))
    if content[0] not in "ax":
        assert "is taken for" in recordings.reading.warnings[0]
        assert "write a line of names" in recordings.reading.warnings[0]


@pytest.mark.parametrize(
    ("content", "odd"),
    [
        ('x,y\n"1,003",0.5\n998,1.5\n', True),
        ('x,y\n"12,5",0.5\n"1,003",1.5\n', False),
        ("x;y\n1,003;0,5\n2,517;1,5\n", False),
    ],
)
def test_what_may_be_thousands_beside_decimal_points_is_said(tmp_path, content, odd):
    warnings = read(tmp_path, content).reading.warnings
    assert any("write it without the comma" in said for said in warnings) == odd


@pytest.mark.parametrize(
    ("content", "channels", "expected"),
    [
        (",2,3\n4,5,6\n7,8,0\n", 3, [[NAN, 2, 3], [4, 5, 6], [7, 8, 0]]),
        ("NA,2\n4,5\n7,8\n", 2, [[NAN, 2], [4, 5], [7, 8]]),
        ("1,2\n3,\n4,5\n", 2, [[1, 2], [3, NAN], [4, 5]]),
        ("a,b\n1,2\n?,nan\n5,null\n6,7\n3,4\n", 2, [[1, 2], [NAN] * 2, [5, NAN], [6, 7], [3, 4]]),
        ("a,b\n1,2\nNone,-\n6,7\n", 2, [[1, 2], [NAN, NAN], [6, 7]]),
        ("0,1.5\n1,2.5\n2,3.5\n", 2, [[0, 1.5], [1, 2.5], [2, 3.5]]),
    ],
)
def test_a_first_row_is_not_lost_and_what_is_missing_stays_so(
    tmp_path, content, channels, expected
):
    recordings = read(tmp_path, content)
    assert len(recordings.channels) == channels
    np.testing.assert_array_equal(recordings[0], np.float32(expected))


def test_names_that_count_are_told_from_rows(tmp_path):
    recordings = read(tmp_path, ",0,1\n0,1.5,2.5\n1,3.5,4.5\n2,5.5,6.5\n")  # as pandas writes them
    assert recordings.channels == ("0", "1")
    assert values(recordings) == [[[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]]]
    assert "taken for names" in recordings.reading.warnings[0]
    assert recordings.reading.left_out == ("column 'column 1', which counts or names rows",)
    recordings = read(tmp_path, "0,1,2\n7,8,9\n3,1,4\n")
    assert values(recordings) == [[[0, 1, 2], [7, 8, 9], [3, 1, 4]]]
    assert "taken for a row" in recordings.reading.warnings[0]


def test_columns_of_one_name_are_told_apart(tmp_path):
    recordings = read(tmp_path, "x,x,\n1,2,3\n4,5,6\n")
    assert recordings.channels == ("x", "x (2)", "column 3")
    assert "two columns are called 'x'" in recordings.reading.warnings[0]


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ("a,b\n1,2\n3\n", "line 3: 1 columns, the lines before 2", 3),
        ("a,b\n1,2\n\n3,4,5\n", "line 4: 3 columns, the lines before 2", 4),
        ("a,b\n1,2\n3,\n5\n", "line 4: 1 columns", 4),
        ("a,b\n1,2\n\n3,4\n5,oops\n", "line 5: could not convert 'oops' in column 'b'", 5),
        ("a,b\n1,2\n3,0x10\n", "line 3: could not convert '0x10'", 3),
        ("a,b\n1,2\n3,1e99\n", "line 3: column 'b' holds a number that is none, or too large", 3),
        ("a,b\n1,2\ninf,1\n", "line 3: column 'a' holds a number that is none", 3),
        ("x,2.5,3\n1,2,3\n", "line 1: 'x' is no number, as those below it are", 1),
        ("a,b\n", "holds no line of numbers", None),
        ("", "holds no line of numbers", None),
        ("\n \n", "holds no line of numbers", None),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, content, message, line):
    with pytest.raises(DataError, match=message) as error:
        read(tmp_path, content)
    assert error.value.line == line
    assert str(tmp_path / "own.csv") in str(error.value)


def test_blocks_are_cut_at_whole_rows(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 3)).round(4)
    lines = [f'{i // 50},"a, ""b"" \n{i // 50}",{a},{b},{c}' for i, (a, b, c) in enumerate(x)]
    content = "id,label,a,b,c\n" + "\n".join(lines)
    whole = read(tmp_path, content)
    monkeypatch.setattr(separated, "_BLOCK", 100)
    in_blocks = read(tmp_path, content)
    assert values(in_blocks) == values(whole)
    np.testing.assert_array_equal(np.concatenate(list(in_blocks)), x.astype(np.float32))
    assert in_blocks.labels.tolist() == [f'a, "b" \n{i}' for i in range(10)]
    with pytest.raises(DataError, match="line 1002: could not convert 'bad'"):
        read(tmp_path, content + '\n9,"q",bad,1,2')


def test_a_wrong_cell_far_down_is_named_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(separated, "_BLOCK", 64)
    monkeypatch.setattr(separated, "_HEAD", 256)
    rows = ["a;b", *[f"{i},5;{i}" for i in range(300)]]
    rows[251] = "250,5;what"
    with pytest.raises(DataError, match="line 252: could not convert 'what' in column 'b'"):
        read(tmp_path, "\n".join(rows))
    rows[251] = "250,5; 250 "
    np.testing.assert_array_equal(
        read(tmp_path, "\n".join(rows))[0], [[i + 0.5, i] for i in range(300)]
    )
