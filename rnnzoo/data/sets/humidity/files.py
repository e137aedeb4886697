"""Where the weather is: in the package pvlib, which carries the tables of two stations."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
from collections.abc import Iterator

import numpy as np

from rnnzoo.data.sets.packages import folder_of
from rnnzoo.errors import MissingPackage, WrongValue

# By the name of a station its table, a row an hour of a year, and the table's SHA-256.
STATIONS = {
    "Greensboro": (
        "723170TYA.CSV",
        "1e96f84638ce98e6b29002bc45a27aa69bb29b0ed0368d3b52b7b1f81610c6c9",
    ),
    "Sand Point": (
        "703165TY.csv",
        "f0333a68a116f5ae92f1285a2ab8784d8e00e52a367445658ac88d72d93d8ca4",
    ),
}
COLUMNS = {
    "temperature": "Dry-bulb (C)",
    "pressure": "Pressure (mbar)",
    "wind": "Wspd (m/s)",
    "clouds": "TotCld (tenths)",
    "visibility": "Hvis (m)",
    "sunshine": "GHI (W/m^2)",
}
CHANNELS = tuple(COLUMNS)
HUMIDITY = "RHum (%)"
WEEK = 168  # hours
MISSING = -9900


def read_weeks() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Of each whole week of each station its name, x (168, channels) and the humidity (168,).

    Raises:
        MissingPackage: the package is not installed.
        ValueError: its file is another one.
    """
    if not importlib.util.find_spec("pvlib"):
        raise MissingPackage(
            "the weather of 'humidity' comes with a package (pvlib missing; or give the path of "
            "recordings of your own)",
            "regression",
        )
    for station, (file, sha256) in STATIONS.items():
        path = folder_of("pvlib") / "data" / file
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise WrongValue(f"{path} is not the file that is known: install pvlib 0.16.1")
        lines = io.StringIO(content.decode())
        next(lines)  # the station's place
        rows = list(csv.DictReader(lines))
        x = np.array([[row[column] for column in COLUMNS.values()] for row in rows], np.float32)
        x[x == MISSING] = np.nan
        humidity = np.array([row[HUMIDITY] for row in rows], np.float32)
        for week in range(len(rows) // WEEK):
            hours = slice(week * WEEK, (week + 1) * WEEK)
            yield f"{station}, week {week + 1}", x[hours], humidity[hours]
