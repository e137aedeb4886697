import numpy as np
import pytest

from rnnzoo.data.forecasting.panel import Line, Lines, Panel
from rnnzoo.evaluation.forecasts import Questions, crps, measures


def line(target, id="a"):
    target = np.array(target, float)
    nothing = np.zeros((len(target), 0), np.float32)
    return Line(id, np.arange(len(target)).astype("datetime64[s]"), target, nothing, nothing)


def questions(kind="real"):
    """Two lines whose last two steps are forecast; naive errors before are 1 and 10 a step."""
    part = Lines((line([1, 2, 3, 5, 4]), line([10, 20, 10, 30, np.nan], "b")), (3, 3))
    return Questions(part, ((0, 3), (1, 3)), 2, 1, kind)


def values(found):
    return {measure.name: measure.value for measure in found}


def test_points_by_hand():
    """Samples that agree: CRPS is the absolute error, and quantiles are the one value."""
    samples = np.repeat(np.array([[[4.0, 6.0]], [[20.0, 7.0]]]), 3, axis=1)
    found = values(measures(questions(), samples))
    assert found["MASE"] == pytest.approx((1 / 1 + 2 / 1 + 10 / 10) / 3)
    assert found["scaled CRPS"] == pytest.approx(found["MASE"])
    assert found["sMAPE"] == pytest.approx(200 * (1 / 9 + 2 / 10 + 10 / 50) / 3)
    # Mean over q of 2 q e where the truth is above by e, of 2 (1 - q) e where it is below: e.
    assert found["weighted quantile loss"] == pytest.approx((1 + 2 + 10) / (5 + 4 + 30))
    assert found["coverage of 50%"] == found["coverage of 80%"] == 0


def test_bands_by_hand():
    """101 samples are their own percentiles: of 0 to 100 the bands are 25 to 75 and 10 to 90."""
    samples = np.tile(np.arange(101.0)[None, :, None], (1, 1, 5))
    part = Lines((line([1, 2, 10, 25, 9, 91, 76]),), (2,))
    asked = Questions(part, ((0, 2),), 5, 1, "real")
    found = values(measures(asked, samples))
    assert found["coverage of 50%"] == pytest.approx(1 / 5)
    assert found["coverage of 80%"] == pytest.approx(3 / 5)
    levels, loss = np.arange(1, 10) / 10, 0
    for y in (10, 25, 9, 91, 76):
        loss += np.mean([2 * max(q * (y - 100 * q), (q - 1) * (y - 100 * q)) for q in levels])
    assert found["weighted quantile loss"] == pytest.approx(loss / (10 + 25 + 9 + 91 + 76))


def test_amounts_by_hand():
    part = Lines((line([0, 1, 0, 3]),), (2,))
    asked = Questions(part, ((0, 2),), 2, 1, "wet")
    samples = np.array([[[0.0, 0.0], [0.0, 2.0], [0.0, 4.0], [4.0, 4.0]]])
    found = values(measures(asked, samples))
    assert found["Brier score of a wet step"] == pytest.approx((0.25**2 + 0.25**2) / 2)
    assert list(found)[0] == "CRPS" and "MASE" not in found
    of_first = 4 / 4 - (2 * 3 * 4) / 16 / 2
    of_second = (3 + 1 + 1 + 1) / 4 - 2 * (2 + 4 + 4 + 2 + 2 + 0) / 16 / 2
    assert found["CRPS"] == pytest.approx((of_first + of_second) / 2)


def test_crps_is_that_of_scoringrules():
    scoringrules = pytest.importorskip("scoringrules")
    rng = np.random.default_rng(0)
    samples, truth = np.sort(rng.normal(size=(7, 50, 3)), axis=1), rng.normal(size=(7, 3))
    theirs = scoringrules.crps_ensemble(truth, samples, m_axis=1, estimator="nrg")
    np.testing.assert_allclose(crps(samples, truth), theirs, rtol=1e-6)


def test_crps_of_many_samples_is_that_of_the_distribution():
    """The normal distribution's has a closed form (Gneiting et al. 2005)."""
    from scipy.stats import norm

    samples = norm.ppf((np.arange(4000) + 0.5) / 4000)[None, :, None]
    for y in (0.0, 1.3):
        exact = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
        assert crps(samples, np.array([[y]]))[0, 0] == pytest.approx(exact, abs=1e-3)


def test_what_is_missing_is_left_out():
    asked, rng = questions(), np.random.default_rng(0)
    samples = rng.normal(10, 5, (2, 20, 2))
    there = values(measures(asked, samples))
    samples[1, :, 1] = 1e9  # of the step whose truth is missing
    assert values(measures(asked, samples)) == there


def test_a_line_that_never_changed_has_no_scale_and_is_left_out_of_what_is_scaled():
    part = Lines((line([2, 2, 2, 3]), line([1, 2, 3, 5])), (3, 3))
    asked = Questions(part, ((0, 3), (1, 3)), 1, 1, "real")
    assert np.isnan(asked.scales[0]) and asked.scales[1] == 1
    found = values(measures(asked, np.full((2, 4, 1), 3.0)))
    assert found["MASE"] == 2 and np.isfinite(found["sMAPE"])


def test_a_season_that_comes_again_exactly_is_measured_by_steps():
    wave = line(np.tile([1.0, 2.0, 4.0], 4))
    asked = Questions(Lines((wave,), (9,)), ((0, 9),), 3, 3, "real")
    assert asked.scales == pytest.approx((1 + 2 + 3 + 1 + 2 + 3 + 1 + 2) / 8)
    still = Questions(Lines((line([5.0] * 6),), (4,)), ((0, 4),), 2, 1, "real")
    found = values(measures(still, np.full((1, 3, 2), 6.0)))
    assert found["MASE"] == found["scaled CRPS"] == 1  # in units of the series


def test_intervals_are_drawn_over_forecasts():
    rng = np.random.default_rng(0)
    part = Lines(tuple(line(rng.normal(size=20), str(i)) for i in range(40)), (18,) * 40)
    asked = Questions(part, tuple((i, 18) for i in range(40)), 2, 1, "real")
    good, bad = rng.normal(size=(40, 100, 2)), 5 + rng.normal(size=(40, 100, 2))
    by, (low, high) = measures(asked, good)[0].better_than(measures(asked, bad)[0])
    assert 0 < low < by < high
    assert measures(asked, good)[0].statistics.shape == (40, 2)


def test_questions_know_nothing_later():
    target = np.arange(40.0)
    one = line(target)
    panel = Panel.of_lines("x", [one], horizon=4, frequency="s", season=1)
    asked = Questions.of(panel, "test")
    assert asked.origins == ((0, 34),) and len(asked) == 1
    known = asked.line(0)
    assert len(known) == 34 and known.target.max() == 33 and len(known.stamps) == 38
    np.testing.assert_array_equal(asked.truth, [[34, 35, 36, 37]])
    assert [at for _, at in Questions.of(panel, "test", horizon=2, every=1).origins] == [
        34, 35, 36, 37, 38,
    ]  # fmt: skip
