"""Sentences and their translations for `rnnzoo.train`."""

import numpy as np

from rnnzoo import data
from rnnzoo.run import picture
from rnnzoo.tasks.writer_feed import WriterFeed, scores, write_rows

GROUPS = 6  # of about as many pairs, by the length of their sources


class TranslationFeed(WriterFeed):
    """What a translator is trained on: pairs of sentences, by step.

    Args:
        model, batch_size, window, seed: see `WriterFeed`.
        source: for `rnnzoo.load_pairs`.
    """

    extra = "translation"

    def __init__(self, model, source, batch_size, window, seed):
        super().__init__(model, data.load_pairs, source, batch_size, window, seed)

    def __str__(self):
        words = " and ".join(
            f"{len(vocabulary.counts):,}"
            for vocabulary in dict.fromkeys((self._model.source_vocabulary, self._model.vocabulary))
        )
        return f"{self.loaded.name}: {self.sizes()} pairs, {words} words"

    def report(self, model, folder):
        """Write ``translations.csv`` and ``bleu_by_length.png`` of the last held-out split.

        Returns:
            Its scores, of beams of 4, which are also given by the length of the source, and what is
            left to learn of the training split. BLEU is sacrebleu's with the tokenizer 13a, of a
            model without upper case in lower case.
        """
        split = self.held_out[-1]
        pairs = getattr(self.loaded, split)
        answers = [ranked[0] for ranked in model.translations(pairs.sources)]
        rows = [
            (source, answer, f"{log_prob:.3f}", target)
            for source, (answer, log_prob), target in zip(
                pairs.sources, answers, pairs.targets, strict=True
            )
        ]
        columns = ("source", "translation", "log_prob", "target")
        write_rows(folder / "translations.csv", columns, rows)
        fold = str if model.cased else str.lower
        answers = [fold(answer) for answer, _ in answers]
        references = [[fold(target)] for target in pairs.targets]
        by_length = _by_length(pairs.sources, answers, references)
        _draw(by_length, split, folder / "bleu_by_length.png")
        return {
            "training": self.what_is_learned(),
            f"{split}_scores": scores(answers, references, tokenize="13a"),
            f"{split}_bleu_by_length": by_length,
        }


def _by_length(sources, answers, references):
    """Scores of groups of pairs by the number of words of the source, short ones first."""
    from sacrebleu.metrics import BLEU, CHRF

    lengths = np.array([len(source.split()) for source in sources])
    bounds = np.unique(np.quantile(lengths, np.linspace(0, 1, GROUPS + 1)[1:], method="lower"))
    group = np.searchsorted(bounds, lengths)
    result = []
    for number in range(len(bounds)):
        (chosen,) = np.nonzero(group == number)
        these = [answers[i] for i in chosen], [[references[i][0] for i in chosen]]
        # Of sentences of fewer than four words, what there is counts.
        bleu = BLEU(effective_order=True, force=True).corpus_score(*these)
        result.append(
            {
                "words": [int(lengths[chosen].min()), int(lengths[chosen].max())],
                "pairs": len(chosen),
                "bleu": round(bleu.score, 2),
                "chrf": round(CHRF().corpus_score(*these).score, 2),
            }
        )
    return result


def _draw(by_length, split, path):
    """BLEU and chrF against the length of the source."""
    names = ["{}".format("-".join(map(str, dict.fromkeys(of["words"])))) for of in by_length]
    labels = [f"{name}\n({of['pairs']})" for name, of in zip(names, by_length, strict=True)]
    with picture(path, figsize=(6, 4)) as figure:
        axis = figure.subplots()
        for score, name in (("bleu", "BLEU"), ("chrf", "chrF")):
            axis.plot(labels, [of[score] for of in by_length], marker="o", label=name)
        axis.set(xlabel="words of the source (pairs)", ylim=(0, None), title=f"{split} split")
        axis.legend()
