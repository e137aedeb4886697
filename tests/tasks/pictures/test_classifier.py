"""Classes of pictures and of pixels: what is fitted, padded, answered, saved and read."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import rnnzoo
from rnnzoo.platform import keras, tf

# Many small trainings: the loop over all models has one of each architecture in the fast tests.
pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(0)
# Light or dark in the left half, of three sizes.
SIZES = [(3, 4), (5, 3), (4, 6)] * 8
LIGHT = [i % 2 for i in range(24)]
PICTURES = [
    RANDOM.integers(0, 60, (h, w)).astype(np.uint8) + np.uint8(190 * light)
    for (h, w), light in zip(SIZES, LIGHT, strict=True)
]
NAMES = ["dark" if not light else "light" for light in LIGHT]
# A class at each pixel: whether it is light; the first column of each has none.
DOTS = [RANDOM.integers(0, 2, size) * 255 for size in SIZES]
OF_DOTS = [np.where(np.arange(dots.shape[1]) == 0, -1, dots // 255) for dots in DOTS]
TINY = {"rnn2d": {"units": 3}, "cnn": {"filters": (4,)}}
# The loops of four directions take seconds to trace; tests/zoo_models/ has one in the fast tests.
each_kind = pytest.mark.parametrize("kind", [pytest.param("rnn2d", marks=pytest.mark.slow), "cnn"])


def made(kind, labels="picture", **options):
    keras.utils.set_random_seed(0)
    defaults = {"drawings": False, "dropout": 0.0, "labels": labels}
    return rnnzoo.create_model(f"digits_{kind}", **{**TINY[kind], **defaults, **options})


@pytest.fixture(scope="module")
def fitted():
    """By kind of network and of labels a fitted model, made once; not to be changed."""
    models = {}

    def fit(kind, labels="picture"):
        if (kind, labels) not in models:
            model = models[kind, labels] = made(kind, labels)
            model.compile(keras.optimizers.Adam(0.05))
            x, y = (PICTURES, NAMES) if labels == "picture" else (DOTS, OF_DOTS)
            model.fit(x, y, batch_size=9, epochs=12, verbose=0)
        return models[kind, labels]

    return fit


@each_kind
@pytest.mark.parametrize("labels", ["picture", "pixel"])
def test_pictures_of_any_size_are_learned_and_padding_changes_nothing(kind, labels, fitted):
    model = fitted(kind, labels)
    if labels == "picture":
        assert model.classify(PICTURES) == NAMES and model.classes == ("dark", "light")
        x = PICTURES
    else:
        for answer, truth in zip(model.classify(DOTS), OF_DOTS, strict=True):
            np.testing.assert_array_equal(answer[:, 1:], truth[:, 1:])
        x = DOTS
    together = model.probabilities(x[:5])
    for picture, p in zip(x, together, strict=False):
        (alone,) = model.probabilities([picture])
        np.testing.assert_allclose(alone, p, atol=1e-5)
        np.testing.assert_allclose(p.sum(axis=-1), 1, atol=1e-5)
        served = model.endpoints["serve"](tf.constant(picture[None, ..., None], tf.uint8))
        np.testing.assert_allclose(served["probabilities"][0], p, atol=1e-5)


def test_a_mask_may_have_holes_and_its_pixels_have_no_answer(fitted):
    model = fitted("cnn", "pixel")
    x, mask = RANDOM.integers(0, 255, (2, 4, 5, 1)), RANDOM.random((2, 4, 5)) < 0.7
    found = model.endpoints["serve_padded"](tf.constant(x, tf.uint8), tf.constant(mask))
    other = np.where(mask[..., None], x, 255 - x)
    again = model.endpoints["serve_padded"](tf.constant(other, tf.uint8), tf.constant(mask))
    np.testing.assert_array_equal(found["probabilities"], again["probabilities"])
    np.testing.assert_array_equal(found["probabilities"].numpy().sum(axis=-1) > 0, mask)
    np.testing.assert_array_equal(found["labels"].numpy() != b"", mask)


def test_what_has_no_label_does_not_count():
    losses = []
    for unlabelled in (0, 1):
        y = [np.where(of_one < 0, unlabelled, of_one) for of_one in OF_DOTS]
        model = made("cnn", "pixel", classes=[0, 1], colours=1)
        losses += [model.evaluate(DOTS, each, return_dict=True, verbose=0) for each in (y, OF_DOTS)]
    assert losses[0] != losses[2] and losses[1] == losses[3]
    weighed = model.evaluate(DOTS, OF_DOTS, sample_weight=[1.0] * 12 + [0] * 12, return_dict=True)
    half = model.evaluate(DOTS[:12], OF_DOTS[:12], return_dict=True)
    assert weighed["loss"] == pytest.approx(half["loss"], rel=1e-5)


def test_weights_of_classes_are_those_of_examples():
    losses = []
    for how in (
        {"class_weight": {"light": 3.0}},
        {"sample_weight": [1.0 + 2 * light for light in LIGHT]},
    ):
        model = made("cnn", dtype="float32")
        model.compile("sgd")
        history = model.fit(PICTURES, NAMES, batch_size=24, verbose=0, **how)
        losses.append(history.history["loss"][0])
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_saved_and_loaded_with_what_training_pictures_were(fitted, tmp_path):
    model = fitted("cnn")
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.probabilities(PICTURES), model.probabilities(PICTURES))
    known = again.preprocessor
    assert (known.size, known.longest, known.colours, known.ground) == (None, 6, 1, None)
    assert again.evaluate(PICTURES, NAMES, verbose=0, return_dict=True)["accuracy"] == 1


@each_kind
def test_mixed_precision(kind):
    model = made(kind, dtype="mixed_bfloat16")
    history = model.fit(PICTURES, NAMES, batch_size=7, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert model.probabilities(PICTURES[:2]).dtype == np.float32
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}


def test_new_classes_keep_what_was_learned(fitted):
    model = made("cnn")
    model.fit(PICTURES, NAMES, verbose=0)
    before = model.output_layer.get_weights()
    model.adapt([*PICTURES, PICTURES[0]], [*NAMES, "blue"])
    assert model.classes == ("dark", "light", "blue")
    for mine, theirs in zip(model.output_layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine[..., :2], theirs)


def test_colour_and_grey_are_read_as_training_was(fitted):
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 250
    grey = np.asarray(Image.fromarray(red).convert("L"))
    p = fitted("cnn").probabilities([red, grey])
    np.testing.assert_array_equal(p[0], p[1])
    model = made("cnn")
    model.fit([red, grey], ["red", "grey"], verbose=0)
    assert model.colours == 3 and model.probabilities([grey]).shape == (1, 2)


@pytest.mark.parametrize(
    ("x", "y", "labels", "said"),
    [
        (PICTURES, OF_DOTS, "picture", "y holds a label for each pixel, .*labels='pixel'"),
        (PICTURES, OF_DOTS[::-1], "pixel", "an array of labels .height, width. for each of the 24"),
        ([np.zeros((3, 3, 2), int)], ["a"], "picture", r"got one of \(3, 3, 2\) and type int64"),
        ([np.full((3, 3), 300)], ["a"], "picture", "whole numbers from 0 to 255, got"),
        ([np.zeros((3, 3))], ["a"], "picture", "got .* type float64 at 0"),
        ("a.png", ["a"], "picture", r"to read a file, \[rnnzoo.data.read_media\('a.png'\)\]"),
        (PICTURES, NAMES[1:], "picture", "y of shape .23,.: expected"),
    ],
)
def test_what_does_not_fit_is_told(x, y, labels, said):
    with pytest.raises((ValueError, TypeError), match=said):
        made("cnn", labels).fit(x, y, verbose=0)


@pytest.mark.parametrize(("y", "labels"), [(NAMES, "picture"), (OF_DOTS, "pixel")])
def test_what_has_a_label_is_seen_by_the_first_labels(y, labels, tmp_path):
    x = PICTURES if labels == "picture" else DOTS
    model = made("cnn", None)
    assert model.labels is model.per_pixel is None and not model.ready
    model.fit(x, y, verbose=0)
    assert model.labels == labels and model.get_config()["labels"] == labels
    model.save(tmp_path / "m.keras")
    again = rnnzoo.load_model(tmp_path / "m.keras")
    assert again.labels == labels
    for a, b in zip(again.probabilities(x[:3]), model.probabilities(x[:3]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(ValueError, match="y holds a label for each pixel|y: expected an array"):
        model.fit(PICTURES, OF_DOTS if labels == "picture" else NAMES, verbose=0)


def test_given_classes_are_of_whole_pictures():
    model = made("cnn", None, classes=["dark", "light"], colours=1)
    assert model.labels == "picture" and model.ready


def test_wrong_options_are_told():
    for options, said in (
        ({"labels": "pixels"}, "labels='pixels': expected 'picture' or 'pixel'"),
        ({"colours": 2}, "colours=2: expected 1, brightness alone, or 3"),
        ({"dilations": (1, 2)}, r"dilations=\(1, 2\): expected a number, or one for each filter"),
        ({"cell": "lstm2d"}, "cell='lstm2d': expected nothing beside filters"),
        ({"units": 9}, "units=9: expected nothing beside filters"),
        ({"filters": (), "cell": "lstm"}, "cell='lstm': expected one of rnn2d, lstm2d"),
        ({"filters": (), "kernel_size": 5}, "kernel_size=5: expected nothing without filters"),
        ({"num_classes": 1}, "num_classes=1: expected at least 2"),
    ):
        with pytest.raises(ValueError, match=said):
            rnnzoo.create_model("digits_cnn", **options)


# --- a user's files -------------------------------------------------------------------------------


def drawn(path, text="7", size=(90, 70), ink=20, paper=235):
    """A digit drawn in a corner of a large picture."""
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).text((50, 5), text, fill=ink, font_size=50)
    image.save(path)
    return np.asarray(image)


def test_a_drawing_of_another_size_becomes_like_those_of_training(tmp_path):
    pixels = drawn(tmp_path / "7.png")
    model = made("cnn", drawings=True)
    model.adapt(np.zeros((4, 8, 8), np.uint8), ["a", "b"] * 2)
    assert model.preprocessor.ground == 0 and model.colours == 1
    with pytest.warns(UserWarning) as told:
        (read,) = model.preprocessor.as_read([pixels[..., None]])
    assert read.shape == (8, 8, 1) and read.max() == 255 and read[:, 0].max() == 0
    assert [str(each.message) for each in told] == [
        "drawings with light and dark exchanged, to be on a dark ground: 1",
        "drawings cut to strokes and made 8 x 8, the size in training: 1",
    ]
    # In the middle, as high as can be.
    assert read[0].any() and read[-1].any()
    light = np.repeat(255 - pixels[..., None], 3, axis=-1)
    with pytest.warns(UserWarning) as told:
        again, plain = model.preprocessor.as_read([light, np.full((20, 9, 1), 7, np.uint8)])
    assert [str(each.message) for each in told] == [
        "drawings cut to strokes and made 8 x 8, the size in training: 1",
        "drawings without a stroke, of one brightness: 1",
    ]
    np.testing.assert_allclose(read.astype(int), again, atol=1)
    assert plain.shape == (8, 8, 1)
    (same,) = model.preprocessor.as_read([read])  # and says nothing: warnings are errors
    np.testing.assert_array_equal(same, read)


def test_other_pictures_are_only_made_as_large():
    model = made("cnn")
    model.adapt(np.zeros((4, 8, 6), np.uint8), ["a", "b"] * 2)
    picture = np.repeat(np.arange(24, dtype=np.uint8)[:, None], 30, axis=1)[..., None]
    with pytest.warns(UserWarning, match="^pictures made 8 x 6, the size in training: 2$"):
        read, _ = model.preprocessor.as_read([picture, picture])
    np.testing.assert_array_equal(read[:, 0, 0], np.arange(8) * 3 + 1)
    model.adapt([np.zeros((8, 6), np.uint8), np.zeros((9, 12), np.uint8)], ["a", "b"])
    with pytest.warns(UserWarning, match="made smaller, to the longest side in training, 12: 1$"):
        read, small = model.preprocessor.as_read([picture, picture[:5, :7]])
    assert read.shape == (10, 12, 1) and small.shape == (5, 7, 1)


def test_pictures_of_a_users_own_are_no_drawings_and_those_of_digits_are():
    grey = [np.full((6, 6), level, np.uint8) for level in (60, 110, 140, 220)]
    model = rnnzoo.create_model("digits_cnn", filters=(2,))
    model.adapt(grey, ["a", "b"] * 2)
    assert model.preprocessor.drawings is False
    for given, read in zip(grey, model.preprocessor.as_read([*map(_deep, grey)]), strict=True):
        np.testing.assert_array_equal(read[..., 0], given)
    model = rnnzoo.create_model("digits_cnn", filters=(2,))
    feed = model.feed("digits")
    assert model.preprocessor.drawings and model.preprocessor.ground == 0
    assert str(feed).endswith("pictures, one of 10, read as drawings on a dark ground")
    # As they are, as all are of one size and on one ground.
    np.testing.assert_array_equal(feed.questions("train").x, feed.data.train.x)
    again = type(model).from_config(model.get_config()).preprocessor
    assert (again.drawings, again.ground) == (True, 0)
    plain = rnnzoo.create_model("digits_cnn", filters=(2,), drawings=False)
    assert str(plain.feed("digits")).endswith("pictures, one of 10")
    # What never was fitted knows no ground.
    unfitted = made("cnn", drawings=True, classes=["a", "b"], colours=1)
    assert unfitted.probabilities(grey).shape == (4, 2)


def test_drawings_to_train_on_go_the_way_of_those_to_predict():
    dark = np.pad(np.full((2, 2), 255, np.uint8), 2)
    x = [dark, 255 - dark, dark, dark]
    model = made("cnn", drawings=True)
    with pytest.warns(UserWarning, match="drawings with light and dark exchanged, .* dark ground"):
        model.fit(x, ["a", "b"] * 2, verbose=0)
        read = model.preprocessor.as_read([*map(_deep, x)])
    np.testing.assert_array_equal(read, [_deep(dark)] * 4)


@pytest.mark.parametrize(
    ("labels", "drawings"),
    [("picture", True), ("picture", False), ("pixel", True), ("pixel", False)],
)
def test_pictures_of_another_size_are_evaluated_as_they_are_predicted(labels, drawings):
    model = made("cnn", labels, drawings=drawings)
    x = [np.pad(RANDOM.integers(100, 255, (4, 4)), 1).astype(np.uint8) for _ in range(24)]
    y = NAMES if labels == "picture" else [(of_one > 170).astype(int) for of_one in x]
    model.fit(x, y, verbose=0)
    large = [np.kron(of_one, np.ones((3, 3), np.uint8)) for of_one in x]
    of_large = y
    if labels == "pixel":
        of_large = [np.kron(of_one, np.ones((3, 3), int)) for of_one in y]
    with pytest.warns(UserWarning, match="made 6 x 6, the size in training: 24$"):
        answers = model.classify(large)
    with pytest.warns(UserWarning, match="made 6 x 6, the size in training: 24$"):
        found = model.evaluate(large, of_large, verbose=0, return_dict=True)
    right = np.mean([np.asarray(a) == b for a, b in zip(answers, of_large, strict=True)])
    assert found["accuracy"] == pytest.approx(right)
    if labels == "pixel":  # at each pixel of what was given
        assert answers[0].shape == (18, 18)


@pytest.mark.parametrize("size", ["one size", "any size"])
@pytest.mark.parametrize("drawings", [True, False])
@pytest.mark.parametrize("labels", ["picture", "pixel"])
def test_an_export_prepares_pictures_as_python_does(labels, drawings, size, tmp_path):
    model = made("cnn", labels, drawings=drawings)
    x = [np.pad(RANDOM.integers(100, 255, (4, 4)), 1).astype(np.uint8) for _ in range(24)]
    x = x if size == "one size" else [*x[1:], np.pad([[200]], (1, 4))[:3, :6].astype(np.uint8)]
    y = NAMES if labels == "picture" else [(of_one > 170).astype(int) for of_one in x]
    model.fit(x, y, epochs=3, verbose=0)
    # Larger, smaller, light for dark, in colour, and as those of training.
    large = np.kron(x[0], np.ones((3, 2), np.uint8))
    given = [large, 255 - large, x[1][1:, 2:], x[2]]
    given = [np.repeat(picture[..., None], 3, axis=-1) for picture in given]
    with pytest.warns(UserWarning):
        expected = model.probabilities(given)
    served = tf.saved_model.load(model.export(tmp_path / "export"))
    padded = np.full((4, 18, 14, 3), 9, np.uint8)
    mask = np.zeros(padded.shape[:3], bool)
    for picture, row, there in zip(given, padded, mask, strict=True):
        height, width = picture.shape[:2]
        row[:height, :width], there[:height, :width] = picture, True
    together = served.serve_padded(tf.constant(padded), tf.constant(mask))
    for picture, p, found, there in zip(
        given, expected, together["probabilities"].numpy(), mask, strict=True
    ):
        if labels == "pixel":
            assert not found[~there].any()
            found = found[there].reshape(p.shape)
        np.testing.assert_allclose(found, p, atol=1e-5)
        alone = served.serve(tf.constant(picture[None]))
        np.testing.assert_allclose(alone["probabilities"][0], p, atol=1e-5)
        names = np.array(model.classes)[p.argmax(axis=-1)].astype("S")
        np.testing.assert_array_equal(alone["labels"].numpy()[0], names)
    if labels == "picture":
        files = [tf.io.encode_png(picture).numpy() for picture in given]
        encoded = served.serve_encoded(tf.constant(files))
        np.testing.assert_allclose(encoded["probabilities"], expected, atol=1e-5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="x: expected 1 colour or 3, got"):
        served.serve(tf.zeros((1, 6, 6, 2), tf.uint8))


def test_a_dark_outline_on_light_ground_is_read_as_a_light_one_on_dark():
    model = made("cnn", "pixel", drawings=True)
    x = [np.pad(RANDOM.integers(0, 2, (4, 4)) * 255, 1).astype(np.uint8) for _ in range(24)]
    model.fit(x, [of_one // 255 for of_one in x], verbose=0)
    with pytest.warns(UserWarning, match="light and dark exchanged, to be on a dark ground: 24$"):
        other = model.probabilities([255 - of_one for of_one in x])
    np.testing.assert_allclose(other, model.probabilities(x), atol=1e-6)


def test_what_is_kept_is_the_size_too():
    model = made("cnn")
    model.fit(np.zeros((4, 6, 6), np.uint8), ["a", "b"] * 2, verbose=0)
    with pytest.warns(UserWarning, match="pictures made 6 x 6, the size in training: 4$"):
        model.fit(np.zeros((4, 9, 9), np.uint8), ["a", "b"] * 2, vocabulary="keep", verbose=0)
    assert model.preprocessor.size == (6, 6)
    model.adapt(np.zeros((4, 9, 9), np.uint8), ["a", "b"] * 2)
    assert model.preprocessor.size == (9, 9)


def _deep(picture):
    """With the place of its one colour."""
    return picture[..., None]


def test_answers_to_files(fitted, tmp_path):
    Image.fromarray(PICTURES[1]).save(tmp_path / "light.png")
    path = str(tmp_path / "light.png")
    model = fitted("cnn")
    (line,) = model.answer_lines(path)
    assert line.split("\t")[:2] == [path, "light"] and float(line.split("\t")[2]) > 0.5
    ((row,),) = model.answer_rows(path)
    assert row[:2] == ["0", "light"] and len(row) == 1 + len(model.answer_columns)
    assert list(model.answer_rows(path, {"0": 1})) == []
    model = fitted("cnn", "pixel")
    Image.fromarray(DOTS[1].astype(np.uint8)).save(path)
    runs = [line.split("\t")[1:4] for line in model.answer_lines(path)]
    painted = np.full(DOTS[1].shape, -1)
    for row, columns, label in runs:
        first, last = map(int, columns.split("-"))
        painted[int(row), first : last + 1] = int(label)
    (answer,) = model.classify(DOTS[1:2])
    np.testing.assert_array_equal(painted, answer)
    (rows,) = model.answer_rows(path, {"0": 4})
    assert rows[0][:3] == ["0", 1, 1] and len(rows) == DOTS[1].size - 4
    assert model.answer_columns == ("row", "column", "class", "p(0)", "p(1)")
