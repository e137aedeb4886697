"""The calendar in the graph, compared with NumPy's."""

import numpy as np

from rnnzoo.platform import tf
from rnnzoo.tasks.forecasting import calendar

DAYS = np.arange(np.datetime64("1583-01-01"), np.datetime64("2405-01-01"), 17)


def test_a_day_is_of_the_year_month_and_day_that_numpy_says():
    year, month, day = calendar.civil(tf.constant(DAYS.astype(np.int64)))
    months = DAYS.astype("datetime64[M]")
    np.testing.assert_array_equal(year, DAYS.astype("datetime64[Y]").astype(int) + 1970)
    np.testing.assert_array_equal(month, months.astype(int) % 12 + 1)
    np.testing.assert_array_equal(day, (DAYS - months.astype("datetime64[D]")).astype(int) + 1)


def test_a_year_begins_where_numpy_says():
    years = DAYS.astype("datetime64[Y]")
    before = calendar.days_before(tf.constant(years.astype(np.int64) + 1970))
    np.testing.assert_array_equal(before, years.astype("datetime64[D]").astype(np.int64))


def test_places_in_a_period_come_again_with_it_and_differ_within_it():
    def places(stamp, part):
        stamp = np.datetime64(stamp, "s").astype(np.int64)
        return calendar.places(tf.constant([stamp]), [part]).numpy()[0]

    for part, one, again, other in (
        ("day", "2024-03-01T06:00", "1969-12-31T06:00", "2024-03-01T18:00"),
        ("week", "2024-03-01", "1969-12-26", "2024-03-02"),
        ("months", "2024-02-29", "1965-02-01", "2024-03-01"),
        ("month", "2024-03-11", "1968-05-11", "2024-03-26"),
    ):
        assert len(places(one, part)) == calendar.size([part])
        np.testing.assert_allclose(places(one, part), places(again, part), atol=1e-5)
        assert np.abs(places(one, part) - places(other, part)).max() > 0.5
    near = places("2023-12-31", "year") - places("2024-01-01", "year")
    assert np.abs(near).max() < 0.1  # a year's end is near its beginning


def test_what_training_saw_twice_is_told():
    assert calendar.parts_for(86_400, 700 * 86_400) == ("week", "month")
    assert calendar.parts_for(86_400, 800 * 86_400) == ("week", "month", "year")
    assert calendar.parts_for(3600, 20 * 86_400) == ("day", "week")
    assert calendar.parts_for(365 * 86_400, 9000 * 86_400) == ()
