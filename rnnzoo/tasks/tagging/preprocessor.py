"""From tagged sequences, of words or of characters, to ids."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from rnnzoo import data
from rnnzoo.cells.conditional_random_field import UnscoredChainCell
from rnnzoo.data.readers.vectors import WordVectors, read_vectors
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.layers.hidden_markov.path import BestPath
from rnnzoo.notices import warn
from rnnzoo.platform import tf
from rnnzoo.tasks.padding import padded
from rnnzoo.tasks.tagging.affixes import affixes
from rnnzoo.tasks.tagging.spans import Move, forbidden_moves, moves_beyond
from rnnzoo.tasks.vocabulary import CharacterVocabulary, LabelVocabulary, WordVocabulary, news

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
        affixes: whether how a word begins, ends and is shaped is read, too.
        more_moves: which tags may follow each other beyond what they mark, see `forbidden`; None as
            long as no training has shown it: all may.
        vector_file: where vectors of words are to be read that were learned elsewhere, or None.
        vectors: the words that have such vectors; None: they were not read yet.
        read: what was read of the file; None of a model that has it as weights.
    """

    labels: LabelVocabulary | Any = None
    characters: CharacterVocabulary | Any = None
    words: WordVocabulary | Any = None
    spells: bool = True
    affixes: bool = False
    more_moves: tuple[Move, ...] | None = None
    vector_file: str | None = None
    vectors: WordVocabulary | None = None
    read: WordVectors | None = field(default=None, compare=False)

    @property
    def reads_words(self) -> bool:
        """Whether the elements are words, or else characters."""
        return self.words is not None

    @functools.cached_property
    def forbidden(self) -> np.ndarray | None:
        """Which tags must not follow which, where they mark spans; None where all may.

        What they mark says it, and what training has shown: see `rnnzoo.tasks.tagging.spans`.
        """
        if self.more_moves is None:
            return None
        return forbidden_moves([*map(str, self.labels.labels)], self.more_moves)

    @functools.cached_property
    def best_path(self) -> BestPath:
        """Finds the likeliest tags that may follow each other."""
        chain = UnscoredChainCell(len(self.labels), dtype="float32")
        return BestPath(chain, self.forbidden)

    def shown(self, sequences: Iterable[data.Tagged]) -> Self:
        """With what tagged sequences show to be allowed; the first ones tell how spans begin."""
        tags = [*map(str, self.labels.labels)]
        known, shown = set(self.more_moves or ()), (sequence.tags for sequence in sequences)
        more = moves_beyond(tags, shown, layout=self.more_moves is None)
        if self.more_moves is not None and more <= known:
            return self
        more_moves = sorted(known | more, key=lambda move: tuple(map(str, move)))
        return replace(self, more_moves=tuple(more_moves))

    def splits(
        self,
        train: tuple[Any, Any] | None = None,
        validation: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
    ) -> data.TaggedData:
        """What the feed takes, of pairs (x, y) that `fit` and `evaluate` are given.

        Raises:
            ValueError: sequences and tags don't go together.
            TypeError: an element or a tag is no string.
        """
        given = {"train": train, "validation": validation, "test": test}
        parts = {s: () if pair is None else _tagged(*pair) for s, pair in given.items()}
        return data.TaggedData(name="the sequences", **parts)

    def learned_from(self, tagged: data.TaggedData, vocabulary: str = "extend") -> Self:
        """With tags, characters and words of the training split.

        A tag that only held-out sequences have can't be learned: it is known, and counts as wrong.

        Args:
            tagged: of which splits.
            vocabulary: "extend": beside those that are known; "reset": in their place; "keep":
                only where none are known.

        Raises:
            ValueError: tags that must not be new; words instead of characters.

        Warns:
            UserWarning: tags that no training sequence has.
        """
        of_words = not isinstance(tagged.train[0].tokens, str)
        if self.labels is not None and of_words != self.reads_words:
            kinds = ("characters of strings", "lists of words")
            raise WrongValue(f"the tagger reads {kinds[self.reads_words]}, got {kinds[of_words]}")
        tags = sorted(_tags(tagged.train) | _tags_held_out(tagged))
        known = self.labels is not None and vocabulary != "reset"
        if known and vocabulary == "keep":
            self.labels.ids(tags)
            return self.shown(tagged.train)
        tokens = [token for sequence in tagged.train for token in sequence.tokens]
        characters = "".join(set("".join(set(tokens))))
        words = WordVocabulary(WordVocabulary.count(tokens)) if of_words else None
        if not known:
            labels = LabelVocabulary(tags, "tags")
            read = CharacterVocabulary(characters)
            new = replace(self, labels=labels, characters=read, words=words, more_moves=None)
            return new.with_vectors().shown(tagged.train)
        more = CharacterVocabulary(self.characters.characters + characters)
        extended = replace(
            self,
            labels=self.labels.with_others(tags),
            characters=self.characters if more == self.characters else more,
            words=words and self.words.with_others(words),
        )
        return extended.shown(tagged.train)

    def with_vectors(self) -> Self:
        """With the vectors of a file that is to be read."""
        if self.vector_file is None or self.vectors is not None:
            return self
        if not self.reads_words:
            raise WrongValue(
                f"vectors={self.vector_file!r}: the tagger reads characters, which have no vectors "
                "of words; leave it out, or give sentences as lists of words"
            )
        read = read_vectors(self.vector_file, self.words.counts)
        counts = {word: self.words.counts.get(word, 0) for word in read.words}
        return replace(self, vectors=WordVocabulary(counts), read=read)

    def news(self, before: TaggerPreprocessor) -> str:
        """What is known beyond what was known before, in words; empty if nothing was."""
        of_vectors = "" if self.read is None or before.read is self.read else self._said_of_vectors
        if before.labels is None:
            return of_vectors
        found = [
            of_vectors,
            news("tags", self.labels.labels, before.labels.labels),
            news("characters", self.characters.characters, before.characters.characters),
        ]
        if self.reads_words and before.reads_words:
            found.append(news("words", self.words.counts, before.words.counts))
        return ", ".join(filter(None, found))

    @property
    def _said_of_vectors(self):
        counts = self.words.counts
        known = sum(n for word, n in counts.items() if word in self.vectors.counts)
        share = known / sum(counts.values())
        return f"vectors of {self.read.said}; {share:.0%} of the words to train on have one"

    def tensors(self, sequences: Sequence[str | Sequence[str]]) -> tf.Tensor | tf.RaggedTensor:
        """Sequences, lists of words or strings, as `encode` takes them."""
        with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
            if not self.reads_words:
                return tf.constant(list(sequences), tf.string)
            return tf.RaggedTensor.from_row_lengths(
                tf.constant([word for words in sequences for word in words], tf.string),
                [len(words) for words in sequences],
            )

    def encode(self, sequences: tf.Tensor | tf.RaggedTensor) -> dict[str, tf.Tensor]:
        """What the network reads; graph code.

        Args:
            sequences: words: a RaggedTensor (batch, None) of strings; characters: strings (batch,).

        Returns:
            A dict of lengths (batch,) and ids (batch, time), 0 where unknown; of words also
            spellings (distinct, characters) of the distinct ones among them, with spelling_lengths
            (distinct,), and affixes (distinct, features), see `rnnzoo.tasks.tagging.affixes`, and
            which (batch, time) they are; and, where words have vectors, which of those they have,
            vectors (batch, time), 0 for none.
        """
        if not self.reads_words:
            ids, lengths = padded(self.characters.encode(sequences))
            return {"ids": ids, "lengths": lengths}
        tokens, lengths = padded(sequences, default="")
        batch = {"ids": self.words.encode(tokens), "lengths": lengths}
        if self.vectors is not None:
            batch["vectors"] = self.vectors.encode(tokens)
        if not (self.spells or self.affixes):
            return batch
        distinct, which = tf.unique(tf.reshape(tokens, (-1,)))
        batch["which"] = tf.reshape(which, tf.shape(tokens))
        if self.spells:
            batch["spellings"], batch["spelling_lengths"] = padded(
                self.characters.encode(distinct)[:, :LONGEST_SPELLING]
            )
        if self.affixes:
            batch["affixes"] = affixes(distinct)
        return batch

    def warn_of_unknown(self, sequences: Sequence) -> None:
        """Say which characters are not known; of words only of those that hold no known one.

        Of words whose spelling isn't read nothing is said.
        """
        if self.reads_words and not self.spells:
            return
        known = set(self.characters.characters)
        if self.reads_words:
            words = {word for sequence in sequences for word in sequence}
            sequences = [w for w in words if not (known & set(w) or self.words.knows(w))]
        self.characters.warn_of_unknown("".join(sequences), "What is to be tagged")

    def check(self, sequence: Any) -> None:
        """Raise a TypeError unless a sequence is one that the model reads."""
        if self.reads_words:
            if not is_sentence(sequence) or "" in sequence:
                raise WrongType(f"expected a list of words, none empty, got {sequence!r}")
        elif not isinstance(sequence, str):
            raise WrongType(f"expected a string, whose characters are tagged, got {sequence!r}")

    def check_split(self, words: Any) -> None:
        """Raise a ValueError if what is to be the words of one sentence seems to be sentences."""
        for word in [words] if isinstance(words, str) else words:
            if isinstance(words, str) or (len(word.split()) > 1 and not self.words.knows(word)):
                raise WrongValue(
                    f"{word!r} seems to be a sentence: expected lists of words, such as "
                    f"{word.split()!r}"
                )


def is_sentence(words: Any) -> bool:
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
