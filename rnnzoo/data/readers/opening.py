"""A user's file, opened: unpacked and decoded by what its bytes say, not by what its name does."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import os
import re
import struct
import textwrap
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from rnnzoo.errors import DataError, WrongValue

# What the packers' modules raise of a damaged or encrypted archive.
DAMAGED = (
    ValueError, OSError, OverflowError, RuntimeError, EOFError, struct.error, zlib.error,
    lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip

_PACKED = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "zip": re.compile(rb"PK(\x03\x04|\x05\x06)"),
}

# Byte order marks; that of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_HEAD = 2**16  # bytes that are looked at to tell what a file is
_SAMPLE = 2**15  # bytes that an encoding is guessed from
# Of those that Python knows, what files are in; few, as guesses among all are bad.
_USUAL = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2",
    "koi8_r", "cp437", "cp850", "cp866", "mac_roman", "cp932", "euc_jp", "gb18030", "big5", "cp949",
    "tis_620",
]  # fmt: skip
# Encodings of Python that are none of files.
_NO_TEXT = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}


# --- bytes ----------------------------------------------------------------------------------------


def open_binary(path: str | os.PathLike[str]) -> BinaryIO:
    """The bytes of a file, unpacked if they are gzip, bzip2, xz, zstd or a zip of one file.

    Raises:
        ValueError: an archive of several files, or one that can't be unpacked; damage may be found
            only on reading on.
        OSError: it can't be opened.
    """
    file = open(path, "rb")  # noqa: SIM115 (who called closes it)
    packing = _packing(file.peek(10)[:10])
    if packing is None:
        return file
    try:
        return io.BufferedReader(_Unpacked(file, path, packing), 2**17)
    except DAMAGED as error:
        file.close()
        raise _damaged(path, packing, error) from None


def _packing(head):
    return next((name for name, magic in _PACKED.items() if magic.match(head)), None)


class _Unpacked(io.RawIOBase):
    """What is in an archive; whatever its module raises of damage becomes one kind of error."""

    def __init__(self, file, path, packing):
        self._path, self._packing = path, packing
        self._outer = file
        self._file = _UNPACK[packing](file, path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._file.read(len(buffer))
        except DAMAGED as error:
            raise _damaged(self._path, self._packing, error) from None
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._outer.close()
        super().close()


def _damaged(path, packing, error):
    if isinstance(error, DataError):
        return error
    reason = textwrap.shorten(str(error), 200, placeholder=" ...") or type(error).__name__
    return DataError(f"{path} is packed by {packing}, and can't be unpacked: {reason}", path)


def _zip_member(file, path):
    archive = zipfile.ZipFile(file if file.seekable() else io.BytesIO(file.read()))
    # macOS lays a folder of its own beside what it packs.
    names = [
        name
        for name in archive.namelist()
        if not name.endswith("/") and not name.startswith(("__MACOSX/", "."))
    ]
    if len(names) != 1:
        found = textwrap.shorten(", ".join(map(ascii, names)), 120, placeholder=" ...") or "none"
        raise DataError(
            f"{path} is a zip of {len(names)} files ({found}); expected one: unpack it, and give "
            "what is to be read",
            path,
        )
    return archive.open(names[0])


def _zstd(file, path):
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise DataError(
            f"{path} is packed by zstd, which is unpacked by pyarrow; install that, or unpack it",
            path,
        ) from None
    return pyarrow.input_stream(pyarrow.PythonFile(file, "r"), compression="zstd")


_UNPACK: dict[str, Any] = {
    "gzip": lambda file, path: gzip.GzipFile(fileobj=file),
    "bzip2": lambda file, path: bz2.BZ2File(file),
    "xz": lambda file, path: lzma.LZMAFile(file),  # noqa: SIM115
    "zstd": _zstd,
    "zip": _zip_member,
}


# --- text -----------------------------------------------------------------------------------------


def read_text(
    path: str | os.PathLike[str], encoding: str | None = None
) -> tuple[str, dict[str, str]]:
    r"""The text of a file, packed or not, and what was found out about it.

    All line ends are ``\n``, and a byte order mark is taken off. Text is UTF-8, with or without a
    mark, or UTF-16 or UTF-32, with or without one; of other text the encoding is guessed by
    charset-normalizer, which the facts tell.

    Args:
        path: of a file.
        encoding: of the text, such as ``"cp1252"``, instead of what it looks like.

    Returns:
        The text, and facts for a `Reading`: ``packed`` and ``encoding``, each only where it is not
        the usual one.

    Raises:
        ValueError: it is no text, or not in that encoding; the archive is damaged; there is no such
            encoding.
        OSError: it can't be opened.
    """
    with open_binary(path) as file:
        data = file.read()
    text, facts = decode(data, path, encoding)
    return text, _packed(path) | facts


def decode(
    data: bytes, name: str | os.PathLike[str], encoding: str | None = None
) -> tuple[str, dict[str, str]]:
    r"""As `read_text`, of bytes at hand; `name` says in an error whose they are.

    >>> decode("naïve\r\n".encode("utf-16"), "a.txt")
    ('naïve\n', {'encoding': 'UTF-16'})
    """
    codec, facts = _encoding(io.BytesIO(data), name, encoding)
    try:
        text = data.decode(codec)
    except UnicodeError as error:
        raise _undecodable(error, name, codec, facts, 0) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), facts


class Lines:
    r"""The lines of a file without their ends, read as they are asked for, each time anew.

    Lines end at newlines alone: a sentence may hold others of those that Unicode knows. In a file
    without any, they end at ``\r``, as they did once.

    Args:
        path, encoding: as `read_text` takes them.

    Attributes:
        facts: as `read_text` returns them.

    Raises:
        ValueError, OSError: as `read_text` does, and on reading on, with the line.
    """

    def __init__(self, path: str | os.PathLike[str], encoding: str | None = None) -> None:
        self.path = Path(path)
        with open_binary(path) as file:
            self._codec, facts = _encoding(file, path, encoding)
        self.facts = _packed(path) | facts
        with open_binary(path) as file:
            head = file.read(_HEAD).decode(self._codec, "ignore")
        self._end = "\r" if "\r" in head and "\n" not in head else "\n"

    def __iter__(self) -> Iterator[str]:
        number = 0
        with (
            open_binary(self.path) as file,
            io.TextIOWrapper(file, self._codec, newline=self._end) as lines,
        ):
            try:
                for line in lines:
                    number += 1
                    line = line.rstrip("\r\n")
                    yield line.removeprefix("\ufeff") if number == 1 else line
            except UnicodeError as error:
                raise _undecodable(error, self.path, self._codec, self.facts, number) from None


def _packed(path):
    with open(path, "rb") as file:
        packing = _packing(file.read(10)) if file.seekable() else None
    return {"packed": packing} if packing else {}


def _undecodable(error, name, codec, facts, lines_before):
    """What to raise of bytes that are not as they were taken for."""
    number, found = lines_before + 1, str(error)
    if isinstance(error, UnicodeDecodeError):
        number += error.object[: error.start].decode(codec, "ignore").count("\n")
        found = f"byte {error.object[error.start]:#04x}, {error.reason}"
    said = facts.get("encoding", "UTF-8")
    return DataError(
        f"{name}, line {number}: not {said} ({found}); save the file as UTF-8, or name its "
        "encoding (--encoding, in Python encoding=)",
        name,
        number,
    )


# --- which encoding -------------------------------------------------------------------------------


def _encoding(file, name, given):
    """The codec of a file's text, and what to say of it."""
    if given is not None:
        return check_encoding(given), {"encoding": given}
    head = file.read(_HEAD)
    for mark, codec in _MARKS.items():
        if head.startswith(mark):
            return codec, {} if codec == "utf-8-sig" else {"encoding": codec.upper()}
    if re.search(rb"\x1b\$[@B]", head):
        return "iso2022_jp", {"encoding": "ISO-2022-JP"}
    if codec := _wide(head):
        return codec, {"encoding": f"{codec.upper()}, without a mark"}
    if why := _no_text(head):
        raise DataError(
            f"{name} is no text: {why}; give text, or name its encoding (--encoding, in Python "
            "encoding=)",
            name,
        )
    decoder, block, before = codecs.getincrementaldecoder("utf-8")(), head, 0
    try:
        while following := file.read(2**20):
            decoder.decode(block)
            before += block.count(b"\n")
            block = following
        decoder.decode(block, True)
    except UnicodeDecodeError as error:
        return _guessed(block, name, error, before)
    return "utf-8", {}


def encoding_of(
    head: bytes, name: str | os.PathLike[str], encoding: str | None = None
) -> tuple[str, dict[str, str]]:
    r"""The codec of text by its first bytes, and facts, as `read_text` returns them.

    >>> encoding_of("naïve\n".encode("utf-16-le"), "a.txt")
    ('utf-16-le', {'encoding': 'UTF-16-LE, without a mark'})
    """
    return _encoding(io.BytesIO(head), name, encoding)


def check_encoding(encoding: str) -> str:
    """The name of an encoding of text as Python has it.

    Raises:
        ValueError: there is none of that name.

    >>> check_encoding("Latin1")
    'iso8859-1'
    """
    try:
        found = codecs.lookup(encoding)
        if found._is_text_encoding and found.name not in _NO_TEXT:
            return found.name
    except (LookupError, ValueError, TypeError):
        pass
    raise WrongValue(
        f"encoding={encoding!r}: expected the name of an encoding of text, such as utf-8, utf-16, "
        "cp1252, latin-1, cp1251, shift_jis or gb18030"
    )


def _wide(head):
    """UTF-16 or UTF-32 without a mark, if bytes are that.

    Of most text each second byte is NUL, or three of four; of all text those of blanks and ends of
    lines are. In the other order of bytes it is a jumble.
    """
    few = head.count(0) < len(head) / 8
    # Of other text with a few NUL the rest is text as it is.
    if 0 not in head or (few and not _controls(head.replace(b"\0", b""))):
        return None
    known = {}
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        decoder = codecs.getincrementaldecoder(codec)()
        with contextlib.suppress(UnicodeDecodeError):
            text = decoder.decode(head[:8192], len(head) <= 8192)
            kinds = [unicodedata.category(one) for one in text if not one.isspace()]
            if not text or sum(kind in ("Cc", "Cn", "Co") for kind in kinds) > len(text) / 200:
                continue
            known[codec] = sum(one.isascii() for one in text) / len(text)
    return max(known, key=lambda codec: known[codec], default=None)


_CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b"})  # terminals' logs have escapes


def _controls(head):
    return len(head) - len(head.translate(None, _CONTROLS))


def _no_text(head):
    """Why bytes are no text, in words; empty where they may be."""
    if head[257:262] == b"ustar":
        return "it is an archive of files (tar), to be unpacked"
    if head.startswith(b"%PDF-"):
        return "it is a PDF"
    if 0 in head:
        return f"there is a NUL at offset {head.index(0):,}"
    if (controls := _controls(head)) > len(head) / 200 + 1:
        return f"{controls:,} of its first {len(head):,} bytes are control characters"
    return ""


def _guessed(block, name, error, before):
    """The codec of a block of what is not UTF-8."""
    number = before + error.object[: error.start].count(b"\n") + 1
    byte = error.object[error.start]
    tried = f"line {number} is not UTF-8 (byte {byte:#04x}, {error.reason})"
    # Around what is not UTF-8; what is ASCII alone tells nothing.
    begin = block.rfind(b"\n", 0, max(0, error.start - _SAMPLE // 4)) + 1
    lines = [line for line in block[begin:].split(b"\n") if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    text = sample.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if sum(character > "\x7f" for character in text) - lost > 4 * lost:
        raise DataError(
            f"{name}, {tried}, as the rest is; mend the line, or name the file's encoding "
            "(--encoding, in Python encoding=)",
            name,
            number,
        )
    import charset_normalizer  # here, as most text is UTF-8

    found = charset_normalizer.from_bytes(sample, cp_isolation=_USUAL)
    if not found:
        raise DataError(
            f"{name}, {tried}, nor UTF-16, nor UTF-32, nor anything that charset-normalizer knows; "
            "save the file as UTF-8, or name its encoding (--encoding, in Python encoding=)",
            name,
            number,
        )
    best = found.best()
    codec = check_encoding(best.encoding)
    # Without words that it knows, the accents of the West look as good in any of their encodings.
    for other in found:
        as_good = other.chaos <= best.chaos + 0.1 and other.coherence >= best.coherence - 0.1
        if as_good and "cp1252" in (other.encoding, *other.could_be_from_charset):
            codec = "cp1252"
    return codec, {"encoding": f"{codec}, a guess (--encoding settles it)"}
