"""Measures of classes and tags, against scikit-learn, seqeval and sums by hand."""

import math

import numpy as np
import pytest
from seqeval.metrics import f1_score as span_f1
from sklearn.metrics import f1_score

from rnnzoo.evaluation import classes, odd
from rnnzoo.evaluation.pictures import write_classes

RANDOM = np.random.default_rng(0)


def values(measures):
    return {measure.name: measure.value for measure in measures}


def test_probabilities_are_measured_as_scikit_learn_does():
    probabilities = RANDOM.dirichlet(np.ones(4), size=50)
    labels = RANDOM.integers(3, size=50)  # no example has the last class
    found = values(classes.of_probabilities(probabilities, labels))
    answers = probabilities.argmax(axis=1)
    assert found["accuracy"] == pytest.approx((answers == labels).mean())
    expected = f1_score(labels, answers, average="macro")
    assert found["macro F1"] == pytest.approx(expected)


def test_a_class_that_is_never_answered_counts():
    probabilities = np.tile([0.9, 0.1], (4, 1))
    found = values(classes.of_probabilities(probabilities, np.array([0, 0, 0, 1])))
    assert found["macro F1"] == pytest.approx((2 * 3 / 7 + 0) / 2)


def test_calibration_by_hand():
    # Two answers in the bin of 0.9, one of them right: 0.4 apart; one of 0.55, wrong: 0.55.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.55, 0.45]])
    found = values(classes.of_probabilities(probabilities, np.array([0, 1, 1])))
    assert found["calibration error"] == pytest.approx((2 * 0.4 + 0.55) / 3)
    sure = np.eye(2)[[0, 1]]
    assert values(classes.of_probabilities(sure, np.array([0, 1])))["calibration error"] == 0


def test_spans_are_counted_as_seqeval_does():
    kinds = ["O", "B-a", "I-a", "B-b", "I-b"]
    truth, answers = (
        [RANDOM.choice(kinds, size=n).tolist() for n in range(1, 30)] for _ in range(2)
    )
    span, accuracy = classes.of_tags(truth, answers)
    assert span.name == "span F1" and span.value == pytest.approx(span_f1(truth, answers))
    hits = [a == b for t, g in zip(truth, answers, strict=True) for a, b in zip(t, g, strict=True)]
    assert accuracy.value == pytest.approx(np.mean(hits))
    (only,) = classes.of_tags([["NOUN", "VERB"]], [["NOUN", "NOUN"]])
    assert only.name == "accuracy" and only.value == 0.5


def test_what_looks_odd_is_said():
    assert odd.of_labels(["a"], ["a", "b"], "classes") == ["1 of 2 classes is never answered: 'b'"]
    assert odd.of_labels(["b", "a"], ["a", "b"], "classes") == []
    assert odd.of_sentences([f"dog {i}" for i in range(20)], [["cat"]] * 20) == []
    for count in (2, 9):
        (said,) = odd.of_sentences(["a"] * count, [[str(i)] for i in range(count)])
        assert said == f"all {count} answers are alike: 'a'"
    two = [f"dog {i % 2}" for i in range(40)]
    assert odd.of_sentences(two, [[f"dog {i}"] for i in range(40)]) == [
        "the 40 answers are alike: 2 distinct ones, where the references have 40"
    ]
    rows = [{"loss": 1 / i, "val_loss": 2 - i / 10} for i in range(1, 6)]
    said = odd.of_curves(rows, best=5, again="train with --epochs 15")
    assert len(said) == 2 and "--epochs 15" in said[0] and "by heart" in said[1]
    said = odd.of_curves(rows, best=5, again="", against="a lower order helps")
    assert said[1].endswith("it learns by heart; a lower order helps")
    assert odd.of_curves(rows, best=1, again="") == []
    noise = [{"loss": 1 / i, "val_loss": 0.8 + i / 10} for i in range(1, 7)]
    (said,) = odd.of_curves(noise, best=2, again="")
    assert said.startswith("after epoch 2 of 6 only training got better (loss 0.167 against 1.4)")
    assert odd.of_curves(noise[:3], best=2, again="") == []  # the best is near the end
    # Where all answers are hard, a ratio of losses says little: validation gets worse.
    words = [{"loss": 4.2, "val_loss": 4.1}, {"loss": 3.9, "val_loss": 4.0}]
    words += [{"loss": 3.8 - i / 10, "val_loss": 4.1 + i / 10} for i in range(7)]
    (said,) = odd.of_curves(words, best=2, again="")
    assert said.startswith("after epoch 2 of 9 only training got better (loss 3.2 against 4.7)")
    assert odd.of_curves(words[:5], best=2, again="") == []  # by less than a tenth
    level = [{"loss": 1.0, "val_loss": 1.0 - i / 1000} for i in range(5)]
    assert odd.of_curves(level, best=5, again="") == []


@pytest.mark.parametrize("unit", [0.001, 1.0, 1000.0])
def test_what_curves_of_a_density_show_does_not_depend_on_the_unit(unit):
    def said(loss, val_loss, best):
        rows = [
            {"loss": a + math.log(unit), "val_loss": b + math.log(unit)}
            for a, b in zip(loss, val_loss, strict=True)
        ]
        return [line.split(" (")[0] for line in odd.of_curves(rows, best, "more", density=True)]

    fall = [1.0 - i / 50 for i in range(10)]
    assert said(fall, fall, 10) == ["it still learned in the end: more"]
    assert said(fall, [1.2] * 10, 1) == []
    assert said(fall, [2.5] * 10, 6) == ["training is far better than validation"]
    rise = [1.0 + i / 50 for i in range(10)]
    assert said(fall, rise, 1) == ["after epoch 1 of 10 only training got better"]


def test_pictures_and_tables_are_written(tmp_path):
    probabilities = RANDOM.dirichlet(np.ones(3), size=30)
    write_classes(tmp_path, ["a", "b", "c"], probabilities, RANDOM.integers(3, size=30), "test")
    for name in ("confusion.png", "reliability.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "classes.csv").read_text().splitlines()) == 4
