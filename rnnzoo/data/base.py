"""What all data to train on has: a name, three parts, and what is known of it."""

from __future__ import annotations

import bisect
import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

from rnnzoo.data.reading import Reading
from rnnzoo.errors import WrongValue

Part = TypeVar("Part")

# What becomes of what a model knows where the data holds something else, see `Task.fit`.
VOCABULARIES = ("extend", "keep", "reset")


class Counted:
    """A collection that is shown by how much it holds: a dataclass would write out all of it.

    A subclass has a length, and is a dataclass with ``repr=False``.
    """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self):,}>"  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True, repr=False)
class Data(Generic[Part]):
    """Examples in three parts that share nothing.

    Attributes:
        name: of the source, as the function that loaded it took it.
        train: what is trained on.
        validation: what decides (early stopping, the best checkpoint).
        test: what is measured in the end; of length 0 where nothing was set aside for it.
        metadata: plain data that belongs beside a result: ``source``, ``sha256`` of each part, and
            as known ``license``.
    """

    name: str
    train: Part
    validation: Part
    test: Part
    metadata: dict[str, Any] = field(default_factory=dict)
    reading: Reading | None = None

    @classmethod
    def from_parts(
        cls,
        name: str,
        parts: Mapping[str, Part],
        metadata: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Self:
        """Data whose metadata holds the digests of its parts, too.

        Args:
            name: of the source.
            parts: by field, such as ``"train"``.
            metadata: what is known, such as ``source`` and ``license``.
            **fields: the other fields.

        Raises:
            ValueError: a part holds what it must not.
        """
        try:
            sha256 = {split: cls.digest(part) for split, part in parts.items()}
        except WrongValue as error:
            raise WrongValue(f"{name}: {error}") from None
        given: dict[str, Any] = {**parts, **fields}
        return cls(name=name, metadata={**(metadata or {}), "sha256": sha256}, **given)

    def __repr__(self) -> str:
        sizes = {"train": self.train, "validation": self.validation, "test": self.test}
        said = ", ".join(f"{split} {len(part):,}" for split, part in sizes.items())  # type: ignore[arg-type]
        return f"<{type(self).__name__} {self.name}: {said}>"

    @property
    def lacks(self) -> str:
        """What stands in the way of a new model's training on it, in words; empty if nothing."""
        return ""

    def as_test(self) -> Self:
        """The same data as one test part, with nothing to train on."""
        whole = self.joined([self.train, self.validation, self.test])
        nothing = self.joined([])
        return dataclasses.replace(self, train=nothing, validation=nothing, test=whole)

    @staticmethod
    def joined(parts: Sequence[Part]) -> Part:
        """Several parts as one."""
        raise NotImplementedError

    @staticmethod
    def digest(part: Part) -> str:
        """SHA-256 of all that is in a part, in hexadecimal."""
        raise NotImplementedError


class Joined(Sequence):
    """Several sequences as one, which reads an entry only when it is asked for.

    >>> list(Joined(["ab", "", "c"]))
    ['a', 'b', 'c']
    """

    def __init__(self, sequences: Sequence[Sequence]) -> None:
        self._sequences = sequences
        self._ends = list(itertools.accumulate(map(len, sequences)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, i):
        if not 0 <= i < len(self):
            raise IndexError(i)
        of = bisect.bisect_right(self._ends, i)
        return self._sequences[of][i - (self._ends[of - 1] if of else 0)]
