"""The data's side of a task: what a model must know of it, batches by step, what to report."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnzoo.errors import WrongValue

SPLITS = ("train", "validation", "test")


class Feed:
    """A task's data in batches, with all that a model must know of it.

    Data runs one way: raw examples or a named source -> splits -> `preprocessor`, which learns from
    the training split what must be known (vocabulary, classes, statistics) -> batches. A model
    takes the preprocessor up (`Task.take_up`); so both hold the same one.

    A subclass sets ``load`` and ``monitor``, and defines ``steps_per_epoch``, ``training`` and
    ``evaluation``.

    Args:
        data: has ``name``, ``train``, ``validation``, ``test`` and ``metadata``; a part may be
            empty.
        preprocessor: what the model knows already, and how it reads.
        batch_size: examples in a batch; of text, places that are read side by side.
        window: the time steps that batches are cut to; None takes the task's default.
        seed: of the order of the training batches.

    Attributes:
        load: a function from a source, a name or a path, to `data`.
        monitor: the metric by which the best epoch is chosen.
        mode: "min" or "max", which is better of `monitor`.
        unit: what a split is counted in, in words.
        preprocessor: the given one, and what it learned from the training split.
        held_out: the splits to evaluate, of "validation" and "test" those that are not empty.
        details: plain data for a run's metrics.json, beside `metadata`.
    """

    load: Callable[..., Any]
    monitor: str
    mode = "min"
    unit = "examples"

    def __init__(self, data, preprocessor, batch_size=32, window=None, seed=0):
        self.data = data
        self.preprocessor = preprocessor
        if len(data.train):
            self.preprocessor = preprocessor.learned_from(data)
        self.batch_size = batch_size
        self.window = window or self.default_window
        self.seed = seed
        self.held_out = tuple(s for s in ("validation", "test") if len(getattr(data, s)))
        self.details: dict[str, Any] = {}

    @property
    def default_window(self) -> int | None:
        """The time steps that batches are cut to unless one says otherwise; None: they aren't."""
        return None

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

    def training(self, start_step: int = 0):
        """Endless batches, each a function of the seed and its number; first `start_step`'s."""
        raise NotImplementedError

    def evaluation(self, split: str):
        """A whole split, once."""
        raise NotImplementedError

    def report(self, model, folder: Path) -> dict[str, Any]:
        """Write what is to be seen of the best model; return what else metrics.json is to hold."""
        return {}

    def size(self, part) -> int:
        """How many of `unit` a split has."""
        return len(part)

    def sizes(self) -> str:
        """How large each split is, in words."""
        parts = {split: getattr(self.data, split) for split in SPLITS}
        return ", ".join(f"{split} {self.size(p):,}" for split, p in parts.items() if len(p))

    def __str__(self) -> str:
        return f"{self.data.name}: {self.sizes()} {self.unit}"
