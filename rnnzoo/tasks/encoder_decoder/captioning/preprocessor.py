"""From pictures, videos or features, and what is said of them, to numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnnzoo import data
from rnnzoo.errors import WrongValue
from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import no_path
from rnnzoo.tasks.vocabulary import SentenceVocabulary, news

NO_CAPTIONS = data.Captions([], (), ())


@dataclass(frozen=True)
class CaptionPreprocessor:
    """How a captioner reads: media as squares or features, sentences by a vocabulary.

    Attributes:
        vocabulary: the words that are known; None as long as there are none.
        min_count: words that training meets less often are unknown.
        encoder: the layer from pictures to features; None: features are given.
        size: side of the square, in pixels, that pictures are resized to.
        features: length of given features; None where pictures are read, or not known yet.
    """

    vocabulary: SentenceVocabulary | Any = None
    min_count: int = 1
    encoder: Any = None
    size: int = 64
    features: int | None = None

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> data.CaptionData:
        """What the feed takes, of pairs (media, sentences) that `fit` and `evaluate` are given.

        Raises:
            ValueError: media and sentences don't go together.
        """
        given = {"train": train, "validation": validation, "test": test}
        parts = {s: NO_CAPTIONS if pair is None else _captions(*pair) for s, pair in given.items()}
        return data.CaptionData(name="the media", **parts)

    def learned_from(
        self, captioned: data.CaptionData, vocabulary: str = "extend"
    ) -> CaptionPreprocessor:
        """With words of the training split, and the length of its features.

        Args:
            captioned: of which splits.
            vocabulary: "extend": beside words that are known; "reset": in their place; "keep": only
                where none are known.

        Raises:
            ValueError: no word occurs often enough; or the media are not what is read.
        """
        captions = captioned.train
        first, known = np.asarray(captions.media[0]), self
        if self.encoder is None and self.features is None and first.dtype.kind == "f":
            known = replace(self, features=first.shape[-1])
        known.check(first, captions.names[0])
        if self.vocabulary is not None and vocabulary == "keep":
            return known
        sentences = [sentence for of_one in captions.captions for sentence in of_one]
        words = SentenceVocabulary.count(sentences, self.min_count)
        if not words:
            raise WrongValue(f"no word of the captions occurs {self.min_count} times")
        learned = SentenceVocabulary(words)
        if self.vocabulary is not None and vocabulary == "extend":
            learned = self.vocabulary.with_others(learned)
        return replace(known, vocabulary=learned)

    def news(self, before: CaptionPreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        if before.vocabulary is None:
            return ""
        return news("words", self.vocabulary.counts, before.vocabulary.counts)

    def check(self, medium: np.ndarray, what: str) -> None:
        """Raise a ValueError unless an array is something that is read."""
        hint = ""
        if self.encoder is None:
            fits = medium.dtype.kind == "f" and medium.ndim in (1, 2)
            fits = fits and self.features in (None, medium.shape[-1])
            size = self.features or "size"
            expected = f"features ({size},) or (frames, {size})"
            if medium.dtype == np.uint8:
                hint = " (for pictures give the model an encoder)"
        else:
            fits = medium.dtype == np.uint8 and medium.ndim in (3, 4) and medium.shape[-1] == 3
            expected = "uint8 (height, width, 3) or (frames, height, width, 3)"
            if medium.dtype.kind == "f":
                hint = " (for features of your own make the model with encoder=None)"
        if not fits or not medium.size:
            raise WrongValue(
                f"{what}: expected {expected}, got {medium.shape} of {medium.dtype}{hint}"
            )

    def prepare(self, medium: ArrayLike) -> np.ndarray:
        """What the network reads of a medium: frames (1 or more, ...), of `size` and uint8."""
        medium = np.asarray(medium)
        if self.encoder is None and medium.dtype.kind == "f":
            medium = medium.astype(np.float32)
        self.check(medium, "media")
        frames = medium if medium.ndim in (2, 4) else medium[None]
        return frames if self.encoder is None else np.asarray(self.resize(frames))

    def resize(self, frames: np.ndarray | tf.Tensor) -> tf.Tensor:
        """Pictures (n, height, width, 3) as squares of `size`, uint8; graph code."""
        if frames.shape[1:3] == (self.size, self.size):
            return frames
        resized = tf.image.resize(frames, (self.size, self.size), antialias=True)
        return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)

    def encode_frames(self, frames: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Features (batch, frames, ...) of frames (batch, frames, size, size, 3); graph code."""
        batch, time = tf.shape(frames)[0], tf.shape(frames)[1]
        pictures = tf.reshape(frames, (-1, self.size, self.size, 3))
        features = tf.cast(self.encoder(pictures, training=training), tf.float32)
        return tf.reshape(features, (batch, time, *features.shape[1:]))


def _captions(x, y):
    """Media and sentences as `rnnzoo.data.Captions`."""
    no_path(x, "[rnnzoo.data.read_media({!r})]")
    if y is None or len(x) != len(y) or not len(x):
        given = "none" if y is None else len(y)
        raise WrongValue(f"expected a caption for each of the {len(x)} media, got {given}")
    captions = tuple((of_one,) if isinstance(of_one, str) else tuple(of_one) for of_one in y)
    for i, of_one in enumerate(captions):
        if not of_one or not all(isinstance(s, str) and s.strip() for s in of_one):
            raise WrongValue(
                f"captions of medium {i}: expected a sentence or several, got {y[i]!r}"
            )
    return data.Captions(x, captions, tuple(f"medium {i}" for i in range(len(x))))
