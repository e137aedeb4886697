import numpy as np
import pytest

from rnnzoo.errors import WrongValue
from rnnzoo.evaluation.fan_chart import Fan, bands_of, draw_fans

DAYS = np.datetime64("2024-01-01") + np.arange(60)
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def fan(name="a", truth=True):
    y = np.sin(np.arange(60) / 3)
    y[5] = np.nan
    quantiles = y[40:, None] + np.array([-2, -1, 0, 1, 2.0])
    return Fan(name, DAYS[:40], y[:40], DAYS[40:], LEVELS, quantiles, y[40:] if truth else None)


def test_bands_are_pairs_of_levels():
    assert bands_of([0.05, 0.1, 0.5, 0.9]) == [(1, 3)] and bands_of([0.5]) == []


@pytest.mark.parametrize("count", [1, 4, 12])
def test_a_picture_of_some_series(tmp_path, count, monkeypatch):
    import rnnzoo.evaluation.fan_chart as fan_chart

    drawn = []
    monkeypatch.setattr(
        fan_chart,
        "_draw",
        lambda axes, one, draw=fan_chart._draw: drawn.append(axes) or draw(axes, one),
    )
    draw_fans(tmp_path / "fan.png", [fan(str(i)) for i in range(count)], "forecasts")
    assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")
    assert len(drawn) == min(9, count)
    names = [text.get_text() for text in drawn[0].figure.legends[0].get_texts()]
    assert names == ["came", "80 %", "50 %", "median", "came then"]


def test_what_does_not_fit_is_told(tmp_path):
    one = fan()
    with pytest.raises(WrongValue, match="for 20 stamps and 3 levels"):
        draw_fans(
            tmp_path / "fan.png",
            [Fan("a", one.past, one.came, one.stamps, (0.1, 0.5, 0.9), one.quantiles)],
        )
    with pytest.raises(WrongValue, match="no forecast to draw"):
        draw_fans(tmp_path / "fan.png", [])
