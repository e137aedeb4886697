import numpy as np
import pytest

from rnnzoo.baselines.forecasting import Climatology, Drift, Naive, SeasonalNaive, baselines_of
from rnnzoo.data.forecasting.panel import Line, Panel
from rnnzoo.evaluation.forecasts import Questions, measures


def panel(target, season=1, kind="real", start="2020-01-01", horizon=3, **how):
    target = np.array(target, float)
    days = np.datetime64(start, "D") + np.arange(len(target))
    nothing = np.zeros((len(target), 0), np.float32)
    line = Line("", days.astype("datetime64[s]"), target, nothing, nothing)
    return Panel.of_lines(
        "x", [line], horizon=horizon, frequency="D", season=season, kind=kind, **how
    )


def answered(baseline, data, **how):
    asked = Questions.of(data, "test", **how)
    return asked, baseline.fit(data).answers(asked)


def middle(samples):
    return np.median(samples, axis=1)


def test_naive():
    data = panel(np.r_[np.arange(20.0) % 2, 5, 9, 9, 9], cuts=("2020-01-18", "2020-01-22"))
    asked, samples = answered(Naive(), data)
    np.testing.assert_allclose(middle(samples), [[5, 5, 5]], atol=1e-9)
    errors = np.diff(data.test.lines[0].target[:21])
    wide = np.quantile(samples, 0.9, axis=1) - np.quantile(samples, 0.1, axis=1)
    expected = 2 * 1.2816 * np.sqrt(np.mean(errors**2)) * np.sqrt([1, 2, 3])
    np.testing.assert_allclose(wide[0], expected, rtol=0.02)


def test_seasonal_naive_takes_the_last_of_each_place_that_is_there():
    y = [1, 2, 3, 11, 12, 13, 21, np.nan, 23, 0, 0, 0, 0]
    data = panel(y, season=3, horizon=4, cuts=("2020-01-06", "2020-01-10"))
    _, samples = answered(SeasonalNaive(), data)
    np.testing.assert_allclose(middle(samples), [[21, 12, 23, 21]], atol=1e-9)
    wide = np.quantile(samples, 0.9, axis=1) - np.quantile(samples, 0.1, axis=1)
    np.testing.assert_allclose(wide[0] / wide[0, 0], np.sqrt([1, 1, 1, 2]))


def test_drift_goes_on():
    data = panel(2.0 * np.arange(20) + 1, cuts=("2020-01-10", "2020-01-17"))
    _, samples = answered(Drift(), data)
    np.testing.assert_allclose(samples[0, 0], [33, 35, 37])  # of a straight line without errors


def test_amounts_are_never_below_zero():
    rng = np.random.default_rng(0)
    data = panel(rng.gamma(0.3, 5, 400) * (rng.random(400) < 0.3), kind="wet")
    for baseline in baselines_of(data):
        asked, samples = answered(baseline, data)
        assert samples.min() >= 0 and samples.shape == (len(asked), 100, 3)


def test_climatology_is_what_came_around_the_date():
    days = np.datetime64("2018-01-01") + np.arange(4 * 365)
    of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(int)
    data = panel(of_year, start="2018-01-01", kind="wet", cuts=("2020-06-01", "2021-06-01"))
    asked, samples = answered(Climatology(), data, every=50)
    number, origin = asked.origins[0]
    at = of_year[origin]
    # Three years, in which leap years count a day more; of this year what came before the origin.
    assert samples[0, :, 0].min() == at - 7 and samples[0, :, 0].max() == at + 7
    assert abs(np.median(samples[0, :, 0]) - at) <= 2
    by_name = {m.name: m.value for m in measures(asked, samples)}
    assert by_name["CRPS"] < 3


def test_a_short_line_gets_the_bands_of_the_others():
    days = np.datetime64("2020-01-01", "s") + np.arange(30) * np.timedelta64(86400, "s")
    rng = np.random.default_rng(0)

    def line(id, first):
        none = np.zeros((30 - first, 0), np.float32)
        return Line(id, days[first:], 10 + rng.normal(size=30 - first), none, none)

    data = Panel.of_lines(
        "x", [line("long", 0), line("short", 25)], horizon=2, frequency="D",
        cuts=("2020-01-20", "2020-01-28"),
    )  # fmt: skip
    asked, samples = answered(Naive(), data)
    assert [number for number, _ in asked.origins] == [0, 1]
    wide = samples.max(axis=1) - samples.min(axis=1)
    assert (wide > 0).all()
    assert wide[1, 0] == pytest.approx(wide[0, 0], rel=1.0)


def test_which_are_for_which_kind():
    y = np.arange(60.0)
    assert [type(b) for b in baselines_of(panel(y, season=7))] == [SeasonalNaive, Naive, Drift]
    assert [type(b) for b in baselines_of(panel(y))] == [Naive, Drift]
    assert [type(b) for b in baselines_of(panel(y, kind="wet"))] == [Climatology, Naive]
