"""A hidden Markov model whose hidden states are the tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.layers import HiddenMarkovModel
from rnnzoo.layers.hidden_markov.tables import log_shares
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.endpoints import real
from rnnzoo.tasks.tagging.hidden_markov.feed import CountedFeed
from rnnzoo.tasks.tagging.hidden_markov.preprocessor import CountingPreprocessor, TagCounts
from rnnzoo.tasks.tagging.model import Tagger
from rnnzoo.tasks.vocabulary import CharacterVocabulary, LabelVocabulary, WordVocabulary


@keras.saving.register_keras_serializable("rnnzoo")
class HiddenMarkovTagger(Tagger):
    """A tagger that counts: tags follow each other, and each puts out its words.

    ::

        p(x, tags) = prod_t A(tag_{t-1}, tag_t) p(x_t | tag_t)
        p(x | tag) ~ p(tag | x) / p(tag)
        p(tag | x) = (n(x, tag) + s p_5(tag)) / (n(x) + s)
        p_k(tag) = (n(last k characters, tag) + s p_{k-1}(tag)) / (n(last k characters) + s)

    The answer is the likeliest path (Viterbi). The counts n are made, in one pass, when `fit`,
    `adapt` or `rnnzoo.train` see the training set; there is nothing to train after that. A further
    set is counted on top, the same one once; each element counts as one, so `fit` takes no
    class_weight and no sample_weight. A word that training didn't know is known by its last
    five characters and whether it begins with a capital: a simpler form of Brants 2000, TnT: a
    statistical part-of-speech tagger, which looks two tags back. Characters have no suffixes.

    Args:
        smoothing: s, and what is added to each count of A.
        tags, characters, words, more_moves: what it knows, see `rnnzoo.tasks.SequenceTagger`.
        suffixes: dict of those that are known, with how many words have them.
        seen: SHA-256 of the training sets that were counted.
        **kwargs: of keras.Model (name, dtype).

    Example:
        >>> model = HiddenMarkovTagger()
        >>> model.adapt([["the", "dog", "runs"], ["a", "man"]], [["D", "N", "V"], ["D", "N"]])
        >>> model.tag(["the", "cat", "jumps"])
        ('D', 'N', 'V')
    """

    feed_class = CountedFeed
    preprocessor: CountingPreprocessor

    def __init__(
        self,
        smoothing: float = 1.0,
        tags: Iterable[str] | None = None,
        characters: str | None = None,
        words: Mapping[str, int] | None = None,
        suffixes: Mapping[str, int] | None = None,
        seen: Sequence[str] = (),
        more_moves: Iterable[Sequence[str | None]] | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if isinstance(smoothing, bool) or not isinstance(smoothing, Real) or smoothing <= 0:
            raise WrongValue(f"smoothing={smoothing!r}: expected a number above 0")
        self.smoothing: float = smoothing
        self.hmm: Any = None
        self.counts: Any = None
        self.preprocessor = CountingPreprocessor(spells=False)
        if tags is not None and characters is not None:
            known = CountingPreprocessor(
                LabelVocabulary(tags, "tags"),
                CharacterVocabulary(characters),
                None if words is None else WordVocabulary(words),
                spells=False,
                suffixes=None if words is None else WordVocabulary(suffixes or {}, cased=True),
                more_moves=None if more_moves is None else tuple(map(tuple, more_moves)),
                seen=tuple(seen),
            )
            self._make(known)

    def take_up(self, preprocessor: CountingPreprocessor, forget: bool = False) -> None:
        """Know what a preprocessor has counted."""
        self._make(preprocessor)
        for weight, count in zip(self.counts.weights, preprocessor.counted(), strict=True):
            weight.assign(count)
        *moves, start = self.counts.weights[0].numpy() + self.smoothing
        cell = self.hmm.cell
        for logits, of in ((cell.initial_logits, start), (cell.transition_logits, np.array(moves))):
            logits.assign(log_shares(of, logits))

    def _make(self, preprocessor):
        self.let_go("hmm", "counts")
        tags = len(preprocessor.labels)
        self.hmm = HiddenMarkovModel(tags, tags, "given", dtype="float32", name="hmm")
        self.hmm.trainable = False
        for weight in self.hmm.weights:
            weight.assign(tf.zeros_like(weight))
        elements = preprocessor.words if preprocessor.reads_words else preprocessor.characters
        suffixes = preprocessor.suffixes.size if preprocessor.reads_words else 1
        self.counts = _Counts([(tags + 1, tags), (elements.size, tags), (suffixes, tags)])
        self.counts.build(None)
        weights = self.counts.weights
        self.preprocessor = replace(
            preprocessor, counted=lambda: TagCounts(*(weight.numpy() for weight in weights))
        )
        self.built = True

    @property
    def num_parameters(self) -> int:
        """How many numbers were counted, zeros left out."""
        return sum(int(np.count_nonzero(weight)) for weight in self.counts.weights)

    def log_likelihoods(self, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """The logarithm of p(tag | x_t) / p(tag), (batch, time, tags)."""
        moves, elements, suffixes = (tf.convert_to_tensor(w) for w in self.counts.weights)
        of_tags = tf.reduce_sum(moves, axis=0) + 1
        share = of_tags / tf.reduce_sum(of_tags)
        p, seen = share, []
        if self.reads_words:
            seen += tf.unstack(tf.gather(suffixes, batch["suffixes"]), axis=-2)
        for n in (*seen, tf.gather(elements, batch["ids"])):
            total = tf.reduce_sum(n, axis=-1, keepdims=True)
            p = (n + self.smoothing * p) / (total + self.smoothing)
        return tf.math.log(p / share)

    def call(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Log-probabilities of the tags, each given all elements, float32 (batch, time, tags).

        Args:
            batch: what `CountingPreprocessor.encode` returns.
            training: changes nothing.
        """
        posterior = self.hmm.posterior(self.log_likelihoods(batch), real(batch))
        return tf.math.log(tf.maximum(posterior, keras.config.epsilon()))

    def best(self, batch: dict[str, tf.Tensor], logits: tf.Tensor) -> tf.Tensor:
        """The likeliest path of tags, of those that may follow each other."""
        forbidden = self.preprocessor.forbidden
        path = self.hmm.viterbi(self.log_likelihoods(batch), real(batch), forbidden)
        return tf.maximum(path, 0)

    def get_config(self) -> dict[str, Any]:
        known = self.preprocessor
        return {
            **super().get_config(),
            "smoothing": self.smoothing,
            "tags": self.tags and list(self.tags),
            "characters": known.characters and known.characters.characters,
            "words": known.words and known.words.counts,
            "suffixes": known.suffixes and known.suffixes.counts,
            "seen": list(known.seen),
            "more_moves": None if known.more_moves is None else list(map(list, known.more_moves)),
        }


class _Counts(keras.layers.Layer):
    """`TagCounts` as weights."""

    def __init__(self, shapes):
        super().__init__(name="counts", dtype="float32", trainable=False)
        self.shapes = shapes

    def build(self, _):
        for name, shape in zip(TagCounts._fields, self.shapes, strict=True):
            self.add_weight(shape=shape, initializer="zeros", trainable=False, name=name)
        self.built = True
