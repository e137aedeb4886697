"""What a decoder looked at before each word that it wrote, as an array and as a picture."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.files import picture


@dataclass(frozen=True)
class Alignment:
    """How much each part of what a sentence is about was looked at before each of its tokens.

    A token is a word or a piece of one, a sign, a character of a word that is spelt, or ``</s>``,
    which ends the sentence.

    Attributes:
        target: the sentence that was written.
        weights: float32 (target tokens, ...); those of a token sum to 1.
        target_tokens: what the rows are of.
    """

    target: str
    weights: np.ndarray
    target_tokens: tuple[str, ...]

    @classmethod
    def of(cls, x: Any, target: bytes, target_tokens: np.ndarray, weights: np.ndarray) -> Alignment:
        """What endpoints answer of one x, without what pads."""
        raise NotImplementedError

    def draw(self, path: str | os.PathLike) -> None:
        """Write a picture of the weights, as a PNG."""
        raise NotImplementedError

    def _heat_map(self, path, columns):
        """Write a heat map, a row for each target token; columns: the names of all others."""
        size = 2 + 0.35 * len(columns), 1.5 + 0.3 * len(self.weights)
        with picture(Path(path), figsize=size) as figure:
            axis = figure.subplots()
            axis.imshow(self.weights, "Greys", vmin=0, vmax=1, aspect="auto")
            axis.set_xticks(range(len(columns)), columns, rotation=90, parse_math=False)
            axis.set_yticks(range(len(self.weights)), self.target_tokens, parse_math=False)
            axis.xaxis.tick_top()


def real_tokens(tokens: np.ndarray) -> tuple[str, ...]:
    """Those of UTF-8 bytes that are no padding."""
    return tuple(token.decode() for token in tokens if token)


def draw_alignments(
    folder: Path, path: str, numbers: Sequence[int], alignments: Sequence[Alignment]
) -> None:
    """Draw those of what is in a file, or of a sentence, into a folder, each named after it.

    Args:
        folder: made where it isn't there.
        path: of the file, or the sentence itself.
        numbers: of each in the file, such as of lines.
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
