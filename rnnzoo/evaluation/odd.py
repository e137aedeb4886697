"""What a look at answers and curves shows that a score doesn't, each in one line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FEW = 0.1  # of the distinct references there are, the share below which answers are too alike
_NAMED = 5
# Of the epochs of a run, and by how much of its loss that fell in them it still learned.
_END, _STILL = 0.2, 0.02


def of_sentences(answers: Sequence[str], references: Sequence[Sequence[str]]) -> list[str]:
    """Whether the answers are (nearly) all alike where the references are not.

    >>> of_sentences(["a dog"] * 20, [[f"dog {i}"] for i in range(20)])
    ["all 20 answers are alike: 'a dog'"]
    """
    found = len(set(answers))
    expected = len({of_one[0] for of_one in references})
    if found >= max(2, FEW * expected) or expected < 2:
        return []
    if found == 1:
        return [f"all {len(answers):,} answers are alike: {answers[0]!r}"]
    return [
        f"the {len(answers):,} answers are alike: {found:,} distinct ones, where the references "
        f"have {expected:,}"
    ]


def of_labels(answers: Iterable[Any], truth: Iterable[Any], kind: str) -> list[str]:
    """Which labels are there and were never answered.

    >>> of_labels(["sit", "sit"], ["sit", "run"], "classes")
    ["1 of 2 classes is never answered: 'run'"]
    """
    there = sorted(set(truth), key=str)
    given = set(answers)
    missing = [label for label in there if label not in given]
    if not missing:
        return []
    named = ", ".join(map(repr, missing[:_NAMED])) + (", ..." if len(missing) > _NAMED else "")
    verb = "is" if len(missing) == 1 else "are"
    return [f"{len(missing)} of {len(there)} {kind} {verb} never answered: {named}"]


AGAINST_OVERFITTING = "more data, dropout or fewer units help"


def of_curves(
    history: Sequence[Mapping[str, float]],
    best: int,
    again: str,
    density: bool = False,
    against: str = AGAINST_OVERFITTING,
) -> list[str]:
    """Whether training stopped too early, or learned by heart.

    Args:
        history: a row of numbers for each epoch, as history.csv has it.
        best: the number of the best epoch, from 1.
        again: what to do to train for longer, in words.
        density: whether the loss is that of a density, whose zero depends on the unit, so that what
            counts is a difference in nats and not a share of it.
        against: what helps against learning by heart, in words.
    """
    odd = []

    def share(loss: float) -> float:
        return 1.0 if density else loss

    def by_heart(row: Mapping[str, float]) -> bool:
        return row["val_loss"] - row["loss"] > share(row["loss"]) + 0.1

    def parted(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
        """Whether validation got worse, to a tenth more or far from training, which got better."""
        least = 0.0 if by_heart(after) else 0.1 * share(before["val_loss"])
        return after["val_loss"] - before["val_loss"] > least and after["loss"] < before["loss"]

    losses = [row["val_loss"] for row in history]
    before = losses[: max(1, math.ceil(len(losses) * (1 - _END)))]
    # Under a rate that falls to 0 the last epoch often is the best, by little.
    gained = min(before) - min(losses)
    if best == len(history) > 1 and gained > max(0.01, _STILL * share(min(before))):
        odd.append(f"it still learned in the end: {again}")
    row, last = history[best - 1], history[-1]
    what = ""
    if by_heart(row):
        what = "training is far better than validation"
    elif best <= len(history) / 2 and parted(row, last):
        row, what = last, f"after epoch {best} of {len(history)} only training got better"
    if what:
        odd.append(
            f"{what} (loss {row['loss']:.3g} against {row['val_loss']:.3g}): it learns by heart; "
            f"{against}"
        )
    return odd
