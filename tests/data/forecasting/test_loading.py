import numpy as np
import pandas as pd
import polars as pl
import pytest

import rnnzoo
from rnnzoo.data.forecasting.frequency import Frequency
from rnnzoo.data.forecasting.lines import read_lines
from rnnzoo.data.forecasting.roles import Told
from rnnzoo.errors import DataError, WrongValue


def daily(count=200, start="2023-01-01"):
    return pd.date_range(start, periods=count, freq="D")


def sales(shops=("north", "south"), count=200):
    """A long table: by shop and day what was sold, a price that is known, and a region."""
    parts = []
    for number, shop in enumerate(shops):
        days = daily(count)
        weekday = np.arange(count) % 7
        parts.append(
            pd.DataFrame(
                {
                    "date": days,
                    "shop": shop,
                    "region": "coast" if number else "hills",
                    "sales": 100.5 * (number + 1) + 10 * (weekday > 4),
                    "price": 2.0 + weekday,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def facts(panel):
    return " ".join(f"{name}: {said}" for name, said in panel.reading.facts.items())


def test_a_long_table(tmp_path):
    frame = sales()
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert [line.id for line in panel.lines] == ["north", "south"]
    assert (panel.frequency, panel.season, panel.kind) == ("D", 7, "positive")
    assert panel.static == ("region",) and panel.lines[1].static == ("coast",)
    assert panel.past == ("price",) and panel.known == ()
    assert panel.reading.counts == {"series": 2, "steps": 400}
    path = tmp_path / "sales.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",")
    again = rnnzoo.load_panel(str(path), target="sales", horizon=7)
    assert again.metadata["sha256"] == panel.metadata["sha256"]
    told = rnnzoo.load_panel(str(path), horizon=7, **panel.read_by)
    assert told.metadata["sha256"] == panel.metadata["sha256"]
    parquet = tmp_path / "sales.parquet"
    frame.to_parquet(parquet)
    assert (
        rnnzoo.load_panel(parquet, target="sales", horizon=7).metadata["sha256"]
        == (panel.metadata["sha256"])
    )


def test_a_wide_table():
    x = np.random.default_rng(0).normal(size=(60, 3))
    frame = pd.DataFrame(
        x, columns=["a", "b", "c"], index=pd.date_range("2020", periods=60, freq="MS")
    )
    panel = rnnzoo.load_panel(frame, target="columns")
    assert [line.id for line in panel.lines] == ["a", "b", "c"] and panel.frequency == "MS"
    np.testing.assert_array_equal(panel.lines[1].target, x[:, 1])
    again = rnnzoo.load_panel(frame, **panel.read_by)
    assert again.metadata["sha256"] == panel.metadata["sha256"]
    others = rnnzoo.load_panel(frame.rename(columns={"a": "d"}), **panel.read_by)
    assert [line.id for line in others.lines] == ["d", "b", "c"]
    two = rnnzoo.load_panel(frame, target=["a", "b"])
    with pytest.raises(DataError, match="no column 'a'"):
        rnnzoo.load_panel(frame.rename(columns={"a": "d"}), **two.read_by)
    with pytest.raises(DataError, match="target='columns'"):
        rnnzoo.load_panel(frame)


def test_rows_in_any_order_are_the_same():
    frame = sales()
    there = rnnzoo.load_panel(frame, target="sales", horizon=7)
    mixed = frame.sample(frac=1, random_state=0)
    mixed = pd.concat([mixed[mixed["shop"] == shop] for shop in ("north", "south")])
    found = rnnzoo.load_panel(mixed.reset_index(drop=True), target="sales", horizon=7)
    assert found.metadata["sha256"] == there.metadata["sha256"]
    assert "not in that of time" in facts(found)


def test_parts_lie_behind_each_other_and_hold_nothing_later():
    frame = sales()
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7, validation=0.2, test=0.1)
    ends = [len(part.lines[0]) for part in (panel.train, panel.validation, panel.test)]
    assert ends == [140, 180, 200]
    assert panel.validation.starts == (140, 140) and panel.test.starts == (180, 180)
    for part in (panel.train, panel.validation):
        for line in part.lines:
            assert len(line.stamps) == len(line.known) == len(line.past) == len(line)
    changed = frame.copy()
    late = changed["date"] >= changed["date"][180]
    changed.loc[late, ["sales", "price"]] = 1e6
    other = rnnzoo.load_panel(changed, target="sales", horizon=7, validation=0.2, test=0.1)
    for split in ("train", "validation"):
        assert other.metadata["sha256"][split] == panel.metadata["sha256"][split]
    assert (other.season, other.kind) == (panel.season, panel.kind)


def test_all_of_it_is_trained_on_if_nothing_is_held_out():
    panel = rnnzoo.load_panel(sales(), target="sales", validation=0, test=0)
    assert len(panel.train.lines[0]) == 200
    assert not len(panel.validation) and not len(panel.test)
    whole = panel.as_test()
    assert len(whole.test) == 2 and whole.test.starts == (1, 1) and not len(whole.train)


def test_gaps_are_missing():
    frame = sales().drop(index=[5, 6, 7, 250])
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert [len(line) for line in panel.lines] == [200, 200]
    assert np.flatnonzero(np.isnan(panel.lines[0].target)).tolist() == [5, 6, 7]
    assert np.isnan(panel.lines[1].past[50]).all()
    assert "4 steps within 2 series" in facts(panel)


def test_a_series_may_begin_late_and_end_early():
    frame = sales()
    day = frame.groupby("shop").cumcount()
    frame = frame[(frame["shop"] == "north") | ((day >= 20) & (day < 120))]
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert [len(line) for line in panel.lines] == [200, 100]
    assert len(panel.test) == 1 and "1 of 2 series end" in facts(panel)
    assert {line for line, _ in panel.test.origins(7)} == {0}


def test_known_covariates_reach_ahead():
    frame = sales()
    frame.loc[frame.groupby("shop").cumcount() >= 190, "sales"] = np.nan
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert panel.known == ("price",) and panel.past == ()
    line = panel.lines[0]
    assert len(line) == 190 and line.known.shape == (200, 1) and len(line.stamps) == 200
    assert panel.train.lines[0].known.shape[0] == len(panel.train.lines[0])


@pytest.mark.parametrize("combine", [None, "sum"])
def test_a_few_stamps_that_come_twice(combine):
    frame = sales()
    more = frame.iloc[[10]].assign(sales=0.0)
    panel = rnnzoo.load_panel(pd.concat([frame, more]), target="sales", horizon=7, combine=combine)
    value = frame["sales"][10]
    assert panel.lines[0].target[10] == (value if combine else value / 2)
    assert "1 row(s) repeat a stamp" in panel.reading.warnings[0]


def test_many_stamps_that_come_twice_are_refused():
    frame = sales()[["date", "sales"]]
    with pytest.raises(DataError, match="200 of 400 rows repeat a stamp .*id=.*combine="):
        rnnzoo.load_panel(frame)
    panel = rnnzoo.load_panel(frame, combine="sum", horizon=7)
    np.testing.assert_allclose(panel.lines[0].target[:2], 301.5)


def test_transactions_become_days():
    hours = pd.to_datetime("2023-01-01") + pd.to_timedelta(np.arange(0, 24 * 90, 5), "h")
    frame = pd.DataFrame({"time": hours + pd.to_timedelta(7, "min"), "amount": 1})
    panel = rnnzoo.load_panel(frame, frequency="D", combine="sum", horizon=7)
    assert panel.kind == "counts" and set(panel.lines[0].target) <= {4.0, 5.0}
    assert panel.lines[0].target.sum() == len(frame)


def test_several_columns_tell_series_apart():
    frame = pd.concat(sales().assign(item=item) for item in ("tea", "jam"))
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert [line.id for line in panel.lines] == [
        "north/tea", "south/tea", "north/jam", "south/jam",
    ]  # fmt: skip
    assert panel.static == ("shop", "item", "region")
    assert panel.lines[1].static == ("south", "tea", "coast")


def test_an_id_of_digits_stays_as_it_is(tmp_path):
    path = tmp_path / "shops.csv"
    sales(("007", "070")).to_csv(path, index=False)
    panel = rnnzoo.load_panel(path, target="sales", id="shop", horizon=7)
    assert [line.id for line in panel.lines] == ["007", "070"]


@pytest.mark.parametrize(
    "form, alias",
    [("%Y-%m", "MS"), ("%b %Y", "MS"), ("%b-1-%Y", "MS"), ("%G-W%V", "W-MON"),
     ("%Y%m%d", "D"), ("%d.%m.%Y", "D"), ("%Y/%m/%d %H:%M", "h"), ("%Y", "YS")],
)  # fmt: skip
def test_stamps_as_people_write_them(tmp_path, form, alias):
    stamps = pd.date_range("1958-03-29", periods=90, freq=alias)
    frame = pd.DataFrame({"when": stamps.strftime(form), "level": np.arange(90.0) ** 1.5})
    path = tmp_path / "levels.csv"
    frame.to_csv(path, index=False)
    panel = rnnzoo.load_panel(path, time="when", horizon=3)
    assert panel.frequency == alias
    stamps = np.asarray(stamps, "datetime64[s]")
    expected = Frequency.of(alias).stamps(Frequency.of(alias).places(stamps)[0])
    np.testing.assert_array_equal(panel.lines[0].stamps, expected)


def test_quarters():
    frame = pl.DataFrame(
        {
            "year": np.repeat(np.arange(1960, 1980), 4),
            "quarter": np.tile([1, 2, 3, 4], 20),
            "gdp": np.arange(80.0),
        }
    )
    numbers = rnnzoo.load_panel(frame, horizon=4)
    assert numbers.frequency == "QS"
    assert numbers.lines[0].stamps[5] == np.datetime64("1961-04-01")
    words = frame.select(period=pl.format("{}Q{}", "year", "quarter"), gdp="gdp")
    again = rnnzoo.load_panel(words, horizon=4)
    assert again.metadata["sha256"] == numbers.metadata["sha256"]
    told = rnnzoo.load_panel(frame, horizon=4, **numbers.read_by)
    assert told.metadata["sha256"] == numbers.metadata["sha256"]


def test_daylight_saving_of_days_and_hours():
    days = pd.date_range("2023-01-01", periods=200, freq="D", tz="Europe/Berlin")
    of_days = rnnzoo.load_panel(pd.DataFrame({"time": days, "y": np.arange(200.0)}), horizon=7)
    assert of_days.frequency == "D" and len(of_days.lines[0]) == 200
    assert of_days.lines[0].stamps[0] == np.datetime64("2023-01-01")
    hours = pd.date_range("2023-03-20", periods=400, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"time": hours, "y": np.arange(400.0)})
    of_hours = rnnzoo.load_panel(frame, horizon=24)
    assert of_hours.frequency == "h" and not np.isnan(of_hours.lines[0].target).any()
    assert of_hours.lines[0].stamps[0] == np.datetime64("2023-03-19T23:00")
    text = frame.assign(time=hours.strftime("%Y-%m-%dT%H:%M:%S%z"))
    assert rnnzoo.load_panel(text, horizon=24).metadata["sha256"] == of_hours.metadata["sha256"]


def test_clocks_that_are_put_forward_and_back():
    """Stamps without zones: an hour is missing in spring, and one comes twice in autumn."""
    hours = pd.date_range("2023-03-20", "2023-11-05", freq="h", tz="Europe/Berlin")
    naive = hours.tz_localize(None)
    panel = rnnzoo.load_panel(pd.DataFrame({"time": naive, "y": np.arange(len(naive))}), horizon=24)
    line = panel.lines[0]
    missing = line.stamps[: len(line)][np.isnan(line.target)]
    assert missing.tolist() == [np.datetime64("2023-03-26T02:00:00").item()]
    assert "repeat a stamp" in panel.reading.warnings[0]
    assert "2023-10-29T02:00" in panel.reading.warnings[0]


def test_a_series_that_never_changes():
    frame = sales()
    frame.loc[frame["shop"] == "north", "sales"] = 4.5
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert "1 series never change, such as 'north'" in panel.reading.warnings


def test_rain_is_told():
    rng = np.random.default_rng(0)
    amounts = rng.gamma(0.5, 6, 400).round(1) * (rng.random(400) < 0.4)
    panel = rnnzoo.load_panel(pd.DataFrame({"date": daily(400), "rain": amounts}))
    assert panel.kind == "wet" and "zeros and amounts" in facts(panel)
    assert rnnzoo.load_panel(
        pd.DataFrame({"date": daily(400), "rain": amounts}), kind="real"
    ).kind == ("real")


@pytest.mark.parametrize(
    "given, said",
    [
        (dict(horizon=150), "200 steps, of which .* too few for a horizon of 150"),
        (dict(horizon=0), "horizon=0: expected"),
        (dict(time="shop"), "column 'shop' holds no time stamps"),
        (dict(target="shop", id="none"), "column 'shop' holds no numbers"),
        (dict(target="slaes"), "no column 'slaes' for target; did you mean 'sales'"),
        (dict(frequency="fortnight"), "frequency='fortnight'"),
        (dict(combine="middle"), "combine='middle'"),
        (dict(kind="snow"), "kind='snow': expected one of real, positive, counts, wet"),
        (dict(target="sales", past="sales"), "'sales' named twice"),
    ],
)
def test_what_is_wrong_is_told(given, said):
    with pytest.raises(WrongValue, match=said):
        rnnzoo.load_panel(sales(), **{"target": "sales", **given})


def test_stamps_of_no_frequency_are_refused():
    rng = np.random.default_rng(0)
    times = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.random(300).cumsum() * 5, "h")
    frame = pd.DataFrame({"time": times, "y": np.arange(300.0)})
    with pytest.raises(DataError, match="no frequency; tell one"):
        rnnzoo.load_panel(frame)
    assert rnnzoo.load_panel(frame, frequency="6h").frequency == "6h"


def test_stamps_that_wobble_are_put_to_their_steps():
    rng = np.random.default_rng(0)
    late = rng.integers(-20, 20, 300)
    times = pd.date_range("2024-01-01", periods=300, freq="h") + pd.to_timedelta(late, "s")
    panel = rnnzoo.load_panel(pd.DataFrame({"time": times, "y": np.arange(300.0)}), frequency=None)
    assert panel.frequency == "h" and len(panel.lines[0]) == 300
    np.testing.assert_array_equal(panel.lines[0].target, np.arange(300.0))


def test_words_that_change_are_not_static():
    frame = sales()
    frame.loc[5, "region"] = "coast"
    panel = rnnzoo.load_panel(frame, target="sales", horizon=7)
    assert panel.static == () and "column 'region', which holds words" in panel.reading.left_out
    with pytest.raises(DataError, match="'region' is 'hills' and 'coast' in one series, 'north'"):
        rnnzoo.load_panel(frame, target="sales", static="region", horizon=7)


def test_a_word_among_the_numbers_is_told():
    frame = pl.DataFrame({"date": [f"2024-01-{day:02}" for day in range(1, 31)], "y": ["1.5"] * 30})
    frame[7, "y"] = "oops"
    with pytest.raises(DataError, match="row 8: could not convert 'oops' in column 'y'"):
        rnnzoo.load_panel(frame)


@pytest.mark.parametrize(("told", "unused"), [({"past": "promo"}, ("promo",)), ({}, ())])
def test_what_reaches_ahead_but_is_not_to_be_known_is_told(told, unused):
    days = [f"2024-01-{day:02}" for day in range(1, 29)]
    sales = [float(day % 7) for day in range(24)] + [None] * 4
    frame = pl.DataFrame({"day": days, "sales": sales, "promo": [day % 5 for day in range(28)]})
    read = read_lines(frame, Told(target="sales", **told))
    assert read.unused == unused
    assert read.known == (() if unused else ("promo",))
