"""Captioned pictures and videos for `rnnzoo.train`."""

import csv
import functools
import importlib.util
import io
import json
import textwrap

import numpy as np

from rnnzoo import data
from rnnzoo.platform import tf
from rnnzoo.run import picture, write_text
from rnnzoo.tasks.task import Feed

# Draws of the media, with replacement, that a confidence interval is taken from.
RESAMPLED = 1000


class CaptionFeed(Feed):
    """What a captioner is trained on: captions with what they are about, by step.

    Args:
        model: takes up the words of the training split.
        source: for `rnnzoo.load_captions`.
        batch_size: captions in a batch.
        window: None, as sentences are not cut.
        seed: of the order.

    Raises:
        ValueError: a window is given; there is nothing to validate on.
        FileNotFoundError: what measures the answers is not installed.
    """

    # Perplexity would be ruled by how surely the model names what it has never seen.
    monitor = "accuracy"
    mode = "max"
    window = None

    def __init__(self, model, source, batch_size, window, seed):
        if window is not None:
            raise ValueError(f"window={window}: captions are not cut, leave it out")
        if importlib.util.find_spec("sacrebleu") is None:
            raise FileNotFoundError(
                "captions are measured by the package sacrebleu: pip install 'rnnzoo[captioning]'"
            )
        self.captioned = data.load_captions(source)
        self.metadata = self.captioned.metadata
        if not self.captioned.validation.captions:
            raise ValueError(f"{self.captioned.name} has no captions to validate on")
        model.adapt(self.captioned.train)
        self._model = model
        # To read large pictures takes its time: no split is prepared twice.
        self._examples = functools.cache(
            lambda split: model.examples(getattr(self.captioned, split))
        )
        self.held_out = ("validation", "test")
        if not self.captioned.test.captions:
            self.held_out = ("validation",)
        self.steps_per_epoch = model.batches_per_epoch(self._examples("train"), batch_size)
        self._batch_size = batch_size
        self._seed = seed

    def __str__(self):
        sizes = ", ".join(
            f"{split} {len(captions):,}"
            for split in ("train", "validation", "test")
            if (captions := getattr(self.captioned, split).captions)
        )
        kind = "videos" if self.captioned.video else "pictures"
        words = len(self._model.vocabulary.counts)
        return f"{self.captioned.name}: {sizes} {kind} with captions, {words:,} words"

    def training(self, start_step=0):
        return self._model.batches(
            self._examples("train"), self._batch_size, self._seed, start_step
        )

    def evaluation(self, split):
        return self._model.in_order(self._examples(split), self._batch_size)

    def report(self, model, folder):
        """Write ``captions.csv`` and ``gallery.png`` of the last held-out split; its scores.

        Scores are of beams of 4. Also what is left to learn of the training split, and, where the
        data has captions whose words training saw apart but never together, the scores of these.
        """
        split = self.held_out[-1]
        captions = getattr(self.captioned, split)
        answers = [ranked[0] for ranked in model.captions(captions.media)]
        write_text(folder / "captions.csv", _table(captions, answers))
        _draw(model, captions, answers, split, folder / "gallery.png")
        learned = model.evaluate(self.evaluation("train"), return_dict=True, verbose=0)
        report = {"training": {name: round(value, 4) for name, value in learned.items()}}
        report[f"{split}_scores"] = scores(model, captions, [text for text, _ in answers])
        if self.captioned.composition is not None:
            composed = self.captioned.composition
            report["composition_scores"] = scores(model, composed, model.caption(composed.media))
        return report


def scores(model, captions, answers):
    """BLEU-1 to 4 and chrF (sacrebleu), and the share of exact answers, with intervals of 95 %.

    References and answers are compared as the model writes: in lower case, signs apart from words.

    Args:
        model: a `Captioner`.
        captions: `rnnzoo.data.Captions`.
        answers: a sentence for each of its media.

    Returns:
        dict of scores from 0 to 100; each interval is of `RESAMPLED` draws of the media: bootstrap
        percentiles of the exact answers, of the others what sacrebleu gives, their mean ± half the
        distance of the percentiles.
    """
    from sacrebleu.metrics import BLEU, CHRF

    references = [[_normal(model, s) for s in of_one] for of_one in captions.captions]
    answers = [_normal(model, answer) for answer in answers]
    most = max(map(len, references))
    # sacrebleu takes the i-th reference of all media together, None where there are fewer.
    streams = [
        [of_one[i] if i < len(of_one) else None for of_one in references] for i in range(most)
    ]
    exact = np.array(
        [100.0 * (answer in of_one) for answer, of_one in zip(answers, references, strict=True)]
    )
    draws = np.random.default_rng(0).integers(len(exact), size=(RESAMPLED, len(exact)))
    result = {"exact": round(exact.mean(), 2)}
    result["exact_interval"] = [
        round(bound, 2) for bound in np.percentile(exact[draws].mean(axis=1), [2.5, 97.5])
    ]
    measured = {f"bleu_{n}": BLEU(max_ngram_order=n, tokenize="none") for n in range(1, 5)}
    for name, metric in {**measured, "chrf": CHRF()}.items():
        score = metric.corpus_score(answers, streams, n_bootstrap=RESAMPLED)
        printed = json.loads(score.format(2, signature=str(metric.get_signature()), is_json=True))
        result[name] = printed["score"]
        # sacrebleu leaves out what is 0 in all draws.
        mean, half = (printed.get(f"confidence_{of}", 0.0) for of in ("mean", "var"))
        result[f"{name}_interval"] = [
            round(bound, 2) for bound in (max(0.0, mean - half), min(100.0, mean + half))
        ]
    return result


def _normal(model, sentence):
    """A sentence as the model would write it, its words and signs apart."""
    words = model.vocabulary.split(tf.constant([sentence]))
    return " ".join(word.decode() for word in words.to_list()[0])


def _table(captions, answers):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "answer", "log_prob", "captions"])
    for name, (answer, log_prob), of_one in zip(
        captions.names, answers, captions.captions, strict=True
    ):
        writer.writerow([name, answer, f"{log_prob:.3f}", " | ".join(of_one)])
    return text.getvalue()


def _draw(model, captions, answers, split, path, columns=5):
    """The best, the worst and random ones by sentence chrF, labelled as such."""
    from sacrebleu.metrics import CHRF

    chrf = CHRF()
    score = np.array(
        [
            chrf.sentence_score(_normal(model, answer), [_normal(model, s) for s in of_one]).score
            for (answer, _), of_one in zip(answers, captions.captions, strict=True)
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
                answer, truth = answers[i][0], captions.captions[i][0]
                lines = [f"{what}, chrF {score[i]:.0f}", f"answer: {answer}", f"truth: {truth}"]
                title = "\n".join(_wrapped(line) for line in lines)
                axis.set_title(title, fontsize=8, parse_math=False)  # $ is a sign like others


def _strip(frames):
    """Four frames of a video in a square."""
    chosen = frames[np.linspace(0, len(frames) - 1, 4).round().astype(int)]
    return np.concatenate([np.concatenate(chosen[:2], axis=1), np.concatenate(chosen[2:], axis=1)])


def _wrapped(line, width=30):
    return "\n".join(textwrap.wrap(line, width)[:3])
