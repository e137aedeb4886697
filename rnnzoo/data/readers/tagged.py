"""Tagged sentences in the user's files, whatever they are laid out like."""

from __future__ import annotations

import collections
import itertools
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnnzoo.data.readers import rows
from rnnzoo.data.readers.conll import Tagged, columns_of, read_columns
from rnnzoo.data.readers.files import few, files_below, kind_of, split_named
from rnnzoo.data.readers.opening import Lines
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError

_WORDS = ("word", "words", "token", "tokens", "form")
# The first that a table has is its column of tags; of those behind, if there is but one of them.
_TAGS = ("tag", "tags", "label", "labels")
_MORE_TAGS = (
    "ner", "ner_tag", "ner_tags", "pos", "pos_tag", "pos_tags", "upos", "xpos", "chunk",
    "chunk_tag", "chunk_tags", "entity", "entities", "deprel", "bio", "iob",
)  # fmt: skip
_SENTENCES = ("sentence", "sentence #", "sentence_id", "sentence id", "sent_id", "sentence_idx")
_KNOWN = (*_WORDS, *_TAGS, *_MORE_TAGS, *_SENTENCES, "id", "lemma")


def read_tagged(
    path: str | os.PathLike[str],
    *,
    column: str = "upos",
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> tuple[list[Tagged], Reading]:
    """The sentences of one file, and what it was taken for.

    The layout is known by what is in the file: CoNLL-U and CoNLL-X, CoNLL-2009 and 2012; words and
    tags in two columns or more, the word first and its tag last, as in CoNLL-2000 and 2003; lines
    of word_TAG or word/TAG; JSON lines with tokens and tags; tables with a first line of names,
    such as ``Sentence #,Word,POS,Tag``.

    Args:
        path: of a text file, packed or not.
        column: which tag of a CoNLL-U file: "upos", "xpos" or "deprel".
        columns: of word and tag, by names or by numbers from 1, where they are others than found
            out; of a table, before them the column that says which sentence a word is of.
        encoding: of the file, see `rnnzoo.load_text`.

    Raises:
        ValueError: a malformed line, with file and line number; or it can't be told which columns
            are which.
        OSError: the file can't be opened.

    Example:
        ``sentences, reading = read_tagged("train.conll")``
    """
    path = Path(path)
    asked = rows.wanted(columns, 2, 3)
    lines = Lines(path, encoding)
    head = list(itertools.islice(lines, rows.HEAD))
    if not any(map(str.strip, head)):
        raise DataError(f"{path} holds nothing; expected words and their tags", path)
    left_out = rows.LeftOut()
    found: Iterable[Tagged]
    facts = dict(lines.facts)
    if keys := rows.json_keys(head):
        layout, found = _json(lines, path, keys, head, asked)
    elif table := _table(lines, path, head, asked):
        layout, found = table
    elif (mark := _mark(head)) and not asked:
        layout = f"lines of word{mark}TAG"
        found = _marked(lines, path, mark)
    else:
        if asked and len(asked) == 3:
            raise DataError(f"{path} is no table with sentences; expected columns=word,tag", path)
        of = columns_of(head, path, column, asked, _KNOWN)
        layout = of.layout
        facts |= {"columns": of.note} if of.note else {}
        found = read_columns(lines, path, of, left_out)
    sentences = [sentence for sentence in found if sentence.tags]
    return sentences, reading_of(sentences, Reading(layout=layout, facts=facts), left_out.said())


def reading_of(
    sentences: Sequence[Tagged], reading: Reading, left_out: Sequence[str] = ()
) -> Reading:
    """What was read with what the sentences tell: counts, tags, spans, examples."""
    tags = collections.Counter(tag for sentence in sentences for tag in sentence.tags)
    facts = (
        {"tags": f"{len(tags):,} ({few(tag for tag, _ in tags.most_common(3))})"} if tags else {}
    )
    if said := spans(sentences):
        facts["spans"] = said
    longest = max((len(sentence.tags) for sentence in sentences), default=0)
    odd = []
    if longest > 1000:
        odd = [f"a sentence of {longest:,} words: are blank lines missing between sentences?"]
    more = rows.with_more(reading, facts=facts, left_out=left_out, warnings=odd)
    return Reading(
        layout=more.layout,
        counts={
            **{name: count for name, count in more.counts.items() if name == "files"},
            "sentences": len(sentences),
            "words": sum(tags.values()),
        },
        facts=more.facts,
        left_out=more.left_out,
        warnings=more.warnings,
        examples=[
            {"words": " ".join(one.tokens[:30]), "tags": " ".join(one.tags[:30])}
            for one in sentences[:3]
        ],
    )


def spans(sentences: Iterable[Tagged]) -> str | None:
    """How the tags mark spans; None if they mark none.

    IOB1 begins a span with I-, and with B- where one of its kind goes before; IOB2 always with B-.
    IOBES also marks the last word (E-) and the only one (S-); BILOU calls these L- and U-.

    >>> spans([Tagged(("New", "York"), ("I-LOC", "I-LOC")), Tagged(("a",), ("O",))])
    'IOB1'
    """
    marks, inside, begun = set(), False, False
    for _, tags in sentences:
        before = "O"
        for tag in tags:
            mark, dash, kind = tag.partition("-")
            if tag != "O" and (mark not in set("BIESLU") or not dash):
                return None
            marks.add(mark)
            follows = before[1:] == tag[1:] and before[:1] in "BI"
            inside |= mark == "I" and not (follows and before != "O")
            begun |= mark == "B" and before[1:] != tag[1:]
            before = tag
    if not marks - {"O"}:
        return None
    if marks & set("ES"):
        return "IOBES"
    if marks & set("LU"):
        return "BILOU"
    if inside:
        return "I- without B- before, and B- elsewhere" if begun else "IOB1"
    return "IOB2"


# --- layouts beside columns -----------------------------------------------------------------------


def _json(lines, path, keys, head, asked):
    """Sentences of objects that hold a list of words and one of tags."""
    example = next(rows.json_rows(head, path))[1]
    lists = [key for key in keys if isinstance(example[key], list)]
    if asked:
        word, tag = (keys[rows.place_of(key, keys, keys, path)] for key in asked[-2:])
    else:
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

    return f"JSON lines: words {word!r}, tags {tag!r}", read()


def _word_and_tag(names, path, all_names=None, row=()):
    """The names of a table's columns of words and of tags."""
    plain = {name.strip().lower(): name for name in names}
    word = next((plain[name] for name in _WORDS if name in plain), None)
    tag = next((plain[name] for name in _TAGS if name in plain), None)
    others = [plain[name] for name in _MORE_TAGS if name in plain]
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


def _table(lines, path, head, asked):
    """Sentences of a table whose first line names its columns, a word a row."""
    for separator in (",", ";", "\t"):
        first = rows.head_cells(head, separator)[:2]
        if len(first) < 2 or len(first[0]) < 2:
            continue
        names = [name.strip() for name in first[0]]
        plain = [name.lower() for name in names]
        by_name = asked and all(one.lower() in plain or one.isdecimal() for one in asked)
        known = set(plain) & {*_WORDS} and set(plain) & {*_TAGS, *_MORE_TAGS}
        if not known and not (asked and (by_name or len(asked) == 3) and separator != "\t"):
            continue
        if asked:
            *of, word, tag = (rows.place_of(one, names, first[1], path) for one in asked)
        else:
            word, tag = map(names.index, _word_and_tag(names, path, names, first[1]))
            of = [plain.index(name) for name in _SENTENCES if name in plain][:1]
        header = bool(known) or not all(one.isdecimal() for one in asked)
        said = f"; sentences by {names[of[0]]!r}" if of else ""
        name = {",": "commas", ";": "semicolons", "\t": "tabs"}[separator]
        layout = f"a table, separated by {name}: words {names[word]!r}, tags {names[tag]!r}{said}"
        return layout, _rows_of(lines, path, separator, of[0] if of else None, word, tag, header)
    return None


def _rows_of(lines, path, separator, of, word, tag, header):
    words: list[str] = []
    tags: list[str] = []
    before = None
    for number, row in itertools.islice(rows.cells_of(lines, separator, path), int(header), None):
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
        if not row[word].strip() or not row[tag].strip():
            which = "tag" if row[word].strip() else "word"
            raise DataError(f"{path}, line {number}: the {which} is empty", path, number)
        words.append(row[word].strip())
        tags.append(row[tag].strip())
    if words:
        yield Tagged(tuple(words), tuple(tags))


def _mark(head):
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


def _marked(lines, path, mark):
    for number, line in enumerate(lines, 1):
        pairs = [token.rpartition(mark)[::2] for token in line.split()]
        for token, pair in zip(line.split(), pairs, strict=True):
            if not all(pair):
                raise DataError(
                    f"{path}, line {number}: {token[:40]!r}: expected word{mark}TAG", path, number
                )
        yield Tagged(tuple(word for word, _ in pairs), tuple(tag for _, tag in pairs))


# --- folders --------------------------------------------------------------------------------------


def files_by_split(folder: Path) -> tuple[list[tuple[Path, str]], list[str]]:
    """The files of a folder that are named after a split, each with it, and what is left out.

    Those of the folder itself go before those of folders in it.

    Raises:
        ValueError: none of them is to train on.
    """
    below = files_below(folder)
    for files in ([file for file in below if file.parent == folder], below):
        found = [(file, split) for file in files if (split := split_named(file))]
        # Beside a treebank's files lie others of the same names: plain text, word vectors.
        conllu = [pair for pair in found if kind_of(pair[0]) == ".conllu"]
        found = conllu or found
        if "train" in {split for _, split in found}:
            read = {file for file, _ in found}
            others = [file.name for file in files if file not in read]
            said = [f"{len(others):,} other files: {few(others)}"] if others else []
            return found, said
    raise DataError(
        f"the folder {folder} holds no file whose name has the word train in it; expected "
        "files such as train.conllu, dev.conllu and test.conllu, or esp.train and esp.testa",
        folder,
    )
