import numpy as np
import pandas as pd
import pytest

from rnnzoo.data.forecasting.frequency import Frequency, infer
from rnnzoo.errors import WrongValue

ALIASES = (
    "s", "15min", "h", "6h", "D", "2D", "B", "W-SUN", "W-SAT", "2W-MON", "MS", "ME", "2MS", "QS",
    "QE-DEC", "QS-FEB", "QE-JAN", "YS", "YE", "YS-JUL", "YE-JUN",
)  # fmt: skip


def stamps_of(alias, count=40):
    stamps = pd.date_range("1968-02-11", periods=count, freq=alias)
    return np.asarray(stamps, "datetime64[s]")


@pytest.mark.parametrize("alias", ALIASES)
def test_steps_as_pandas_does(alias):
    stamps, frequency = stamps_of(alias), Frequency.of(alias)
    if alias[0] != "2":  # where pandas begins with whatever it is given
        places, behind = frequency.places(stamps)
        assert (np.diff(places) == 1).all() and not behind.any()
        np.testing.assert_array_equal(frequency.after(stamps[0], 39), stamps[1:])


@pytest.mark.parametrize("alias", ALIASES)
def test_a_frequency_is_found(alias):
    found = infer([stamps_of(alias)])
    stamps = stamps_of(alias)
    np.testing.assert_array_equal(np.diff(found.places(stamps)[0]), 1)
    assert Frequency.of(str(found)) == found


@pytest.mark.parametrize("alias", ["D", "B", "W-SAT", "MS", "h"])
def test_gaps_do_not_hide_it(alias):
    stamps = np.delete(stamps_of(alias, 200), [3, 4, 50, 99, 150])
    assert str(infer([stamps])) == alias


def test_the_middle_of_a_month_is_of_the_month():
    stamps = stamps_of("MS") + np.timedelta64(14, "D")
    found = infer([stamps])
    assert str(found) == "MS"
    np.testing.assert_array_equal(np.diff(found.places(stamps)[0]), 1)


@pytest.mark.parametrize("alias, found", [("BME", "MS"), ("BQE", "QS-MAR"), ("28D", "4W-SUN")])
def test_the_last_weekday_of_a_month_is_of_the_month(alias, found):
    stamps = stamps_of(alias, 60)
    assert str(infer([stamps])) == found
    np.testing.assert_array_equal(np.diff(Frequency.of(found).places(stamps)[0]), 1)


@pytest.mark.parametrize("alias", ["", "fortnight", "0D", "M5", "D-SUN", "W-JAN", "MS-JAN", 7])
def test_no_frequency(alias):
    with pytest.raises(WrongValue, match="frequency="):
        Frequency.of(alias)


def test_what_pandas_called_it_before():
    assert str(Frequency.of("15T")) == "15min" and str(Frequency.of("M")) == "ME"


def test_usual_seasons():
    seasons = {name: Frequency.of(name).seasons for name in ("h", "15min", "D", "W", "QS", "YS")}
    assert seasons["15min"][0] == 96 and seasons["h"] == (24, 168) and seasons["YS"] == ()
    assert seasons["D"] == (7, 365) and seasons["W"] == (52,) and seasons["QS"] == (4,)
