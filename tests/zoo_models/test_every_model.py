"""What holds for every registered model, and the mistakes that the builders tell."""

import re
import subprocess
import sys

import numpy as np
import pytest

import rnnzoo
from rnnzoo.platform import keras, tf
from zoo_models import captioning, tagging, translation
from zoo_models.char import REFERENCE_VOCABULARY

NAMES = rnnzoo.list_models()
VIDEO = ["activity_lrcn"]

# Of each form of each task one, by cells with a state, with several and with one that is no matrix;
# the others have the same layers in the same task.
EXPORTED = [
    *(f"char_{cell}" for cell in ("rnn", "skip", "lstm2")),
    "activity_bilstm",
    "activity_lrcn",
    "tagger_bilstm",
    "tagger_lstm",
    "caption_lstm",
    "video_caption_s2vt",
    "translate_lstm",
]

# The smallest form of each task's models, and what its declared size was counted with.
TINY = {
    "text-generation": {
        "units": 6,
        "embedding_size": 4,
        "dropout": 0.1,
        "vocabulary": "\n abcdefg",
    },
    "sequence-classification": {
        "units": 6,
        "dropout": 0.1,
        "classes": ["sit", "stand", "walk"],
        "features": (3,),
    },
    "sequence-tagging": {
        "units": 6,
        "embedding_size": 4,
        "spelling_units": 4,
        "tags": ["a", "b", "c"],
        "characters": "dehort",
        "words": {"the": 2, "hot": 1, "red": 1, "door": 1},
    },
    "captioning": {
        "units": 6,
        "embedding_size": 4,
        "layers": 1,
        "size": 8,
        "filters": (2, 3),
        "words": {"the": 2, "hot": 1, "red": 1, "door": 1},
    },
    "translation": {
        "units": 6,
        "embedding_size": 4,
        "layers": 1,
        "words": {"the": 2, "hot": 1, "red": 1, "door": 1},
        "source_words": {"la": 2, "porte": 1},
        "characters": "abc",
        "source_characters": "def",
    },
}
TINY_VIDEO = {"features": (8, 8, 3), "filters": (2, 3)}
COUNTED_WITH = {
    "text-generation": {"vocabulary": REFERENCE_VOCABULARY},
    "sequence-classification": {"num_classes": 7, "features": (6,)},
    "sequence-tagging": tagging.REFERENCE,
    "captioning": {"words": captioning.REFERENCE_WORDS},
    "translation": translation.REFERENCE,
}
COUNTED_WITH_VIDEO = {"features": (32, 32, 3)}

TEXTS = ["abc\nfed", "g"]
SENTENCES = [["the", "hot", "toe"], ["red", "", ""]]
CAPTIONS = ["the hot, hot door", "red"]
SOURCES = ["la porte", "fed la"]


def videos():
    """Of three frames each, larger than the network reads them."""
    return np.random.default_rng(0).integers(0, 255, size=(2, 3, 11, 9, 3)).astype(np.uint8)


def tiny(name):
    keras.utils.set_random_seed(0)
    options = TINY[rnnzoo.model_info(name).task] | (TINY_VIDEO if name in VIDEO else {})
    return rnnzoo.create_model(name, **options)


def raw_input(model):
    """What a user has, as the arguments of `serve`; `serve_padded` or `score`, if there is one."""
    if isinstance(model, rnnzoo.tasks.TextGenerator):
        return [np.array(TEXTS)]
    if isinstance(model, rnnzoo.tasks.SequenceTagger):
        return [np.array(SENTENCES)]
    if isinstance(model, rnnzoo.tasks.Captioner):
        return [videos(), np.array(CAPTIONS)]
    if isinstance(model, rnnzoo.tasks.Translator):
        return [np.array(SOURCES), np.array(CAPTIONS)]
    random = np.random.default_rng(0)
    x = random.integers(0, 255, size=(2, 10, *model.features)).astype(model.input_dtype)
    return [x, np.array([10, 4], np.int32)]


def answer(model):
    """The answer to `raw_input` in Python."""
    if isinstance(model, rnnzoo.tasks.TextGenerator):
        return model.log_prob(TEXTS)
    if isinstance(model, rnnzoo.tasks.SequenceTagger):
        return model.endpoints["serve"](tf.constant(SENTENCES))["probabilities"].numpy()
    if isinstance(model, rnnzoo.tasks.Captioner):
        return model.log_prob(videos(), CAPTIONS)
    if isinstance(model, rnnzoo.tasks.Translator):
        return model.log_prob(SOURCES, CAPTIONS)
    x, lengths = raw_input(model)
    return model.probabilities([row[:length] for row, length in zip(x, lengths, strict=True)])


def output(model):
    """What the network puts out in training."""
    if isinstance(model, rnnzoo.tasks.TextGenerator):
        return model(np.arange(20, dtype=np.int32).reshape(2, 10) % 10, training=True)
    if isinstance(model, rnnzoo.tasks.SequenceTagger):
        words = tf.ragged.constant([[word for word in s if word] for s in SENTENCES])
        return model(model.preprocessor.encode(words), training=True)
    if isinstance(model, rnnzoo.tasks.Captioner):
        frames = np.stack([model.preprocessor.prepare(video) for video in videos()])
        ids = tf.constant([[3, 5, 2], [6, 4, 2]])
        return model({"frames": tf.constant(frames), "ids": ids}, training=True)
    if isinstance(model, rnnzoo.tasks.Translator):
        sources = model.source_vocabulary.encode(tf.constant(SOURCES)).to_tensor(2)
        ids = tf.constant([[3, 5, 2], [6, 4, 2]])
        return model({"sources": sources, "ids": ids}, training=True)
    x, lengths = raw_input(model)
    return model((tf.constant(x), tf.constant(lengths)), training=True)


def test_the_zoo_is_registered():
    cells = {"rnn", "leaky", "skip", "gru", "lstm"}
    assert {f"char_{cell}" for cell in cells} | {"char_lstm2"} <= {
        *rnnzoo.list_models("char_*", task="text-generation")
    }
    assert {f"activity_{kind}" for kind in cells | {"bilstm", "lrcn"}} <= {
        *rnnzoo.list_models(task="sequence-classification")
    }
    kinds = {"rnn", "lstm", "birnn", "bigru", "bilstm", "bileaky"}
    assert {f"tagger_{kind}" for kind in kinds} <= {*rnnzoo.list_models(task="sequence-tagging")}
    kinds = {f"caption_{cell}" for cell in ("rnn", "leaky", "gru", "lstm")}
    assert kinds | {"video_caption_lstm", "video_caption_s2vt"} <= {
        *rnnzoo.list_models(task="captioning")
    }
    kinds = {f"translate_{kind}" for kind in ("lstm", "lstm_forward", "gru")}
    assert kinds <= {*rnnzoo.list_models(task="translation")}


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_gets_a_gradient(name):
    model = tiny(name)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.nn.log_softmax(output(model))[..., 0])
    gradients = tape.gradient(loss, model.trainable_weights)
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        gradient = tf.convert_to_tensor(gradient).numpy()
        assert np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, weight.path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": "two"}, "layers='two': expected a positive integer"),
        ({"layers": 2.5}, "layers=2.5: expected a positive integer"),
        ({"units": 0}, "units=0: expected a positive integer"),
        ({"embedding_size": None}, "embedding_size=None: expected a positive integer"),
        ({"dropout": "x"}, "dropout='x': expected a number of at least 0 and below 1"),
        ({"dropout": 1}, "dropout=1: expected a number of at least 0 and below 1"),
        ({"cell": "skip"}, "cell='skip': expected one of leaky (with time_constants, learn_"),
        ({"cell": 3}, "cell=3: expected one of leaky"),
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
    with_what = COUNTED_WITH[info.task] | (COUNTED_WITH_VIDEO if name in VIDEO else {})
    model = rnnzoo.create_model(name, **with_what)
    assert info.task == model.task
    assert info.dataset in rnnzoo.list_datasets(task=info.task)
    assert sum(w.shape.num_elements() for w in model.trainable_weights) == info.parameters


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in EXPORTED else pytest.mark.slow) for n in NAMES]
)
def test_saved_and_loaded_answer_the_same(name, tmp_path):
    model = tiny(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(answer(loaded), answer(model))


ANSWER = """
import sys
sys.modules.update({name: None for name in ("keras", "rnnzoo")})
import numpy as np, tensorflow as tf
for name in sys.argv[2:]:
    loaded = tf.saved_model.load(f"{sys.argv[1]}/{name}")
    with np.load(f"{sys.argv[1]}/{name}.npz") as given:
        arguments = [tf.constant(given[key]) for key in given]
    names = ("serve_padded", "score", "serve") if len(arguments) > 1 else ("serve",)
    serve = next(getattr(loaded, name) for name in names if hasattr(loaded, name))
    reply = serve(*arguments)
    np.save(f"{sys.argv[1]}/{name}", reply["log_prob" if "log_prob" in reply else "probabilities"])
"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """A folder with the answers of each exported model in a process without keras and rnnzoo."""
    folder = tmp_path_factory.mktemp("exports")
    for name in EXPORTED:
        model = tiny(name)
        # Without XLA, which would take its time for each model; tests/test_exporting.py has it.
        rnnzoo.export(model, folder / name, xla=False)
        np.savez(folder / f"{name}.npz", *raw_input(model))
    subprocess.run(
        [sys.executable, "-c", ANSWER, folder, *EXPORTED], check=True, capture_output=True
    )
    return folder


@pytest.mark.parametrize("name", EXPORTED)
def test_exported_answers_the_same_in_plain_tensorflow(name, exports):
    np.testing.assert_allclose(np.load(exports / f"{name}.npy"), answer(tiny(name)), atol=1e-5)


@pytest.mark.parametrize("name", ["char_lstm2", "char_skip"])
def test_an_export_streams_and_generates(name, exports):
    model = tiny(name)
    ids = np.arange(10, dtype=np.int32)[None] % 10
    exported = tf.saved_model.load(exports / name)
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
