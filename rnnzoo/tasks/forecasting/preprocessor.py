"""From series in time to numbers: what a forecaster knows of a panel."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from rnnzoo.data.forecasting.frequency import Frequency
from rnnzoo.data.forecasting.loading import load_panel
from rnnzoo.data.forecasting.panel import Line, Lines, Panel
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.forecasting import calendar
from rnnzoo.tasks.forecasting.distributions import Distribution, distribution
from rnnzoo.tasks.forecasting.frames import as_training_read
from rnnzoo.tasks.forecasting.memory import Level, level_of_amounts, level_of_reals
from rnnzoo.tasks.forecasting.windows import Windows
from rnnzoo.tasks.vocabulary import listed, news

LONGEST_SEASON = 200  # steps; what comes again after more is left to the calendar
LONGEST = 400  # steps that are read before a forecast


@dataclass(frozen=True)
class ForecastPreprocessor:
    """How a forecaster reads series.

    Attributes:
        frequency: of the steps, as `Panel` has it; None as long as it is not known.
        season: steps of the chief season.
        horizon: steps that are forecast unless one says otherwise.
        context: steps that are read before a forecast, and the memory of scale and lags.
        ahead: steps that are told at once, see `rnnzoo.tasks.forecasting.forecaster.Forecaster`.
        kind: of the values, as `Panel` has it.
        target: its name.
        known, past, static: the names of the covariates.
        calendar: parts of the calendar that are told, see `rnnzoo.tasks.forecasting.calendar`.
        lags: steps back of the values that are read at each step.
        names: whether series are told by their names, too, where there are several.
        words: the series' names, if they are told, and by static covariate its words.
        known_mean, known_scale, past_mean, past_scale: of each covariate in training.
        read_by: how the table that was trained on is read, see `Panel`.
        ratio, floor: see `rnnzoo.tasks.forecasting.memory.level_of_reals`.
        size: the usual scale of a series.
        distribution: the name of the answers' family, see `rnnzoo.tasks.forecasting.distributions`.
        given: what the model's maker said of the above, by name.
    """

    frequency: str | None = None
    season: int = 1
    horizon: int = 1
    context: int = 1
    kind: str = "real"
    target: str = "target"
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    lags: tuple[int, ...] = (1,)
    names: bool = False
    words: tuple[tuple[str, ...], ...] = ((),)
    known_mean: tuple[float, ...] = ()
    known_scale: tuple[float, ...] = ()
    past_mean: tuple[float, ...] = ()
    past_scale: tuple[float, ...] = ()
    read_by: Mapping[str, Any] = field(default_factory=dict, hash=False)
    ratio: float = 1.0
    floor: float = 1e-3
    size: float = 1.0
    distribution: str = "auto"
    ahead: int = 1
    given: tuple[str, ...] = ()

    def get_config(self) -> dict[str, Any]:
        """Plain data, of which `from_config` makes the same."""
        return {name: _lists(value) for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """That of which `get_config` is given, as JSON gives it back."""
        plain = {name: _tuples(value) for name, value in config.items()}
        return cls(**{**plain, "read_by": config.get("read_by", {})})

    @property
    def family(self) -> Distribution:
        """The family of the answers."""
        return distribution(self.distribution, self.kind)

    @property
    def steps(self) -> Frequency:
        """How its calendar steps."""
        return Frequency.of(self.frequency or "D")

    @property
    def enough(self) -> int:
        """Values that must have come before one that is trained on: before, no scale is known."""
        return max(2, min(self.season + 1, self.context // 2))

    # --- data -------------------------------------------------------------------------------------

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> Panel:
        """What the feed takes, of what `fit` and `evaluate` are given, each a `Panel`.

        Of a panel that is split in time, its own part is taken: `fit` trains on what comes first.
        """
        given = {"train": train, "validation": validation, "test": test}
        panels = {split: self._panel(*pair) for split, pair in given.items() if pair is not None}
        parts: dict[str, Any] = dict.fromkeys(given, Lines())
        for split, panel in panels.items():
            own = getattr(panel, split)
            parts[split] = own if own.lines else panel.as_test().test
        return dataclasses.replace(next(iter(panels.values())), metadata={}, **parts)

    def _panel(self, given, y):
        """What is given to `fit` or `evaluate`, as a panel."""
        if y is not None:
            raise WrongType("y is what comes next in x: leave it out")
        if isinstance(given, Panel):
            return given
        how = dict(self.read_by)
        if self.frequency is not None:
            how |= {"season": self.season, "kind": self.kind, "horizon": self.horizon}
        elif "horizon" in self.given:
            how["horizon"] = self.horizon
        with as_training_read():
            return load_panel(given, **how, validation=0.0, test=0.0)

    def learned_from(self, panel: Panel, vocabulary: str = "extend") -> Self:
        """With the facts and statistics of the training part, and reading tables as that.

        Args:
            panel: of which splits.
            vocabulary: "extend": new names and words come behind those that are known, whose
                statistics stay; "keep": new ones are read as unknown; "reset": all is learned anew.

        Raises:
            ValueError: another frequency, or other covariates than are known.
        """
        if self.frequency is None or vocabulary == "reset":
            return self._new(panel)
        self.check(panel)
        newest = replace(self, target=panel.target, read_by=panel.read_by or self.read_by)
        if vocabulary == "keep":
            return newest
        words = _words(panel.train.lines, len(self.static))
        more = tuple(_with(known, new) for known, new in zip(self.words, words, strict=True))
        return replace(newest, words=more if self.words[0] else ((), *more[1:]))

    def check(self, panel: Panel) -> None:
        """Raise a ValueError unless the model reads such series."""
        for name in ("frequency", "known", "past", "static"):
            here, there = getattr(self, name), getattr(panel, name)
            if here != there:
                raise WrongValue(
                    f"{panel.name}: {name} {_said(there)}, expected {_said(here)}, on which the "
                    "model was trained"
                )

    def _new(self, panel):
        lines = panel.train.lines
        horizon = self.horizon if "horizon" in self.given else panel.horizon
        season = panel.season if panel.season <= LONGEST_SEASON else 1
        longest = max(map(len, lines))
        context = self.context
        if "context" not in self.given:
            wanted = min(max(3 * season, 2 * horizon, 32), LONGEST)
            context = max(min(wanted, longest - horizon), min(season + 1, longest - 1), 1)
        lags = {1, 2, 4, 8} if season == 1 else {1, 2, season, season + 1, 2 * season}
        first, last = min(one.stamps[0] for one in lines), max(_end(one) for one in lines)
        steps = Frequency.of(panel.frequency).seconds
        span = float((last - first).astype(np.int64)) + steps
        words = _words(lines, len(panel.static))
        known = replace(
            self,
            frequency=panel.frequency,
            season=season,
            horizon=horizon,
            context=context,
            kind=panel.kind,
            target=panel.target,
            known=tuple(panel.known),
            past=tuple(panel.past),
            static=tuple(panel.static),
            # Where values show no season, the calendar would only be learned by heart.
            calendar=calendar.parts_for(steps, span) if panel.season > 1 else (),
            lags=tuple(sorted(lag for lag in lags if lag <= context)),
            words=words if self.names and len(words[0]) > 1 else ((), *words[1:]),
            read_by=panel.read_by,
            **_statistics("known", [one.known[: len(one)] for one in lines], len(panel.known)),
            **_statistics("past", [one.past for one in lines], len(panel.past)),
        )
        return known._with_level(lines)

    def _with_level(self, lines):
        """With what is guessed of the scale of a series before it is seen."""
        sizes, steps = [], []
        for line in lines:
            values = line.target[np.isfinite(line.target)]
            differences = np.diff(line.target)
            differences = differences[np.isfinite(differences)]
            sizes.append(np.abs(values).mean())
            steps.append(np.sqrt(np.mean(differences**2)) if len(differences) else 0.0)
        size = float(np.median(sizes)) or 1.0
        if not self.family.centered:
            return replace(self, size=size)
        moving = [one for one in steps if one > 0]
        step = float(np.median(moving)) if moving else size
        floor = 1e-2 * float(min(moving)) if moving else 1e-3 * size
        return replace(self, ratio=min(1.0, step / size), floor=floor, size=step)

    def possible(self, forecasts: tf.Tensor) -> tf.Tensor:
        """Forecasts, of which none is below 0 where no value is."""
        return forecasts if self.kind == "real" else tf.maximum(forecasts, 0.0)

    def level(self, values: tf.Tensor) -> Level:
        """Where each step is, and how large; see `rnnzoo.tasks.forecasting.memory`."""
        if self.family.centered:
            return level_of_reals(values, self.context, self.ratio, self.floor)
        return level_of_amounts(values, self.context, self.size)

    def news(self, before: ForecastPreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.frequency is None or before.frequency != self.frequency:
            return ""
        kinds = ("series", *(f"words of {name}" for name in self.static))
        pairs = zip(kinds, self.words, before.words, strict=True)
        return ", ".join(filter(None, (news(kind, now, then) for kind, now, then in pairs)))

    # --- numbers ----------------------------------------------------------------------------------

    def tensors(self, lines: Sequence[Line], horizon: int) -> dict[str, tf.Tensor]:
        """What the endpoint `serve` takes of lines that are to be forecast, by name.

        Stamps that a line doesn't hold follow from its last one; so must covariates that are known
        ahead not.
        """
        windows = Windows(lines, self.context, horizon + 1, np.zeros((len(lines), 1), np.int32))
        found = windows.at(range(len(lines)), [len(line) for line in lines])
        for row, line in enumerate(lines):
            there = min(len(line.stamps) - len(line), horizon)
            if there < horizon:
                if self.known:
                    raise WrongValue(
                        f"the series {line.id!r}: {', '.join(self.known)} are known of {there} "
                        f"steps ahead; expected the horizon of {horizon}, in rows whose "
                        f"{self.target} is empty"
                    )
                found["stamps"][row, self.context :] = self.steps.after(_end(line), horizon)
        return self._named(found, lines)

    def whole(self, line: Line) -> dict[str, tf.Tensor]:
        """What the endpoint `read` takes of a whole line, by name."""
        windows = Windows([line], len(line), 1, np.zeros((1, 1), np.int32))
        return self._named(windows.at([0], [len(line)]), [line])

    def _named(self, found, lines):
        """Arrays as tensors, with the lines' names and words."""
        names = [[line.id, *line.static] for line in lines]
        return {
            **{name: tf.constant(found[name]) for name in ("target", "past", "stamps", "known")},
            "static": tf.constant(names, tf.string, shape=(len(lines), 1 + len(self.static))),
        }

    def static_ids(self, lines: Sequence[Line]) -> np.ndarray:
        """Numbers of names and words, int32 (lines, 1 + s); 0 is what is not known."""
        tables = [{word: 1 + i for i, word in enumerate(words)} for words in self.words]
        rows = [
            [table.get(word, 0) for table, word in zip(tables, (one.id, *one.static), strict=True)]
            for one in lines
        ]
        return np.array(rows, np.int32).reshape(len(lines), len(tables))

    def encode_static(self, words: tf.Tensor) -> tf.Tensor:
        """The same in the graph, of strings (n, 1 + s)."""
        ids = []
        for i, known in enumerate(self.words):
            if not known:
                ids.append(tf.zeros(tf.shape(words)[:1], tf.int32))
                continue
            same = words[:, i, None] == tf.constant(known)
            place = tf.argmax(same, axis=1, output_type=tf.int32)
            ids.append(tf.where(tf.reduce_any(same, axis=1), place + 1, 0))
        return tf.stack(ids, axis=1)

    def standardized(self, values: tf.Tensor, which: str) -> tf.Tensor:
        """Covariates "known" or "past" (..., k) by their mean and deviation; missing ones are 0.

        Where a covariate is missing is told, too: (..., 2 k).
        """
        mean, scale = (
            tf.constant(getattr(self, f"{which}_{name}"), tf.float32) for name in ("mean", "scale")
        )
        there = tf.math.is_finite(values)
        z = tf.where(there, (values - mean) / scale, 0.0)
        return tf.concat([tf.clip_by_value(z, -10.0, 10.0), tf.cast(there, tf.float32)], axis=-1)


def _end(line):
    return line.stamps[len(line) - 1]


def _words(lines, statics):
    """Names, and by static covariate words, in the order in which they come."""
    return (
        tuple(dict.fromkeys(line.id for line in lines)),
        *(tuple(dict.fromkeys(line.static[i] for line in lines)) for i in range(statics)),
    )


def _with(known, new):
    return (*known, *(word for word in new if word not in set(known)))


def _statistics(which, arrays, count):
    """Mean and deviation of covariates, by the names of the fields."""
    mean, scale = [], []
    for i in range(count):
        values = np.concatenate([array[:, i] for array in arrays]).astype(float)
        values = values[np.isfinite(values)]
        mean.append(float(values.mean()) if len(values) else 0.0)
        deviation = float(values.std()) if len(values) else 0.0
        scale.append(deviation if deviation > 0 else 1.0)
    return {f"{which}_mean": tuple(mean), f"{which}_scale": tuple(scale)}


def _said(value):
    return repr(value) if isinstance(value, str) else listed(value) or "none"


def _lists(value):
    return list(map(_lists, value)) if isinstance(value, (list, tuple)) else value


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value
