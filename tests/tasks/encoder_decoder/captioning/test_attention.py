"""Captioners that look at regions of a picture while they write."""

import contextlib
import dataclasses

import numpy as np
import pytest
from PIL import Image

import rnnzoo
from rnnzoo import cli
from rnnzoo.platform import keras, tf

TINY = {"cell": "gru", "units": 12, "embedding_size": 8, "size": 16, "filters": (3, 4)}
WORDS = {"words": {"a": 3, "dog": 1, "cat": 1}}
GRID = (4, 4)  # of 16 pixels, halved twice
SENTENCES = ["a dog", "cat a dog a cat", "cat"]
RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)
VIDEOS = [RANDOM.integers(0, 256, (n, 16, 16, 3), dtype=np.uint8) for n in (2, 5)]


def untrained(**options):
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("caption_attention_lstm", **{**TINY, **WORDS, **options})
    return changed(model) if model.built else model


def changed(model):
    """As new, what is looked at is nearly all the same."""
    for weight in model.trainable_weights:
        weight.assign(weight + 0.3 * keras.random.normal(weight.shape, seed=weight.shape[-1]))
    model.bias.assign(tf.tensor_scatter_nd_update(model.bias, [[2]], [-3.0]))  # EOS not at once
    return model


@pytest.fixture(scope="module")
def model():
    """One for all who ask only, as it takes its time to compile what answers."""
    return untrained(condition="both")


def batch_of(model, media=VIDEOS[1:]):
    frames = np.stack([model.preprocessor.prepare(medium) for medium in media])
    sentences = tf.constant(SENTENCES[: len(media)])
    ids = model.vocabulary.encode(sentences).to_tensor(2)
    return {"frames": tf.constant(frames), "ids": ids}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"attention": "additive", "layers": 2, "condition": "step", "cell": "lstm"},
        {"attention": "general", "layers": 2, "frames": "steps", "condition": "both"},
        pytest.param({"condition": "input", "cell": "skip"}, marks=pytest.mark.slow),
        pytest.param({"condition": "both", "cell": "leaky"}, marks=pytest.mark.slow),
    ],
)
def test_one_word_at_a_time_is_all_words_at_once(options):
    model = untrained(**options)
    batch = batch_of(model)
    logits, weights = model(batch), model.alignments(batch)
    assert weights.shape == (1, 3, 5, *GRID)
    state, word = model.start(batch["frames"]), tf.constant([1])
    assert state.keys() == model.state_spec.keys()
    for t in range(3):
        x = model._beside(model.embedding(word), state.get("context"))
        looked = model._decoded(model.decoder.step, x, state)[2]
        np.testing.assert_allclose(looked, np.reshape(weights[:, t], (1, -1)), atol=1e-5)
        stepped, state = model.step(word, state)
        np.testing.assert_allclose(stepped, logits[:, t], atol=1e-5)
        word = batch["ids"][:, t]


def test_a_region_is_its_features_with_its_place_and_time(model):
    frames = batch_of(model)["frames"]
    features = model.encoder(frames[0]).numpy()
    kernel, bias = model.projection.get_weights()
    p, q = model.places.get_weights()
    time = np.arange(1, 6)[:, None, None, None] / 5
    regions = features @ kernel + bias + p + time * q
    state = model.start(frames)
    np.testing.assert_allclose(state["memory"][0], regions.reshape(-1, 8), atol=1e-4)
    np.testing.assert_allclose(state["context"][0], regions.mean((0, 1, 2)), atol=1e-4)


def test_the_encoder_puts_a_region_of_the_picture_where_it_is(model):
    picture = np.zeros((2, 16, 16, 3), np.uint8)
    picture[1, 5, 14] = 255  # in the second row, the last column
    features = model.encoder(picture).numpy()
    moved = np.abs(features[1] - features[0]).max(axis=-1)
    assert np.unravel_index(moved.argmax(), GRID) == (1, 3)
    assert not moved[:, :2].any() and not moved[3].any()


def test_pictures_and_videos_of_any_length_are_answered_together_as_alone(model):
    media = [*VIDEOS, *PICTURES[:1]]
    written, found = model.predict(media, alignments=True)
    assert written == model.caption(media) == [of.target for of in found]
    aligned, log_probs = model.align(media, SENTENCES), model.log_prob(media, SENTENCES)
    for i, (medium, frames) in enumerate(zip(media, ((2,), (5,), ()), strict=True)):
        (alone,) = model.aligned([medium])
        assert alone.target == written[i] and found[i].target_tokens[-1] == "</s>"
        assert " ".join(found[i].target_tokens[:-1]) == written[i]
        (given,) = model.align([medium], SENTENCES[i : i + 1])
        assert given.target_tokens == (*SENTENCES[i].split(), "</s>")
        for one, same in ((found[i], alone), (aligned[i], given)):
            assert one.weights.shape == (len(one.target_tokens), *frames, *GRID)
            of_a_token = tuple(range(1, one.weights.ndim))
            np.testing.assert_allclose(one.weights.sum(of_a_token), 1, atol=1e-5)
            assert np.ptp(one.weights, axis=of_a_token).min() > 1e-4
            np.testing.assert_allclose(one.weights, same.weights, atol=1e-5)
        np.testing.assert_allclose(
            log_probs[[i]], model.log_prob([medium], SENTENCES[i : i + 1]), atol=1e-5
        )


def test_captions_of_one_picture_look_at_it_each_for_itself(model):
    frames, ids = batch_of(model)["frames"], batch_of(model, PICTURES)["ids"]
    together = {"frames": frames, "ids": ids, "of": tf.constant([0, 0, 0])}
    apart = {"frames": tf.repeat(frames, 3, axis=0), "ids": ids}
    for answer in (model, model.alignments):
        np.testing.assert_allclose(answer(together), answer(apart), atol=1e-5)


def test_what_it_looks_at_reaches_what_is_written_and_the_encoder():
    model = untrained()  # whose first state is made of the picture, too
    state = model.start(batch_of(model)["frames"])
    other = {**state, "memory": -state["memory"]}
    (logits, _), (changed, _) = (model.step(tf.constant([1]), of) for of in (state, other))
    assert np.abs(logits - changed).max() > 1e-2
    for layer in model.to_state.values():  # now only by what is looked at
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    batch = batch_of(model)
    with tf.GradientTape() as tape:
        loss, _ = model.loss_and_answers(batch, batch["ids"], tf.ones((1, 3)), training=True)
    for gradient in tape.gradient(loss, model.encoder.trainable_weights[:1]):
        assert np.abs(gradient).max() > 1e-4


def test_features_of_one_s_own_are_the_regions():
    model = untrained(encoder=None, features=5)
    x = [RANDOM.normal(size=shape).astype("float32") for shape in ((5,), (3, 5), (6, 5))]
    for medium, of in zip(x, model.aligned(x), strict=True):
        assert of.weights.shape == (len(of.target_tokens), *medium.shape[:-1])
    other = x[1][[0, 2, 1]]
    one, two = model.log_prob([x[1], other], ["a dog"] * 2)
    assert abs(one - two) > 1e-4  # in which order they come is told


@pytest.mark.slow
def test_a_network_of_keras_answers_regions():
    model = untrained(encoder="MobileNet", encoder_weights=None, size=64)
    (of,) = model.align(PICTURES[:1], SENTENCES[:1])
    assert of.weights.shape == (3, 2, 2) and not model.encoder.trainable_weights
    assert model.projection.kernel.shape[0] == 1024


def test_a_frozen_encoder_sees_each_picture_once_and_its_regions_are_kept(monkeypatch):
    model = untrained(words=None)
    model.encoder.trainable = False
    call, seen = model.encoder.call, []

    def counted(pictures, **kwargs):
        tf.numpy_function(seen.append, [tf.shape(pictures)[0]], [])
        return call(pictures, **kwargs)

    monkeypatch.setattr(model.encoder, "call", counted)
    model.fit(PICTURES, SENTENCES, batch_size=2, epochs=2, verbose=0)  # the last batch is short
    assert sum(seen) == 3
    data = model.preprocessor.splits(train=(PICTURES, SENTENCES))
    batch, *_ = next(iter(model.feed_class(data, model.preprocessor, 3).evaluation("train")))
    assert batch["frames"].shape == (3, 1, *GRID, 4)
    kept = model.alignments(batch)
    seen_again = {**batch, "frames": batch_of(model, PICTURES)["frames"]}
    np.testing.assert_allclose(kept, model.alignments(seen_again), atol=1e-5)


def test_half_precision_answers_nearly_the_same(model):
    half = untrained(dtype="mixed_bfloat16", condition="both")
    half.set_weights(model.get_weights())
    batch = batch_of(model)
    assert {value.dtype.name for value in half.start(batch["frames"]).values()} == {"float32"}
    log_p, expected = (tf.nn.log_softmax(m(batch)) for m in (half, model))
    np.testing.assert_allclose(log_p, expected, atol=0.1)
    assert half.alignments(batch).dtype == "float32"


@pytest.mark.slow
def test_saved_and_exported_it_answers_and_looks_the_same(model, tmp_path, capsys):
    model.save(tmp_path / "model.keras")
    loaded = rnnzoo.load_model(tmp_path / "model.keras")
    exported = tf.saved_model.load(model.export(tmp_path / "exported", xla=False))
    frames, sentences = tf.constant(VIDEOS[0][None].repeat(3, 0)), tf.constant(SENTENCES)
    for name, given in {"serve_aligned": (frames,), "align": (frames, sentences)}.items():
        expected = model.endpoints[name](*given)
        for reply in (loaded.endpoints[name](*given), getattr(exported, name)(*given)):
            for key, value in expected.items():
                if value.dtype == tf.string:
                    np.testing.assert_array_equal(reply[key], value)
                else:
                    np.testing.assert_allclose(reply[key], value, atol=1e-5)
    state = exported.init(frames)
    assert state.keys() == model.state_spec.keys()
    reply = exported.step(tf.constant([1, 1, 1]), state)
    logits, _ = model.step(tf.constant([1, 1, 1]), model.start(frames))
    np.testing.assert_allclose(reply["log_probs"], tf.nn.log_softmax(logits), atol=1e-5)

    # The command line says what it says without, and draws where it looked.
    Image.fromarray(PICTURES[0]).save(tmp_path / "one.png")
    with contextlib.chdir(tmp_path):
        for more in ([], ["--alignments", "drawn"], ["--alignments", "drawn", "--out", "a.csv"]):
            assert cli.main(["predict", "model.keras", "one.png", *more]) == 0
    first, *said = capsys.readouterr().out.splitlines()
    assert first.startswith("one.png\t") and first in said
    assert [file.name for file in (tmp_path / "drawn").iterdir()] == ["one-0.png"]


@pytest.mark.parametrize("medium", [PICTURES[0], VIDEOS[0]])
def test_what_is_looked_at_most_keeps_its_colours(model, tmp_path, medium):
    (of,) = model.align([np.zeros_like(medium) + np.uint8([0, 200, 0])], ["cat"])
    weights = np.zeros_like(of.weights)
    weights[0, ..., 0, 3] = weights[1, ..., 3, 0] = 1 / (weights.ndim - 2)
    dataclasses.replace(of, weights=weights).draw(tmp_path / "looked.png")
    pixels = np.asarray(Image.open(tmp_path / "looked.png").convert("RGB")).astype(int)
    green = (pixels == [0, 200, 0]).all(axis=-1)
    panel = np.abs(pixels - [115, 135, 115]).max(axis=-1) < 8  # nine tenths of gray over green
    assert 10 < panel.sum() / green.sum() < 20  # one of sixteen regions
    top, left = np.argwhere(green | panel)[0]
    assert green[top + 2].any() and not green[top + 2, left]


def test_an_encoder_of_regions_without_rows_and_long_videos_are_drawn_too(model, tmp_path):
    flat = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Reshape((16, 48))])
    keras.utils.set_random_seed(0)
    decoder = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(5)])
    captioner = rnnzoo.tasks.Captioner(decoder, flat, 4, size=16, **WORDS, attention="scaled")
    (of,) = captioner.align(PICTURES[:1], ["cat"])
    assert of.weights.shape == (2, 16)
    of.draw(tmp_path / "flat.png")
    (of,) = model.align(np.zeros((1, 30, 16, 16, 3), np.uint8), ["cat"])
    assert of.weights.shape == (2, 30, *GRID)
    of.draw(tmp_path / "long.png")
    assert Image.open(tmp_path / "long.png").width < 2000  # of 30 frames some


def test_batches_have_no_alignments_and_media_may_come_one_by_one(model):
    with pytest.raises(TypeError, match="expected raw examples"):
        model.predict(tf.data.Dataset.from_tensor_slices(PICTURES), alignments=True)
    assert len(model.aligned(iter(PICTURES))) == len(PICTURES)


def test_takes_over_where_another_looks():
    mine, theirs = untrained(), untrained(condition="both")
    for weight in theirs.weights:
        weight.assign(weight + 1)
    taken = mine.take_over(theirs)
    assert {"encoder", "projection", "places", "attention"} <= {*taken}
    for of in ("places", "attention"):
        for one, two in zip(*(getattr(m, of).get_weights() for m in (mine, theirs)), strict=True):
            np.testing.assert_array_equal(one, two)
    assert "attention" not in untrained(attention="general").take_over(theirs)
    taken = untrained(attention=None).take_over(theirs)
    assert "encoder" in taken and {"places", "attention"}.isdisjoint(taken)


def test_a_model_that_was_saved_without_the_option_is_as_it_was():
    model = untrained(attention=None)
    config = model.get_config()
    del config["attention"]
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    assert {"align", "serve_aligned"}.isdisjoint(again.endpoints)
    np.testing.assert_array_equal(*(m.log_prob(PICTURES, SENTENCES) for m in (model, again)))
    for call in (again.aligned, lambda x: again.predict(x, alignments=True)):
        with pytest.raises(ValueError, match="no attention: .*such as caption_attention_lstm"):
            call(PICTURES)


def test_options_that_are_none():
    with pytest.raises(ValueError, match="attention='dot': expected None, 'general', 'scaled' or"):
        untrained(attention="dot")
    model = untrained(layers=2)
    config = {**model.get_config(), "embedding_size": 5}
    with pytest.raises(ValueError, match="see 8 numbers between them; .*between=0 or 5,"):
        type(model).from_config(config)


def patches(count, seed):
    """A patch of a colour in one of 4 x 4 places on a gray ground, and the number of its place."""
    random = np.random.default_rng(seed)
    place, colour = random.integers(16, size=count), random.integers(3, size=count)
    x = np.full((count, 16, 16, 3), 128, np.uint8)
    for of_one, p, c in zip(x, place, colour, strict=True):
        row, column = 4 * (p // 4), 4 * (p % 4)
        of_one[row : row + 4, column : column + 4] = np.eye(3)[c] * 255
    names = np.array(["red", "green", "blue"])[colour]
    return x, [f"{name} at {p}" for name, p in zip(names, place, strict=True)], place


def test_learns_to_look_where_the_patch_is():
    keras.utils.set_random_seed(0)
    # One convolution of each region alone: no other knows of the patch.
    encoder = keras.Sequential(
        [keras.layers.Rescaling(1 / 127.5, offset=-1), keras.layers.Conv2D(8, 4, strides=4)]
    )
    decoder = rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(24)])
    model = rnnzoo.tasks.Captioner(decoder, encoder, 16, "step", attention="scaled", size=16)
    model.compile(keras.optimizers.Adam(0.02))
    x, y, _ = patches(400, seed=1)
    model.fit(x, y, epochs=6, batch_size=20, verbose=0)
    x, y, place = patches(40, seed=2)
    written, found = model.predict(x, alignments=True)
    colours, right = ([sentence.split()[0] for sentence in of] for of in (written, y))
    assert colours == right
    looked = [of.weights[0].argmax() for of in found]  # before the colour was written
    assert np.mean(looked == place) > 0.9, looked
