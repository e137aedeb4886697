"""What a translator keeps of sentences, as a picture."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnnzoo.data import Lines
from rnnzoo.errors import DataError, MissingPackage, WrongValue
from rnnzoo.files import picture

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.translation.translator import Translator

# More than so many would hide each other: then only the groups are named.
NAMED = 40


def read_groups(path: str | os.PathLike) -> tuple[list[str], list[str | None]]:
    """Sentences of a file, one a line, and their groups: what is before a tab, None without.

    Raises:
        ValueError: it is not UTF-8, or holds fewer than three sentences.

    Example:
        ``read_groups("voices.tsv")``
    """
    rows = []
    for number, line in enumerate(Lines(path), 1):
        group, _, sentence = line.rpartition("\t")
        if sentence.strip():
            rows.append((sentence, group or None))
        elif line.strip():
            raise DataError(
                f"{path}, line {number}: there is no sentence behind the tab", path, number
            )
    if len(rows) < 3:
        raise DataError(
            f"{path} holds {len(rows)} sentences; expected three or more, one a line, with a group "
            "and a tab before each if they are to be coloured",
            path,
        )
    sentences, groups = zip(*rows, strict=True)
    return list(sentences), list(groups)


def draw_states(
    model: Translator,
    sentences: Sequence[str],
    path: str | os.PathLike,
    groups: Sequence[str | None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the two main directions in which a translator's states of sentences differ.

    The final states of the encoder, which are all that a translation is written from, are projected
    by principal component analysis (scikit-learn), as in Sutskever et al. (2014), figure 2.

    Args:
        model: a `rnnzoo.tasks.Translator`.
        sentences: three or more.
        path: of the picture.
        groups: of each sentence a name, which gives its colour; None: all are of one.

    Returns:
        The points (sentences, 2), and the shares of the variance that the two directions have.

    Raises:
        MissingPackage: scikit-learn is not installed.
        ValueError: all states are the same.

    Example:
        ``draw_states(model, ["A sees B", "B sees A", "A is seen by B"], "states.png")``
    """
    if importlib.util.find_spec("sklearn") is None:
        raise MissingPackage("states are projected by the package scikit-learn", "translation")
    from sklearn.decomposition import PCA

    pca = PCA(2, random_state=0)
    states = model.states(sentences)
    if np.ptp(states, axis=0).max() < 1e-6:
        raise WrongValue("all states are the same: expected sentences that differ")
    points = pca.fit_transform(states)
    names = np.array([group or "" for group in (groups or [None] * len(sentences))])
    with picture(Path(path), figsize=(9, 7)) as figure:
        axis = figure.subplots()
        for name in dict.fromkeys(names):
            axis.scatter(*points[names == name].T, label=name)
        if len(sentences) <= NAMED:
            for sentence, point in zip(sentences, points, strict=True):
                axis.annotate(
                    sentence,
                    point,
                    fontsize=8,
                    xytext=(4, 4),
                    textcoords="offset points",
                    parse_math=False,
                )
        shares = [f"{share:.0%}" for share in pca.explained_variance_ratio_]
        axis.set(xlabel=f"{shares[0]} of the variance", ylabel=f"{shares[1]} of the variance")
        axis.margins(0.15)
        if any(names):
            axis.legend()
    return points, pca.explained_variance_ratio_
