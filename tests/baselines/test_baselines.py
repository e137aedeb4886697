"""The simple things: what they answer on data where the right answer is known."""

import numpy as np
import pytest

from rnnzoo.baselines.captioning import MostFrequentCaption, NearestPicture
from rnnzoo.baselines.series import (
    MostFrequentClass,
    MostFrequentLabels,
    Statistics,
    features,
    windows,
)
from rnnzoo.baselines.series_steps import around
from rnnzoo.baselines.tagging import ConditionalRandomField, MostFrequentTag
from rnnzoo.baselines.text import Markov
from rnnzoo.baselines.translation import Copy, NearestSource
from rnnzoo.data import (
    CaptionData,
    Captions,
    Examples,
    PairData,
    Pairs,
    Series,
    Tagged,
    TaggedData,
    Text,
)
from rnnzoo.evaluation.text import of_nats

RANDOM = np.random.default_rng(0)


def recordings(count):
    """Slow and fast swings of any length; the last class is rare."""
    labels = np.arange(count) % 2
    x = [
        np.sin((0.2 + 0.6 * label) * np.arange(RANDOM.integers(40, 600)))[:, None]
        + RANDOM.normal(0, 0.1, (1, 2))
        for label in labels
    ]
    return Examples(x, labels.astype(np.int32))


def test_statistics_tell_recordings_apart():
    data = Series(
        name="swings",
        classes=("slow", "fast"),
        train=recordings(40),
        validation=Examples([], np.zeros(0, np.int32)),
        test=recordings(20),
    )
    probabilities = Statistics().fit(data).answers(data.test)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), data.test.labels)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    shares = MostFrequentClass().fit(data).answers(data.test)
    np.testing.assert_allclose(shares, 0.5)


@pytest.mark.filterwarnings("error")
def test_any_number_of_labels():
    """One regression each; of a label that none or all have, nothing is left to be told."""

    def noisy(count):
        has = RANDOM.integers(0, 2, (count, 4)).astype(np.int32)
        has[:, 2:] = 0, 1
        x = [
            np.sin((0.2 + 0.6 * fast) * np.arange(RANDOM.integers(40, 600)))[:, None] + 5 * high
            for fast, high, *_ in has
        ]
        return Examples(x, has)

    data = Series(
        name="swings",
        classes=("fast", "high", "never", "always"),
        multi_label=True,
        train=noisy(40),
        validation=noisy(10),
        test=noisy(20),
    )
    p = Statistics().fit(data).answers(data.test)
    np.testing.assert_array_equal(p > 0.5, data.test.labels)
    shares = MostFrequentLabels().fit(data).answers(data.test)
    np.testing.assert_allclose(shares, np.tile(data.train.labels.mean(axis=0), (20, 1)))


def test_statistics_around_a_step_are_of_the_steps_near_it():
    x = RANDOM.normal(100, 1, (30, 2))
    x[3:9, 1] = np.nan
    with np.errstate(all="raise"):
        found = around(x, 4)
    for t in range(30):
        near = x[max(0, t - 4) : t + 5]
        np.testing.assert_allclose(found[t, 2:4], np.nanmean(near, axis=0))
        np.testing.assert_allclose(found[t, 4:], np.nanstd(near, axis=0), atol=1e-6)
        np.testing.assert_allclose(found[t, :2], np.where(np.isnan(x[t]), found[t, 2:4], x[t]))


def test_windows_cover_a_recording_and_statistics_leave_out_what_is_missing():
    x = np.arange(700.0)[:, None]
    found = list(windows(x, 256))
    assert [len(w) for w in found] == [256] * 5
    assert found[-1][-1] == 699 and found[1][0] == 128
    assert len(list(windows(x[:10], 256))) == 1
    some = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    with np.errstate(all="raise"):
        found = features(some[None])
        assert found[0, 0] == 2 and np.isfinite(found).all()
    assert features(np.zeros((2, 3, 40, 50, 3), np.uint8)).shape == (2, 16 * 16 * 3)


def test_one_class_is_answered_where_training_has_one():
    one = Examples([np.ones((5, 1)), np.zeros((4, 1))], np.array([1, 1], np.int32))
    data = Series(name="one", classes=("a", "b"), train=one, validation=one, test=one)
    assert Statistics().fit(data).answers(one).tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize("baseline", [MostFrequentTag, ConditionalRandomField])
def test_tags_are_learned(baseline):
    train = (
        Tagged(("the", "old", "man"), ("DET", "ADJ", "NOUN")),
        Tagged(("a", "man"), ("DET", "NOUN")),
        Tagged(("the", "man"), ("DET", "NOUN")),
    ) * 5
    fitted = baseline().fit(TaggedData(name="few", train=train))
    answers = fitted.answers([Tagged(("the", "old", "man"), ("X", "X", "X")), Tagged((), ())])
    assert [list(tags) for tags in answers] == [["DET", "ADJ", "NOUN"], []]


def test_the_crf_sees_what_is_around():
    """`may` is a verb after a name and a month after a preposition."""
    train = (
        Tagged(("Ann", "may", "go"), ("NAME", "VERB", "VERB")),
        Tagged(("in", "may", "rain"), ("PREP", "MONTH", "NOUN")),
    ) * 10
    crf = ConditionalRandomField().fit(TaggedData(name="few", train=train))
    answers = crf.answers([Tagged(("Bob", "may"), ("", "")), Tagged(("in", "may"), ("", ""))])
    assert answers[0][1] == "VERB" and answers[1][1] == "MONTH"


def test_the_nearest_source_is_answered():
    pairs = Pairs(("open the file", "close the window"), ("ouvrir", "fermer"))
    data = PairData(name="few", train=pairs, validation=pairs, test=pairs)
    assert NearestSource().fit(data).answers(["Open a file", "closing windows"]) == [
        "ouvrir",
        "fermer",
    ]
    assert Copy().fit(data).answers(["x"]) == ["x"]


def test_captions_of_like_pictures():
    black, white = (np.full((20, 30, 3), shade, np.uint8) for shade in (0, 255))
    train = Captions([black, white, white], (("dark",), ("light",), ("light",)), ("a", "b", "c"))
    data = CaptionData(name="few", train=train, validation=train, test=train)
    part = Captions([np.stack([white] * 2), black[:7, :7]], (("",), ("",)), ("x", "y"))
    assert NearestPicture().fit(data).answers(part) == ["light", "dark"]
    assert MostFrequentCaption().fit(data).answers(part) == ["light", "light"]


def test_a_markov_chain_is_measured_as_it_measures_itself():
    text = "to be or not to be " * 50
    fitted = Markov().fit(Text(name="few", train=text))
    (bits,) = of_nats(fitted.answers(text))
    scores = fitted.chain.evaluate(text, return_dict=True, verbose=0)
    assert bits.value == pytest.approx(scores["bits_per_character"], rel=1e-5)


def series(train, validation):
    test = Examples([], np.zeros(0, np.int32))
    return Series(name="few", classes=("a", "b"), train=train, validation=validation, test=test)


def test_statistics_tell_when_and_how_fast():
    """Early and late humps have the same mean, spread and steps; so have two orders of a sum."""
    labels = np.arange(40, dtype=np.int32) % 2
    t = np.arange(128)
    humps = [np.exp(-(((t - (30 if y else 97)) / 9.0) ** 2))[:, None] for y in labels]
    data = series(Examples(humps[:20], labels[:20]), Examples(humps[20:], labels[20:]))
    answers = Statistics().fit(data).answers(data.validation)
    np.testing.assert_array_equal(answers.argmax(axis=1), labels[20:])
    # Of a sine at 3/8 of the highest frequency, all power is in the band from 1/4 to 1/2.
    power = features(np.sin(3 / 8 * np.pi * t)[None, :, None])[0, -7:]
    assert power.argmax() == 5 and np.exp(power[5]) > 100 * np.exp(np.delete(power, 5)).max()


def test_statistics_are_the_same_together_and_one_by_one():
    x = RANDOM.normal(size=(3, 5, 2))
    x[1, 2, 0] = np.nan
    together = features(x)
    np.testing.assert_allclose(together, np.concatenate([features(one[None]) for one in x]))


def test_among_equally_right_strengths_the_likelier_is_taken():
    """All tell two levels apart; the weakest penalty is the surest."""
    labels = np.arange(20, dtype=np.int32) % 2
    x = [np.full((6, 1), float(y)) + RANDOM.normal(0, 0.01, (6, 1)) for y in labels]
    fitted = Statistics().fit(series(Examples(x[:10], labels[:10]), Examples(x[10:], labels[10:])))
    assert fitted.model[-1].C == 10


def test_windows_are_those_of_a_model():
    labels = np.arange(4, dtype=np.int32) % 2
    for length, window in ((400, 400), (600, 512)):
        x = Examples([RANDOM.normal(size=(length, 1)) for _ in labels], labels)
        assert Statistics().fit(series(x, x)).window == window


def test_a_crf_may_be_fitted_to_less():
    train = (Tagged(("a",), ("X",)), Tagged(("b",), ("Y",))) * 50
    assert len(ConditionalRandomField(most=1).fit(TaggedData(name="few", train=train)).model) < len(
        ConditionalRandomField().fit(TaggedData(name="few", train=train)).model
    )
