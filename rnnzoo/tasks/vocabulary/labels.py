"""Labels <-> ids: classes of sequences, tags of their elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rnnzoo.errors import WrongType, WrongValue


class LabelVocabulary:
    """The labels that a model can answer with; a label's id is its place among them.

    Args:
        labels: strings or whole numbers, two or more that differ.
        kind: what they are, for messages: "classes" or "tags".

    Attributes:
        labels: a tuple of them.

    Raises:
        TypeError: a label is neither a string nor a whole number.
        ValueError: there are fewer than two, or two are the same.

    Example:
        >>> LabelVocabulary(["sit", "walk"], "classes").ids(["walk", "walk", "sit"]).tolist()
        [1, 1, 0]
    """

    def __init__(self, labels: Iterable[str | int], kind: str):
        self.kind = kind
        self.labels: tuple[str | int, ...] = tuple(
            x.item() if isinstance(x, np.generic) else x for x in labels
        )
        for label in self.labels:
            if isinstance(label, bool) or not isinstance(label, (str, int)):
                raise WrongType(f"{kind}: expected strings or whole numbers, got {label!r}")
        if len(set(self.labels)) < max(2, len(self.labels)):
            raise WrongValue(f"{kind}: expected two or more that differ, got {listed(self.labels)}")

    def __len__(self) -> int:
        return len(self.labels)

    def ids(self, labels: Iterable[str | int], hint: str = "") -> np.ndarray:
        """Ids of labels, int32 (n,).

        Args:
            labels: each one that the vocabulary knows.
            hint: what else to say if one is not.

        Raises:
            ValueError: a label is not known.
        """
        labels = list(labels)
        ids = {label: i for i, label in enumerate(self.labels)}
        if unknown := sorted(set(labels) - ids.keys(), key=str):
            known = f"the model knows the {self.kind} {listed(self.labels)}"
            raise WrongValue(f"{known}, not {listed(unknown)}{hint}")
        return np.array([ids[label] for label in labels], np.int32)

    def with_others(self, labels: Iterable[str | int]) -> LabelVocabulary:
        """With further labels behind those that are known; itself if there are none."""
        known = set(self.labels)
        others = [label for label in labels if label not in known]
        return LabelVocabulary([*self.labels, *others], self.kind) if others else self


def news(kind: str, now: Iterable, before: Iterable) -> str:
    """How many things are known now that were not before, and some of them; empty if none are.

    >>> news("characters", "abc", "a")
    "2 characters ('b', 'c')"
    """
    known = set(before)
    new = [one for one in now if one not in known]
    return f"{len(new):,} {kind} ({listed(list(map(repr, new)))})" if new else ""


def listed(labels: Sequence[str | int]) -> str:
    """The first ten of some labels, for a message."""
    shown = ", ".join(map(str, labels[:10]))
    return shown + (", ..." if len(labels) > 10 else "")
