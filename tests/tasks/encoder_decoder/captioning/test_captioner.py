"""Pictures and videos in, sentences out."""

import re

import numpy as np
import pytest
from PIL import Image

import rnnzoo
from rnnzoo import decoding
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.captioning.captioner import CONDITIONS

TINY = {"units": 24, "embedding_size": 16, "size": 16, "filters": (4, 8), "dropout": 0.0}
SENTENCES = ["a red square", "a green square", "two blue squares!"]


def pictures(count=3, side=20):
    """A plain red, green or blue one in turn."""
    x = np.zeros((count, side, side, 3), np.uint8)
    for i in range(count):
        x[i, ..., i % 3] = 255
    return x


@pytest.fixture(scope="module")
def learned():
    """A captioner that knows three pictures by heart."""
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("caption_gru", **TINY)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(pictures(96), SENTENCES * 32, epochs=10, batch_size=16, verbose=0)
    return model


def feed(model, sentences, batch_size, media=None):
    media = pictures() if media is None else media
    data = model.preprocessor.splits(train=(media, sentences))
    return model.feed_class(data, model.preprocessor, batch_size)


def first_batch(model, sentences, batch_size, media=None):
    return next(iter(feed(model, sentences, batch_size, media).evaluation("train")))


def untrained(name="caption_lstm", **options):
    keras.utils.set_random_seed(0)
    return rnnzoo.create_model(name, **TINY, words={"a": 3, "dog": 1, "cat": 1}, **options)


@pytest.fixture(scope="module")
def of_videos():
    """Two captioners of videos, to be asked only."""
    return {name: untrained(f"video_caption_{name}") for name in ("lstm", "s2vt")}


def test_learns_by_heart_what_it_is_shown(learned):
    assert learned.caption(pictures()) == SENTENCES
    result = learned.evaluate(pictures(), SENTENCES, verbose=0, return_dict=True)
    assert result["perplexity"] < 1.1 and result["accuracy"] == 1.0


def test_greedy_sampling_and_beam_search_agree_where_it_is_sure(learned):
    assert learned.sample(pictures(), temperature=0) == SENTENCES
    assert learned.caption(pictures(), beam_width=1) == SENTENCES


def test_each_medium_draws_its_own_words_in_whatever_batch_it_comes():
    model = untrained()
    drawn = model.sample(pictures(1)[[0] * 6], batch_size=2, temperature=5.0)
    assert drawn[:2] != drawn[2:4] and drawn[2:4] != drawn[4:]
    assert drawn == model.sample(pictures(1)[[0] * 6], batch_size=2, temperature=5.0)


def test_scores_are_the_log_probabilities_of_the_sentences(learned):
    for i, ranked in enumerate(learned.captions(pictures())):
        sentences, scores = zip(*ranked, strict=True)
        assert list(scores) == sorted(scores, reverse=True)
        same = learned.log_prob(pictures()[[i] * len(ranked)], sentences)
        np.testing.assert_allclose(same, scores, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        *(("caption_lstm", condition) for condition in CONDITIONS),
        ("caption_leaky", "both"),
        pytest.param("video_caption_s2vt", "step", marks=pytest.mark.slow),
        ("video_caption_s2vt", "both"),
    ],
)
def test_one_word_at_a_time_is_all_words_at_once(name, condition):
    model = untrained(name, condition=condition)
    frames = tf.constant(np.random.default_rng(0).integers(0, 255, (2, 3, 16, 16, 3)), tf.uint8)
    ids = tf.constant([[3, 4, 5, 2], [5, 3, 2, 2]])
    logits = model({"frames": frames, "ids": ids})
    state, word = model.start(frames), tf.constant([1, 1])
    for t in range(4):
        stepped, state = model.step(word, state)
        np.testing.assert_allclose(stepped, logits[:, t], atol=1e-5)
        word = ids[:, t]


@pytest.mark.parametrize(
    "condition",
    [pytest.param(c, marks=pytest.mark.slow if c in ("input", "both") else ()) for c in CONDITIONS],
)
def test_the_picture_matters_in_every_way_of_conditioning(condition):
    model = untrained(condition=condition)
    red, green = model.log_prob(pictures(2), ["a dog", "a dog"])
    assert abs(red - green) > 1e-4


def test_probabilities_of_all_sentences_sum_to_one():
    model = untrained()
    # Beside what is found, the model writes the unknown word and the start with some probability.
    sentences = ["", *(["a", "dog", "cat"]), "a a", "cat dog", "a dog cat", "dog " * 7]
    frames = pictures(1)[[0] * len(sentences)]
    scores = model.log_prob(frames, sentences)
    assert np.exp(scores).sum() < 1

    def step(ids, state):
        logits, state = model.step(ids, state)
        return tf.nn.log_softmax(logits), state

    state = model.start(tf.constant(model.preprocessor.prepare(pictures(1)[0])[None]))
    tokens, log_probs = decoding.beam_search(step, tf.constant([1]), state, 300, 3, 2)
    found = log_probs > -1e8
    assert float(tf.reduce_sum(tf.exp(log_probs[found]))) == pytest.approx(1, abs=1e-4)
    assert int(tf.reduce_sum(tf.cast(found, tf.int32))) == 1 + 5 + 25 + 125


def test_videos_of_different_lengths_are_means_of_their_frames(of_videos):
    model = of_videos["lstm"]
    frame = pictures(1)[0]
    short, long = np.stack([frame] * 2), np.stack([frame] * 5)
    one, two, three = model.log_prob([short, long, frame], ["a dog"] * 3)
    assert one == pytest.approx(two, abs=1e-4) and one == pytest.approx(three, abs=1e-4)
    one, two = of_videos["s2vt"].log_prob([short, long], ["a dog"] * 2)
    assert abs(one - two) > 1e-4


def test_s2vt_tells_a_video_from_the_same_one_backwards(of_videos):
    video = np.concatenate([pictures(2), pictures(2)])
    for name, differs in (("s2vt", True), ("lstm", False)):
        one, two = of_videos[name].log_prob([video, video[::-1]], ["a dog"] * 2)
        assert (abs(one - two) > 1e-4) == differs


@pytest.mark.slow
def test_several_captions_of_a_picture_and_words_it_never_met():
    model = rnnzoo.create_model("caption_gru", **TINY, min_count=2)
    history = model.fit(
        pictures(), [["a red one", "red"], ["a green one"], ["blue", "a blue"]], batch_size=1,
        verbose=0,
    )  # fmt: skip
    assert history.params["steps"] == 3  # pictures
    assert set(model.vocabulary.counts) == {"a", "red", "one", "blue"}
    assert np.isfinite(model.log_prob(pictures(1), ["green elephants"])).all()
    assert not any("�" in text for text, _ in model.captions(pictures(1), beam_width=9)[0])


@pytest.mark.slow
def test_features_of_one_s_own():
    keras.utils.set_random_seed(0)
    model = rnnzoo.create_model("caption_lstm", encoder=None, units=16, embedding_size=16)
    model.compile(keras.optimizers.Adam(0.02))
    x = np.eye(3, dtype="float32")
    model.fit(np.tile(x, (32, 1)), SENTENCES * 32, epochs=6, batch_size=16, verbose=0)
    assert model.caption(x) == SENTENCES
    assert "serve_encoded" not in model.endpoints


MOBILE = {"encoder": "MobileNet", "encoder_weights": None, "size": 32, "units": 8}


@pytest.fixture(scope="module")
def frozen():
    """A captioner with a frozen encoder, and how many pictures that saw in three epochs."""
    model = rnnzoo.create_model("caption_gru", **MOBILE)
    call, seen = model.encoder.call, []

    def counted(pictures, **kwargs):
        tf.numpy_function(seen.append, [tf.shape(pictures)[0]], [])
        return call(pictures, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.encoder, "call", counted)
        model.fit(pictures(), SENTENCES, batch_size=3, epochs=3, verbose=0)
    return model, sum(seen)


def test_a_frozen_encoder_looks_at_each_picture_once_before_training(frozen):
    model, seen = frozen
    assert seen == 3
    assert first_batch(model, SENTENCES, 3)[0]["frames"].shape == (3, 1, 1024)
    assert not any("encoder" in w.path for w in model.trainable_weights)


@pytest.mark.slow
def test_a_frozen_encoder_is_saved_and_stays_frozen(frozen, tmp_path):
    model, _ = frozen
    model.save(tmp_path / "frozen.keras")
    loaded = keras.models.load_model(tmp_path / "frozen.keras")
    for (one, score), (two, same) in zip(
        *(m.captions(pictures(1))[0] for m in (loaded, model)), strict=True
    ):
        assert one == two and score == pytest.approx(same, abs=1e-4)
    assert first_batch(loaded, SENTENCES, 1)[0]["frames"].shape == (1, 1, 1024)


def test_an_encoder_is_of_the_dtype_asked_for_and_trained_where_asked(frozen):
    policy = keras.config.dtype_policy()
    tuned = rnnzoo.create_model(
        "caption_gru", **MOBILE, fine_tune=True, dtype="mixed_bfloat16", words={"a": 1}
    )
    assert keras.config.dtype_policy() is policy
    assert tuned.encoder(np.zeros((1, 32, 32, 3), np.uint8)).dtype == tf.bfloat16
    assert {w.dtype for w in tuned.encoder.weights} == {"float32"}
    assert len(tuned.trainable_weights) > len(frozen[0].trainable_weights) + 50


@pytest.mark.parametrize("cause", ["403 -- Forbidden", "None -- [Errno -2] Name not known"])
def test_weights_that_cannot_be_downloaded(monkeypatch, cause):
    def refuse(**kwargs):
        raise Exception(f"URL fetch failure on https://storage.org/weights.h5: {cause}")

    policy = keras.config.dtype_policy()
    monkeypatch.setattr(keras.applications, "MobileNet", refuse)
    failure = re.escape(f"(URL fetch failure on https://storage.org/weights.h5: {cause})")
    words = f"weights of MobileNet have .* failed {failure}: look .* or None for random weights"
    with pytest.raises(ConnectionError, match=words):
        rnnzoo.create_model(
            "caption_gru", **MOBILE | {"encoder_weights": "imagenet"}, dtype="mixed_bfloat16"
        )
    assert keras.config.dtype_policy() is policy


@pytest.mark.slow
def test_an_exported_captioner_reads_png_and_answers_the_same(learned, tmp_path):
    exported = tf.saved_model.load(learned.export(tmp_path / "saved_model"))
    png = tf.map_fn(tf.io.encode_png, tf.constant(pictures()), fn_output_signature=tf.string)
    reply = exported.serve_encoded(png, width=3)
    expected = learned.captions(pictures(), beam_width=3)
    for i, ranked in enumerate(expected):
        for j, (sentence, score) in enumerate(ranked):
            assert reply["sentences"][i, j].numpy().decode() == sentence
            assert float(reply["log_probs"][i, j]) == pytest.approx(score, abs=1e-3)
    frames = tf.constant(pictures()[:, None])
    samples = exported.generate(frames, seed=3, temperature=2.0)["sentences"].numpy()
    assert [s.decode() for s in samples] == learned.sample(pictures(), seed=3, temperature=2.0)
    state = exported.init(frames)
    reply = exported.step(tf.constant([1, 1, 1]), state)
    words = [w.decode() for w in exported.vocabulary()["vocabulary"].numpy()]
    first = [words[i] for i in np.argmax(reply["log_probs"], axis=-1)]
    assert first == ["a", "a", "two"]


def test_picture_files_are_served_as_the_camera_was_held(tmp_path):
    x = np.zeros((16, 16, 3), np.uint8)
    x[:8, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(x).save(tmp_path / "on_its_side.png", exif=exif)
    model = untrained()
    image = (tmp_path / "on_its_side.png").read_bytes()
    served = model.endpoints["serve_encoded"](tf.constant([image]))["log_probs"][0]
    on_its_side, held = (
        [score for _, score in ranked]
        for ranked in model.captions([x, rnnzoo.data.read_media(tmp_path / "on_its_side.png")])
    )
    np.testing.assert_allclose(served, held, atol=1e-5)
    assert not np.allclose(served, on_its_side, atol=1e-4)


def test_takes_over_encoder_words_and_lower_layer(learned):
    video = rnnzoo.create_model(
        "video_caption_lstm",
        **TINY,
        cell="gru",
        condition="step",
        words={"square": 1, "moves": 1, "red": 1},
    )
    taken = video.take_over(learned)
    assert "encoder" in taken and "recurrent layer 0" in taken and "recurrent layer 1" not in taken
    assert "5 of 6 words" in taken  # two, unknown, start and stop
    ids = [list(m.vocabulary.counts).index("red") + 3 for m in (video, learned)]
    mine, theirs = (m.embedding.embeddings[i] for m, i in zip((video, learned), ids, strict=True))
    np.testing.assert_array_equal(mine, theirs)
    other = {**TINY, "units": 5, "embedding_size": 3, "filters": (2, 2), "words": {"a": 1}}
    with pytest.raises(ValueError, match="nothing of the captioner to start from fits"):
        video.take_over(rnnzoo.create_model("caption_rnn", **other))
    with pytest.raises(TypeError, match="expected a Captioner to start from, got a TextGenerator"):
        video.take_over(rnnzoo.create_model("char_gru", units=4))


@pytest.mark.parametrize(
    ("media", "message"),
    [
        (np.zeros((2, 8, 8)), "expected uint8 (height, width, 3)"),
        (np.zeros((2, 8, 8, 3)), "(for features of your own make the model with encoder=None)"),
        (np.zeros((2, 8, 8, 4), np.uint8), "got (8, 8, 4) of uint8"),
    ],
)
def test_media_of_another_kind_are_refused(media, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        untrained().caption(media)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"condition": "always"}, "condition='always': expected one of step, input, state, both"),
        ({"frames": "steps", "condition": "state"}, "frames='steps'"),
        ({"encoder": "ResNet999"}, "expected 'cnn', None or one of"),
        ({"filters": (4,) * 6}, "expected at most 4"),
    ],
)
def test_options_that_are_none(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        rnnzoo.create_model("caption_lstm", **{**TINY, **options})


def test_what_does_not_go_together_is_refused():
    model = untrained()
    with pytest.raises(ValueError, match="a caption for each of the 3 media, got 2"):
        model.fit(pictures(), ["a", "b"])
    with pytest.raises(ValueError, match="captions of medium 1: expected a sentence"):
        model.fit(pictures(), ["a", "", "b"])
    with pytest.raises(ValueError, match="knows no words yet"):
        rnnzoo.create_model("caption_lstm", **TINY).caption(pictures())
    with pytest.raises(ValueError, match="beam_width=0: expected a whole number of at least 1"):
        model.caption(pictures(), beam_width=0)
    with pytest.raises(ValueError, match="length_power=-1: expected a number of at least 0"):
        model.captions(pictures(), length_power=-1)
    with pytest.raises(ValueError, match="neither an encoder nor the length of the features"):
        rnnzoo.create_model("caption_lstm", encoder=None, words={"a": 1})
    with pytest.raises(ValueError, match="temperature=-1"):
        model.sample(pictures(), temperature=-1)
    with pytest.raises(ValueError, match="max_words=5000: expected at most 1024"):
        model.sample(pictures(), max_words=5000)


def test_captions_of_one_picture_are_learned_together_and_it_is_seen_once():
    several = [("a dog", "a cat a dog"), ("a cat",), ("dog", "cat", "dog a cat")]
    model = untrained(condition="both")
    x, *_ = first_batch(model, several, 3)
    assert x["frames"].shape[0] == 3
    assert x["of"].numpy().tolist() == [0, 0, 1, 2, 2, 2]
    repeated = pictures()[x["of"]]
    flat = [sentence for of_one in several for sentence in of_one]
    x_flat, *_ = first_batch(model, flat, 6, repeated)
    assert "of" not in x_flat
    np.testing.assert_allclose(model(x), model(x_flat), atol=1e-6)
    found = model.evaluate(pictures(), several, verbose=0, return_dict=True)
    expected = model.evaluate(repeated, flat, verbose=0, return_dict=True)
    assert found == pytest.approx(expected, rel=1e-5)


def test_as_many_captions_of_each_make_batches_of_known_size():
    model = untrained()
    x, ids, _ = feed(model, [("a dog", "a cat")] * 3, 2).training().element_spec
    assert x["ids"].shape[0] == ids.shape[0] == 4


@pytest.mark.slow
def test_what_regularizes_a_layer_is_learned():
    model = untrained()
    model.output_layer.kernel.regularizer = keras.regularizers.L2(10.0)
    before = np.abs(model.output_layer.kernel.numpy()).sum()
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(pictures(), ["a dog"] * 3, epochs=20, verbose=0)
    assert np.abs(model.output_layer.kernel.numpy()).sum() < before / 2


@pytest.mark.parametrize("name", ["loss", "metrics", "weighted_metrics"])
def test_compile_takes_neither_loss_nor_metrics(name):
    with pytest.raises(ValueError, match=f"{name}: leave it out. A Captioner learns by"):
        untrained().compile(**{name: ["mse"]})
    if name != "loss":  # what it is measured in anyway
        untrained().compile(**{name: ["accuracy"]})
