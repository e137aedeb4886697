"""`humidity`: the relative humidity of each hour, from the other instruments of a weather station.

104 weeks of two stations, Greensboro and Sand Point: temperature, pressure, wind, clouds,
visibility and sunshine, 168 hours each. (The dew point, which with the temperature tells the
humidity, is left out.) Nothing is downloaded: `files` reads the typical year of the US National
Solar Radiation Data Base (TMY3) that the package pvlib carries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.data.registry import register_dataset

if TYPE_CHECKING:
    from rnnzoo.data import Series

LICENSE = "public domain (a work of the US government; the package is BSD-3-Clause)"
URL = "https://github.com/pvlib/pvlib-python"


@register_dataset(
    "humidity",
    task="sequence-regression",
    description="the hourly humidity of 104 weeks at two weather stations, from the other sensors",
    extra="regression",
    license=LICENSE,
    size="made here",
    url=URL,
    citation="Wilcox & Marion 2008, Users Manual for TMY3 Data Sets, NREL/TP-581-43156",
)
def load(name: str) -> Series:
    """Load it as recordings of a week, of which validation and test have one in six each."""
    import numpy as np

    from rnnzoo.data.pipelines.splits import by_subject
    from rnnzoo.data.series import Examples, Series
    from rnnzoo.data.sets.humidity import files
    from rnnzoo.data.step_labels import entries

    weeks = list(files.read_weeks())
    names = tuple(week for week, _, _ in weeks)
    y = entries([humidity.astype(np.float32) for _, _, humidity in weeks])
    examples = Examples([x for _, x, _ in weeks], y, names)
    rows = by_subject(names, name, validation=1 / 6, test=1 / 6)
    return Series.from_parts(
        name,
        {split: examples.at(of_split) for split, of_split in rows.items()},
        {"source": URL, "license": LICENSE},
        target="relative humidity (%)",
        channels=files.CHANNELS,
        interval=3600.0,
    )
