"""What holds for every registered model, and the mistakes that the builders tell.

Names of one architecture have the same layers in the same task; they differ by their cell, its
options and its size. What takes long is done for one name of each architecture, and for all of them
in the slow tests.
"""

import dataclasses
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import rnnzoo
from rnnzoo import registry
from rnnzoo.analysis.watching import recurrent_layers, watching
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf
from zoo_models import captioning, forecasting, names, tagging, translation
from zoo_models.char import REFERENCE_VOCABULARY

WORDS = {"the": 2, "hot": 1, "red": 1, "door": 1}
TEXTS = ["abc\nfed", "g"]
SENTENCES = [["the", "hot", "toe"], ["red", "", ""]]
CAPTIONS = ["the hot, hot door", "red"]
SOURCES = ["la porte", "fed la"]
IDS = tf.constant([[3, 5, 2], [6, 4, 2]])
LENGTHS = [10, 4]
RANDOM = np.random.default_rng(0)
MEASUREMENTS = RANDOM.normal(size=(2, 10, 3)).astype("float32")
FRAMES = RANDOM.integers(0, 255, size=(2, 10, 8, 8, 3), dtype=np.uint8)
VIDEOS = RANDOM.integers(0, 255, size=(2, 3, 11, 9, 3), dtype=np.uint8)  # larger than it is read


@dataclass(frozen=True)
class Family:
    """How the models of one builder are tried on one kind of input.

    Attributes:
        tiny: options of the smallest form.
        counted_with: what the data would bring, in the declared number of parameters.
        given: what a user has, as the arguments of the endpoint.
        endpoint: the function of an export that answers `given`, and which of its tensors it is.
        answer: the same answer in Python, of a model.
        output: what the network puts out in training, of a model.
    """

    tiny: dict[str, Any]
    counted_with: dict[str, Any]
    given: list
    endpoint: tuple[str, str]
    answer: Callable
    output: Callable


def classifier(given, **options):
    """Recordings, or videos, of which the second is shorter."""
    features = given.shape[2:]
    return Family(
        tiny={"units": 6, "dropout": 0.1, "classes": ["sit", "stand", "walk"], **options}
        | {"features": features},
        counted_with={"num_classes": 7, "features": (32, 32, 3) if len(features) > 1 else (6,)},
        given=[given, np.array(LENGTHS, np.int32)],
        endpoint=("serve_padded", "probabilities"),
        answer=lambda model: model.probabilities([given[0], given[1, : LENGTHS[1]]]),
        output=lambda model: model((tf.constant(given), tf.constant(LENGTHS)), training=True),
    )


def tagger_output(model):
    words = tf.ragged.constant([[word for word in s if word] for s in SENTENCES])
    return model(model.preprocessor.encode(words), training=True)


def captioner_output(model):
    frames = np.stack([model.preprocessor.prepare(video) for video in VIDEOS])
    return model({"frames": tf.constant(frames), "ids": IDS}, training=True)


def translator_output(model):
    sources = model.source_vocabulary.encode(tf.constant(SOURCES)).to_tensor(2)
    return model({"sources": sources, "ids": IDS}, training=True)


STAMPS = (np.datetime64("2024-01-01", "s").astype(np.int64) + 86_400 * np.arange(12))[None]
SERIES = {
    "target": RANDOM.normal(size=(2, 10)).astype("float32"),
    "stamps": np.repeat(STAMPS, 2, axis=0),
    "known": RANDOM.normal(size=(2, 12, 1)).astype("float32"),
    "past": RANDOM.normal(size=(2, 10, 1)).astype("float32"),
}
ASKED = [np.array([["a"], ["new"]]), np.array(20, np.int32), np.array([1, 2])]


def forecaster_output(model):
    batch = {**SERIES, "stamps": SERIES["stamps"][:, :11], "known": SERIES["known"][:, :11]}
    batch = {name: tf.constant(value) for name, value in batch.items()}
    return model({**batch, "static": tf.constant([[1], [2]])}, training=True)


FORECASTS = Family(
    tiny={
        "units": 6,
        "embedding_size": 2,
        "ahead": 2,
        "known": {
            "frequency": "D",
            "season": 3,
            "horizon": 2,
            "context": 8,
            "ahead": 2,
            "calendar": ("week",),
            "lags": (1, 3),
            "words": (("a", "b"),),
            **{"known": ("price",), "known_mean": (0.0,), "known_scale": (1.0,)},
            **{"past": ("rain",), "past_mean": (0.0,), "past_scale": (1.0,)},
        },
    },
    counted_with={"known": forecasting.REFERENCE},
    given=[*SERIES.values(), *ASKED],
    endpoint=("serve", "quantiles"),
    answer=lambda model: model.endpoints["serve"](*SERIES.values(), *ASKED)["quantiles"],
    output=forecaster_output,
)


CHARACTERS = Family(
    tiny={"units": 6, "embedding_size": 4, "dropout": 0.1, "vocabulary": "\n abcdefg"},
    counted_with={"vocabulary": REFERENCE_VOCABULARY},
    given=[np.array(TEXTS)],
    endpoint=("serve", "log_prob"),
    answer=lambda model: model.log_prob(TEXTS),
    output=lambda model: model(np.arange(20, dtype=np.int32).reshape(2, 10) % 10, training=True),
)
COUNTED_CHARACTERS = dataclasses.replace(
    CHARACTERS, tiny={"vocabulary": "\n abcdefg"}, counted_with={"vocabulary": REFERENCE_VOCABULARY}
)
SHORT = Family(
    tiny={"units": 6, "embedding_size": 4, "dropout": 0.1, "vocabulary": "abcdefg"},
    counted_with={"vocabulary": names.REFERENCE_VOCABULARY},
    given=[np.array(["abc", "g"])],
    endpoint=("serve", "log_prob"),
    answer=lambda model: model.log_prob(["abc", "g"]),
    output=lambda model: model((IDS, tf.constant([2, 2])), training=True),
)
HIDDEN_CHARACTERS = dataclasses.replace(CHARACTERS, tiny={"states": 4, "vocabulary": "\n abcdefg"})
RECORDINGS = classifier(MEASUREMENTS)
HIDDEN_RECORDINGS = dataclasses.replace(
    RECORDINGS, tiny={"states": 3, "classes": ["sit", "stand", "walk"], "features": (3,)}
)
CLIPS = classifier(FRAMES, filters=(2, 3))
NUMBERS = Family(
    tiny={"units": 6, "dropout": 0.1, "features": (3,), "center": 5.0, "scale": 2.0},
    counted_with={"features": (6,)},
    given=[MEASUREMENTS, np.array(LENGTHS, np.int32)],
    endpoint=("serve_padded", "quantiles"),
    answer=lambda model: model.predict_quantiles([MEASUREMENTS[0], MEASUREMENTS[1, : LENGTHS[1]]]),
    output=RECORDINGS.output,
)
REMEMBERED = dataclasses.replace(RECORDINGS, counted_with={"num_classes": 10, "features": (1,)})
REMEMBERED_NUMBERS = dataclasses.replace(NUMBERS, counted_with={"features": (2,)})
TAGS = Family(
    tiny={
        "units": 6,
        "embedding_size": 4,
        "spelling_units": 4,
        "tags": ["a", "b", "c"],
        "characters": "dehort",
        "words": WORDS,
    },
    counted_with=tagging.REFERENCE,
    given=[np.array(SENTENCES)],
    endpoint=("serve", "probabilities"),
    answer=lambda model: model.endpoints["serve"](tf.constant(SENTENCES))["probabilities"],
    output=tagger_output,
)
TAGS_WITHOUT_SPELLING = dataclasses.replace(TAGS, tiny=TAGS.tiny | {"spelling_units": 0})
COUNTED_TAGS = dataclasses.replace(
    TAGS,
    tiny={"tags": ["a", "b", "c"], "characters": "dehort", "words": WORDS},
    counted_with=tagging.REFERENCE,
)
PICTURES = Family(
    tiny={
        "units": 6,
        "embedding_size": 4,
        "layers": 1,
        "size": 8,
        "filters": (2, 3),
        "words": WORDS,
    },
    counted_with={"words": captioning.REFERENCE_WORDS},
    given=[VIDEOS, np.array(CAPTIONS)],
    endpoint=("score", "log_prob"),
    answer=lambda model: model.log_prob(VIDEOS, CAPTIONS),
    output=captioner_output,
)
PAIRS = Family(
    tiny={
        "units": 6,
        "embedding_size": 4,
        "layers": 1,
        "words": WORDS,
        "source_words": {"la": 2, "porte": 1},
        "characters": "abc",
        "source_characters": "def",
    },
    counted_with=translation.REFERENCE,
    given=[np.array(SOURCES), np.array(CAPTIONS)],
    endpoint=("score", "log_prob"),
    answer=lambda model: model.log_prob(SOURCES, CAPTIONS),
    output=translator_output,
)
OF_PIECES = dataclasses.replace(
    PAIRS,
    tiny={
        "units": 6,
        "embedding_size": 4,
        "words": WORDS,
        "source_words": WORDS,
        "characters": "abcdefloprt",
        "source_characters": "abcdefloprt",
    },
)

PIXELS = RANDOM.integers(0, 256, size=(2, 5, 6, 1), dtype=np.uint8)
SIZES = [(5, 6), (4, 3)]


def picture_classifier(per_pixel, **options):
    """Pictures, of which the second is smaller."""
    mask = np.zeros(PIXELS.shape[:3], bool)
    for of_one, (height, width) in zip(mask, SIZES, strict=True):
        of_one[:height, :width] = True

    def answer(model):
        p = model.probabilities([x[:h, :w] for x, (h, w) in zip(PIXELS, SIZES, strict=True)])
        if not per_pixel:
            return p
        padded = np.zeros((*mask.shape, 3), np.float32)
        padded[mask] = np.concatenate([of_one.reshape(-1, 3) for of_one in p])
        return padded

    return Family(
        tiny={"classes": ["a", "b", "c"], "colours": 1, **options},
        counted_with={"num_classes": 2 if per_pixel else 10, "colours": 1},
        given=[PIXELS, mask],
        endpoint=("serve_padded", "probabilities"),
        answer=answer,
        output=lambda model: model((tf.constant(PIXELS), tf.constant(mask)), training=True),
    )


# Of each architecture the name that stands for it: together, all cells. A new one adds a row.
ARCHITECTURES = {
    "char_skip": CHARACTERS,
    "char_lstm": CHARACTERS,
    "char_lstm2": CHARACTERS,
    "char_deep_skip": CHARACTERS,
    "char_deep_transition": CHARACTERS,
    "char_deep_output": dataclasses.replace(CHARACTERS, tiny=CHARACTERS.tiny | {"hidden_units": 5}),
    "char_stacked": CHARACTERS,
    "char_lstm_markov": CHARACTERS,
    "char_markov2": COUNTED_CHARACTERS,
    "char_hmm": HIDDEN_CHARACTERS,
    "name_leaky": SHORT,
    "activity_leaky": RECORDINGS,
    "activity_bilstm": RECORDINGS,
    "activity_conv_gru": RECORDINGS,
    "activity_conv_bilstm": RECORDINGS,
    "activity_hmm": HIDDEN_RECORDINGS,
    "activity_lrcn": CLIPS,
    "memory_skip": REMEMBERED,
    "memory_lstm_regressor": REMEMBERED_NUMBERS,
    "regress_gru": NUMBERS,
    "regress_conv_gru": NUMBERS,
    "tagger_rnn": TAGS,
    "tagger_bilstm": TAGS,
    "tagger_bilstm_crf": TAGS,
    "tagger_output_rnn": TAGS_WITHOUT_SPELLING,
    "tagger_feedback_lstm": TAGS_WITHOUT_SPELLING,
    "tagger_hmm": COUNTED_TAGS,
    "caption_gru": PICTURES,
    "caption_attention_lstm": PICTURES,
    "video_caption_lstm": PICTURES,
    "video_caption_s2vt": PICTURES,
    "forecast_gru": FORECASTS,
    "translate_gru": PAIRS,
    "translate_lstm_forward": PAIRS,
    "translate_attention_gru": OF_PIECES,
    "digits_rnn2d": picture_classifier(False, units=3),
    "digits_cnn": picture_classifier(False, filters=3),
    "outline_rnn2d": picture_classifier(True, units=3),
    "outline_cnn": picture_classifier(True, filters=(3, 4), dilations=(1, 2)),
}
# Of layers and answers that others have, together: too slow for the fast tests.
SLOW = {
    "activity_conv_bilstm", "digits_cnn", "digits_rnn2d", "outline_rnn2d", "regress_conv_gru",
    "tagger_bilstm_crf", "tagger_output_rnn",
}  # fmt: skip
# How models are saved and exported is their class's: of each builder one is tried fast.
BUILDERS = {
    "char_lstm2", "char_markov2", "char_hmm", "name_leaky", "activity_conv_gru", "activity_hmm",
    "activity_lrcn", "regress_gru", "tagger_bilstm", "tagger_bilstm_crf", "tagger_feedback_lstm",
    "tagger_hmm",
    "caption_gru", "forecast_gru", "translate_gru", "outline_cnn",
}  # fmt: skip
NAMES = rnnzoo.list_models()


def fast_for(some):
    """Tests of all models, of which these are fast and the others marked slow."""
    marked = [pytest.param(n, marks=() if n in some else pytest.mark.slow) for n in NAMES]
    return pytest.mark.parametrize("name", marked)


# What only counts has no weight to train.
one_of_each_architecture = fast_for(ARCHITECTURES.keys() - SLOW - {"tagger_hmm"})
# The folders of their tasks have fast tests of these, too: saved and loaded they answer the same.
one_of_each_builder = fast_for(
    BUILDERS
    - {"char_lstm2", "char_markov2", "char_hmm", "tagger_hmm", "forecast_gru", "translate_gru"}
)
# Nor is each task's export, which those folders compare with Python, answered fast by another
# process: what it lacks there is the same for all of one kind of input.
one_of_each_export = fast_for({"name_leaky", "activity_conv_gru", "caption_gru", "outline_cnn"})


def architecture(name):
    """What the names of one architecture share; the cell's options are not the builder's."""
    builder = registry._ENTRIES[name].builder
    sizes = {"cell", "units", "order", "states", "recurrent_dropout"}
    shared = inspect.signature(builder).parameters.keys() - sizes
    defaults = rnnzoo.model_info(name).defaults
    return builder, {key: value for key, value in defaults.items() if key in shared}


def representative(name):
    """The row of the table that stands for a name."""
    rows = [row for row in ARCHITECTURES if architecture(row) == architecture(name)]
    assert len(rows) == 1, f"{name}: expected one row in ARCHITECTURES, found {rows or 'none'}"
    return rows[0]


def family(name):
    return ARCHITECTURES[representative(name)]


def tiny(name, **options):
    """A model of the smallest form, with other values of some of its options."""
    keras.utils.set_random_seed(0)
    known = rnnzoo.model_info(name).defaults
    options = {key: value for key, value in options.items() if key in known}
    return rnnzoo.create_model(name, **family(name).tiny | options)


@cache
def answer(name):
    """Of the tiny model."""
    return np.asarray(family(name).answer(tiny(name)))


def test_the_zoo_is_registered():
    cells = {"rnn", "leaky", "skip", "gru", "lstm"}
    more = {"lstm2", "lstm_markov", "markov1", "markov7", "hmm"}
    more |= {"deep_transition", "deep_skip", "deep_output", "stacked"}
    assert {f"char_{kind}" for kind in cells | more} <= {
        *rnnzoo.list_models("char_*", task="text-generation")
    }
    assert {f"activity_{kind}" for kind in cells | {"bilstm", "lrcn", "hmm"}} <= {
        *rnnzoo.list_models(task="sequence-classification")
    }
    assert {f"memory_{cell}" for cell in cells} <= {
        *rnnzoo.list_models(task="sequence-classification")
    }
    assert {f"memory_{cell}_regressor" for cell in cells} <= {
        *rnnzoo.list_models(task="sequence-regression")
    }
    assert {"regress_gru", "regress_conv_gru"} <= {*rnnzoo.list_models(task="sequence-regression")}
    kinds = {"rnn", "lstm", "birnn", "bigru", "bilstm", "bilstm_crf", "bileaky", "hmm"}
    kinds |= {"output_rnn", "feedback_lstm"}
    assert {f"tagger_{kind}" for kind in kinds} <= {*rnnzoo.list_models(task="sequence-tagging")}
    kinds = {f"caption_{kind}" for kind in ("rnn", "leaky", "gru", "lstm", "attention_lstm")}
    assert kinds | {"video_caption_lstm", "video_caption_s2vt"} <= {
        *rnnzoo.list_models(task="captioning")
    }
    assert {f"forecast_{cell}" for cell in cells} <= {*rnnzoo.list_models(task="forecasting")}
    kinds = {f"translate_{kind}" for kind in ("lstm", "lstm_forward", "gru", "attention_gru")}
    assert kinds <= {*rnnzoo.list_models(task="translation")}
    kinds = {f"{what}_{kind}" for what in ("digits", "outline") for kind in ("rnn2d", "cnn")}
    assert kinds <= {*rnnzoo.list_models(task="picture-classification")}


def test_the_fast_tests_see_every_architecture_and_every_cell():
    def cell(name):
        return rnnzoo.model_info(name).defaults.get("cell")

    assert {representative(name) for name in NAMES} == {*ARCHITECTURES}
    assert {cell(name) for name in ARCHITECTURES} == {cell(name) for name in NAMES}
    fast = ARCHITECTURES.keys() - SLOW
    assert {architecture(n)[0] for n in BUILDERS} == {architecture(n)[0] for n in fast}


@one_of_each_architecture
def test_every_weight_gets_a_gradient(name):
    model = tiny(name)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.nn.log_softmax(family(name).output(model))[..., 0])
    gradients = tape.gradient(loss, model.trainable_weights)
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        gradient = tf.convert_to_tensor(gradient).numpy()
        assert np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, weight.path


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_each_recurrent_layer_can_be_watched(name):
    alone, model = (tiny(name, dropout=0.0, recurrent_dropout=0.0) for _ in range(2))
    alone = family(name).output(alone)
    try:
        layers = [*recurrent_layers(model).values()]
    except WrongValue:
        pytest.skip("it has no recurrent layers")
    with tf.GradientTape() as tape, watching(layers, tape) as readings:
        output = family(name).output(model)
        loss = tf.reduce_sum(tf.nn.log_softmax(output)[..., 0])
    np.testing.assert_allclose(output, alone, rtol=1e-4, atol=1e-5)
    assert {id(reading.layer) for reading in readings} == {*map(id, layers)}
    for gradient in tape.gradient(loss, [reading.nudges for reading in readings]):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": "two"}, "layers='two': expected a positive integer"),
        ({"layers": 2.5}, "layers=2.5: expected a positive integer"),
        ({"units": 0}, "units=0: expected a positive integer"),
        ({"units": True}, "units=True: expected a positive integer"),
        ({"embedding_size": None}, "embedding_size=None: expected a positive integer"),
        ({"dropout": "x"}, "dropout='x': expected a number of at least 0 and below 1"),
        ({"dropout": 1}, "dropout=1: expected a number of at least 0 and below 1"),
        ({"cell": "skip"}, "cell='skip': expected one of leaky (with time_constants, learn_"),
        ({"cell": 3}, "cell=3: expected one of leaky"),
        ({"transition_layers": -1}, "transition_layers=-1: expected a positive integer"),
        ({"transition_skip": True}, "expected False where transition_layers is 0"),
        ({"hidden_units": 0}, "hidden_units=0: expected a positive integer"),
        ({"chain_order": "none"}, "chain_order='none': expected a positive integer, or None for"),
        ({"chain_order": 2, "condition": "input"}, "expected None, as a chain is told no label"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_expected(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        rnnzoo.create_model("char_leaky", **options)


@pytest.mark.parametrize("name", NAMES)
def test_declared_facts_are_true(name):
    info = rnnzoo.model_info(name)
    assert info.description
    assert info.paper
    assert info.metric
    model = rnnzoo.create_model(name, **family(name).counted_with)
    assert info.task == model.task
    assert info.dataset in rnnzoo.list_datasets(task=info.task)
    # What is counted in the text has no weights to train.
    assert sum(w.shape.num_elements() for w in model.trainable_weights) == (info.parameters or 0)


@one_of_each_builder
def test_saved_and_loaded_answer_the_same(name, tmp_path):
    tiny(name).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [w.shape for w in loaded.weights] == [w.shape for w in tiny(name).weights]
    np.testing.assert_array_equal(family(name).answer(loaded), answer(name))


ANSWER = """
import sys
import numpy as np, tensorflow as tf
exported, folder, endpoint, tensor = sys.argv[1:]
with np.load(f"{folder}/given.npz") as given:
    arguments = [tf.constant(given[key]) for key in given]
loaded = tf.saved_model.load(exported)
reply = getattr(loaded, endpoint)(*arguments)
np.save(f"{folder}/reply.npy", reply[tensor])
"""


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """The folder of a tiny model's export, which is made once."""

    @cache
    def export(name):
        # Without XLA, which would take its time for each model; tests/exporting/ has it.
        return rnnzoo.export(tiny(name), tmp_path_factory.mktemp(name) / "exported", xla=False)

    return export


@one_of_each_export
def test_exported_answers_the_same_in_plain_tensorflow(name, export, tmp_path, plain_tensorflow):
    np.savez(tmp_path / "given.npz", *family(name).given)
    plain_tensorflow(ANSWER, export(name), tmp_path, *family(name).endpoint)
    np.testing.assert_allclose(np.load(tmp_path / "reply.npy"), answer(name), atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "char_skip",
        pytest.param("char_lstm2", marks=pytest.mark.slow),
        pytest.param("char_markov2", marks=pytest.mark.slow),
        pytest.param("char_hmm", marks=pytest.mark.slow),
        pytest.param("char_deep_skip", marks=pytest.mark.slow),
        pytest.param("char_deep_output", marks=pytest.mark.slow),
        pytest.param("char_stacked", marks=pytest.mark.slow),
    ],
)
def test_an_export_streams_and_generates(name, export):
    model = tiny(name)
    ids = np.arange(10, dtype=np.int32)[None] % 10
    exported = tf.saved_model.load(export(name))
    state = exported.init(1)
    for t in range(ids.shape[1]):
        reply = exported.step(ids[:, t], state)
        state = {key: reply[key] for key in state}
    logits, final_state = model(ids, return_state=True)
    np.testing.assert_allclose(reply["log_probs"], tf.nn.log_softmax(logits[:, -1]), atol=1e-5)
    for key, value in final_state.items():
        np.testing.assert_allclose(state[key], value, atol=1e-5)
    (text,) = exported.generate(tf.constant(["abc"]), length=10)["texts"].numpy()
    assert len(text.decode()) == 10
