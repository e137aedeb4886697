"""Names in batches, whole ones."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.errors import WrongValue
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.names import of_names
from rnnzoo.files import write_text
from rnnzoo.platform import tf
from rnnzoo.replicas import in_parts
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.recipes import Recipe, of_sentences

if TYPE_CHECKING:
    from rnnzoo.tasks.names.generator import NameGenerator

WRITTEN = 1000  # names that are written to be measured


@dataclass(frozen=True, eq=False)
class Replies:
    """What a model says of names, and names of its own.

    Attributes:
        nats: (names, 2): of each -log P, and how many characters it has, its end among them.
        written: names that the model wrote.
    """

    nats: np.ndarray
    written: list[str]


class NameFeed(Feed):
    """What a name generator is trained on: names of about the same length together.

    Raises:
        ValueError: a window is given.

    Warns:
        UserWarning: characters of a held-out split that the model doesn't know.
    """

    load = staticmethod(data.load_names)
    hold_nothing_out: ClassVar = {"validation": 0.0, "test": 0.0}
    monitor = "bits_per_character"
    unit = drawn = "names"

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.window is not None:
            raise WrongValue(f"window={self.window}: names are not cut, leave it out")
        for split in self.held_out:
            text = "".join(getattr(self.data, split))
            self.preprocessor.vocabulary.warn_of_unknown(text, f"The {split} split")

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        return of_sentences(
            len(self.data.train),
            "names",
            passes=60,
            most=6000,
            learning_rate=5e-3,
            window=window,
            batch_size=batch_size or 64,
        )

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        return data.sequences_per_epoch(self.data.train, self.batch_size)

    def training(self, start_step: int = 0) -> Any:
        lengths = [len(name) for name in self.data.train]
        rows = data.shuffled_rows(lengths, self.batch_size, self.seed, start_step)
        return self._batches("train", rows)

    def evaluation(self, split: str) -> Any:
        rows = tf.data.Dataset.range(len(getattr(self.data, split))).batch(self.batch_size)
        return self._batches(split, rows)

    def _batches(self, split, rows):
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            names = tf.constant(getattr(self.data, split), tf.string)
            ids = self.preprocessor.encode(names)
            weights = tf.constant(self._sample_weight.get(split, np.ones(len(names), np.float32)))

        def batch(rows):
            ragged = tf.gather(ids, rows)
            of_rows, lengths = ragged.to_tensor(), tf.cast(ragged.row_lengths(), tf.int32)
            of_rows.set_shape((rows.shape[0], None))
            real = tf.sequence_mask(lengths - 1, tf.shape(of_rows)[1] - 1, tf.float32)
            weight = real * tf.gather(weights, rows)[:, None]
            return (of_rows[:, :-1], lengths - 2), of_rows[:, 1:], weight

        rows = in_parts(rows, self.replicas)
        return self.parts(rows.map(batch, num_parallel_calls=2).prefetch(2))

    # --- answers, and how good they are -----------------------------------------------------------

    def questions(self, split: str) -> tuple[str, ...]:
        return getattr(self.data, split)

    def replies(self, model: NameGenerator, split: str) -> Replies:
        names = self.questions(split)
        nats = -model.log_prob(names)
        characters = [len(name) + 1 for name in names]
        return Replies(np.stack([nats, characters], axis=1), model.generate(WRITTEN))

    def measures(self, split: str, answers: Replies) -> list[Measure]:
        known = self.data.train or self.questions(split)
        return of_names(answers.nats, answers.written, self.data.train, known)

    def odd(self, split: str, answers: Replies) -> list[str]:
        text = "".join(self.questions(split))
        characters = self.preprocessor.vocabulary.unknown(text)
        if not (unknown := sum(map(text.count, characters))):
            return []
        return [
            f"{unknown:,} of {len(text):,} characters are none that the model knows: they count, "
            "here and for the Markov chain, as one symbol, the unknown character"
        ]

    def report(
        self, model: NameGenerator, folder: Path, split: str, replies: Replies
    ) -> dict[str, Any]:
        """Write the names that the model wrote."""
        write_text(folder / "generated.txt", "\n".join(replies.written) + "\n")
        return {}

    def baselines(self) -> list[Baseline]:
        from rnnzoo.baselines.names import NameMarkov  # which is a model of a task, too

        return [NameMarkov(self.preprocessor).fit(self.data)]
