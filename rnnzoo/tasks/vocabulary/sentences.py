"""Sentences <-> ids, the same in Python and in the exported graph."""

from __future__ import annotations

import collections
import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np

from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary.characters import REPLACEMENT, CharacterVocabulary
from rnnzoo.tasks.vocabulary.words import WordVocabulary

# Each character of a script that is written without spaces counts as a word; so do the marks that
# such scripts share (ー and 〆).
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\x{30FC}\x{FF70}\x{3006}"
# What a program puts values and marks into stays whole: %(name)s, %d, %5.2f, %1$s, %1, %@, {name},
# {{ name }}, ${name}, <b>, &amp;.
PLACEHOLDER = (
    r"%\(\w+\)[-+#0]*\d*(?:\.\d+)?[a-z]|%(?:\d+\$)?[-+#0]*\d*(?:\.\d+)?[sdifruxc]\b|%@|%\d\b|%%|"
    r"\{\{\s*[\w.]+\s*\}\}|\$?\{[\w.:!,]*\}|</?\w+/?>|&\w+;"
)
_SIGN = rf"{PLACEHOLDER}|[{_SPACELESS}]|[^\p{{L}}\p{{M}}\p{{N}}'’ -]"
# On the side of a sign where it stands without a space; before a character that goes on a word.
JOINED, GOES_ON = "￭", "\N{WORD JOINER}"
_APART = "\x1f"  # between words without a space; a control character, so never left in one
_SPACE = rf"[\s\p{{Z}}\p{{Cc}}\x{{200B}}\x{{FEFF}}{JOINED}{GOES_ON}]+"


class SentenceVocabulary:
    r"""Sentences <-> ids, for models that write; the same in Python and graphs.

    A word is a run of letters, digits, hyphens and apostrophes; any other sign is one of its own,
    as is each character of a script that is written without spaces, and as are placeholders such as
    ``%(name)s`` and ``{name}``, which keep their case. ``￭`` is kept where a sign has no space
    beside it, so that `decode` sets a space where there was one (as the joiners of Crego et al.
    2016, SYSTRAN's pure neural machine translation systems).

    A word that is not among those known is spelt, if `characters` are given: ids of its first
    character, and of others that go on (a flat form of Luong & Manning 2016, Achieving open
    vocabulary neural machine translation with hybrid word-character models).

    Ids 0, 1 and 2 are the unknown word or character, BOS (begin of sentence) and EOS (its end).
    Then come the words in the order of `counts`, first characters of words, other characters.

    Args:
        counts: dict of the words with their counts, as `count` makes it.
        characters: those that other words are spelt with; none: these are unknown.
        cased: whether upper and lower case are told apart. If not, all is in lower case.

    Example:
        >>> vocabulary = SentenceVocabulary(SentenceVocabulary.count(["Hello, dog!", "A dog"]))
        >>> list(vocabulary.counts), vocabulary.size
        (['a', 'dog', 'hello', '￭!', '￭,'], 8)
        >>> ids = vocabulary.encode(tf.constant(["Hello, cat!"]))
        >>> ids.to_list()
        [[5, 7, 0, 6, 2]]
        >>> vocabulary.decode(ids.to_tensor()).numpy().tolist()
        [b'hello, \xef\xbf\xbd!']
        >>> vocabulary = SentenceVocabulary({"dog": 2}, characters="act")
        >>> vocabulary.encode(tf.constant(["cat dog"])).to_list()
        [[5, 7, 9, 3, 2]]
        >>> vocabulary.decode([[5, 7, 9, 3, 2]]).numpy().tolist()
        [b'cat dog']
    """

    UNKNOWN, BOS, EOS = 0, 1, 2
    _SPECIAL = 3

    def __init__(self, counts: Mapping[str, int], characters: str = "", cased: bool = False):
        self.counts = dict(counts)
        self.characters = "".join(sorted(set(characters)))
        self.cased = cased
        self.size = self._SPECIAL + len(self.counts) + 2 * len(self.characters)
        self._make_lookup()
        # Much to trace, so once for all who encode.
        strings = tf.TensorSpec([None], tf.string)
        self._encode = tf.function(self._ids, input_signature=[strings], autograph=False)

    def _make_lookup(self):
        """What `_ids` looks words up by."""
        self._words = WordVocabulary(self.counts, cased=True)  # `split` sees to the case
        self._spelling = CharacterVocabulary(self.characters) if self.characters else None

    @property
    def shown(self) -> list[str]:
        """How each id is written: BOS and EOS not at all."""
        goes_on = [GOES_ON + character for character in self.characters]
        return [REPLACEMENT, "", "", *self.counts, *self.characters, *goes_on]

    @property
    def lengths(self) -> np.ndarray:
        """By id what it adds to a sentence's length in words, float32: 0 where a word goes on."""
        return np.array([not shown.startswith(GOES_ON) for shown in self.shown], np.float32)

    def with_others(self, other: SentenceVocabulary) -> SentenceVocabulary:
        """With words and characters of another vocabulary; itself if it knows all of them."""
        new = {word: n for word, n in other.counts.items() if word not in self.counts}
        characters = set(other.characters) - set(self.characters)
        if not new and not characters:
            return self
        counts = dict(sorted({**self.counts, **new}.items()))
        return SentenceVocabulary(counts, "".join({*self.characters, *characters}), self.cased)

    def unheard_of(self, ids: tf.Tensor) -> tf.Tensor:
        """Whether sentences hold no known word or character; signs don't count: graph code.

        Args:
            ids: int32 (batch, time), with EOS behind.

        Returns:
            bool (batch,), True where something is unknown and nothing else is said.
        """
        said = tf.constant([any(map(_says, shown)) for shown in self.shown])
        some_known = tf.reduce_any(tf.gather(said, ids), axis=-1)
        return tf.reduce_any(ids == self.UNKNOWN, axis=-1) & ~some_known

    def shared(self, other: SentenceVocabulary) -> list[list[int]]:
        """The ids here and there of what both vocabularies hold, BOS and EOS among it."""
        there = other._id_of
        pairs = [(i, there[what]) for what, i in self._id_of.items() if what in there]
        return [[pair[side] for pair in pairs] for side in (0, 1)]

    @property
    def _id_of(self):
        """By what an id stands for, and as what: "a" may be a word, and a letter of others."""
        as_what = [
            ("special", range(self._SPECIAL)),
            ("word", self.counts),
            ("first", self.characters),
            ("goes on", self.characters),
        ]
        kinds = [(kind, what) for kind, those in as_what for what in those]
        return {kind_and_what: i for i, kind_and_what in enumerate(kinds)}

    @classmethod
    def count(
        cls, sentences: Iterable[str], min_count: int = 1, cased: bool = False
    ) -> dict[str, int]:
        """The distinct words, sorted, with their counts, of those that occur `min_count` times.

        What stands for the unknown is none, or a model would learn to write it.
        """
        sentences = [sentence.replace(REPLACEMENT, " ") for sentence in sentences]
        words = cls.split(tf.constant(sentences, tf.string), cased).flat_values
        counts = collections.Counter(word.decode() for word in words.numpy())
        return {word: n for word, n in sorted(counts.items()) if n >= min_count}

    @staticmethod
    def split(sentences: tf.Tensor, cased: bool = False) -> tf.RaggedTensor:
        """The words of UTF-8 strings (batch,), a RaggedTensor (batch, None); graph code.

        Example:
            >>> split = SentenceVocabulary.split(tf.constant(["A dog's (big) day: %(n)d!"]))
            >>> b" ".join(split.to_list()[0]).decode()
            "a dog's (￭ big ￭) day ￭: %(n)d￭ ￭!"
        """
        text = tf.strings.regex_replace(sentences, _SPACE, " ")
        text = tf.strings.join([" ", text, " "])
        text = tf.strings.regex_replace(text, _SIGN, rf"{_APART}{JOINED}\0{JOINED}{_APART}")
        text = tf.strings.regex_replace(text, rf" {_APART}{JOINED}", " ")
        text = tf.strings.regex_replace(text, rf"{JOINED}{_APART} ", " ")
        words = tf.strings.split(tf.strings.regex_replace(text, _APART, " "))
        if cased:
            return words
        flat = words.flat_values
        whole = tf.strings.regex_full_match(flat, rf"{JOINED}?(?:{PLACEHOLDER}){JOINED}?")
        return words.with_flat_values(tf.where(whole, flat, tf.strings.lower(flat, "utf-8")))

    @staticmethod
    def join(words: tf.RaggedTensor) -> tf.Tensor:
        """Words (batch, None), ragged, as strings (batch,), spaces where they were; graph code."""
        text = tf.strings.reduce_join(words, axis=-1, separator=" ")
        text = tf.strings.regex_replace(text, f" ?{GOES_ON}", "")
        return tf.strings.regex_replace(text, f" ?{JOINED}[ {JOINED}]*", "")

    def encode(self, sentences: tf.Tensor) -> tf.RaggedTensor:
        """Ids of UTF-8 strings (batch,) with EOS after each, int32, ragged; graph code."""
        return self._encode(sentences)

    def _ids(self, sentences):
        words = self.split(sentences, self.cased)
        ids = self._words.encode(words.flat_values)
        known = ids != WordVocabulary.UNKNOWN
        ids = tf.where(known, ids + self._SPECIAL - 1, self.UNKNOWN)
        if self._spelling is None:
            ids = words.with_flat_values(ids)
        else:
            ids = words.with_flat_values(self._spelt(words.flat_values, ids, known))
            ids = ids.merge_dims(1, 2)
        return self._with_eos(ids)

    def _with_eos(self, ids):
        """Ragged (batch, None) with EOS at the end of each row.

        Not by tf.concat, which transposes row numbers: of those, whole numbers, oneDNN says on
        stderr that it doesn't take them, on processors without AVX-512.
        """
        row_splits = ids.row_splits + tf.range(ids.nrows() + 1)
        places = tf.range(tf.size(ids.flat_values, tf.int64)) + ids.value_rowids()
        all_eos = tf.fill([row_splits[-1]], self.EOS)
        values = tf.tensor_scatter_nd_update(all_eos, places[:, tf.newaxis], ids.flat_values)
        return tf.RaggedTensor.from_row_splits(values, row_splits, validate=False)

    def _spelt(self, words, ids, known):
        """The id of each known word, those of the characters of others: ragged (words, None)."""
        characters = self._spelling.encode(words)
        row = characters.value_rowids()
        first = tf.ragged.range(characters.row_lengths()).flat_values == 0
        of_character = characters.flat_values
        in_order = of_character + self._SPECIAL + len(self.counts) - 1
        in_order += tf.where(first, 0, len(self.characters))
        spelt = tf.where(of_character == CharacterVocabulary.UNKNOWN, self.UNKNOWN, in_order)
        known, ids = tf.gather(known, row), tf.gather(ids, row)
        return tf.ragged.boolean_mask(
            characters.with_flat_values(tf.where(known, ids, spelt)),
            characters.with_flat_values(first | ~known),
        )

    def tokens(self, ids: tf.Tensor) -> tf.Tensor:
        """What each of ids (batch, time) stands for, to be read: UTF-8 strings; graph code.

        The first EOS is ``</s>``, what follows it empty. Signs and characters are there without the
        marks that say whether a space stands beside them.
        """
        shown = [what.strip(JOINED + GOES_ON) or what.strip(GOES_ON) for what in self.shown]
        shown[self.EOS] = "</s>"
        before = tf.cumsum(tf.cast(tf.equal(ids, self.EOS), tf.int32), axis=-1, exclusive=True)
        return tf.where(before == 0, tf.gather(tf.constant(shown), ids), "")

    def decode(self, ids: tf.Tensor) -> tf.Tensor:
        """UTF-8 strings (batch,) of ids (batch, time) up to the first EOS; graph code."""
        shown = tf.constant(self.shown)
        goes_on = tf.cumsum(tf.cast(tf.equal(ids, self.EOS), tf.int32), axis=-1) == 0
        return self.join(tf.ragged.boolean_mask(tf.gather(shown, ids), goes_on))


def _says(character):
    """Whether it is no mere sign: a letter, a digit, or by private use what stands for another."""
    return character.isalnum() or unicodedata.category(character) == "Co"
