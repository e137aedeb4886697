"""Files opened by what is in them: packed in any way, in any encoding."""

import bz2
import gzip
import io
import lzma
import random
import re
import zipfile

import pytest

from rnnzoo.data.readers.encodings import check_encoding
from rnnzoo.data.readers.opening import Lines, decode, open_binary, read_text

TEXT = {
    "en": "The quick brown fox jumps over the lazy dog.\n",
    "fr": "C'est déjà l'été, mon frère préféré a mangé les gâteaux à la crème.\n",
    "de": "Schöne Grüße aus München, überall fehlen Schilder.\n",
    "pl": "Zażółć gęślą jaźń, a potem idź do domu. Wszystkie dzieci już śpią.\n",
    "ru": "Привет, мир. Это простое предложение на русском языке для проверки.\n",
    "el": "Καλημέρα κόσμε, αυτή είναι μια απλή πρόταση στα ελληνικά.\n",
    "ja": "これは日本語の文章です。文字コードを推定するためのものです。\n",
    "zh": "这是一个简单的中文句子，用于测试编码。今天天气很好。\n",
}


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def zstd(content):
    import pyarrow

    return pyarrow.Codec("zstd").compress(content, asbytes=True)


PACK = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped({"__MACOSX/._a": b"x", "folder/": b"", "folder/a.txt": content}),
    "zstd": zstd,
}


def lines_and_facts(path, encoding=None):
    lines = Lines(path, encoding)
    return list(lines), lines.facts


@pytest.mark.parametrize("packing", PACK)
def test_what_is_packed_is_known_by_its_bytes(tmp_path, packing):
    path = tmp_path / "a.txt"  # whatever the name says
    content = (TEXT["fr"] * 50_000).encode()
    path.write_bytes(PACK[packing](content))
    with open_binary(path) as file:
        assert file.read() == content
    text, facts = read_text(path)
    assert text == content.decode() and facts == {"packed": packing}
    assert lines_and_facts(path) == (text.splitlines(), facts)


@pytest.mark.parametrize("packing", PACK)
def test_a_damaged_archive_is_told_of(tmp_path, packing):
    path, rng = tmp_path / "a.gz", random.Random(0)
    content = PACK[packing](rng.randbytes(3000))
    for end in (len(content) // 2, len(content) - 6):
        path.write_bytes(content[:end])
        with pytest.raises(ValueError, match=f"a.gz is packed by {packing}, and can't be unpacked"):
            read_text(path)


def test_a_zip_of_several_files_is_refused_with_their_names(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": b"1", "b.txt": b"2"}))
    with pytest.raises(ValueError, match=r"a.zip is a zip of 2 files \('a.txt', 'b.txt'\); expect"):
        read_text(path)
    path.write_bytes(zipped({}))
    with pytest.raises(ValueError, match=r"zip of 0 files \(none\)"):
        read_text(path)


WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("language", TEXT)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", *WIDE])
def test_unicode_with_and_without_a_mark(tmp_path, language, codec):
    path = tmp_path / "a.txt"
    text = TEXT[language] * 2
    path.write_bytes(text.encode(codec))
    said = {f"{codec.upper()}, without a mark"} if codec in WIDE else {codec.upper()}
    facts = {} if codec.startswith("utf-8") else {"encoding": said.pop()}
    assert read_text(path) == (text, facts)
    assert lines_and_facts(path) == (text.splitlines(), facts)


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        ("fr", "cp1252"), ("fr", "mac-roman"), ("de", "cp1252"), ("pl", "cp1250"),
        ("pl", "iso8859-2"), ("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "cp866"), ("el", "cp1253"),
        ("ja", "cp932"), ("ja", "euc_jp"), ("zh", "gb18030"),
    ],
)  # fmt: skip
def test_other_encodings_are_guessed_which_is_said(tmp_path, language, codec):
    path = tmp_path / "a.txt"
    text = TEXT["en"] * 5000 + TEXT[language] * 2  # beyond what is looked at first
    path.write_bytes(text.encode(codec))
    facts = {"encoding": f"{codec}, a guess (--encoding settles it)"}
    assert read_text(path) == (text, facts)
    assert lines_and_facts(path) == (text.splitlines(), facts)


def test_a_named_encoding_settles_it(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("naïve\n".encode("latin-1"))
    assert read_text(path, "latin1") == ("naïve\n", {"encoding": "latin1"})
    assert lines_and_facts(path, "cp437") == (["na∩ve"], {"encoding": "cp437"})
    with pytest.raises(ValueError, match=r"a.txt, line 1: not utf-8 \(byte 0xef, .*--encoding"):
        read_text(path, "utf-8")
    path.write_bytes("\ufeffone\n".encode("utf-16-le"))
    assert read_text(path, "utf-16-le")[0] == "one\n"
    assert lines_and_facts(path, "utf-16-le")[0] == ["one"]
    path.write_bytes(b"a\0b\n")
    assert read_text(path, "utf-8")[0] == "a\0b\n"
    for name in ("nonsense", "rot13", "base64", "idna", "a\0b", ""):
        with pytest.raises(ValueError, match="expected the name of an encoding of text"):
            check_encoding(name)


def test_one_broken_line_makes_no_other_encoding(tmp_path):
    path = tmp_path / "a.txt"
    good = (TEXT["fr"] * 3).encode()
    path.write_bytes(good + b"caf\xe9\n" + good)
    for read in (read_text, Lines):
        with pytest.raises(ValueError, match=r"a.txt, line 4 is not UTF-8 .*0xe9.*, as the rest"):
            read(path)
    path.write_bytes(good[:-4] + "è".encode()[:1])
    with pytest.raises(ValueError, match=r"line 3 is not UTF-8 .*unexpected end of data"):
        read_text(path)


def test_a_line_that_is_not_as_it_is_said_is_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes((TEXT["en"] * 1000 + "café\n").encode("latin-1"))
    read = []
    with pytest.raises(ValueError, match=r"a.txt, line 1001: not ascii \(byte 0xe9"):
        read.extend(Lines(path, "ascii"))
    with pytest.raises(ValueError, match=r"a.txt, line 1001: not ascii \(byte 0xe9"):
        read_text(path, "ascii")
    path.write_bytes("\ufeffabc\n".encode("utf-16") + b"\x00\xd8")
    with pytest.raises(ValueError, match=r"a.txt, line 2: not UTF-16 \(byte"):
        read_text(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "there is a NUL at offset 8"),
        (b"plain text\nwith a \0 in it\n" * 9, "there is a NUL at offset 18"),
        (b"one\0two\n", "there is a NUL at offset 3"),
        (bytes(range(1, 32)) * 9, "of its first 279 bytes are control characters"),
        (b"%PDF-1.7\n", "it is a PDF"),
        (b"a" * 257 + b"ustar", re.escape("an archive of files (tar)")),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, content, why):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    for read in (read_text, Lines):
        with pytest.raises(ValueError, match=f"a.txt is no text: .*{why}.*--encoding"):
            read(path)


def test_marks_between_files_that_were_put_together(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\n\ufefftwo\n\ufeff".encode())
    assert lines_and_facts(path)[0] == ["one", "two", ""]
    assert read_text(path)[0] == "one\ntwo\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_one_way(tmp_path, end):
    path = tmp_path / "a.txt"
    path.write_bytes(f"\ufeffone\u2028two{end}{end}drei\x85vier".encode())
    assert lines_and_facts(path)[0] == ["one\u2028two", "", "drei\x85vier"]
    assert read_text(path)[0] == "one\u2028two\n\ndrei\x85vier"


def test_bytes_at_hand():
    assert decode(b"", "-") == ("", {})
    assert decode(TEXT["fr"].encode("cp1252"), "-")[0] == TEXT["fr"]
