"""Sentences, with what each is about, in batches."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo import data
from rnnzoo.errors import MissingPackage, WrongValue
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.recipes import Recipe, of_sentences
from rnnzoo.tasks.vocabulary import SentenceVocabulary

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder


@dataclass(frozen=True)
class SentenceExamples:
    """What training reads of a split, in memory: examples, of each one sentence or several.

    Attributes:
        ids: of the sentences, with EOS after each: ragged int32 (examples, None, None).
        lengths: by which examples come into batches.
        read: what they are about, a dict of tensors, by row numbers (batch,); graph code.
        rows: which examples of the split they are; None: all.
    """

    ids: tf.RaggedTensor
    lengths: np.ndarray
    read: Callable
    rows: np.ndarray | None = None


class EncoderDecoderFeed(Feed):
    """What a `rnnzoo.tasks.EncoderDecoder` is trained on: sentences with what they are about.

    A subclass names the ``extra`` of rnnzoo that installs what measures, and the ``figures`` of its
    recipe, see `rnnzoo.tasks.recipes.of_sentences`, and defines ``examples``.

    Raises:
        ValueError: a window is given.
    """

    # Perplexity would be ruled by how surely the model names what it has never seen.
    monitor = "accuracy"
    mode = "max"
    unit = "sentences"
    extra: str
    figures: ClassVar[dict[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.window is not None:
            raise WrongValue(f"window={self.window}: sentences are not cut, leave it out")
        # To read large pictures takes its time: no split is prepared twice.
        self._examples = functools.cache(lambda split: self.examples(getattr(self.data, split)))

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        return of_sentences(
            len(self.data.train), self.unit, batch_size=batch_size, window=window, **self.figures
        )

    def check(self) -> None:
        super().check()
        if importlib.util.find_spec("sacrebleu") is None:
            raise MissingPackage("what is written is measured by the package sacrebleu", self.extra)

    def examples(self, part: Any) -> SentenceExamples:
        """What training reads of a part of the data."""
        raise NotImplementedError

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.sequences_per_epoch(self._examples("train").lengths, self.batch_size)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        examples = self._examples("train")
        rows = data.shuffled_rows(examples.lengths, self.batch_size, self.seed, start_step)
        rows = in_parts(rows, self.replicas)
        return self.parts(_batches(rows, examples, self._weights("train")))

    def evaluation(self, split: str) -> tf.data.Dataset:
        examples = self._examples(split)
        rows = tf.data.Dataset.range(len(examples.lengths)).batch(self.batch_size)
        rows = in_parts(rows, self.replicas)
        return self.parts(_batches(rows, examples, self._weights(split)))

    def _weights(self, split):
        """Of the examples of a split; None if all weigh 1."""
        weights, rows = self._sample_weight.get(split), self._examples(split).rows
        return weights if weights is None or rows is None else weights[rows]

    def answers(self, replies: Sequence[tuple[str, float]]) -> list[str]:
        return [answer for answer, _ in replies]

    def what_is_learned(self, model: EncoderDecoder) -> dict[str, float]:
        """The scores of teacher forcing on the training split, rounded."""
        learned = model.evaluate(self.evaluation("train"), return_dict=True, verbose=0)
        return {name: round(value, 4) for name, value in learned.items()}


def ids_of(vocabulary: SentenceVocabulary, sentences: Sequence[str] | tf.Tensor) -> tf.RaggedTensor:
    """Ids of many sentences, ragged, for tf.data."""
    with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
        return vocabulary.encode(tf.constant(sentences, tf.string))


def filled(ids: tf.RaggedTensor, size: int | None) -> tf.Tensor:
    """Ragged ids of `size` sentences, filled up with EOS; None where it is not known."""
    time = tf.maximum(tf.reduce_max(ids.row_lengths()), 1)  # of no sentence too
    ids = ids.to_tensor(SentenceVocabulary.EOS, shape=tf.stack([-1, time]))
    ids.set_shape((size, None))
    return ids


def _batches(rows, examples, weights=None):
    """Of a dataset of row numbers, and the examples' weights."""
    each, *others = np.unique(examples.ids.row_lengths()).tolist()  # sentences of an example

    def batch(rows):
        x, sentences = examples.read(rows), tf.gather(examples.ids, rows)
        if others or each > 1:
            x["of"] = sentences.value_rowids()
        sentences = sentences.merge_dims(0, 1)
        size = None if others or rows.shape[0] is None else each * rows.shape[0]
        ids = x["ids"] = filled(sentences, size)
        weight = tf.sequence_mask(sentences.row_lengths(), tf.shape(ids)[1], tf.float32)
        if weights is not None:
            of_one = tf.gather(tf.constant(weights), rows)
            weight *= (tf.gather(of_one, x["of"]) if "of" in x else of_one)[:, None]
        return x, ids, weight

    return rows.map(batch, num_parallel_calls=2).prefetch(2)
