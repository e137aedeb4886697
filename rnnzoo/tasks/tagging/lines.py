"""What `rnnzoo predict` prints of a tagger."""

from __future__ import annotations

import itertools
import json
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rnnzoo import data
from rnnzoo.data.readers.conll import columns_of, is_conllu, read_columns
from rnnzoo.data.readers.rows import HEAD, LeftOut

if TYPE_CHECKING:
    from rnnzoo.tasks.tagging.tagger import SequenceTagger

# Of a terminal of 256, readable on black and on white.
_COLORS = (33, 166, 37, 160, 244, 64, 127, 136, 98, 30, 170, 100, 69, 131)


def tagged_lines(model: SequenceTagger, path: str, color: bool = False) -> Iterator[str]:
    """The lines of a file with their tags.

    Of characters, in colour: the text, each tag in its own. Without: a line for each run of
    characters with the same tag, which begins with the tag. Of words, in CoNLL-U or one sentence a
    line: a line for each word and its tag, an empty one after a sentence.

    Args:
        model: a `SequenceTagger` that knows its tags.
        path: of a text file, packed or not; - for the standard input.
        color: whether characters are painted by their tags.

    Raises:
        ValueError: the file is no text.
    """
    text = data.given_text(path)
    if model.reads_words:
        yield from _of_words(model, path, text.split("\n"))
        return
    runs = [
        (tag, "".join(character for character, _ in run))
        for tag, run in itertools.groupby(
            zip(text, model.tag(text), strict=True), key=operator.itemgetter(1)
        )
    ]
    if not color:
        yield from (f"{tag}\t{json.dumps(run, ensure_ascii=False)}" for tag, run in runs)
        return
    colors = {tag: _COLORS[i % len(_COLORS)] for i, tag in enumerate(model.tags)}
    painted = "".join(
        run if run.isspace() else f"\x1b[38;5;{colors[tag]}m{run}\x1b[0m" for tag, run in runs
    )
    yield painted.removesuffix("\n")
    yield ""
    yield "  ".join(f"\x1b[38;5;{color}m{tag}\x1b[0m" for tag, color in colors.items())


def _of_words(model, path, lines):
    if is_conllu(lines[:HEAD]):
        columns = columns_of(lines[:HEAD], Path(path), "upos", None, ())
        sentences = [one.tokens for one in read_columns(lines, path, columns, LeftOut())]
    else:
        sentences = [line.split() for line in lines if line.strip()]
    for words, tags in zip(sentences, model.tag(sentences), strict=True):
        yield from (f"{word}\t{tag}" for word, tag in zip(words, tags, strict=True))
        yield ""
