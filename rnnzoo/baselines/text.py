"""Of text: a Markov chain."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from rnnzoo.baselines.base import Baseline
from rnnzoo.data import Documents, Text
from rnnzoo.platform import tf
from rnnzoo.tasks.text.labelled_feed import measured
from rnnzoo.tasks.text.markov.chain import MarkovChain
from rnnzoo.tasks.text.preprocessor import LabelledTextPreprocessor, marked
from rnnzoo.tasks.vocabulary import MARKS

ORDER = 5
_MOST_CHARACTERS = 3_000_000


class Markov(Baseline):
    """A Markov chain over the last five characters, smoothed by Kneser and Ney's rule.

    Of a longer text it counts the first three million characters. It decides among the same
    symbols as the model beside it: its characters, and one more for all others.

    Args:
        characters: which the model knows; None takes those of the training part.
    """

    name = f"Markov chain of order {ORDER}"
    chain_class: ClassVar[type[MarkovChain]] = MarkovChain

    def __init__(self, characters: str | None = None):
        self.chain = self.chain_class(ORDER, vocabulary=characters)

    def fit(self, data: Text) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of characters that the model doesn't know either
            self.chain.adapt(data.train[:_MOST_CHARACTERS], vocabulary="keep")
        return self

    def answers(self, part: str) -> np.ndarray:
        """What `rnnzoo.tasks.text.model.CharacterModel.nats` says of the text."""
        return self.chain.nats(part)


class ChainFromStart(MarkovChain):
    """One that has read as many START before each text as it looks back, all but the text's own."""

    def initial_state(self, batch_size):
        start = tf.fill([batch_size, self.order - 1], self.vocabulary.ids(MARKS[0])[0])
        return self(start, state=super().initial_state(batch_size), return_state=True)[1]


class MarkovOfTexts(Markov):
    """The chain, from the beginning of each text to its end, told no label.

    Before each stand five START, so that what a text begins with is counted as often as it does.

    Args:
        preprocessor: how the model beside it reads.
    """

    chain_class = ChainFromStart

    def __init__(self, preprocessor: LabelledTextPreprocessor):
        super().__init__(preprocessor.vocabulary.characters)
        self.preprocessor = preprocessor

    def fit(self, data: Text) -> Self:
        documents: Any = data.documents
        before = MARKS[0] * (ORDER - 1)
        texts = (f"{before}{marked(text)}" for text in documents["train"].texts)
        return super().fit(replace(data, train="".join(texts)))

    def answers(self, part: Documents) -> np.ndarray:
        """What a `rnnzoo.tasks.ConditionedGenerator` says of the texts."""
        batches = measured(self.preprocessor, part)
        return self.chain.nats_over(batches.map(lambda x, y, weight: (x[:2], y, weight)))
