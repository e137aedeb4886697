"""What `rnnzoo predict` prints of a tagger."""

from __future__ import annotations

import itertools
import json
import operator
from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Any

from rnnzoo import data
from rnnzoo.errors import WrongValue

if TYPE_CHECKING:
    from rnnzoo.tasks.tagging.model import Tagger

# Of a terminal of 256, readable on black and on white.
_COLORS = (33, 166, 37, 160, 244, 64, 127, 136, 98, 30, 170, 100, 69, 131)


def tagged_lines(
    model: Tagger, answer: Callable[..., Any], path: str, color: bool = False, **reading: Any
) -> Iterator[str]:
    """The lines of a file with their tags.

    Of characters, in colour: the text, each tag in its own. Without: a line for each run of
    characters with the same tag, which begins with the tag. Of words, as
    `rnnzoo.data.given_words` reads them: a line for each word and its tag, an empty one after a
    sentence.

    Args:
        model: a `Tagger` that knows its tags.
        answer: its `tag`, perhaps with further arguments.
        path: of a text file, packed or not; - for the standard input.
        color: whether characters are painted by their tags.
        **reading: further arguments of `rnnzoo.data.given_words`, of characters the encoding alone.

    Raises:
        ValueError: the file is no text.
    """
    if model.reads_words:
        sentences = data.given_words(path, **reading)
        for words, tags in zip(sentences, answer(sentences), strict=True):
            yield from (f"{word}\t{tag}" for word, tag in zip(words, tags, strict=True))
            yield ""
        return
    if reading.get("columns"):
        raise WrongValue("the model tags characters, which stand in no columns")
    text = data.read_given(path, reading.get("encoding"))
    runs = [
        (tag, "".join(character for character, _ in run))
        for tag, run in itertools.groupby(
            zip(text, answer(text), strict=True), key=operator.itemgetter(1)
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


def tagged_rows(
    model: Tagger, answer: Callable[..., Any], path: str, answered: Container[str], **reading: Any
) -> Iterator[list[list[str]]]:
    """The sentences of a file, in batches: number, words and tags of each, joined by blanks.

    Args:
        model: a `Tagger` of words that knows its tags.
        answer: its `tag`, perhaps with further arguments.
        path: of a text file, packed or not.
        answered: numbers, from 1, of the sentences to leave out.
        **reading: further arguments of `rnnzoo.data.given_words`.

    Raises:
        ValueError: the model tags characters; the file is no text.
    """
    if not model.reads_words:
        raise WrongValue("the model tags characters, of which there is no table: leave out --out")
    sentences = data.given_words(path, **reading)
    left = [i for i in range(len(sentences)) if str(i + 1) not in answered]
    for first in range(0, len(left), 32):
        some = left[first : first + 32]
        tags = answer([sentences[i] for i in some])
        yield [
            [str(i + 1), " ".join(sentences[i]), " ".join(map(str, of_one))]
            for i, of_one in zip(some, tags, strict=True)
        ]
