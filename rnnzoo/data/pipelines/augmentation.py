"""Recordings as they might have been, too: a little faster, tilted, stronger, noisier."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

ANGLE = 15.0  # degrees
STRETCH = 0.1
SCALE = 0.1
NOISE = 0.1
SHORTEST = 32  # steps: less is no recording whose speed means little
ROUGHEST = 0.75  # of `roughness`: above it, another speed leaves too little of a recording


@dataclass(frozen=True)
class Augmentation:
    """What training changes of windows of measurements, each time anew.

    A window is read from a span of s = f w steps, f in 1 +- stretch, and resampled, smooth curves
    by cubics (Catmull and Rom 1974), as straight lines between steps do not bend; each group of
    three axes is turned by one rotation R about the origin, as by a sensor that sits askew;

        x' = m + a (R x - m) + noise sigma e,       a ~ N(1, scale), e ~ N(0, 1)

    (m and sigma of a channel that is far fainter in some recordings are those of the window; in
    noise, sigma of a smooth curve is the size of its second differences, or nothing would be left
    of how it bends.)

    Attributes:
        mean, deviation: m and sigma, of each channel.
        axes: of each group the numbers of its three channels.
        smooth: by channel whether it is measured on a scale; one of few values, such as a switch,
            is neither resampled between steps nor strengthened nor blurred.
        faint: by channel whether it is far fainter in some recordings than in others.
        grain: by channel sigma in noise; None: the deviation.
        bent: by channel whether it is a smooth curve.
        angle: degrees, standard deviation.
        stretch: the greatest change of speed.
        scale, noise: standard deviations.

    Source: Um et al. 2017, Data augmentation of wearable sensor data for Parkinson's disease
    monitoring using convolutional neural networks.

    Example:
        >>> changed = Augmentation(np.zeros(3), np.ones(3), axes=((0, 1, 2),), angle=15.0)
        >>> x = np.tile(np.float32([0, 0, 9.81]), (2, 50, 1))
        >>> y = changed(x, np.random.default_rng(0))
        >>> np.allclose(np.linalg.norm(y, axis=-1), 9.81, atol=1e-3), bool(np.allclose(x, y))
        (True, False)
    """

    mean: np.ndarray
    deviation: np.ndarray
    axes: tuple[tuple[int, int, int], ...] = ()
    smooth: np.ndarray | bool = True
    faint: np.ndarray | bool = False
    grain: np.ndarray | None = None
    bent: np.ndarray | bool = False
    angle: float = 0.0
    stretch: float = 0.0
    scale: float = 0.0
    noise: float = 0.0

    @classmethod
    def of(
        cls,
        examples: Sequence[np.ndarray],
        strength: float = 1.0,
        words: Collection[int] = (),
        faint: Collection[int] = (),
        bent: Collection[tuple[int, float, float]] = (),
    ) -> Augmentation:
        """What fits some recordings, by their numbers.

        Channels come in threes where their number says so, and all three of a group are alike: of
        deviations that differ fourfold at most, around a mean that is not far from 0 beside them.
        Speed is left alone where recordings are short, or where what is measured jumps from step
        to step (`roughness`): between two such steps there is nothing to read.

        Args:
            examples: of arrays (time, channels), NaN where a value is missing.
            strength: 1 as was found best, 0 nothing.
            words: places of channels whose numbers stand for words.
            faint: places of channels that are far fainter in some recordings than in others.
            bent: of channels that are smooth curves, place and size of first and second
                differences.
        """
        chosen = range(0, len(examples), max(1, len(examples) // 100))
        some = [np.asarray(examples[i], np.float32) for i in chosen]
        longest = max(map(len, some))
        x = np.concatenate(some)
        seen = ~np.isnan(x)
        count = np.maximum(1, seen.sum(axis=0))
        mean = np.where(seen, x, 0).sum(axis=0) / count
        deviation = np.sqrt(np.where(seen, (x - mean) ** 2, 0).sum(axis=0) / count)
        smooth = np.array(
            [
                i not in words and len(np.unique(channel[:10_000])) > 16
                for i, channel in enumerate(x.T)
            ]
        )
        grain = deviation.copy()
        for place, _, second in bent:
            grain[place] = second
        firsts = range(0, x.shape[1], 3) if x.shape[1] in (3, 6, 9) else ()
        jumps = roughness(some, deviation)[smooth]
        stretches = longest >= SHORTEST and not np.any(jumps > ROUGHEST)
        axes = tuple(
            (first, first + 1, first + 2)
            for first in firsts
            if smooth[first : first + 3].all()
            and _alike(mean[first : first + 3], deviation[first : first + 3])
        )
        return cls(
            mean,
            deviation,
            axes=axes,
            smooth=smooth,
            faint=np.isin(np.arange(x.shape[1]), list(faint)),
            grain=grain,
            bent=np.isin(np.arange(x.shape[1]), [place for place, *_ in bent]),
            angle=strength * ANGLE,
            stretch=strength * STRETCH if stretches else 0.0,
            scale=strength * SCALE,
            noise=strength * NOISE,
        )

    def places(
        self, steps: int, begin: int, length: int, random: np.random.Generator
    ) -> np.ndarray:
        """Of so many steps those of a window, between some: about `length`, at most so many, from
        `begin` on, at another speed.
        """
        if not self.stretch:
            return np.arange(begin, begin + length, dtype=float)
        factor = 1 + random.uniform(-self.stretch, self.stretch)
        span = max(1, min(steps, round(factor * length)))
        begin = max(0, min(begin, steps - span))
        return begin + np.linspace(0, span - 1, max(1, min(length, round(span / factor))))

    def read(self, x: np.ndarray, places: np.ndarray) -> np.ndarray:
        """The window of x (time, channels) at its `places`."""
        before = places.astype(np.int64)
        if not self.stretch:
            return x[before]
        after = np.minimum(before + 1, len(x) - 1)
        share = (places - before)[:, None] * self.smooth
        between = (1 - share) * x[before] + share * x[after]
        if np.any(self.bent):
            first, last = x[np.maximum(before - 1, 0)], x[np.minimum(before + 2, len(x) - 1)]
            slope = last - first + 3 * (x[before] - x[after])
            bend = 2 * first - 5 * x[before] + 4 * x[after] - last
            cubic = x[before] + share / 2 * (x[after] - first + share * (bend + share * slope))
            between = np.where(self.bent & ~np.isnan(cubic), cubic, between)
        # Beside a missing value there is nothing between: the nearer step, missing or not.
        nearer = np.where(share < 0.5, x[before], x[after])
        return np.where(np.isnan(between), nearer, between)

    def __call__(
        self, x: np.ndarray, random: np.random.Generator, lengths: np.ndarray | None = None
    ) -> np.ndarray:
        """Windows (n, time, channels) as others, float32.

        Args:
            x: of which the channels' missing values are NaN.
            random: that decides.
            lengths: real steps of each, behind which it is padded; None: all are.
        """
        return self.with_past(x, np.zeros((len(x), 0, x.shape[-1])), random, lengths)[0]

    def with_past(
        self,
        x: np.ndarray,
        past: np.ndarray,
        random: np.random.Generator,
        lengths: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Windows as others, and what is known at the first step of each as if all before it had
        been changed likewise.

        Args:
            x, random, lengths: as for a call.
            past: (n, k, channels), as `rnnzoo.data.Past` has it, or none (k = 0).
        """
        given = x.astype(np.float32)
        missing = np.isnan(given)
        turns = None
        if self.axes and self.angle:
            turns = _rotations(np.radians(self.angle) * random.normal(size=(len(x), 3)))
        size = (len(x), 1, x.shape[-1])
        strength = 1 + np.float32(self.scale) * random.standard_normal(size, np.float32)
        mean = self.mean.astype(np.float32)
        grain = (self.deviation if self.grain is None else self.grain).astype(np.float32)

        def turned(values, turns):
            for group in () if turns is None else self.axes:
                values[..., group] = values[..., group] @ turns
            return values

        filled = turned(np.where(missing, mean, given), turns)
        if np.any(self.faint):
            real = np.full(len(x), x.shape[1]) if lengths is None else lengths
            there = ~missing & (np.arange(x.shape[1]) < real[:, None])[..., None]
            own_mean, own_deviation = _moments(filled, there)
            mean = np.where(self.faint, own_mean, mean)
            grain = np.where(self.faint, own_deviation, grain)
        noise = self.noise * grain * random.standard_normal(x.shape, np.float32)
        changed = mean + strength * (filled - mean) + noise
        changed = np.where(self.smooth & ~missing, changed, given)

        def moved(values):
            there = turned(np.where(np.isnan(values), mean, values), turns)
            return np.where(np.isnan(values), values, mean + strength * (there - mean))

        known = past.astype(np.float32)
        known[:, :1] = moved(known[:, :1])  # the last values
        if past.shape[1] > 1:  # mean and variance, of axes as if these were independent
            known[:, 2:3] = moved(known[:, 2:3])
            squared = None if turns is None else turns**2
            known[:, 3:] = strength**2 * turned(known[:, 3:], squared)
            known[:, 3:] += (self.noise * grain) ** 2
        return changed, np.where(self.smooth, known, past.astype(np.float32))

    def __str__(self) -> str:
        said = [
            f"turned by {self.angle:.3g} degrees" if self.axes else "",
            f"speed +-{self.stretch:.0%}" if self.stretch else "",
            f"strength +-{self.scale:.0%}",
            f"noise {self.noise:.0%}",
        ]
        return ", ".join(filter(None, said))


def roughness(examples: Sequence[np.ndarray], deviation: np.ndarray) -> np.ndarray:
    """How little a step is like the one before, by channel.

        E[(x_t - x_(t-1))^2] / (2 Var[x]) = 1 - the autocorrelation of neighbours:

    near 0 for a slow curve, 1 for white noise, 2 where the sign changes with each step. Reading at
    places between the steps, by linear interpolation, loses a third of it of the variance.

    Args:
        examples: of arrays (time, channels), NaN where a value is missing.
        deviation: of each channel.

    >>> wave = np.sin(np.arange(1000) / 10)[:, None]
    >>> noise = np.random.default_rng(0).normal(size=(1000, 1))
    >>> [round(float(roughness([x], x.std(axis=0))[0]), 1) for x in (wave, noise)]
    [0.0, 1.0]
    """
    jumps = np.concatenate([np.diff(x, axis=0) for x in examples])
    seen = ~np.isnan(jumps)
    squared = np.where(seen, jumps, 0.0) ** 2
    mean = squared.sum(axis=0) / np.maximum(1, seen.sum(axis=0))
    return mean / (2 * np.maximum(deviation, 1e-30) ** 2)


def _alike(mean, deviation):
    return deviation.max() <= 4 * deviation.min() and np.abs(mean).max() <= 4 * deviation.max()


def _moments(x, there):
    """Mean and deviation (n, 1, channels) of windows over the steps where a channel is there."""
    count = np.maximum(there.sum(axis=1, keepdims=True), 1).astype(np.float32)
    mean = np.where(there, x, 0).sum(axis=1, keepdims=True) / count
    away = np.where(there, x - mean, 0)
    return mean, np.sqrt((away**2).sum(axis=1, keepdims=True) / count)


def _rotations(vectors):
    """(n, 3), each an axis as long as its angle in radians -> matrices (n, 3, 3), of Rodrigues."""
    angle = np.linalg.norm(vectors, axis=-1)[:, None, None] + 1e-12
    x, y, z = (vectors / angle[:, 0]).T
    zero = np.zeros_like(x)
    cross = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn.astype(np.float32)
