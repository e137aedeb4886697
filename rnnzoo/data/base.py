"""What all data to train on has: a name, three parts, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

from rnnzoo.data.reading import Reading
from rnnzoo.errors import WrongValue

Part = TypeVar("Part")

# What becomes of what a model knows where the data holds something else, see `Task.fit`.
VOCABULARIES = ("extend", "keep", "reset")


@dataclass(frozen=True, kw_only=True)
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

    @staticmethod
    def digest(part: Part) -> str:
        """SHA-256 of all that is in a part, in hexadecimal."""
        raise NotImplementedError
