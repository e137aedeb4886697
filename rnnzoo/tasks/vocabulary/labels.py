"""Labels <-> ids: classes of sequences, tags of their elements."""

from collections.abc import Iterable

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
        self.labels = tuple(x.item() if isinstance(x, np.generic) else x for x in labels)
        for label in self.labels:
            if isinstance(label, bool) or not isinstance(label, (str, int)):
                raise WrongType(f"{kind}: expected strings or whole numbers, got {label!r}")
        if len(set(self.labels)) < max(2, len(self.labels)):
            raise WrongValue(f"{kind}: expected two or more that differ, got {listed(self.labels)}")

    def __len__(self):
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


def listed(labels) -> str:
    """The first ten of some labels, for a message."""
    shown = ", ".join(map(str, labels[:10]))
    return shown + (", ..." if len(labels) > 10 else "")
