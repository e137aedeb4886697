"""From tagged sequences, of words or of characters, to ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnzoo import data
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.vocabulary import CharacterVocabulary, LabelVocabulary, WordVocabulary

# Characters of a word that are looked at, from its beginning; only links and the like have more.
LONGEST_SPELLING = 32


@dataclass(frozen=True)
class TaggerPreprocessor:
    """How a tagger reads: words by number and by spelling, or characters; and the tags.

    Attributes:
        labels: the tags; None as long as there are none.
        characters: those that are known, of a text or of the spelling of words.
        words: those that are known; None where elements are characters.
        spells: whether a word's characters are read, too.
    """

    labels: LabelVocabulary | None = None
    characters: CharacterVocabulary | None = None
    words: WordVocabulary | None = None
    spells: bool = True

    @property
    def reads_words(self) -> bool:
        """Whether the elements are words, or else characters."""
        return self.words is not None

    def splits(self, train=None, validation=None, test=None) -> data.TaggedData:
        """What the feed takes, of pairs (x, y) that `fit` and `evaluate` are given.

        Raises:
            ValueError: sequences and tags don't go together.
            TypeError: an element or a tag is no string.
        """
        given = {"train": train, "validation": validation, "test": test}
        parts = {s: () if pair is None else _tagged(*pair) for s, pair in given.items()}
        return data.TaggedData(name="the sequences", **parts)

    def learned_from(self, tagged: data.TaggedData) -> TaggerPreprocessor:
        """With tags, characters and words of the training split; known ones stay as they are.

        A tag that only held-out sequences have can't be learned: it is known, and counts as wrong.

        Raises:
            ValueError: tags that are not among those known; words instead of characters.

        Warns:
            UserWarning: tags that no training sequence has.
        """
        of_words = not isinstance(tagged.train[0].tokens, str)
        if self.labels is not None and of_words != self.reads_words:
            kinds = ("characters of strings", "lists of words")
            raise WrongValue(f"the tagger reads {kinds[self.reads_words]}, got {kinds[of_words]}")
        tags = sorted(_tags(tagged.train) | _tags_held_out(tagged))
        if self.labels is not None:
            self.labels.ids(tags)
            return self
        tokens = [token for sequence in tagged.train for token in sequence.tokens]
        return replace(
            self,
            labels=LabelVocabulary(tags, "tags"),
            characters=CharacterVocabulary("".join(set("".join(set(tokens))))),
            words=WordVocabulary(WordVocabulary.count(tokens)) if of_words else None,
        )

    def tensors(self, sequences: Sequence):
        """Sequences, lists of words or strings, as `encode` takes them."""
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            if not self.reads_words:
                return tf.constant(list(sequences), tf.string)
            return tf.RaggedTensor.from_row_lengths(
                tf.constant([word for words in sequences for word in words], tf.string),
                [len(words) for words in sequences],
            )

    def encode(self, sequences):
        """What the network reads; graph code.

        Args:
            sequences: words: a RaggedTensor (batch, None) of strings; characters: strings (batch,).

        Returns:
            A dict of lengths (batch,) and ids (batch, time), 0 where unknown; of words also
            spellings (distinct, characters) of the distinct ones among them, with spelling_lengths
            (distinct,), and which (batch, time) they are.
        """
        if not self.reads_words:
            ids, lengths = padded(self.characters.encode(sequences))
            return {"ids": ids, "lengths": lengths}
        tokens, lengths = padded(sequences, default="")
        batch = {"ids": self.words.encode(tokens), "lengths": lengths}
        if self.spells:
            distinct, which = tf.unique(tf.reshape(tokens, (-1,)))
            spellings, spelling_lengths = padded(
                self.characters.encode(distinct)[:, :LONGEST_SPELLING]
            )
            batch |= {
                "spellings": spellings,
                "spelling_lengths": spelling_lengths,
                "which": tf.reshape(which, tf.shape(tokens)),
            }
        return batch

    def check(self, sequence) -> None:
        """Raise a TypeError unless a sequence is one that the model reads."""
        if self.reads_words:
            if not is_sentence(sequence) or "" in sequence:
                raise WrongType(f"expected a list of words, none empty, got {sequence!r}")
        elif not isinstance(sequence, str):
            raise WrongType(f"expected a string, whose characters are tagged, got {sequence!r}")


def is_sentence(words) -> bool:
    """Whether something is a list of words."""
    return isinstance(words, (list, tuple)) and all(isinstance(word, str) for word in words)


def _tagged(x, y):
    """Sequences and tags as a tuple of `rnnzoo.data.Tagged`."""
    if y is None or len(x) != len(y) or not len(x):
        given = "none" if y is None else len(y)
        raise WrongValue(f"expected tags for each of the {len(x)} sequences, got {given}")
    for i, (tokens, tags) in enumerate(zip(x, y, strict=True)):
        if len(tokens) != len(tags) or not len(tokens):
            raise WrongValue(f"sequence {i} has {len(tokens)} elements and {len(tags)} tags")
        for value in (*tokens, *tags):
            if not isinstance(value, str) or not value:
                raise WrongType(f"sequence {i} holds {value!r}: expected strings, none empty")
    return tuple(
        data.Tagged(tokens if isinstance(tokens, str) else tuple(tokens), tuple(tags))
        for tokens, tags in zip(x, y, strict=True)
    )


def _tags(sequences):
    return set().union(*(sequence.tags for sequence in sequences))


def _tags_held_out(tagged):
    known, found = _tags(tagged.train), set()
    for split in ("validation", "test"):
        tags = _tags(getattr(tagged, split))
        if unknown := sorted(tags - known):
            warn(
                f"{tagged.name}: no training sequence has these tags of the {split} split, which "
                f"count as wrong: {', '.join(unknown)}"
            )
        found |= tags
    return found
