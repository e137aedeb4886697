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
from rnnzoo.data.readers.tagged_layouts import (
    KNOWN,
    json_sentences,
    mark_of,
    marked_sentences,
    table_sentences,
    words_alone,
)
from rnnzoo.data.readers.tagged_spans import span_keys
from rnnzoo.data.reading import Reading
from rnnzoo.errors import DataError

_ENOUGH = 5  # sentences of several words, by which a word a line is no sentence


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
    of word_TAG or word/TAG; JSON lines with tokens and tags, or with a text and spans of its
    characters, as annotation tools write them; tables with a first line of names, such as
    ``Sentence #,Word,POS,Tag``.

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
    asked = rows.wanted(columns, "word,tag or 1,4", 2, 3)
    sentences, reading = _read(Path(path), column, asked, encoding, False)
    return sentences, reading_of(sentences, reading)


def read_words(
    path: str | os.PathLike[str],
    *,
    columns: str | Sequence[str | int] | None = None,
    encoding: str | None = None,
) -> tuple[list[tuple[str, ...]], Reading]:
    """The words of a file that `read_tagged` reads, whose tags are not read, and may be missing.

    Args:
        path: of a text file, packed or not.
        columns: of the words; also those of word and tag, as `read_tagged` takes them.
        encoding: of the file.

    Raises:
        ValueError, OSError: as `read_tagged` does.

    Example:
        ``sentences, reading = read_words("test.conll")``
    """
    asked = rows.wanted(columns, "word or 1", 1, 2, 3)
    if asked:
        *of, word = asked[:-1] or asked
        asked = [*of, word, word]
    sentences, reading = _read(Path(path), "upos", asked, encoding, True)
    return [tuple(sentence.tokens) for sentence in sentences], reading


def lists_words(path: Path, encoding: str | None) -> bool:
    """Whether a file has words in a column of that name, with marks and tags, or one a line.

    The last, which may be sentences of a word, only if blank lines part `_ENOUGH` of several words.
    """
    lines = Lines(path, encoding)
    head = list(itertools.islice(lines, rows.HEAD))
    entries = rows.json_entries(lines, head) or head
    if keys := rows.json_keys(entries):
        records = (row for _, row in rows.json_rows(entries, path))
        return words_alone(keys) is not None or span_keys(records) is not None
    for separator in (",", ";", "\t"):
        table = rows.head_cells(head, separator)
        if len(table) > 1 and len(table[0]) > 1 and words_alone(table[0]):
            return True
    text = "\n".join(map(str.strip, head)).strip("\n")
    if len(text.split()) > 2 and mark_of(head):
        return True
    blocks = [block.split("\n") for block in text.split("\n\n")]
    several = sum(len(block) > 1 for block in blocks) >= _ENOUGH
    return several and not any(" " in line or "\t" in line for line in text.split("\n"))


def _read(path, column, asked, encoding, alone):
    """The sentences of a file; in place of tags the words again, where these alone are wanted."""
    lines = Lines(path, encoding)
    head = list(itertools.islice(lines, rows.HEAD))
    if not any(map(str.strip, head)):
        raise DataError(f"{path} holds nothing; expected words and their tags", path)
    left_out = rows.LeftOut()
    found: Iterable[Tagged]
    facts = dict(lines.facts)
    entries = rows.json_entries(lines, head)
    if keys := rows.json_keys(entries or head):
        layout, found = json_sentences(entries or lines, path, keys, entries or head, asked, alone)
    elif table := table_sentences(lines, path, head, asked, left_out, alone):
        layout, found = table
    elif (mark := mark_of(head)) and not asked:
        layout = f"lines of word{mark}TAG"
        found = marked_sentences(lines, path, mark)
    else:
        if asked and len(asked) == 3:
            raise DataError(f"{path} is no table with sentences; expected columns=word,tag", path)
        of = columns_of(head, path, column, asked, KNOWN, alone)
        layout = of.layout
        facts |= {"columns": of.note} if of.note else {}
        found = read_columns(lines, path, of, left_out)
    sentences = [sentence for sentence in found if sentence.tags]
    return sentences, Reading(layout=layout, facts=facts, left_out=left_out.said())


def reading_of(sentences: Sequence[Tagged], reading: Reading) -> Reading:
    """What was read with what the sentences tell: counts, tags, spans, examples."""
    tags = collections.Counter(tag for sentence in sentences for tag in sentence.tags)
    facts = {}
    if tags:
        others = ", ..." if len(tags) > 3 else ""
        facts["tags"] = f"{len(tags):,} ({few(tag for tag, _ in tags.most_common(3))}{others})"
    if said := spans(sentences):
        facts["spans"] = said
    longest = max((len(sentence.tags) for sentence in sentences), default=0)
    odd = []
    if longest > 1000:
        odd = [f"a sentence of {longest:,} words: are blank lines missing between sentences?"]
    more = rows.with_more(reading, facts=facts, warnings=odd)
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
