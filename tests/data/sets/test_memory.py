"""Tasks that ask how long a network remembers."""

import importlib.util

import numpy as np
import pytest

import rnnzoo
from rnnzoo.data import load_pictures, load_regression, load_series
from rnnzoo.data.registry import dataset_info
from rnnzoo.data.sets.memory import LENGTHS, adding, bits, borders, copying, pixels
from rnnzoo.data.sets.watch import files

SPLITS = ("train", "validation", "test")
needs_seglearn = pytest.mark.skipif(
    importlib.util.find_spec("seglearn") is None, reason="pip install 'rnnzoo[activity]'"
)


@pytest.mark.parametrize("length", [2, 3, 50])
def test_adding_is_the_sum_of_what_is_marked_once_in_each_half(length):
    examples = adding.examples(length, 300, np.random.default_rng(0))
    for x, y in zip(examples.x, examples.labels, strict=True):
        first, second = np.flatnonzero(x[:, 1])
        assert first < length // 2 <= second
        assert y == pytest.approx(x[first, 0] + x[second, 0])
    values = np.array(examples.x)[..., 0]
    assert values.min() >= 0 and values.max() < 1 and abs(values.mean() - 0.5) < 0.05


def test_what_is_trivial_scores_as_is_said():
    y = adding.series(20).train.labels
    assert np.mean((y - 1) ** 2) == pytest.approx(adding.BASELINE, rel=0.03)
    # Blank where blank is right, one of eight at the ten steps where a symbol is.
    (labels,) = copying.examples(100, 1, np.random.default_rng(0)).labels
    right = np.where(labels == copying.BLANK, 1.0, 1 / 8)
    assert -np.log(right).mean() == pytest.approx(copying.baseline(100))


def test_copying_asks_for_the_symbols_in_order_behind_the_pause():
    examples = copying.examples(7, 20, np.random.default_rng(0))
    for x, labels in zip(examples.x, examples.labels, strict=True):
        read = [copying.CHANNELS[i] for i in x.argmax(axis=1)]
        answers = [copying.CHANNELS[i] for i in labels]
        assert x.shape == (27, 10) and (x.sum(axis=1) == 1).all()
        assert read[10:] == ["blank"] * 6 + ["go"] + ["blank"] * 10
        assert answers == ["blank"] * 17 + read[:10]
        assert set(read[:10]) <= set("abcdefgh")


@pytest.mark.parametrize("k", [2, 3])
def test_bits_are_counted_modulo_a_number(k):
    series = bits.series(k, test_length=50)
    for split in SPLITS:
        part = getattr(series, split)
        for x, label in zip(part.x[:200], part.labels[:200], strict=True):
            assert set(x[:, 0]) <= {0, 1}
            assert label == np.cumsum(x[:, 0])[-1] % k
    assert np.bincount(series.test.labels) / 1000 == pytest.approx(1 / k, abs=0.05)
    lengths = [len(x) for x in series.train.x]
    assert set(lengths) == set(range(1, 41))
    # Log-evenly: of at most n are log(n + 1) / log(40 + 1).
    assert np.mean(np.array(lengths) <= 5) == pytest.approx(np.log(6) / np.log(41), abs=0.02)
    assert {len(x) for x in series.test.x} == {50}


def test_longer_tests_are_of_the_same_training():
    long, same = load_series("parity"), load_series("parity/40")
    assert {len(x) for x in long.test.x} == {256} and {len(x) for x in same.test.x} == {40}
    for split in ("train", "validation"):
        assert long.metadata["sha256"][split] == same.metadata["sha256"][split]
    assert long.classes == ("even", "odd") and load_series("counting").classes == (0, 1, 2)


def test_pixels_are_the_digits_in_their_splits_and_in_one_order():
    pictures = load_pictures("digits")
    plain, permuted = load_series("digits_pixels"), load_series("digits_pixels_permuted")
    assert sorted(pixels.ORDER) == list(range(64)) and not (np.diff(pixels.ORDER) > 0).all()
    for split in SPLITS:
        found = getattr(pictures, split)
        np.testing.assert_array_equal(getattr(plain, split).labels, found.labels)
        np.testing.assert_array_equal(getattr(permuted, split).labels, found.labels)
        for i in (0, len(found) - 1):
            ink = found.x[i][:, :, 0] / 255
            x, y = getattr(plain, split).x[i], getattr(permuted, split).x[i]
            np.testing.assert_allclose(x[:, 0].reshape(8, 8), ink, rtol=1e-6)
            back = np.empty(64)
            back[pixels.ORDER] = y[:, 0]
            np.testing.assert_array_equal(back, x[:, 0])


@needs_seglearn
def test_borders_join_recordings_of_one_person_and_of_different_classes():
    data = load_series("borders")
    for split in SPLITS:
        part = getattr(data, split)
        assert set(map(int, part.subjects)) == set(files.SUBJECTS[split])
        assert set(np.concatenate(part.labels)) == set(range(7))
        for x, labels in zip(part.x, part.labels, strict=True):
            places = borders.of_labels(labels)
            assert len(x) == len(labels) and len(places) == 4
            pieces = np.diff([0, *places, len(x)])
            assert pieces.min() >= 40 and pieces.max() <= 100
            assert (labels[places] != labels[places - 1]).all()
    # A piece is found again, in one of the two recordings (either arm) of its class.
    x, labels, subject = data.test.x[0], data.test.labels[0], data.test.subjects[0]
    first = x[: borders.of_labels(labels)[0]]
    of_class = [
        r["x"]
        for r in files.read_recordings("test")
        if r["subject"] == subject and borders.CLASSES.index(r["label"]) == labels[0]
    ]
    assert len(of_class) == 2
    windows = [np.lib.stride_tricks.sliding_window_view(r, len(first), axis=0) for r in of_class]
    assert any((w == first.T).all(axis=(1, 2)).any() for w in windows)


@pytest.mark.parametrize("load", [adding.series, copying.series, bits.series])
def test_a_seed_decides_all_and_splits_share_nothing(load):
    one, again, other = load(), load(), load(seed=1)
    assert one.metadata["sha256"] == again.metadata["sha256"]
    for split in SPLITS:
        assert one.metadata["sha256"][split] != other.metadata["sha256"][split]
    trained, *others = (
        {np.asarray(x).tobytes() for x in getattr(one, split).x} for split in SPLITS
    )
    assert all(trained.isdisjoint(of_split) for of_split in others)


@pytest.mark.parametrize("name", ["adding", "copy_memory"])
def test_a_length_is_chosen_by_name(name):
    load = load_regression if name == "adding" else load_series
    more = 0 if name == "adding" else 20
    assert dataset_info(name).variants == tuple(map(str, LENGTHS))
    assert len(load(f"{name}/50").test.x[0]) == 50 + more
    assert load(name).metadata["sha256"] == load(f"{name}/100").metadata["sha256"]
    words = rf"'{name}/30' is neither .*, nor one of {name}, {name}/20, .*{name}/400"
    with pytest.raises(FileNotFoundError, match=words):
        load(f"{name}/30")


@pytest.mark.parametrize(
    ("load", "given", "message"),
    [
        (adding.series, {"length": 1}, "length=1: expected a whole number of time steps, 2 or up"),
        (copying.series, {"length": 2.5}, "length=2.5: expected a whole number of time steps, 1"),
        (bits.series, {"test_length": 0}, "length=0: expected a whole number of time steps, 1"),
        (bits.series, {"k": 1}, "k=1: expected a whole number of classes, 2 or more"),
    ],
)
def test_a_wrong_length_is_told(load, given, message):
    with pytest.raises(rnnzoo.RnnzooError, match=message):
        load(**given)
