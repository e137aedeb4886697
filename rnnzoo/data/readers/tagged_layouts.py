"""Tagged sentences that are not in CoNLL's columns: JSON lines, tables with names, word_TAG."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.conll import Tagged
from rnnzoo.data.readers.tagged_spans import span_keys, span_sentences
from rnnzoo.errors import DataError

WORDS = ("word", "words", "token", "tokens", "form")
# The first that a table has is its column of tags; of those behind, if there is but one of them.
TAGS = ("tag", "tags", "label", "labels")
MORE_TAGS = (
    "ner", "ner_tag", "ner_tags", "pos", "pos_tag", "pos_tags", "upos", "xpos", "chunk",
    "chunk_tag", "chunk_tags", "entity", "entities", "deprel", "bio", "iob",
)  # fmt: skip
_SENTENCES = ("sentence", "sentence #", "sentence_id", "sentence id", "sent_id", "sentence_idx")
KNOWN = (*WORDS, *TAGS, *MORE_TAGS, *_SENTENCES, "id", "lemma")


def json_sentences(
    lines: Iterable[str],
    path: Any,
    keys: Sequence[str],
    head: Sequence[str],
    asked: Sequence[str] | None,
    alone: bool = False,
) -> tuple[str, Iterator[Tagged]]:
    """Sentences of objects that hold a list of words and one of tags, or a text and its spans."""
    example = next(rows.json_rows(head, path))[1]
    if not asked:
        if of_spans := span_keys(example):
            return span_sentences(lines, path, of_spans)
        asked = words_alone(keys) if alone else None
    if asked:
        word, tag = (keys[rows.place_of(key, keys, keys, path)] for key in asked[-2:])
    else:
        lists = [key for key in keys if isinstance(example[key], list)]
        word, tag = _word_and_tag(lists, path, keys, [example[key] for key in keys])

    def read():
        for number, row in rows.json_rows(lines, path):
            words, tags = row.get(word), row.get(tag)
            if not (isinstance(words, list) and isinstance(tags, list) and len(words) == len(tags)):
                raise DataError(
                    f"{path}, line {number}: expected as many of {word} as of {tag}, in lists",
                    path,
                    number,
                )
            tokens = tuple(map(str, words))
            if not all(one.strip() for one in tokens):
                raise DataError(f"{path}, line {number}: a word is empty", path, number)
            yield Tagged(tokens, tuple(map(str, tags)))

    return f"JSON lines: {_said(word, tag)}", read()


def _said(word, tag):
    return f"words {word!r}" + (f", tags {tag!r}" if tag != word else "")


def _word_and_tag(names, path, all_names=None, row=()):
    """The names of a table's columns of words and of tags."""
    plain = {name.strip().lower(): name for name in names}
    word = next((plain[name] for name in WORDS if name in plain), None)
    tag = next((plain[name] for name in TAGS if name in plain), None)
    others = [plain[name] for name in MORE_TAGS if name in plain]
    if tag is None and len(others) == 1:
        tag = others[0]
    if word is None or tag is None:
        why = "several columns may be tags" if word and others else "which columns are which?"
        raise DataError(
            f"{path}: {why} It has {rows.listed(all_names or names, row)}. Say which are word and "
            'tag: --columns word,tag, in Python columns=("word", "tag")',
            path,
        )
    return word, tag


def words_alone(names: Iterable[str]) -> list[str] | None:
    """What to ask of a table, or of JSON lines, for its words alone; None if it has no such column.

    They take the place of the tags.

    >>> words_alone(["Sentence #", "Word", "POS"])
    ['Sentence #', 'Word', 'Word']
    """
    plain = {str(name).strip().lower(): str(name) for name in names}
    word = next((plain[name] for name in WORDS if name in plain), None)
    of = [plain[name] for name in _SENTENCES if name in plain][:1]
    return [*of, word, word] if word is not None else None


def table_sentences(
    lines: Iterable[str],
    path: Any,
    head: Sequence[str],
    asked: Sequence[str] | None,
    left_out: rows.LeftOut,
    alone: bool = False,
) -> tuple[str, Iterator[Tagged]] | None:
    """Sentences of a table whose first line names its columns, a word a row; None if it is none.

    Where words alone are wanted, they take the tags' place.
    """
    for separator in (",", ";", "\t"):
        first = rows.head_cells(head, separator)[:2]
        if len(first) < 2 or len(first[0]) < 2:
            continue
        names = [name.strip() for name in first[0]]
        plain = [name.lower() for name in names]
        if alone and not asked and (found := words_alone(names)):
            return table_sentences(lines, path, head, found, left_out, alone)
        by_name = asked and all(one.lower() in plain or one.isdecimal() for one in asked)
        known = set(plain) & {*WORDS} and set(plain) & {*TAGS, *MORE_TAGS}
        told = asked and (by_name or len(asked) == 3) and (alone or separator != "\t")
        if not known and not told:
            continue
        if asked:
            *of, word, tag = (rows.place_of(one, names, first[1], path) for one in asked)
        else:
            word, tag = map(names.index, _word_and_tag(names, path, names, first[1]))
            of = [plain.index(name) for name in _SENTENCES if name in plain][:1]
        header = bool(known) or not all(map(str.isdecimal, asked or ()))
        if not header:
            names = [str(place) for place in range(1, len(names) + 1)]
        said = f"; sentences by {names[of[0]]!r}" if of else ""
        name = {",": "commas", ";": "semicolons", "\t": "tabs"}[separator]
        layout = f"a table, separated by {name}: {_said(names[word], names[tag])}{said}"
        table = rows.cells_of(lines, separator, path, rows.are_quoted(head, separator))
        if header:  # which may stand below blank lines
            table = itertools.dropwhile(lambda row: not any(map(str.strip, row[1])), table)
            table = itertools.islice(table, 1, None)
        return layout, _rows_of(table, path, of[0] if of else None, word, tag, left_out)
    return None


def _rows_of(table, path, of, word, tag, left_out):
    words: list[str] = []
    tags: list[str] = []
    before, kept = None, 0
    for number, row in table:
        blank = not any(map(str.strip, row))
        if not blank and len(row) <= max(word, tag, of or 0):
            raise DataError(
                f"{path}, line {number}: {len(row)} columns; expected {max(word, tag) + 1} or more",
                path,
                number,
            )
        # Some say the sentence in its first row alone.
        sentence = row[of].strip() if of is not None and not blank else ""
        if words and (blank or (sentence and sentence != before)):
            yield Tagged(tuple(words), tuple(tags))
            words, tags = [], []
        if blank:
            continue
        before = sentence or before
        if not row[word].strip():
            left_out.add("rows without a word", number)
            continue
        if not row[tag].strip():
            raise DataError(f"{path}, line {number}: the tag is empty", path, number)
        words.append(row[word].strip())
        tags.append(row[tag].strip())
        kept += 1
    if words:
        yield Tagged(tuple(words), tuple(tags))
    left_out.check(path, kept, "expected a word and its tag in each row")


def mark_of(head: Sequence[str]) -> str | None:
    """What stands between words and tags in lines of word_TAG; None if these are none."""
    tokens = [token for line in head for token in line.split()][:5000]
    for mark in "_", "/":
        pairs = [token.rpartition(mark)[::2] for token in tokens]
        tags = {tag for _, tag in pairs}
        good = sum(bool(word) and bool(tag) and len(tag) < 12 for word, tag in pairs)
        # In columns, only the words may hold such a mark.
        if tokens and good > 0.95 * len(pairs) and len(tags) <= max(10, len(pairs) / 5):
            return mark
    return None


def marked_sentences(lines: Iterable[str], path: Any, mark: str) -> Iterator[Tagged]:
    """Sentences of lines of word_TAG, a sentence a line."""
    for number, line in enumerate(lines, 1):
        pairs = [token.rpartition(mark)[::2] for token in line.split()]
        for token, pair in zip(line.split(), pairs, strict=True):
            if not all(pair):
                raise DataError(
                    f"{path}, line {number}: {token[:40]!r}: expected word{mark}TAG", path, number
                )
        yield Tagged(tuple(word for word, _ in pairs), tuple(tag for _, tag in pairs))
