"""Two devices learn what one does: in a process of its own, as devices are set up only once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TWO_DEVICES = """
import sys
import warnings
import numpy as np
from rnnzoo.platform import keras, tf
import rnnzoo

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
random = np.random.default_rng(0)
warnings.simplefilter("error", UserWarning)


def sentences(count):
    return [[str(w) for w in random.choice(["as", "be", "cat", "do"], n)]
            for n in random.integers(1, 9, count)]


def joined(count):
    return [" ".join(words) for words in sentences(count)]


def assert_alike(fitted):
    one, scores_of_one = fitted()
    with strategy.scope():
        two, scores_of_two = fitted()
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    for key, values in scores_of_one.items():
        np.testing.assert_allclose(values, scores_of_two[key], rtol=1e-5)


def refused(call, said):
    try:
        call()
    except rnnzoo.RnnzooError as error:
        assert said in str(error), error
    else:
        raise AssertionError(f"not refused: {said}")


series = [random.normal(size=(n, 3)) for n in random.integers(2, 9, 23)]
labels = [int(i) for i in random.integers(0, 3, 23)]


def classifier(**options):
    keras.utils.set_random_seed(1)
    return rnnzoo.create_model("activity_lstm", units=4, **options)
"""

TASKS = """
words = sentences(23)
name, x, y, options = {
    "words": ("tagger_lstm", words, [[w[0] for w in s] for s in words], {"spelling_units": 4}),
    "series": ("activity_lstm", series, labels, {}),
    "convolutions": ("activity_conv_gru", series, labels, {}),
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


assert_alike(fitted)
"""

CASES = {
    # Statistics are those of the rows of both devices, also where these have unequally many.
    "batch normalization": """
pictures = random.integers(0, 256, (14, 8, 8, 3)).astype("uint8")


def fitted():
    keras.utils.set_random_seed(1)
    encoder = keras.Sequential([
        keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(3, 3, use_bias=False),
        keras.layers.BatchNormalization(momentum=0.5), keras.layers.GlobalAveragePooling2D(),
    ])
    decoder = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(4)])
    model = rnnzoo.tasks.Captioner(decoder, encoder, embedding_size=4, size=8)
    history = model.fit(pictures, ["a b", "c"] * 7, batch_size=8, epochs=3, verbose=0)
    moved = encoder.layers[2].moving_variance.numpy()
    assert np.abs(moved - 1).max() > 0.1
    return model.get_weights(), history.history


assert_alike(fitted)
""",
    # They count once, and not once a device.
    "penalties": """
def fitted():
    keras.utils.set_random_seed(1)
    stack = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(
        4, kernel_regularizer=keras.regularizers.L2(0.1),
        recurrent_regularizer=keras.regularizers.L1(0.05))])
    model = rnnzoo.tasks.SequenceClassifier(stack)
    model.compile(keras.optimizers.SGD(0.1))
    history = model.fit(series, labels, batch_size=7, epochs=3, verbose=0,
                        validation_data=(series[:8], labels[:8]))
    assert history.history["loss"][0] > model.chance_loss + 0.1
    return model.get_weights(), history.history


assert_alike(fitted)
""",
    # Metrics add up what all devices have seen.
    "metrics": """
class AUC(keras.metrics.AUC):
    def update_state(self, y, y_pred, sample_weight=None):
        y = keras.ops.one_hot(y, 3)
        super().update_state(y, keras.ops.exp(y_pred), sample_weight)


def fitted():
    model = classifier(dropout=0.0)
    auc = AUC(multi_label=True, num_labels=3, name="auc")
    model.compile(metrics=[auc, keras.metrics.SparseTopKCategoricalAccuracy(2, name="top_2")])
    history = model.fit(series, labels, batch_size=7, epochs=2, verbose=0,
                        validation_data=(series[:8], labels[:8]))
    assert {"auc", "val_auc", "top_2"} <= history.history.keys()
    return model.get_weights(), history.history


assert_alike(fitted)
""",
    # The same bits, interrupted within an epoch or not.
    "resume": """
import os
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
x = np.zeros((40, 9, 3), "float32")
x += random.normal(size=x.shape)
np.savez(folder / "own.npz", x=x, y=["a", "b"] * 20, subject=np.arange(40) % 10)


class Stop(keras.callbacks.Callback):
    steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        if self.steps == 7:
            raise KeyboardInterrupt


def trained(out, **how):
    with strategy.scope():
        rnnzoo.train(classifier(dropout=0.3), folder / "own.npz", folder / out, epochs=3,
                     batch_size=7, checkpoint_every=2, verbose=0, **how)


trained("whole")
try:
    trained("broken", callbacks=[Stop()])
except KeyboardInterrupt:
    pass
trained("broken", resume=True)
whole, broken = (rnnzoo.load_model(folder / out).get_weights() for out in ("whole", "broken"))
for a, b in zip(whole, broken, strict=True):
    np.testing.assert_array_equal(a, b)


def rows(out):
    lines = (folder / out / "history.csv").read_text().splitlines()
    return [line.rpartition(",")[0] for line in lines]


assert rows("whole") == rows("broken") and len(rows("whole")) == 4
""",
    # A model that was made in the scope needs it no more: it enters it itself.
    "out of scope": """
with strategy.scope():
    model = classifier()
model.fit(series, labels, batch_size=8, verbose=0)
model.fit(series, [label + 1 for label in labels], batch_size=8, verbose=0)
assert model.classes == (0, 1, 2, 3)
assert len(model.classify(series)) == 23
assert np.isfinite(model.evaluate(series, labels, verbose=0)).all()
model.fit(series, ["a"] * 11 + ["b"] * 12, batch_size=8, vocabulary="reset", verbose=0)
assert model.classes == ("a", "b")
model.compile()
model.evaluate(series, ["a"] * 11 + ["b"] * 12, verbose=0)
model.fit(series, ["a"] * 11 + ["b"] * 12, batch_size=8, verbose=0)
""",
    "what is refused": """
with strategy.scope():
    model = classifier()
    model.adapt(series, labels)

# A model, its parts, or an optimizer, made outside.
outside = classifier()
with strategy.scope():
    refused(lambda: outside.fit(series, labels, verbose=0), "made outside of the strategy's scope")
stack = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(4)])
stack.build((None, None, 3))
with strategy.scope():
    mixed = rnnzoo.tasks.SequenceClassifier(stack)
    refused(lambda: mixed.fit(series, labels, verbose=0), "made outside of the strategy's scope")
optimizer = keras.optimizers.Adam()
model.compile(optimizer)
refused(lambda: model.fit(series, labels, verbose=0), "optimizer was made outside")

# What was not made for several devices.
with strategy.scope():
    model.compile(keras.optimizers.Adam(gradient_accumulation_steps=2))
refused(lambda: model.fit(series, labels, verbose=0), "without gradient_accumulation_steps")
with strategy.scope():
    half = classifier(dtype="mixed_float16")
refused(lambda: half.fit(series, labels, verbose=0), "take the dtype policy mixed_bfloat16")
refused(lambda: model.compile(loss=lambda y, p: y), "reduction='mean_with_sample_weight'")
model.compile()
batch = np.zeros((4, 5, 3), "float32"), np.zeros(4, int)
refused(lambda: model.train_on_batch(*batch), "train_on_batch: one batch goes to one device")
refused(lambda: model.test_on_batch(*batch), "test_on_batch: one batch goes to one device")
batches = tf.data.Dataset.from_tensor_slices(batch).batch(2)
refused(lambda: model.fit(batches, verbose=0), "batches for 1 replica(s)")
""",
    "dropout of Keras": """
pictures = random.integers(0, 256, (14, 8, 8, 3)).astype("uint8")
with strategy.scope():
    encoder = keras.Sequential([keras.layers.Flatten(), keras.layers.Dropout(0.3, name="mine")])
    decoder = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(4, dropout=0.2)])
    model = rnnzoo.tasks.Captioner(decoder, encoder, embedding_size=4, size=8)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        model.fit(pictures, ["a b", "c"] * 7, batch_size=8, verbose=0)
said = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
assert len(said) == 1 and "mine" in said[0] and "rnnzoo.layers.dropout.Dropout" in said[0], said


# What it tells to take instead learns as on one device, and is saved.
def fitted():
    keras.utils.set_random_seed(1)
    dropout = rnnzoo.layers.dropout.Dropout(0.3)
    encoder = keras.Sequential(
        [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(3), dropout])
    decoder = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(4)])
    model = rnnzoo.tasks.Captioner(decoder, encoder, embedding_size=4, size=8)
    history = model.fit(pictures, ["a b", "c"] * 7, batch_size=7, epochs=3, verbose=0)
    again = type(model).from_config(model.get_config())
    assert type(again.encoder.layers[-1]) is type(dropout)
    return model.get_weights(), history.history


assert_alike(fitted)
""",
}


def run(program, *arguments):
    root = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"}
    script = f"{TWO_DEVICES}{program}\nprint('done')"
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "done" in done.stdout, done.stderr[-3000:]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["words", "series", "convolutions", "text", "captions", "pairs"])
def test_two_devices_learn_what_one_does(task):
    run(TASKS, task)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_of_two_devices(case):
    run(CASES[case])
