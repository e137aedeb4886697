"""Tagged sentences in JSON lines of a text and the spans in it, as annotation tools write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.conll import Tagged
from rnnzoo.errors import DataError, WrongValue

_TEXTS = ("text", "sentence", "content", "data")
_SPANS = ("spans", "entities", "label", "labels", "annotations")
# What a span's record calls its place of begin, of end (behind it), and its kind.
_BEGINS = ("start", "start_offset", "begin", "from")
_ENDS = ("end", "end_offset", "to")
_KINDS = ("label", "type", "tag", "entity", "entity_group")

# Punctuation around a word is apart from it; within, as in don't and 1996-08-22, it is not.
_WORD = re.compile(r"\w(?:\S*\w)?|[^\w\s]")


def span_keys(example: Mapping[str, Any]) -> tuple[str, str] | None:
    """The keys of the text and of its spans in a record; None if it has no such.

    >>> span_keys({"text": "New York", "entities": [[0, 8, "LOC"]]})
    ('text', 'entities')
    """
    text = next((key for key in _TEXTS if isinstance(example.get(key), str)), None)
    spans = next((key for key in _SPANS if isinstance(example.get(key), list)), None)
    if text is None or spans is None:
        return None
    return (text, spans) if all(isinstance(one, (list, dict)) for one in example[spans]) else None


def span_sentences(
    lines: Iterable[str], path: Any, keys: tuple[str, str]
) -> tuple[str, Iterator[Tagged]]:
    """Sentences of objects that hold a text and its spans, one each."""
    text, spans = keys

    def read():
        for number, row in rows.json_rows(lines, path):
            try:
                yield tagged(row.get(text), row.get(spans))
            except WrongValue as error:
                raise DataError(f"{path}, line {number}: {error}", path, number) from None

    return f"JSON lines: spans {spans!r} of {text!r}, words apart at blanks and punctuation", read()


def tagged(text: Any, spans: Any) -> Tagged:
    """The words of a text, tagged by B- where a span begins, I- within and O outside.

    Args:
        text: a string.
        spans: of each its begin, its end (the place behind it), and its kind; a list, or a record
            such as ``{"start": 0, "end": 8, "label": "LOC"}``.

    Raises:
        ValueError: these are none, or one is within another.

    >>> tagged("In New York.", [[3, 11, "LOC"]])
    Tagged(tokens=('In', 'New', 'York', '.'), tags=('O', 'B-LOC', 'I-LOC', 'O'))
    """
    if not isinstance(text, str) or not isinstance(spans, list):
        raise WrongValue(f"expected a text and its spans, got {text!r:.40} and {spans!r:.40}")
    found = sorted(_span(one, len(text)) for one in spans)
    for (_, end, one), (begin, _, other) in zip(found, found[1:], strict=False):
        if begin < end:
            raise WrongValue(f"the spans {one} and {other} overlap at character {begin}")
    words: list[str] = []
    tags: list[str] = []
    left = iter([*found, (len(text) + 1, len(text) + 1, "")])
    begin, end, kind = next(left)
    mark = "B"
    for at, word in _words(text, found):
        while at >= end:
            begin, end, kind = next(left)
            mark = "B"
        words.append(word)
        tags.append(f"{mark}-{kind}" if at >= begin else "O")
        mark = "I" if at >= begin else "B"
    return Tagged(tuple(words), tuple(tags))


def _span(one, length):
    if isinstance(one, dict):
        named = [
            next((one[k] for k in keys if k in one), None) for keys in (_BEGINS, _ENDS, _KINDS)
        ]
    else:
        named = list(one) if isinstance(one, list) else []
    begin, end, kind = named if len(named) == 3 else (None, None, None)
    if not (type(begin) is type(end) is int and 0 <= begin < end <= length and kind):
        raise WrongValue(
            f"expected spans [begin, end, kind] within {length:,} characters, got {one!r:.80}"
        )
    return begin, end, str(kind)


def _words(text: str, spans: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, str]]:
    """Each word with where it begins; one that a span cuts is several."""
    borders = {place for begin, end, _ in spans for place in (begin, end)}
    for match in _WORD.finditer(text):
        begin, end = match.span()
        cuts = sorted(place for place in borders if begin < place < end) if borders else []
        for first, last in zip([begin, *cuts], [*cuts, end], strict=True):
            if word := text[first:last].strip():
                yield first, word
