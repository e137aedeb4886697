"""Tagged sequences in batches."""

from __future__ import annotations

import collections
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.tagging import ConditionalRandomField, MostFrequentTag
from rnnzoo.evaluation import odd
from rnnzoo.evaluation.classes import marks_spans, of_tags
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.pictures import by_class
from rnnzoo.files import write_table
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.recipes import Recipe, of_sentences

if TYPE_CHECKING:
    from rnnzoo.tasks.tagging.model import Tagger
    from rnnzoo.tasks.tagging.preprocessor import TaggerPreprocessor

WINDOW = 256  # characters


class TaggedFeed(Feed):
    """What a sequence tagger is trained on: sentences, or pieces of texts, by step.

    Sequences of about the same length come together, so that little is padding. Longer ones are cut
    to pieces of `window` elements; by default texts are, sentences aren't.
    """

    load = staticmethod(data.load_tagged)
    monitor = "accuracy"
    mode = "max"
    weighs_classes = True

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.window is not None and len(self.data.train):
            # A piece may begin or end within a span.
            self.preprocessor = self.preprocessor.shown(self._train)
        # Most tags are O where tags mark spans: accuracy hardly says whether one was found.
        labels = self.preprocessor.labels
        if labels is not None and marks_spans(set(labels.labels)):
            self.monitor = "macro_f1"

    @property
    def unit(self):
        return "words" if self.preprocessor.reads_words else "characters"

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        # On 1,500 sentences of WNUT17 (span F1, 15 passes) and of UD English EWT (accuracy, 9), one
        # seed, validation, tagger_bilstm has 0.132 and 0.903 at this rate; at 0.002 it has 0.074
        # and 0.882. On the whole of EWT, by the budget below, 0.950 and 0.947. On WNUT17, 30 passes
        # were better than 10. A step of words takes 0.11 s of one core, with validation 0.13; one
        # of pieces, which are longer, 0.30 and 0.36.
        figures: dict[str, Any] = {"passes": 30, "learning_rate": 4e-3, "batch_size": batch_size}
        figures["most"] = 4500 if self.preprocessor.reads_words else 1700
        if window is None and self.preprocessor.reads_words:
            return of_sentences(len(self.data.train), "sentences", **figures)
        window = window or WINDOW
        pieces = sum(-(-len(one.tags) // window) for one in self.data.train)
        return of_sentences(pieces, "pieces", window=window, **figures)

    @functools.cached_property
    def _train(self) -> list[data.Tagged]:
        return self.pieces("train")

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.sequences_per_epoch(self._train, self.batch_size)

    def training(self, start_step: int = 0) -> tf.data.Dataset:
        lengths = [len(sequence.tags) for sequence in self._train]
        rows = data.shuffled_rows(lengths, self.batch_size, self.seed, start_step)
        batches = self._batches(rows, "train", self._train)
        by_label = self.label_weights(self.preprocessor.labels)
        return self.parts(self.weighed_by(batches, by_label))

    def evaluation(self, split: str) -> tf.data.Dataset:
        sequences = self.pieces(split)
        rows = tf.data.Dataset.range(len(sequences)).batch(self.batch_size)
        return self.parts(self._batches(rows, split, sequences))

    def pieces(self, split: str) -> list[data.Tagged]:
        """The sequences of a split, cut to `window`: a list of `rnnzoo.data.Tagged`."""
        return [piece for of_one in self._cut(split) for piece in of_one]

    def _cut(self, split):
        """For each sequence of a split its pieces."""
        sequences = getattr(self.data, split)
        if self.window is None:
            return [[one] for one in sequences]
        return [data.pieces(one, self.window) for one in sequences]

    def _batches(self, rows, split, sequences):
        weights = self._sample_weight.get(split)
        if weights is not None:
            weights = tf.constant(np.repeat(weights, [len(of_one) for of_one in self._cut(split)]))
        tokens = self.preprocessor.tensors([sequence.tokens for sequence in sequences])
        tags = [sequence.tags for sequence in sequences]
        ids = self.preprocessor.labels.ids(tag for of_one in tags for tag in of_one)
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            ids = tf.RaggedTensor.from_row_lengths(ids, np.array([len(of_one) for of_one in tags]))

        def batch(rows):
            x = self.preprocessor.encode(tf.gather(tokens, rows))
            y, lengths = padded(tf.gather(ids, rows))
            weight = tf.sequence_mask(lengths, tf.shape(y)[1], tf.float32)
            if weights is not None:
                weight *= tf.gather(weights, rows)[:, None]
            return x, y, weight

        rows = in_parts(rows, self.replicas)
        return rows.map(batch, num_parallel_calls=2).prefetch(2)

    def questions(self, split: str) -> Sequence[data.Tagged]:
        return getattr(self.data, split)

    def replies(self, model: Tagger, split: str) -> list[list[str]]:
        """The tags of whole sequences; of longer ones, piece by piece, as in validation."""
        cut = self._cut(split)
        pieces = [piece.tokens for of_one in cut for piece in of_one]
        answers = iter(model.tag(pieces, **self.answering))
        return [[tag for _ in of_one for tag in next(answers)] for of_one in cut]

    def measures(self, split: str, answers: Sequence[Sequence[str]]) -> list[Measure]:
        return of_tags([sequence.tags for sequence in self.questions(split)], answers)

    def odd(self, split: str, answers: Sequence[Sequence[str]]) -> list[str]:
        given = (tag for tags in answers for tag in tags)
        truth = (tag for sequence in self.questions(split) for tag in sequence.tags)
        return odd.of_labels(given, truth, "tags")

    def baselines(self) -> list[Baseline]:
        return [baseline().fit(self.data) for baseline in (MostFrequentTag, ConditionalRandomField)]

    def size(self, part: Sequence[data.Tagged]) -> int:
        return sum(len(sequence.tags) for sequence in part)

    def __str__(self) -> str:
        return f"{super().__str__()} with {len(self.preprocessor.labels)} tags"

    def report(
        self, model: Tagger, folder: Path, split: str, replies: Sequence[Sequence[str]]
    ) -> dict[str, Any]:
        """Write ``tags.csv`` of a split; the scores that need whole sequences."""
        sequences = self.questions(split)
        counts = _counts(model.tags, sequences, replies)
        columns = ("tag", "precision", "recall", "f1", "elements")
        write_table(folder / "tags.csv", columns, by_class(model.tags, counts))
        return {f"{split}_scores": scores(model.preprocessor, sequences, replies)}


def scores(
    preprocessor: TaggerPreprocessor,
    sequences: Sequence[data.Tagged],
    answers: Sequence[Sequence[str]],
) -> dict[str, float | None]:
    """Shares of right tags, of right tags of unknown words, and of sequences without a mistake.

    Where the tags mark spans, also their F1, see `rnnzoo.evaluation.classes.of_tags`.

    Args:
        preprocessor: which knows the words, or the characters, of training.
        sequences: list of `rnnzoo.data.Tagged`.
        answers: the tags that each was given.
    """
    measured = {
        measure.name: round(measure.value, 5)
        for measure in of_tags([sequence.tags for sequence in sequences], answers)
    }
    total = right_unknown = unknown = whole = 0
    reads_words = preprocessor.reads_words
    known = preprocessor.words.counts if reads_words else set(preprocessor.characters.characters)
    for (tokens, tags), guessed in zip(sequences, answers, strict=True):
        hits = [a == b for a, b in zip(tags, guessed, strict=True)]
        new = [(t.lower() if reads_words else t) not in known for t in tokens]
        total += len(hits)
        unknown += sum(new)
        right_unknown += sum(h for h, n in zip(hits, new, strict=True) if n)
        whole += all(hits)
    result = {
        "accuracy": measured["accuracy"],
        "unknown_accuracy": round(right_unknown / unknown, 5) if unknown else None,
        "unknown_share": round(unknown / total, 5),
        "sequence_accuracy": round(whole / len(sequences), 5),
    }
    if "span F1" in measured:
        result["span_f1"] = measured["span F1"]
    return result


def _counts(tags, sequences, answers):
    """(3, tags): how often each was right, answered, and true."""
    true, guesses, hits = (collections.Counter() for _ in range(3))
    for sequence, guessed in zip(sequences, answers, strict=True):
        true.update(sequence.tags)
        guesses.update(guessed)
        hits.update(a for a, b in zip(sequence.tags, guessed, strict=True) if a == b)
    return np.array([[of[tag] for tag in tags] for of in (hits, guesses, true)])
