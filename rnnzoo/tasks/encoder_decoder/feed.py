"""Sentences, with what each is about, in batches."""

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnzoo import data
from rnnzoo.errors import MissingPackage, WrongValue
from rnnzoo.files import readable
from rnnzoo.platform import tf
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.vocabulary import SentenceVocabulary


@dataclass(frozen=True)
class SentenceExamples:
    """What training reads of a split, in memory: examples, of each one sentence or several.

    Attributes:
        ids: of the sentences, with EOS after each: ragged int32 (examples, None, None).
        lengths: by which examples come into batches.
        read: what they are about, a dict of tensors, by row numbers (batch,); graph code.
    """

    ids: tf.RaggedTensor
    lengths: np.ndarray
    read: Callable


class EncoderDecoderFeed(Feed):
    """What a `rnnzoo.tasks.EncoderDecoder` is trained on: sentences with what they are about.

    A subclass names the ``extra`` of rnnzoo that installs what measures, and defines ``examples``.

    Raises:
        ValueError: a window is given.
    """

    # Perplexity would be ruled by how surely the model names what it has never seen.
    monitor = "accuracy"
    mode = "max"
    unit = "sentences"
    extra: str

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.window is not None:
            raise WrongValue(f"window={self.window}: sentences are not cut, leave it out")
        # To read large pictures takes its time: no split is prepared twice.
        self._examples = functools.cache(lambda split: self.examples(getattr(self.data, split)))

    def check(self):
        super().check()
        if importlib.util.find_spec("sacrebleu") is None:
            raise MissingPackage("what is written is measured by the package sacrebleu", self.extra)

    def examples(self, part) -> SentenceExamples:
        """What training reads of a part of the data."""
        raise NotImplementedError

    @functools.cached_property
    def steps_per_epoch(self):
        return data.sequences_per_epoch(self._examples("train").lengths, self.batch_size)

    def training(self, start_step=0):
        examples = self._examples("train")
        rows = data.shuffled_rows(examples.lengths, self.batch_size, self.seed, start_step)
        return _batches(rows, examples)

    def evaluation(self, split):
        examples = self._examples(split)
        rows = tf.data.Dataset.range(len(examples.lengths)).batch(self.batch_size)
        return _batches(rows, examples)

    def say(self, split, found):
        """Print the `scores` of a split."""
        numbers = ", ".join(
            f"{readable(k)} {v:.1f}" for k, v in found.items() if not k.endswith("_interval")
        )
        print(f"what it writes, {split}: {numbers}")

    def what_is_learned(self, model):
        """The scores of teacher forcing on the training split, rounded."""
        learned = model.evaluate(self.evaluation("train"), return_dict=True, verbose=0)
        return {name: round(value, 4) for name, value in learned.items()}


def ids_of(vocabulary, sentences):
    """Ids of many sentences, ragged, for tf.data."""
    with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
        return vocabulary.encode(tf.constant(sentences, tf.string))


def filled(ids, size):
    """Ragged ids of `size` sentences, filled up with EOS; None where it is not known."""
    ids = ids.to_tensor(SentenceVocabulary.EOS)
    ids.set_shape((size, None))
    return ids


def _batches(rows, examples):
    """Of a dataset of row numbers."""
    each, *others = np.unique(examples.ids.row_lengths()).tolist()  # sentences of an example

    def batch(rows):
        x, sentences = examples.read(rows), tf.gather(examples.ids, rows)
        if others or each > 1:
            x["of"] = sentences.value_rowids()
        sentences = sentences.merge_dims(0, 1)
        size = None if others or rows.shape[0] is None else each * rows.shape[0]
        ids = x["ids"] = filled(sentences, size)
        return x, ids, tf.sequence_mask(sentences.row_lengths(), dtype=tf.float32)

    return rows.map(batch, num_parallel_calls=2).prefetch(2)
