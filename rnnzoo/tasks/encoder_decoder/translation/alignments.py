"""Which words of a source a translator looked at."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rnnzoo.errors import WrongValue
from rnnzoo.tasks.encoder_decoder.alignments import Alignment, real_tokens


@dataclass(frozen=True)
class SourceAlignment(Alignment):
    """How much a translator looked at each token of a source before it wrote each of a target.

    Attributes:
        target, target_tokens: see `rnnzoo.tasks.encoder_decoder.alignments.Alignment`.
        weights: float32 (target tokens, source tokens); each row sums to 1.
        source_tokens: what the columns are of; ``</s>``, too.

    Example:
        >>> import numpy as np
        >>> SourceAlignment("un", np.eye(2), ("un", "</s>"), ("one", "</s>")).pairs()
        [('un', 'one'), ('</s>', '</s>')]
    """

    source_tokens: tuple[str, ...]

    def pairs(self) -> list[tuple[str, str]]:
        """Of each target token the source token that was looked at most."""
        most = self.weights.argmax(axis=1) if len(self.weights) else ()
        return [(of, self.source_tokens[i]) for of, i in zip(self.target_tokens, most, strict=True)]

    @classmethod
    def of(cls, x, target, target_tokens, weights, source_tokens):
        rows, columns = real_tokens(target_tokens), real_tokens(source_tokens)
        return cls(target.decode(), weights[: len(rows), : len(columns)], rows, columns)

    def draw(self, path: str | os.PathLike) -> None:
        """Write a heat map of the weights, a row for each target token, as a PNG.

        Raises:
            ValueError: the source holds no known word, so that there are none.
        """
        if not len(self.weights):
            raise WrongValue("nothing was written of the source: expected a known word in it")
        self._heat_map(path, self.source_tokens)
