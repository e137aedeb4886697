"""What tasks are measured in, against scikit-learn's definitions derived again."""

import numpy as np
import pytest

from rnnzoo.platform import tf
from rnnzoo.tasks.metrics import BitsPerCharacter, MacroF1, MeanOfAll, Perplexity


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


@pytest.mark.parametrize("metric", [MeanOfAll, BitsPerCharacter, Perplexity])
def test_a_mean_does_not_depend_on_padding_or_on_how_values_are_cut(metric):
    values, weight = np.random.default_rng(0).uniform(size=(2, 4, 6)).astype("float32")
    results = []
    for length in (1, 3, 6):
        cut = metric()
        cut.update_state(values[:, :length], weight[:, :length])
        cut.update_state(values[:, length:], weight[:, length:])
        padded = np.pad(values, ((0, 0), (0, length)), constant_values=9.0)
        whole = metric()
        whole.update_state(padded, np.pad(weight, ((0, 0), (0, length))))
        results += [float(cut.result()), float(whole.result())]
    mean = np.average(values, weights=weight)
    expected = {MeanOfAll: mean, BitsPerCharacter: mean / np.log(2), Perplexity: np.exp(mean)}
    assert results == pytest.approx([expected[metric]] * 6, rel=1e-5)
