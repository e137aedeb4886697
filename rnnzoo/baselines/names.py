"""Of names: a Markov chain that stops."""

from __future__ import annotations

from typing import Self

import numpy as np

from rnnzoo import decoding
from rnnzoo.baselines.base import Baseline
from rnnzoo.data import Names
from rnnzoo.data.readers.names import LONGEST
from rnnzoo.platform import tf
from rnnzoo.tasks.names.endpoints import decoded, written
from rnnzoo.tasks.names.feed import WRITTEN, Replies
from rnnzoo.tasks.names.preprocessor import START, NamePreprocessor
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.text.markov.chain import MarkovChain
from rnnzoo.tasks.text.markov.grams import Grams
from rnnzoo.tasks.text.markov.preprocessor import MarkovPreprocessor
from rnnzoo.tasks.vocabulary import MARKS

ORDER = 5
_AT_ONCE = 1024


class NameMarkov(Baseline):
    """A Markov chain over the last five characters of a name, smoothed by Kneser and Ney's rule.

    Before each name stand five START, and STOP is one of the characters that may follow, so the
    chain ends by itself, and no name tells anything of another.

    Args:
        preprocessor: which characters the model beside it knows.
    """

    name = f"Markov chain of order {ORDER}"

    def __init__(self, preprocessor: NamePreprocessor):
        self.preprocessor = preprocessor
        self.chain = MarkovChain(ORDER)

    def fit(self, data: Names) -> Self:
        vocabulary = self.preprocessor.vocabulary
        ids = self._ids(data.train)
        places = np.lib.stride_tricks.sliding_window_view(ids.flat_values.numpy(), ORDER + 1)
        # Not those that begin in one name and end in the next one.
        begins, ends = ids.row_starts().numpy(), ids.row_limits().numpy()
        own = [np.arange(b, e - ORDER) for b, e in zip(begins, ends, strict=True)]
        rows = places[np.concatenate(own)]
        grams = Grams.of(rows, np.ones(len(rows), np.int64), vocabulary.size)
        counted = MarkovPreprocessor(vocabulary, ORDER, (data.name,), lambda: grams)
        self.chain.take_up(counted)
        return self

    def answers(self, part: tuple[str, ...]) -> Replies:
        """What a `rnnzoo.tasks.NameGenerator` says of the names."""
        batches = [part[i : i + _AT_ONCE] for i in range(0, len(part), _AT_ONCE)]
        nats = np.concatenate([self._nats(batch) for batch in batches])
        return Replies(nats, self._written())

    def _ids(self, names):
        """Ids of names, ragged, with as many START before each as the chain looks back."""
        before = MARKS[0] * (ORDER - 1)
        return self.preprocessor.encode(tf.strings.join([before, tf.constant(names, tf.string)]))

    def _nats(self, names):
        ids, lengths = padded(self._ids(names))
        logits = self.chain(ids[:, :-1])[:, ORDER - 1 :]
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(ids[:, ORDER:], logits)
        characters = lengths - ORDER
        real = tf.sequence_mask(characters, tf.shape(nats)[1], tf.float32)
        return np.stack([tf.reduce_sum(real * nats, axis=1), characters], axis=1)

    def _written(self):
        @tf.function(autograph=False)
        def names():
            uniforms = decoding.uniforms(WRITTEN, LONGEST, seed=0)
            begin = tf.fill([WRITTEN, ORDER], START)
            ids = written(self.chain.step, begin, self.chain.initial_state(WRITTEN), uniforms)
            return decoded(self.chain.vocabulary, ids)

        return [name.decode() for name in names().numpy()]
