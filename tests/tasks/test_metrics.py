"""What tasks are measured in, against scikit-learn's definitions derived again."""

import numpy as np
import pytest

from rnnzoo.platform import tf
from rnnzoo.tasks.metrics import MacroF1


def macro_f1(y, answers):
    scores = []
    for place in set(y) | set(answers):
        hits = sum(a == b == place for a, b in zip(y, answers, strict=True))
        scores.append(2 * hits / (y.count(place) + answers.count(place)))
    return np.mean(scores)


def test_answers_that_are_certain_count():
    log_p = tf.nn.log_softmax([[20.0, 0.0], [0.0, 20.0], [20.0, 0.0], [0.0, 20.0]])
    assert (log_p.numpy().max(axis=-1) == 0).all()
    metric = MacroF1()
    metric.update_state([0, 1, 1, 1], log_p, [1, 1, 1, 1])
    assert float(metric.result()) == pytest.approx(macro_f1([0, 1, 1, 1], [0, 1, 0, 1]), abs=1e-6)


@pytest.mark.parametrize("answers", [[0, 1, 1], [0, 1, 3]])
def test_macro_f1_is_of_the_classes_that_occur(answers):
    y = [0, 1, 1]
    metric = MacroF1()
    metric.update_state([*y, 2], tf.one_hot([*answers, 4], 5), [1, 1, 1, 0])
    assert float(metric.result()) == pytest.approx(macro_f1(y, answers), abs=1e-6)
