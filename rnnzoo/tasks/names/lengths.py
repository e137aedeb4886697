"""How long names are: a distribution over lengths, fitted by counting."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rnnzoo.data.readers.names import LONGEST
from rnnzoo.errors import WrongValue

MEAN = 8.0  # of the lengths, as long as no name was seen


@dataclass(frozen=True)
class Lengths:
    """P(T) of names with T characters, smoothed so that each T from 1 to `LONGEST` may come.

        P(T) = (n_T + g(T)) / (N + 1),  g(T) proportional to (1 - 1/m)^(T - 1)

    with n_T of N names having T characters, m in the mean: counts, and one more name whose length
    is spread as a geometric distribution, the one of largest entropy, has it.

    Attributes:
        counts: n_1, n_2, ... up to the longest name; empty as long as none was seen.

    Example:
        >>> lengths = Lengths.of(["a", "is", "to"])
        >>> print(lengths.counts, np.exp(lengths.log_probs()[:3]).round(2))
        (1, 2) [0.4  0.56 0.02]
    """

    counts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.counts) > LONGEST or any(n != int(n) or n < 0 for n in self.counts):
            raise WrongValue(
                f"counts: expected at most {LONGEST} whole numbers of at least 0, how many names "
                f"have 1, 2, ... characters; got {len(self.counts)}: {reprlib.repr(self.counts)}"
            )

    @classmethod
    def of(cls, names: Iterable[str]) -> Lengths:
        """Those of some names."""
        return cls(tuple(np.bincount([len(name) for name in names])[1:].tolist()))

    def log_probs(self) -> np.ndarray:
        """The logarithm of P(T) for T = 1, ..., `LONGEST`, float32."""
        seen = np.zeros(LONGEST)
        seen[: len(self.counts)] = self.counts
        total, each = seen.sum(), np.arange(1, LONGEST + 1)
        mean = seen @ each / total if total else MEAN
        spread = np.log1p(-1 / max(mean, 1 + 1e-3)) * (each - 1)
        spread = np.exp(spread - spread.max())
        return np.log((seen + spread / spread.sum()) / (total + 1)).astype(np.float32)
