"""Which encoding a file's text is in: told by its bytes, or guessed, which is said."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
import unicodedata
from typing import BinaryIO

from rnnzoo.errors import DataError, WrongValue

# Byte order marks; that of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

HEAD = 2**16  # bytes that are looked at to tell what a file is
_SAMPLE = 2**15  # bytes that an encoding is guessed from
# Of those that Python knows, what files are in; few, as guesses among all are bad.
_USUAL = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2",
    "koi8_r", "cp437", "cp850", "cp866", "mac_roman", "cp932", "euc_jp", "gb18030", "big5", "cp949",
    "tis_620",
]  # fmt: skip
# Encodings of Python that are none of files.
_NO_TEXT = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}


def encoding_of(
    data: bytes, name: str | os.PathLike[str], encoding: str | None = None
) -> tuple[str, dict[str, str]]:
    r"""The codec of text, and facts as `rnnzoo.data.read_text` returns them.

    Args:
        data: the text.
        name: of whose it is, for an error.
        encoding: settles it.

    Raises:
        ValueError: it is no text, or there is no such encoding.

    >>> encoding_of("naïve\n".encode("utf-16-le"), "a.txt")
    ('utf-16-le', {'encoding': 'UTF-16-LE, without a mark'})
    """
    return encoding_of_file(io.BytesIO(data), name, encoding)


def encoding_of_file(
    file: BinaryIO, name: str | os.PathLike[str], given: str | None
) -> tuple[str, dict[str, str]]:
    """As `encoding_of`, of a file at its begin, which is read on as far as it takes."""
    if given is not None:
        return check_encoding(given), {"encoding": given}
    head = file.read(HEAD)
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
    few = head.count(0) <= len(head) / 4
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
        # Nor between those of the East; but hiragana are what only Japanese has in Shift-JIS.
        if other.encoding == "cp932" and re.search("[\u3041-\u3093]", str(other)):
            codec = "cp932"
    return codec, {"encoding": f"{codec}, a guess (--encoding settles it)"}
