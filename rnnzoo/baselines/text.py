"""Of text: a Markov chain."""

from __future__ import annotations

from typing import Self

import numpy as np

from rnnzoo.baselines.base import Baseline
from rnnzoo.data import Text
from rnnzoo.tasks.text.markov.chain import MarkovChain

_MOST_CHARACTERS = 3_000_000


class Markov(Baseline):
    """A Markov chain over the last five characters, smoothed by Kneser and Ney's rule.

    Of a longer text it counts the first three million characters.
    """

    name = "Markov chain of order 5"

    def fit(self, data: Text) -> Self:
        self.chain = MarkovChain(order=5)
        self.chain.adapt(data.train[:_MOST_CHARACTERS])
        return self

    def answers(self, part: str) -> np.ndarray:
        """What `rnnzoo.tasks.text.model.CharacterModel.nats` says of the text."""
        return self.chain.nats(part)
