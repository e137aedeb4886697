"""Fan charts, as a person sees them."""

import contextlib

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.data.forecasting.panel import Line
from rnnzoo.tasks.forecasting import chart


@pytest.mark.parametrize("unit", ["m", "h", "D", "M", "Y"])
def test_dates_are_not_written_over_each_other(tmp_path, unit, monkeypatch):
    stamps = (np.datetime64("1900-09-13", unit) + np.arange(138)).astype("datetime64[s]")
    line = Line("a", stamps[:110], np.arange(110.0), np.zeros((110, 0)), np.zeros((110, 0)))
    fan = chart.Fan(line, stamps[110:], np.arange(28.0)[:, None] + np.arange(5.0))
    figures = []

    @contextlib.contextmanager
    def kept(path, **how):
        figures.append(Figure(**how, layout="constrained"))
        yield figures[0]

    monkeypatch.setattr(chart, "picture", kept)
    chart.draw(tmp_path / "own.png", [fan], "y", 110)
    FigureCanvasAgg(figures[0]).draw()
    labels = figures[0].axes[0].get_xticklabels()
    boxes = [of_one.get_window_extent() for of_one in labels if of_one.get_text()]
    assert len(boxes) > 2
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
