"""Two devices learn what one does: in a process of its own, as devices are set up only once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
import numpy as np
from rnnzoo.platform import keras, tf
import rnnzoo

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
random = np.random.default_rng(0)


def sentences(count):
    return [[str(w) for w in random.choice(["as", "be", "cat", "do"], n)]
            for n in random.integers(1, 9, count)]


def joined(count):
    return [" ".join(words) for words in sentences(count)]


words = sentences(23)
name, x, y, options = {
    "words": ("tagger_lstm", words, [[w[0] for w in s] for s in words], {"spelling_units": 4}),
    "series": ("activity_lstm", [random.normal(size=(n, 3)) for n in random.integers(2, 9, 23)],
               [int(i) for i in random.integers(0, 3, 23)], {}),
    "text": ("char_lstm2", "to be, or not to be. " * 25, None, {"embedding_size": 4}),
    "captions": ("caption_lstm", random.normal(size=(23, 5)).astype("float32"),
                 [joined(n) for n in random.integers(1, 4, 23)], {"encoder": None}),
    "pairs": ("translate_lstm", joined(23), joined(23), {"layers": 1, "min_count": 1}),
}[sys.argv[1]]


def fitted():
    keras.utils.set_random_seed(1)
    model = rnnzoo.create_model(name, units=4, dropout=0.3, **options)
    held_out = x if y is None else (x[:8], y[:8])  # of the last batch, one device has no row
    window = {"window": 8} if y is None else {}
    history = model.fit(x, y, batch_size=7, steps_per_epoch=5, epochs=4, verbose=0,
                        validation_data=held_out, **window)
    return model.get_weights(), history.history


one, scores_of_one = fitted()
with strategy.scope():
    two, scores_of_two = fitted()
for a, b in zip(one, two, strict=True):
    np.testing.assert_allclose(a, b, atol=1e-5)
for key, values in scores_of_one.items():
    np.testing.assert_allclose(values, scores_of_two[key], rtol=1e-5)
print("alike")
"""


@pytest.mark.slow
@pytest.mark.parametrize("task", ["words", "series", "text", "captions", "pairs"])
def test_two_devices_learn_what_one_does(task):
    root = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = [sys.executable, "-c", SCRIPT, task]
    done = subprocess.run(run, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "alike" in done.stdout, done.stderr[-3000:]
