"""Which words of a source a translator looked at, as an array and as a picture."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.files import picture


@dataclass(frozen=True)
class Alignment:
    """How much a translator looked at each token of a source before it wrote each of a target.

    A token is a word or a piece of one, a sign, a character of a word that is spelt, or ``</s>``,
    which ends both.

    Attributes:
        target: the sentence that was written.
        weights: float32 (target tokens, source tokens); each row sums to 1.
        target_tokens, source_tokens: what the rows and the columns are of.

    Example:
        >>> Alignment("un", np.eye(2), ("un", "</s>"), ("one", "</s>")).pairs()
        [('un', 'one'), ('</s>', '</s>')]
    """

    target: str
    weights: np.ndarray
    target_tokens: tuple[str, ...]
    source_tokens: tuple[str, ...]

    def pairs(self) -> list[tuple[str, str]]:
        """Of each target token the source token that was looked at most."""
        most = self.weights.argmax(axis=1) if len(self.weights) else ()
        return [(of, self.source_tokens[i]) for of, i in zip(self.target_tokens, most, strict=True)]

    def draw(self, path: str | os.PathLike) -> None:
        """Write a heat map of the weights, a row for each target token, as a PNG.

        Raises:
            ValueError: the source holds no known word, so that there are none.
        """
        rows, columns = self.weights.shape
        if not rows:
            raise WrongValue("nothing was written of the source: expected a known word in it")
        with picture(Path(path), figsize=(2 + 0.35 * columns, 1.5 + 0.3 * rows)) as figure:
            axis = figure.subplots()
            axis.imshow(self.weights, "Greys", vmin=0, vmax=1, aspect="auto")
            axis.set_xticks(range(columns), self.source_tokens, rotation=90, parse_math=False)
            axis.set_yticks(range(rows), self.target_tokens, parse_math=False)
            axis.xaxis.tick_top()


def draw_alignments(
    folder: Path, path: str, numbers: Sequence[int], alignments: Sequence[Alignment]
) -> None:
    """Draw those of a file's lines, or of a sentence, into a folder, each named after it.

    Args:
        folder: made where it isn't there.
        path: of the file, or the sentence itself.
        numbers: of the lines.
        alignments: one each; of those without a target token none is drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = os.path.splitext(path)[0] if os.path.isfile(path) else path
    name = re.sub(r"\W+", "-", text)[:40].strip("-")
    if name != text:  # another text may have the same name left
        name = f"{name}-{zlib.crc32(path.encode()):08x}".strip("-")
    for number, alignment in zip(numbers, alignments, strict=True):
        if len(alignment.weights):
            alignment.draw(folder / f"{name}-{number}.png")


def alignment_of(target: bytes, source_tokens: np.ndarray, target_tokens, weights) -> Alignment:
    """What endpoints answer of one sentence, without what pads."""
    columns, rows = (
        tuple(token.decode() for token in tokens if token)
        for tokens in (source_tokens, target_tokens)
    )
    return Alignment(target.decode(), weights[: len(rows), : len(columns)], rows, columns)
