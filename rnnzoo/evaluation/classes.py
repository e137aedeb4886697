"""Measures of answers that are classes: of whole examples, and of tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rnnzoo.evaluation.measure import Measure

BINS = 10


def of_probabilities(probabilities: np.ndarray, labels: np.ndarray) -> list[Measure]:
    """Accuracy, macro F1 and the expected calibration error.

    Macro F1 is the mean over all classes that the examples have or that were answered, as in
    scikit-learn: one that is never answered counts with 0.

    The expected calibration error is the mean distance, over ten bins of the probability of the
    likeliest class, between that probability and the share that is right (Guo et al. 2017, On
    calibration of modern neural networks).

    Args:
        probabilities: (examples, classes).
        labels: label ids (examples,).

    Example:
        >>> measures = of_probabilities(np.array([[0.8, 0.2], [0.6, 0.4]]), np.array([0, 1]))
        >>> {measure.name: round(measure.value, 3) for measure in measures}
        {'accuracy': 0.5, 'macro F1': 0.333, 'calibration error': 0.4}
    """
    answers = probabilities.argmax(axis=1)
    count, classes = probabilities.shape
    right = answers == labels
    ones = np.ones(count)
    eye = np.eye(classes)
    f1 = np.concatenate([eye[labels] * right[:, None], eye[answers], eye[labels]], axis=1)
    sure = probabilities.max(axis=1)
    bins = np.eye(BINS)[np.minimum((sure * BINS).astype(int), BINS - 1)]
    calibration = np.concatenate([bins * (sure - right)[:, None], ones[:, None]], axis=1)
    return [
        Measure("accuracy", np.stack([right, ones], axis=1).astype(float), _ratio, share=True),
        Measure("macro F1", f1, _macro_f1),
        Measure("calibration error", calibration, _calibration, higher_is_better=False),
    ]


def of_steps(probabilities: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> list[Measure]:
    """What `of_probabilities` gives of all steps that have a label; intervals are over recordings,
    as steps of one are alike.

    Args:
        probabilities: of each recording (time, classes).
        labels: of each recording label ids (time,), below 0 at a step without one.

    Example:
        >>> p = [np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]), np.array([[0.2, 0.8]])]
        >>> accuracy, *_ = of_steps(p, [np.array([0, 1, -1]), np.array([1])])
        >>> round(accuracy.value, 3), len(accuracy.statistics)
        (0.667, 2)
    """
    of_each = [
        of_probabilities(p[of_one >= 0], of_one[of_one >= 0])
        for p, of_one in zip(probabilities, labels, strict=True)
    ]
    return [
        replace(same[0], statistics=np.stack([m.statistics.sum(axis=0) for m in same]), share=False)
        for same in zip(*of_each, strict=True)
    ]


def of_label_sets(probabilities: np.ndarray, targets: np.ndarray) -> list[Measure]:
    """Of examples with any number of labels: the share that is wholly right, and macro F1.

    A label is answered where its probability is above 1/2.

    Args:
        probabilities: (examples, labels).
        targets: 1 where an example has the label, 0 elsewhere, (examples, labels).

    Example:
        >>> measures = of_label_sets(np.array([[0.9, 0.2], [0.9, 0.7]]), np.array([[1, 0], [0, 1]]))
        >>> {measure.name: round(measure.value, 3) for measure in measures}
        {'subset accuracy': 0.5, 'macro F1': 0.833}
    """
    answers = probabilities > 0.5
    right = (answers == targets).all(axis=1)
    f1 = np.concatenate([answers * targets, answers, targets], axis=1).astype(float)
    whole = np.stack([right, np.ones(len(right))], axis=1).astype(float)
    return [
        Measure("subset accuracy", whole, _ratio, share=True),
        Measure("macro F1", f1, _macro_f1),
    ]


def of_tags(truth: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> list[Measure]:
    """Span F1 where the tags mark spans (B-, I-, O and such), and accuracy, by sequence.

    Spans are counted as seqeval does by default: as conlleval does, an I- that follows none of its
    kind begins one.

    Args:
        truth, answers: the tags of each sequence.

    Example:
        >>> truth, answers = [["B-x", "I-x", "O"]], [["B-x", "O", "O"]]
        >>> {measure.name: round(measure.value, 3) for measure in of_tags(truth, answers)}
        {'span F1': 0.0, 'accuracy': 0.667}
    """
    right = [
        [sum(a == b for a, b in zip(t, g, strict=True)), len(t)]
        for t, g in zip(truth, answers, strict=True)
    ]
    measures = [Measure("accuracy", np.array(right, float).reshape(-1, 2), _ratio)]
    if marks_spans({tag for tags in truth for tag in tags}):
        from seqeval.metrics.sequence_labeling import get_entities

        counts = []
        for t, g in zip(truth, answers, strict=True):
            true, given = set(get_entities(list(t))), set(get_entities(list(g)))
            counts.append([len(true & given), len(given), len(true)])
        measures.insert(0, Measure("span F1", np.array(counts, float).reshape(-1, 3), _f1))
    return measures


def marks_spans(tags: set[str]) -> bool:
    """Whether tags mark spans, as B- and I- do.

    >>> marks_spans({"O", "B-name", "I-name"}), marks_spans({"NOUN", "VERB"})
    (True, False)
    """
    marks = all(tag == "O" or tag[:2] in ("B-", "I-", "E-", "S-", "L-", "U-") for tag in tags)
    return marks and bool(tags - {"O"})


def _ratio(sums):
    return sums[0] / sums[1] if sums[1] else np.nan


def _f1(sums):
    hits, given, true = sums
    return 2 * hits / (given + true) if given + true else np.nan


def _macro_f1(sums):
    hits, given, true = sums.reshape(3, -1)
    there = true + given > 0
    return (2 * hits[there] / (given + true)[there]).mean() if there.any() else np.nan


def _calibration(sums):
    return np.abs(sums[:-1]).sum() / sums[-1]
