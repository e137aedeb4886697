"""Sentences <-> ids of pieces of words, the same in Python and in the exported graph."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

import numpy as np

from rnnzoo.errors import MissingPackage
from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary.longest_match import LongestMatch
from rnnzoo.tasks.vocabulary.sentences import GOES_ON, SentenceVocabulary


class PieceVocabulary(SentenceVocabulary):
    r"""Sentences <-> ids of WordPiece's pieces of words.

    The words, the signs among them, are those of `SentenceVocabulary`. Each is cut into pieces by
    longest match, see `rnnzoo.tasks.vocabulary.longest_match.LongestMatch`. Single characters are
    pieces, too, so that a word is unknown only where one of its characters is.

    Args:
        counts: dict of the pieces of two or more characters, with how often training met them.
            Those that go on a word have a word joiner, U+2060, before them.
        characters: those that a piece can be by itself.
        cased: whether upper and lower case are told apart. If not, all is in lower case.

    Example:
        >>> vocabulary = PieceVocabulary({"dog": 2, "\u2060ged": 1, "\u2060gy": 1}, "dogetyh")
        >>> ids = vocabulary.encode(tf.constant(["dogged doggy", "the dogs"]))
        >>> [[vocabulary.shown[i] for i in of_one] for of_one in ids.to_list()]
        [['dog', '\u2060ged', 'dog', '\u2060gy', ''], ['t', '\u2060h', '\u2060e', '\ufffd', '']]
        >>> vocabulary.decode(ids.to_tensor()).numpy().tolist()[0]
        b'dogged doggy'
    """

    @classmethod
    def learned(
        cls, counts: Mapping[str, int], pieces: int, min_count: int = 2, cased: bool = False
    ) -> PieceVocabulary:
        r"""The pieces of words, learned by the package tokenizers.

        Beginning with characters, the pair of pieces that is met most often becomes a piece, again
        and again: as byte-pair encoding learns (Sennrich et al. 2016, Neural machine translation of
        rare words with subword units). What longest match never chooses is left out.

        Args:
            counts: dict of the words with their counts, as `count` makes it.
            pieces: how many to learn at most, beside the characters.
            min_count: what training meets less often becomes no piece.
            cased: see the class.

        Raises:
            MissingPackage: tokenizers is not installed.

        Example:
            >>> PieceVocabulary.learned({"lower": 5, "newer": 6, "low": 4}, pieces=5).counts
            {'lo': 9, 'newer': 6, '\u2060wer': 5}
        """
        if importlib.util.find_spec("tokenizers") is None:
            raise MissingPackage("pieces are learned by the package tokenizers", "translation")
        from tokenizers import Tokenizer, models, trainers

        characters = "".join(sorted(set("".join(counts))))
        # Named before, characters are numbered in this order. If not, then in that of a hash map,
        # and which of two equally frequent pairs comes first would differ from run to run.
        alone = [*characters, *(GOES_ON + character for character in characters)]
        trainer = trainers.WordPieceTrainer(
            vocab_size=len(alone) + pieces,
            min_frequency=min_count,
            special_tokens=alone,
            continuing_subword_prefix=GOES_ON,
            show_progress=False,
        )
        tokenizer = Tokenizer(models.WordPiece())
        words = (word for word, n in counts.items() for _ in range(n))
        tokenizer.train_from_iterator(words, trainer)
        found = sorted(tokenizer.get_vocab().keys() - set(alone))
        vocabulary = cls(dict.fromkeys(found, 0), characters, cased)
        ids = vocabulary._match(tf.constant(list(counts), tf.string))
        met = np.repeat(list(counts.values()), ids.row_lengths())
        met = np.bincount(ids.flat_values, met, vocabulary.size)[cls._SPECIAL :][: len(found)]
        counted = {piece: int(n) for piece, n in zip(found, met, strict=True) if n}
        return cls(counted, characters, cased)

    def with_others(self, other: SentenceVocabulary) -> PieceVocabulary:
        """With the characters of another vocabulary; itself if it knows all of them.

        The pieces stay, so that what was known is cut as before.
        """
        if set(other.characters) <= set(self.characters):
            return self
        return PieceVocabulary(self.counts, self.characters + other.characters, self.cased)

    def _make_lookup(self):
        ids = {piece: i for i, piece in enumerate(self.shown) if i >= self._SPECIAL}
        self._match = LongestMatch(ids, GOES_ON)

    def _ids(self, sentences):
        words = self.split(sentences, self.cased)
        distinct, index = tf.unique(words.flat_values)  # most words are there more than once
        ids = tf.gather(self._match(distinct), index)
        return self._with_eos(words.with_flat_values(ids).merge_dims(1, 2))
