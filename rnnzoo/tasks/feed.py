"""The data's side of a task: what a model must know of it, batches by step, what to report."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnzoo.data.base import VOCABULARIES
from rnnzoo.data.pipelines.splits import SPLITS
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import tf
from rnnzoo.replicas import Parts
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.recipes import Recipe

if TYPE_CHECKING:
    from rnnzoo.baselines.base import Baseline
    from rnnzoo.evaluation.measure import Measure


class Feed:
    """A task's data in batches, with all that a model must know of it.

    Data runs one way: raw examples or a named source -> splits -> `preprocessor`, which learns from
    the training split what must be known (vocabulary, classes, statistics) -> batches. A model
    takes the preprocessor up (`Task.take_up`); so both hold the same one.

    A subclass sets ``load`` and ``monitor``, and defines ``make_recipe``, ``steps_per_epoch``,
    ``training`` and ``evaluation``.

    Args:
        data: has ``name``, ``train``, ``validation``, ``test`` and ``metadata``; a part may be
            empty.
        preprocessor: what the model knows already, and how it reads.
        batch_size: examples in a batch; of text, places that are read side by side. None takes the
            recipe's.
        window: the time steps that batches are cut to; None takes the recipe's.
        seed: of the order of the training batches, and of what is random in them.
        vocabulary: what becomes of what the preprocessor knows: "extend", "keep" or "reset", see
            `Task.fit`.
        sample_weight: by split None, or the weight of each of its examples, (examples,).
        class_weight: None, or by label the weight of what has it, in training.
        augment: how much the examples are changed in training, see `Task.fit`.
        suited: what a model makes of the task's recipe, see `Task.recipe`; None leaves it.

    Attributes:
        load: a function from a source, a name or a path, to `data`.
        hold_nothing_out: arguments of `load` with which it takes too little to hold something out.
        monitor: the metric by which the best epoch is chosen.
        mode: "min" or "max", which is better of `monitor`.
        unit: what a split is counted in, in words.
        drawn: what is drawn for an interval, in words.
        preprocessor: the given one, and what it learned from the training split.
        recipe: `rnnzoo.tasks.recipes.Recipe`, by the size of the training split, and by what is
            given of the others.
        learned: what that was, in words, beside what was known; empty if nothing was.
        replicas: how many of the model share each batch; with several, what `training` and
            `evaluation` return is `rnnzoo.replicas.Parts`.
        held_out: the splits to evaluate, of "validation" and "test" those that are not empty.
        details: plain data for a run's metrics.json, beside `metadata`.
        answering: how the model is to answer where that isn't by default settings, of what its
            `answer_options` name, such as ``beam_width``.
    """

    load: Callable[..., Any]
    monitor: str
    mode = "min"
    unit = "examples"
    drawn = "examples"

    hold_nothing_out: ClassVar[Mapping[str, Any]] = {}
    weighs_examples = True
    weighs_classes = False
    augments = False

    def __init__(
        self,
        data: Any,
        preprocessor: Any,
        batch_size: int | None = None,
        window: int | None = None,
        seed: int = 0,
        vocabulary: str = "extend",
        sample_weight: Mapping[str, Any] | None = None,
        class_weight: Any = None,
        augment: float | None = None,
        suited: Callable[[Recipe], Recipe] | None = None,
    ):
        if vocabulary not in VOCABULARIES:
            raise WrongValue(
                f"vocabulary={vocabulary!r}: expected one of {', '.join(VOCABULARIES)}"
            )
        self.data = data
        self.preprocessor = preprocessor
        self.vocabulary = vocabulary
        self.learned = ""
        if len(data.train):
            self.preprocessor = preprocessor.learned_from(data, vocabulary)
            if news := self.preprocessor.news(preprocessor):
                self.learned = f"new to the model: {news}"
        if batch_size is not None:
            batch_size = whole_number(batch_size, "batch_size", minimum=1)
        if window is not None:
            window = whole_number(window, "window", minimum=1)
        self.recipe = self.make_recipe(batch_size, window)
        if suited is not None:
            self.recipe = suited(self.recipe)
        self.batch_size = batch_size or self.recipe.batch_size
        self.window = window or self.recipe.window
        if augment and not self.augments:
            raise WrongValue(f"augment={augment!r}: {self.unit} are not changed; leave it out")
        self.augment = float(self.augments) if augment is None else augment
        self.seed = whole_number(seed, "seed", minimum=0, maximum=2**32 - 1)
        self.replicas = 1
        self.held_out = tuple(s for s in ("validation", "test") if len(getattr(data, s)))
        self.details: dict[str, Any] = {}
        self.answering: dict[str, Any] = {}
        self._sample_weight = {
            split: self._checked_weights(split, of_split)
            for split, of_split in (sample_weight or {}).items()
            if of_split is not None
        }
        if class_weight is not None:
            if not self.weighs_classes:
                raise WrongValue(f"class_weight: the {self.unit} have no classes; leave it out")
            if not isinstance(class_weight, Mapping):
                raise WrongType(
                    f"class_weight={class_weight!r}: expected a dict, by label"
                    + ("; for weights by how rare each is, make the model with balanced=True")
                    * (class_weight == "balanced" and hasattr(preprocessor, "balanced"))
                )
            _weights(list(class_weight.values()), len(class_weight), "class_weight")
        self._class_weight = class_weight

    def _checked_weights(self, split, weights):
        if not self.weighs_examples:
            raise WrongValue(f"sample_weight: {self.unit} have no weights; leave it out")
        return _weights(weights, len(getattr(self.data, split)), "sample_weight")

    def label_weights(self, labels: Any) -> np.ndarray | None:
        """By label id the weight of what has it in training, float32; None if all weigh 1."""
        if self._class_weight is None:
            return None
        ids = labels.ids(self._class_weight)
        weights = np.ones(len(labels), np.float32)
        weights[ids] = list(self._class_weight.values())
        return weights

    @staticmethod
    def weighed_by(batches: Any, by_label: np.ndarray | None) -> Any:
        """Batches (x, y, weight), each weight times that of its label id; None leaves them."""
        if by_label is None:
            return batches
        of_each = tf.constant(by_label)
        return batches.map(lambda x, y, weight: (x, y, weight * tf.gather(of_each, y)))

    def key(self) -> Any:
        """Equal for feeds of the same training examples."""
        return hash(self.data.train)

    def make_recipe(self, batch_size: int | None, window: int | None) -> Recipe:
        """How to train on data of this size; of no training split, how to read.

        Args:
            batch_size, window: what is fixed, so that the budget is for it; or None.
        """
        raise NotImplementedError

    @property
    def metadata(self) -> dict[str, Any]:
        """Plain data on the source; ``sha256`` among it."""
        return self.data.metadata

    @functools.cached_property
    def steps_per_epoch(self) -> int:
        """Training batches in an epoch."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise an error unless a run can train on the data, validate on it and measure it."""
        if "validation" not in self.held_out:
            raise WrongValue(f"{self.data.name} has no {self.unit} to validate on")

    def parts(self, batches: Any) -> Any:
        """Batches made of `in_parts`, as the model takes them."""
        return batches if self.replicas == 1 else Parts(batches, self.replicas, self.batch_size)

    def training(self, start_step: int = 0) -> Any:
        """Endless batches, each a function of the seed and its number; first `start_step`'s."""
        raise NotImplementedError

    def evaluation(self, split: str) -> Any:
        """A whole split, once."""
        raise NotImplementedError

    def report(self, model: Any, folder: Path, split: str, replies: Any) -> dict[str, Any]:
        """Write what is to be seen of a model's `replies` to a split; return what else to keep."""
        return {}

    # --- answers, and how good they are -----------------------------------------------------------

    def questions(self, split: str) -> Any:
        """What is to be answered of a split, as a baseline takes it."""
        raise NotImplementedError

    def replies(self, model: Any, split: str) -> Any:
        """All that the model says to the questions of a split, by `answering`."""
        raise NotImplementedError

    def answers(self, replies: Any) -> Any:
        """What of the replies is measured, in the form in which a baseline answers."""
        return replies

    def measures(self, split: str, answers: Any) -> list[Measure]:
        """How good answers to the questions of a split are; the measure that people use is first.

        The sums of each are over examples of a kind that are drawn for its interval: recordings,
        sentences, pictures, sources, or stretches of a text.
        """
        raise NotImplementedError

    def odd(self, split: str, answers: Any) -> list[str]:
        """What looks odd about answers to the questions of a split, a line each."""
        return []

    def baselines(self) -> list[Baseline]:
        """The simple things to be better than, fitted to the training split."""
        return []

    def size(self, part: Any) -> int:
        """How many of `unit` a split has."""
        return len(part)

    def sizes(self) -> str:
        """How large each split is, in words."""
        parts = {split: getattr(self.data, split) for split in SPLITS}
        return ", ".join(f"{split} {self.size(p):,}" for split, p in parts.items() if len(p))

    def __str__(self) -> str:
        return f"{self.data.name}: {self.sizes()} {self.unit}"


def _weights(given, count, name):
    """Finite weights of at least 0, as many as counted."""
    try:
        weights = np.asarray(given, np.float32)
    except (TypeError, ValueError):
        raise WrongType(f"{name}={given!r}: expected numbers") from None
    if weights.shape != (count,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise WrongValue(
            f"{name} of shape {weights.shape}: expected a finite number of at least 0 for each of "
            f"{count}"
        )
    return weights
