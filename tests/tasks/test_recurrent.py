"""A stack whose output is all layers' stands wherever a task takes one."""

import numpy as np
import pytest

from rnnzoo.layers import GRU, RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks import SequenceClassifier, SequenceTagger, Translator
from rnnzoo.tasks.recurrent import output_size


def stack():
    return RecurrentStack([GRU(4), GRU(3)], skip=True)


def test_its_output_size_is_that_of_all_layers():
    assert output_size(stack(), 5) == 7
    assert output_size(keras.layers.Bidirectional(GRU(4, return_sequences=True)), 5) == 8


@pytest.mark.parametrize("answer", ["last", "mean", "pool"])
def test_a_classifier_streams_with_it(answer):
    model = SequenceClassifier(stack(), answer=answer, classes=["a", "b"], features=(3,))
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")
    state = model.initial_state(2)
    for t in range(6):
        log_probs, state = model.step(tf.constant(x[:, t]), state)
    np.testing.assert_allclose(np.exp(log_probs), model.probabilities(list(x)), atol=1e-5)


@pytest.mark.slow
def test_a_tagger_and_a_translator_learn_with_it():
    tagger = SequenceTagger(stack(), embedding_size=4, spelling_units=4)
    sentences, tags = [["a", "dog"], ["one", "cat"]] * 8, [["D", "N"]] * 16
    losses = tagger.fit(sentences, tags, batch_size=4, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    translator = Translator(stack(), stack(), 4, condition="both")
    losses = translator.fit(
        ["a dog", "one cat"] * 8, ["un chien", "un chat"] * 8, batch_size=4, epochs=3, verbose=0
    ).history["loss"]
    assert losses[-1] < losses[0]
    assert len(translator.translate(["a dog"])) == 1
