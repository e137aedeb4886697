"""Texts with a label each: what a model that is conditioned on a label is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def apart(documents: Documents, validation: float, test: float) -> splits.Apart[str]:
    """By text its split, the same one each time; texts that hardly differ are in one.

    Those of a label of which nothing would be left to train on are trained on, whatever others they
    have, and with them what is alike.
    """
    found = splits.by_text({text: text for text in documents.texts}, validation, test)
    pairs = list(zip(documents.texts, documents.labels, strict=True))
    trained = {label for text, label in pairs if found.split_of[text] == "train"}
    # Where clusters had to be cut, they are on several sides anyway.
    of_text = found.cluster if found.whole else {text: text for text in documents.texts}
    back = {of_text[text] for text, label in pairs if label not in trained}
    split_of = {
        text: "train" if of_text[text] in back else split for text, split in found.split_of.items()
    }
    return found._replace(split_of=split_of)


def parted(documents: Documents, split_of: Mapping[str, str]) -> dict[str, Documents]:
    """By split its documents, of the split of each text."""
    pairs = list(zip(documents.texts, documents.labels, strict=True))
    parts = splits.parted(pairs, [split_of[text] for text in documents.texts])
    return {split: Documents.of(part) for split, part in parts.items()}
