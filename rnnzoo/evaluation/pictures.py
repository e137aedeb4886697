"""Tables and pictures of a classifier's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from rnnzoo.evaluation.classes import BINS
from rnnzoo.files import picture, write_table

COLUMNS = ("class", "precision", "recall", "f1", "examples")


def write_classes(
    folder: Path,
    classes: Sequence[str | int],
    probabilities: np.ndarray,
    labels: np.ndarray,
    split: str,
) -> None:
    """Write ``classes.csv``, ``confusion.png`` and ``reliability.png``.

    Args:
        folder: where to.
        classes: their names.
        probabilities: (examples, classes).
        labels: label ids (examples,).
        split: what the examples are called.
    """
    confusion = np.zeros((len(classes), len(classes)), int)
    np.add.at(confusion, (labels, probabilities.argmax(axis=1)), 1)
    counts = np.stack([np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)])
    write_table(folder / "classes.csv", COLUMNS, by_class(classes, counts))
    _draw_confusion(classes, confusion, split, folder / "confusion.png")
    _draw_reliability(probabilities, labels, split, folder / "reliability.png")


def write_label_sets(
    folder: Path, labels: Sequence[str | int], probabilities: np.ndarray, targets: np.ndarray
) -> None:
    """Write ``classes.csv`` of examples that have any number of labels.

    Args:
        folder, labels: where to, and the labels' names.
        probabilities, targets: as for `rnnzoo.evaluation.classes.of_label_sets`.
    """
    answers = probabilities > 0.5
    counts = np.stack([answers * targets, answers, targets]).sum(axis=1)
    write_table(folder / "classes.csv", COLUMNS, by_class(labels, counts))


def by_class(classes: Sequence[str | int], counts: np.ndarray) -> Iterator[tuple]:
    """A row of a table for each class: precision, recall, F1, and how many examples it has.

    Args:
        classes: their names.
        counts: (3, classes), of right answers, of answers, and of examples.
    """
    for label, (hits, guessed, true) in zip(classes, counts.T, strict=True):
        precision, recall = hits / max(1, guessed), hits / max(1, true)
        f1 = 2 * hits / max(1, guessed + true)
        yield label, f"{precision:.4f}", f"{recall:.4f}", f"{f1:.4f}", true


def _draw_confusion(classes, confusion, split, path):
    side = min(12, 2.5 + 0.5 * len(classes))
    with picture(path, figsize=(side + 1, side)) as figure:
        axes = figure.add_subplot()
        shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        if len(classes) <= 20:
            for (row, column), count in np.ndenumerate(confusion):
                color = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=color)
        ticks = range(len(classes))
        axes.set_xticks(ticks, classes, rotation=45, ha="right")
        axes.set_yticks(ticks, classes)
        axes.set(xlabel="answer", ylabel="truth", title=f"{split} split")


def _draw_reliability(probabilities, labels, split, path):
    """How often the answer is right, against the probability that it was given."""
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    there = counts > 0
    shares = np.bincount(bins, right, BINS)[there] / counts[there]
    said = np.bincount(bins, sure, BINS)[there] / counts[there]
    with picture(path, figsize=(4.8, 4.8)) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="as often as said")
        axes.plot(said, shares, color="C0", marker="o", label="answers")
        for x, y, count in zip(said, shares, counts[there], strict=True):
            axes.annotate(f"{count:,}", (x, y), xytext=(4, -10), textcoords="offset points")
        axes.set(
            xlim=(0, 1),
            ylim=(0, 1.02),
            xlabel="probability of the answer",
            ylabel="share that is right (numbers: examples)",
            title=f"{split} split",
        )
        axes.legend(loc="upper left")


def draw_pixels(
    path: Path,
    pictures: Sequence[np.ndarray],
    truth: Sequence[np.ndarray],
    answers: Mapping[str, Sequence[np.ndarray]],
    classes: Sequence[str | int],
) -> None:
    """Write a picture of pixels' classes: a row each for the pictures, the truth and each answer.

    Args:
        path: of the PNG file.
        pictures: uint8 (height, width, 1 or 3).
        truth: of each label ids (height, width), below 0 at a pixel without one, which is grey.
        answers: by who answered, for each picture ids.
        classes: their names.
    """
    from matplotlib import colormaps
    from matplotlib.patches import Patch

    colours = colormaps["tab10" if len(classes) <= 10 else "gist_ncar"]
    spread = 1 if len(classes) <= 10 else 256 // len(classes)

    def painted(ids, there):
        return np.where(there[..., None], colours(ids * spread)[..., :3], 0.75)

    rows = {"truth": truth, **answers}
    with picture(path, figsize=(1.6 * len(pictures), 1.6 * (1 + len(rows)) + 0.4)) as figure:
        axes = figure.subplots(1 + len(rows), len(pictures), squeeze=False)
        for i, (drawn, of_one) in enumerate(zip(pictures, truth, strict=True)):
            axes[0, i].imshow(drawn, cmap="gray", vmin=0, vmax=255)
            for axis, who in zip(axes[1:, i], rows, strict=True):
                axis.imshow(painted(np.maximum(rows[who][i], 0), of_one >= 0))
                if who in answers:
                    wrong = ((rows[who][i] != of_one) & (of_one >= 0)).sum()
                    axis.set_xlabel(f"{wrong} wrong", fontsize=8)
        for axis, label in zip(axes[:, 0], ("picture", *rows), strict=True):
            axis.set_ylabel(label)
        for axis in axes.flat:
            axis.set_xticks([])
            axis.set_yticks([])
        patches = [Patch(color=colours(i * spread), label=str(c)) for i, c in enumerate(classes)]
        figure.legend(handles=patches, loc="outside lower center", ncols=min(6, len(classes)))
