"""What tasks that write sentences are trained on and measured in."""

import functools
import importlib.util

import numpy as np

from rnnzoo.files import readable
from rnnzoo.tasks.task import Feed

# Draws of the examples, with replacement, that a confidence interval is taken from.
RESAMPLED = 1000


class WriterFeed(Feed):
    """What a `rnnzoo.tasks.Writer` is trained on: sentences with what they are about, by step.

    A subclass names the ``extra`` of rnnzoo that installs what measures, and loads.

    Args:
        model: takes up the words of the training split.
        load: loads the data: a dataclass with name, train, validation, test and metadata.
        source: for `load`.
        batch_size: sentences in a batch.
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

    def __init__(self, model, load, source, batch_size, window, seed):
        if window is not None:
            raise ValueError(f"window={window}: sentences are not cut, leave it out")
        if importlib.util.find_spec("sacrebleu") is None:
            raise FileNotFoundError(
                "what is written is measured by the package sacrebleu: pip install "
                f"'rnnzoo[{self.extra}]'"
            )
        self.loaded = load(source)
        self.metadata = self.loaded.metadata
        if not len(self.loaded.validation):
            raise ValueError(f"{self.loaded.name} has no sentences to validate on")
        model.adapt(self.loaded.train)
        self._model = model
        # To read large pictures takes its time: no split is prepared twice.
        self._examples = functools.cache(lambda split: model.examples(getattr(self.loaded, split)))
        self.held_out = ("validation", "test") if len(self.loaded.test) else ("validation",)
        self.steps_per_epoch = model.batches_per_epoch(self._examples("train"), batch_size)
        self._batch_size = batch_size
        self._seed = seed

    def sizes(self):
        """Of the splits, in words."""
        return ", ".join(
            f"{split} {len(part):,}"
            for split in ("train", "validation", "test")
            if len(part := getattr(self.loaded, split))
        )

    def training(self, start_step=0):
        return self._model.batches(
            self._examples("train"), self._batch_size, self._seed, start_step
        )

    def evaluation(self, split):
        return self._model.in_order(self._examples(split), self._batch_size)

    def say(self, split, found):
        """Print the `scores` of a split."""
        numbers = ", ".join(
            f"{readable(k)} {v:.1f}" for k, v in found.items() if not k.endswith("_interval")
        )
        print(f"what it writes, {split}: {numbers}")

    def what_is_learned(self):
        """The scores of teacher forcing on the training split, rounded."""
        learned = self._model.evaluate(self.evaluation("train"), return_dict=True, verbose=0)
        return {name: round(value, 4) for name, value in learned.items()}


def scores(answers, references, tokenize):
    """BLEU-1 to 4 and chrF (sacrebleu), and the share of exact answers, with intervals of 95 %.

    Args:
        answers: sentences.
        references: for each a list of one or more that are right.
        tokenize: sacrebleu's tokenizer for BLEU, such as "13a"; "none" splits at spaces.

    Returns:
        dict of scores from 0 to 100, each with the percentiles of `RESAMPLED` draws of sentences.

    Example:
        ``scores(["a dog"], [["a dog", "the dog"]], tokenize="none")["exact"] == 100``
    """
    from sacrebleu.metrics import BLEU, CHRF

    draws = np.random.default_rng(0).integers(len(answers), size=(RESAMPLED, len(answers)))
    exact = np.array(
        [100.0 * (answer in of_one) for answer, of_one in zip(answers, references, strict=True)]
    )
    result = _with_interval("exact", exact.mean(), exact[draws].mean(axis=1))

    # `force` spares the user a guess of sacrebleu's at how sentences were prepared.
    measured = {
        f"bleu_{n}": BLEU(max_ngram_order=n, tokenize=tokenize, force=True) for n in range(1, 5)
    }
    of_all = streams(references)
    for name, metric in {**measured, "chrf": CHRF()}.items():
        # sacrebleu's own bootstrap fails where only some draws have a match, and gives no bounds.
        counts = np.array(metric._extract_corpus_statistics(answers, of_all))
        score, *drawn = (
            metric._compute_score_from_stats(summed.tolist()).score
            for summed in (counts.sum(axis=0), *(counts[chosen].sum(axis=0) for chosen in draws))
        )
        result |= _with_interval(name, score, drawn)
    return result


def streams(references):
    """As sacrebleu takes them: the i-th reference of all answers, None where there are fewer."""
    return [
        [of_one[i] if i < len(of_one) else None for of_one in references]
        for i in range(max(map(len, references)))
    ]


def _with_interval(name, score, drawn):
    bounds = np.percentile(drawn, [2.5, 97.5])
    return {
        name: round(float(score), 2),
        f"{name}_interval": [round(float(bound), 2) for bound in bounds],
    }
