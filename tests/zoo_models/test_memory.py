"""Networks that are to be compared by their memory: as large, and with nothing else to remember."""

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data import Examples, Series
from rnnzoo.platform import keras
from zoo_models.memory import UNITS

# Channels and classes of each task; a normal distribution has two numbers.
TASKS = {
    "copy_memory": (10, 9),
    "digits_pixels": (1, 10),
    "parity": (1, 2),
    "counting": (1, 3),
    "borders": (6, 7),
}


@pytest.mark.parametrize("task", [*TASKS, "adding"])
def test_cells_have_as_many_weights(task):
    if task == "adding":
        options, ending = {"features": (2,)}, "_regressor"
    else:
        channels, classes = TASKS[task]
        options, ending = {"features": (channels,), "num_classes": classes}, ""
    models = [rnnzoo.create_model(f"memory_{cell}{ending}", **options) for cell in UNITS]
    counts = [model.num_parameters for model in models]
    assert max(counts) <= 1.03 * min(counts), counts


def test_the_answer_to_a_long_sequence_is_that_of_its_last_step():
    """Of what is longer than all that it was trained on, too; Keras's layer says the same."""
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("memory_gru", units=5, features=(2,))
    random = np.random.default_rng(0)
    x = random.normal(size=(20, 8, 2)).astype("float32")
    model.fit(x, np.array(["a", "b"] * 10), epochs=1, verbose=0)
    longer = random.normal(size=(1, 30, 2)).astype("float32")
    *of_layer, kernel, bias = model.get_weights()[-5:]
    layer = keras.layers.GRU(5)
    layer.build((None, None, 2))
    layer.set_weights(of_layer)
    known = model.preprocessor
    h = layer((longer - known.mean) / np.sqrt(known.variance)).numpy()
    p = np.exp(h @ kernel + bias)
    np.testing.assert_allclose(model.probabilities(longer), p / p.sum(), atol=1e-5)
    config = model.get_config()
    assert config["whole"] and config["window"] is None
    assert type(model).from_config(config).preprocessor.whole


def test_a_window_and_a_whole_are_told_apart():
    with pytest.raises(ValueError, match="window=5, hop=None: expected none where whole is True"):
        rnnzoo.create_model("memory_rnn", window=5)


def test_what_training_must_not_change_stays():
    """Where each value counts, a batch holds the examples as they are."""
    random = np.random.default_rng(0)
    part = Examples([*random.normal(size=(8, 40, 1)).astype("float32")], np.arange(8) % 2)
    model = rnnzoo.create_model("memory_rnn", units=3)
    for exact in (True, False):
        data = Series(
            name="own", train=part, validation=part, test=part, classes=(0, 1), exact=exact
        )
        feed = model.feed_class(data, model.preprocessor)
        x, *_ = next(iter(feed.training()))
        x = x[0] if isinstance(x, tuple) else x
        rows = {row.tobytes() for row in x.numpy()}
        assert (rows <= {of_one.tobytes() for of_one in part.x}) == exact


@pytest.mark.slow
def test_gates_learn_to_add_over_fifty_steps_and_a_plain_network_does_not():
    errors = {}
    for cell in ("rnn", "lstm"):
        keras.utils.set_random_seed(0)
        model = rnnzoo.create_model(f"memory_{cell}_regressor")
        model.compile(keras.optimizers.Adam(2e-3, clipnorm=1.0))
        feed = model.feed("adding/50", batch_size=32)
        model.fit(feed.training(), steps_per_epoch=1000, verbose=0)
        test = feed.data.test
        errors[cell] = np.mean((model.predict(test.x) - test.labels) ** 2)
    assert errors["lstm"] < 0.05 < 0.12 < errors["rnn"]
