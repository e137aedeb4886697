"""Captioned pictures and videos in batches."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnzoo import data
from rnnzoo.baselines.base import Baseline
from rnnzoo.baselines.captioning import MostFrequentCaption, NearestPicture
from rnnzoo.errors import WrongValue
from rnnzoo.evaluation import odd
from rnnzoo.evaluation.measure import Measure
from rnnzoo.evaluation.sentences import of_sentences, scores
from rnnzoo.files import picture, write_table
from rnnzoo.platform import tf
from rnnzoo.tasks.encoder_decoder.feed import EncoderDecoderFeed, SentenceExamples, ids_of
from rnnzoo.tasks.vocabulary import JOINED, SentenceVocabulary

if TYPE_CHECKING:
    from rnnzoo.tasks.encoder_decoder.captioning.captioner import Captioner


class CaptionFeed(EncoderDecoderFeed):
    """What a captioner is trained on: captions with what they are about, by step."""

    load = staticmethod(data.load_captions)
    extra = "captioning"
    figures = {"passes": 20, "most": 4000, "learning_rate": 3e-3}

    def examples(self, part: data.Captions) -> SentenceExamples:
        """What training reads of `rnnzoo.data.Captions`.

        All media, made as small as the network reads them, are kept in memory; of an encoder that
        has nothing to train, their features.
        """
        reader = self.preprocessor
        media: Iterable[np.ndarray] = map(reader.prepare, part.media)
        # Not by `trainable`, which a loaded model has lost.
        if reader.encoder is not None and not reader.encoder.trainable_weights:
            encode = tf.function(reader.encode_frames, autograph=False, reduce_retracing=True)
            media = (encode(tf.constant(frames[None])).numpy()[0] for frames in media)
        prepared = list(media)
        lengths = {len(frames) for frames in prepared}
        if len(lengths) > 1:
            raise WrongValue(
                f"videos of {min(lengths)} to {max(lengths)} frames: to train, all need the same "
                "number"
            )
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            frames = tf.constant(np.stack(prepared))
        sentences = [sentence for of_one in part.captions for sentence in of_one]
        ids = ids_of(reader.vocabulary, sentences)
        # Not by length, which tells of the picture: a batch's statistics would be those of a kind.
        return SentenceExamples(
            tf.RaggedTensor.from_row_lengths(ids, [len(of_one) for of_one in part.captions]),
            np.ones(len(part)),
            lambda rows: {"frames": tf.gather(frames, rows)},
        )

    def questions(self, split: str) -> data.Captions:
        return getattr(self.data, split)

    def replies(self, model: Captioner, split: str) -> list[tuple[str, float]]:
        ranked = model.captions(self.questions(split).media, **self.answering)
        return [best for best, *_ in ranked]

    def measures(self, split: str, answers: Sequence[str]) -> list[Measure]:
        written, references = _normal(getattr(self.data, split), answers)
        return of_sentences(written, references, tokenize="none")

    def odd(self, split: str, answers: Sequence[str]) -> list[str]:
        return odd.of_sentences(answers, getattr(self.data, split).captions)

    def baselines(self) -> list[Baseline]:
        return [baseline().fit(self.data) for baseline in (MostFrequentCaption, NearestPicture)]

    def key(self) -> str:
        return self.data.digest(self.data.train)

    def __str__(self) -> str:
        kind = "videos" if self.data.video else "pictures"
        words = len(self.preprocessor.vocabulary.counts)
        return f"{self.data.name}: {self.sizes()} {kind} with captions, {words:,} words"

    def report(
        self, model: Captioner, folder: Path, split: str, replies: Sequence[tuple[str, float]]
    ) -> dict[str, Any]:
        """Write ``captions.csv`` and ``gallery.png`` of a split; its scores.

        Scores are of beams of 4, unless `answering` says otherwise. Also what is left to learn of
        the training split, and, where the data has captions whose words training saw apart but
        never together, the scores of these.
        """
        captions = getattr(self.data, split)
        rows = [
            (name, answer, f"{log_prob:.3f}", " | ".join(of_one))
            for name, (answer, log_prob), of_one in zip(
                captions.names, replies, captions.captions, strict=True
            )
        ]
        write_table(folder / "captions.csv", ("name", "answer", "log_prob", "captions"), rows)
        written = self.answers(replies)
        _draw(captions, written, split, folder / "gallery.png")
        found = caption_scores(captions, written)
        report = {"training": self.what_is_learned(model), f"{split}_scores": found}
        if composed := self.data.composition:
            answers = model.caption(composed.media, **self.answering)
            report["composition_scores"] = caption_scores(composed, answers)
        return report


def caption_scores(captions: data.Captions, answers: Sequence[str]) -> dict[str, Any]:
    """`scores` of answers to `rnnzoo.data.Captions`, in lower case, signs apart from words."""
    written, references = _normal(captions, answers)
    return scores(written, references, tokenize="none")


def _normal(captions, answers):
    """Answers, and of each its captions, as a model would write them, words and signs apart."""
    sentences = [*answers, *(sentence for of_one in captions.captions for sentence in of_one)]
    apart = tf.strings.reduce_join(
        SentenceVocabulary.split(tf.constant(sentences)), axis=-1, separator=" "
    )
    normal = iter([sentence.decode().replace(JOINED, "") for sentence in apart.numpy()])
    answers = [next(normal) for _ in answers]
    return answers, [[next(normal) for _ in of_one] for of_one in captions.captions]


def _draw(captions, answers, split, path, columns=5):
    """The best, the worst and random ones by sentence chrF, labelled as such."""
    from sacrebleu.metrics import CHRF

    chrf = CHRF()
    score = np.array(
        [
            chrf.sentence_score(answer, of_one).score
            for answer, of_one in zip(*_normal(captions, answers), strict=True)
        ]
    )
    order = np.argsort(-score, kind="stable")
    random = np.random.default_rng(0).permutation(len(order))
    rows = {"best": order[:columns], "worst": order[::-1][:columns], "random": random[:columns]}
    with picture(path, figsize=(2.4 * columns, 9)) as figure:
        figure.suptitle(f"{split} split")
        axes = figure.subplots(len(rows), columns, squeeze=False)
        for axis in axes.flat:
            axis.axis("off")
        for of_row, (what, chosen) in zip(axes, rows.items(), strict=True):
            for axis, i in zip(of_row, chosen, strict=False):
                frames = np.asarray(captions.media[i])
                if frames.dtype == np.uint8:
                    axis.imshow(frames if frames.ndim == 3 else _strip(frames))
                answer, truth = answers[i], captions.captions[i][0]
                lines = [f"{what}, chrF {score[i]:.0f}", f"answer: {answer}", f"truth: {truth}"]
                title = "\n".join(_wrapped(line) for line in lines)
                axis.set_title(title, fontsize=8, parse_math=False)  # $ is a sign like others


def _strip(frames):
    """Four frames of a video in a square."""
    chosen = frames[np.linspace(0, len(frames) - 1, 4).round().astype(int)]
    return np.concatenate([np.concatenate(chosen[:2], axis=1), np.concatenate(chosen[2:], axis=1)])


def _wrapped(line, width=30):
    return "\n".join(textwrap.wrap(line, width)[:3])
