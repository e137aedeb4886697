"""Where in a picture or a video a captioner looked."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnzoo.files import picture
from rnnzoo.tasks.encoder_decoder.alignments import Alignment, real_tokens

_FRAMES = 8  # of a video, that are drawn in a row


@dataclass(frozen=True)
class RegionAlignment(Alignment):
    """How much a captioner looked at each region of a medium before it wrote each token.

    Attributes:
        target, target_tokens: see `rnnzoo.tasks.encoder_decoder.alignments.Alignment`.
        weights: float32, of a picture (target tokens, rows, columns), of a video (target tokens,
            frames, rows, columns), of features (target tokens, frames) or, of a vector alone,
            (target tokens,); those of a token sum to 1.
        medium: the picture, the video or the features.
    """

    medium: np.ndarray

    @classmethod
    def of(cls, x, target, target_tokens, weights):
        medium, tokens = np.asarray(x), real_tokens(target_tokens)
        weights = weights[: len(tokens)]
        return cls(target.decode(), weights if _moves(medium) else weights[:, 0], tokens, medium)

    def draw(self, path: str | os.PathLike) -> None:
        """Write a PNG with a panel for each token, of a video a row of panels, one for each frame.

        A region is covered with gray the more, the smaller its weight is beside the largest of the
        sentence. Of a longer video eight frames from all over it are shown. Of features, or of
        regions that are no rows and columns, it is a heat map, a row for each token.
        """
        moves = _moves(self.medium)
        weights, frames = (
            (self.weights, self.medium) if moves else (self.weights[:, None], self.medium[None])
        )
        if self.medium.dtype != np.uint8 or weights.ndim != 4:
            weights = weights.reshape(len(weights), -1)
            numbers = [str(i + 1) for i in range(weights.shape[1])]
            dataclasses.replace(self, weights=weights)._heat_map(path, numbers)
            return
        if len(frames) > _FRAMES:
            some = np.linspace(0, len(frames) - 1, _FRAMES).round().astype(int)
            weights, frames = weights[:, some], frames[some]
        tokens, count = weights.shape[:2]
        columns = count if moves else min(tokens, 6)
        rows = -(-tokens * count // columns)
        height, width = frames.shape[1:3]
        size = 1.7 * columns, (1.7 * height / width + 0.3) * rows
        with picture(Path(path), figsize=size) as figure:
            axes = figure.subplots(rows, columns, squeeze=False).flat
            for axis in axes:
                axis.axis("off")
            for i, j in np.ndindex(tokens, count):
                axis = axes[i * count + j]
                axis.imshow(frames[j])
                cover = 1 - weights[i, j] / weights.max()
                extent = (-0.5, width - 0.5, height - 0.5, -0.5)
                gray = np.full_like(cover, 0.5)
                axis.imshow(gray, "gray", vmin=0, vmax=1, alpha=0.9 * cover, extent=extent)
                if j == 0:
                    axis.set_title(self.target_tokens[i], fontsize=9, parse_math=False)


def _moves(medium):
    """Whether a medium has frames: a video, or features of several."""
    return medium.ndim in (2, 4)
