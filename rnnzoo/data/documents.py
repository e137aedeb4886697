"""Texts with a label each: what a model that is conditioned on a label is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnnzoo.data.base import Counted
from rnnzoo.data.pipelines import splits


@dataclass(frozen=True, repr=False)
class Documents(Counted):
    """Texts and their labels.

    Attributes:
        texts, labels: as many of one as of the other.
    """

    texts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def text(self) -> str:
        """All texts, a line each or several."""
        return "\n".join(self.texts)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Documents:
        """Of texts each with its label.

        >>> Documents.of([("to be", "Hamlet"), ("Now is", "Richard")]).labels
        ('Hamlet', 'Richard')
        """
        pairs = list(pairs)
        return cls(*zip(*pairs, strict=True)) if pairs else cls()

    @classmethod
    def joined(cls, parts: Sequence[Documents]) -> Documents:
        """Several as one."""
        return cls.of(
            (t, n) for part in parts for t, n in zip(part.texts, part.labels, strict=True)
        )


def parted(documents: Documents, validation: float, test: float) -> dict[str, Documents]:
    """By split its documents: the same ones each time, and equal texts in the same split.

    Texts of a label of which nothing would be left to train on are trained on, whatever others
    they have.
    """
    pairs = list(zip(documents.texts, documents.labels, strict=True))
    of_each = [_split_of(splits.place(text), validation, test) for text, _ in pairs]
    trained = {label for (_, label), split in zip(pairs, of_each, strict=True) if split == "train"}
    back = {text for text, label in pairs if label not in trained}
    of_each = [
        "train" if text in back else split for (text, _), split in zip(pairs, of_each, strict=True)
    ]
    return {split: Documents.of(part) for split, part in splits.parted(pairs, of_each).items()}


def _split_of(place, validation, test):
    return "test" if place < test else "validation" if place < test + validation else "train"
