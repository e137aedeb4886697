"""Tagged sequences for `rnnzoo.train`."""

import collections
import warnings

from rnnzoo import data
from rnnzoo.files import write_table
from rnnzoo.tasks.task import Feed

WINDOW = 256  # characters


class TaggedFeed(Feed):
    """What a sequence tagger is trained on: sentences, or pieces of texts, by step.

    Args:
        model: takes up characters and words of the training split, and the tags of all. One that
            only others have can't be learned: there is a warning, and it counts as wrong there.
        source: for `rnnzoo.load_tagged`.
        batch_size: sequences in a batch.
        window: the elements that longer sequences are cut to; by default sentences aren't.
        seed: of the order.

    Raises:
        ValueError: the tags are not what the model knows, or there are none to validate on.
    """

    monitor = "accuracy"
    mode = "max"

    def __init__(self, model, source, batch_size, window, seed):
        self.tagged = data.load_tagged(source)
        self.metadata = self.tagged.metadata
        if not self.tagged.validation:
            raise ValueError(f"{self.tagged.name} has no sequences to validate on")
        model.adapt(self.tagged.train, self._tags_of_held_out())
        self.window = window or (None if model.reads_words else WINDOW)
        self.held_out = ("validation", "test") if self.tagged.test else ("validation",)
        self._model = model
        self._train = self._pieces("train")
        self.steps_per_epoch = data.sequences_per_epoch(self._train, batch_size)
        self._batch_size = batch_size
        self._seed = seed

    def _tags_of_held_out(self):
        known, found = _tags(self.tagged.train), set()
        for split in ("validation", "test"):
            tags = _tags(getattr(self.tagged, split))
            if unknown := sorted(tags - known):
                warnings.warn(
                    f"{self.tagged.name}: no training sequence has these tags of the {split} "
                    f"split, which count as wrong: {', '.join(unknown)}",
                    stacklevel=4,
                )
            found |= tags
        return found

    def __str__(self):
        sizes = ", ".join(
            f"{split} {sum(len(sequence.tags) for sequence in sequences):,}"
            for split in ("train", "validation", "test")
            if (sequences := getattr(self.tagged, split))
        )
        kind = "words" if self._model.reads_words else "characters"
        return f"{self.tagged.name}: {sizes} {kind} with {len(self._model.tags)} tags"

    def training(self, start_step=0):
        return self._model.batches(self._train, self._batch_size, self._seed, start_step)

    def evaluation(self, split):
        return self._model.in_order(self._pieces(split), self._batch_size)

    def _pieces(self, split):
        sequences = getattr(self.tagged, split)
        if self.window is None:
            return list(sequences)
        return [piece for one in sequences for piece in data.pieces(one, self.window)]

    def report(self, model, folder):
        """Write ``tags.csv`` of the last held-out split; the scores that need whole sequences."""
        split = self.held_out[-1]
        sequences = self._pieces(split)
        answers = model.tag([sequence.tokens for sequence in sequences])
        columns = ("tag", "precision", "recall", "f1", "elements")
        write_table(folder / "tags.csv", columns, _by_tag(model.tags, sequences, answers))
        return {f"{split}_scores": scores(model, sequences, answers)}


def _tags(sequences):
    return set().union(*(sequence.tags for sequence in sequences))


def scores(model, sequences, answers):
    """Shares of right tags, of right tags of unknown words, and of sequences without a mistake.

    Where all tags begin with B-, I- or are O, also the F1 of spans, as the package seqeval counts
    them; None if it is not installed.

    Args:
        model: a `SequenceTagger`.
        sequences: list of `rnnzoo.data.Tagged`.
        answers: the tags that the model gave each.
    """
    right = total = right_unknown = unknown = whole = 0
    known = model.words.counts.keys() if model.reads_words else set(model.characters.characters)
    for (tokens, tags), guessed in zip(sequences, answers, strict=True):
        hits = [a == b for a, b in zip(tags, guessed, strict=True)]
        new = [(t.lower() if model.reads_words else t) not in known for t in tokens]
        right += sum(hits)
        total += len(hits)
        unknown += sum(new)
        right_unknown += sum(h for h, n in zip(hits, new, strict=True) if n)
        whole += all(hits)
    result = {
        "accuracy": round(right / total, 5),
        "unknown_accuracy": round(right_unknown / unknown, 5) if unknown else None,
        "unknown_share": round(unknown / total, 5),
        "sequence_accuracy": round(whole / len(sequences), 5),
    }
    if all(tag == "O" or tag[:2] in ("B-", "I-") for tag in model.tags):
        result["span_f1"] = _span_f1([list(s.tags) for s in sequences], list(map(list, answers)))
    return result


def _span_f1(truth, guessed):
    try:
        from seqeval.metrics import f1_score
    except ModuleNotFoundError:
        return None
    return round(float(f1_score(truth, guessed)), 5)


def _by_tag(tags, sequences, answers):
    """Precision, recall and F1 of each tag, and how often it is right to give it."""
    true, guesses, hits = (collections.Counter() for _ in range(3))
    for sequence, guessed in zip(sequences, answers, strict=True):
        true.update(sequence.tags)
        guesses.update(guessed)
        hits.update(a for a, b in zip(sequence.tags, guessed, strict=True) if a == b)
    for tag in tags:
        precision = hits[tag] / max(1, guesses[tag])
        recall = hits[tag] / max(1, true[tag])
        f1 = 2 * hits[tag] / max(1, guesses[tag] + true[tag])
        yield tag, f"{precision:.4f}", f"{recall:.4f}", f"{f1:.4f}", true[tag]
