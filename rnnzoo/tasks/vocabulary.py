"""Characters <-> ids, the same in Python and in the exported graph."""

import collections
import warnings

import numpy as np

from rnnzoo.platform import tf

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # how the unknown character is shown


class CharacterVocabulary:
    """The characters a model knows, in code point order.

    Id 0 stands for every character that is not among them; id i is ``characters[i - 1]``. A
    character is one Unicode code point; nothing is normalized.

    Args:
        characters: any string; repetitions and order don't matter.

    Attributes:
        characters: the sorted distinct characters.
        size: number of ids, ``len(characters) + 1``.

    Raises:
        TypeError: `characters` is not a string.
        ValueError: it is empty, or holds a lone surrogate, which no UTF-8 text can.

    Example:
        >>> vocabulary = CharacterVocabulary("hello")
        >>> vocabulary.characters, vocabulary.size
        ('ehlo', 5)
        >>> vocabulary.ids("hole!").tolist()
        [2, 4, 3, 1, 0]
        >>> vocabulary.text([2, 4, 3, 1, 0])
        'hole\N{REPLACEMENT CHARACTER}'
    """

    UNKNOWN = 0

    def __init__(self, characters):
        if not isinstance(characters, str):
            raise TypeError(f"Characters must be a string, not {type(characters).__name__}.")
        check_encodable(characters)
        self.characters = "".join(sorted(set(characters)))
        if not self.characters:
            raise ValueError("A vocabulary needs at least one character; the text is empty.")
        self._points = _code_points(self.characters)

    @property
    def size(self):
        return len(self.characters) + 1

    def __eq__(self, other):
        return isinstance(other, CharacterVocabulary) and self.characters == other.characters

    def __hash__(self):
        return hash(self.characters)

    def __repr__(self):
        return f"CharacterVocabulary({self.characters!r})"

    def unknown(self, text):
        """The distinct characters of `text` that are not in the vocabulary, sorted."""
        return "".join(sorted(set(text) - set(self.characters)))

    def warn_of_unknown(self, text, what, stacklevel=3):
        """Say which characters of `text` the model does not know; `what` names the text."""
        if unknown := self.unknown(text):
            shown = " ".join(map(repr, unknown[:20])) + (" ..." if len(unknown) > 20 else "")
            warnings.warn(
                f"{what} holds {len(unknown)} character(s) that the model does not know, read as "
                f"the unknown character: {shown}",
                stacklevel=stacklevel,
            )

    def ids(self, text):
        """Ids of a string: int32 (len(text),)."""
        points = _code_points(text)
        index = np.minimum(np.searchsorted(self._points, points), len(self._points) - 1)
        return np.where(self._points[index] == points, index + 1, self.UNKNOWN).astype(np.int32)

    def text(self, ids):
        """The string of a sequence of ids."""
        shown = REPLACEMENT + self.characters
        return "".join(shown[i] for i in ids)

    def encode(self, texts):
        """Ids of UTF-8 strings (batch,), as an int32 RaggedTensor (batch, None); graph code."""
        points = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        known = tf.constant(self._points)
        # A search in a constant: unlike a lookup table it is no resource to track and export.
        index = tf.searchsorted(known, points.flat_values)
        index = tf.minimum(index, len(self._points) - 1)
        found = tf.gather(known, index) == points.flat_values
        return points.with_flat_values(tf.where(found, index + 1, self.UNKNOWN))

    def decode(self, ids):
        """UTF-8 strings (batch,) of ids, a RaggedTensor or tensor (batch, time); graph code."""
        shown = tf.constant(_code_points(REPLACEMENT + self.characters))
        if isinstance(ids, tf.RaggedTensor):
            points = ids.with_flat_values(tf.gather(shown, ids.flat_values))
        else:
            points = tf.gather(shown, ids)
        return tf.strings.unicode_encode(points, "UTF-8")


def check_encodable(text):
    """Raise a ValueError if UTF-8 has no encoding for the string."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The text holds the lone surrogate {text[error.start]!r} at character {error.start}, "
            "which is no character; was a file read with errors='surrogateescape'?"
        ) from None


def _code_points(text):
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.int32)


class WordVocabulary:
    """The words that a model knows, in lower case, and how often training met them; 0 is unknown.

    A word is looked up by its 64-bit fingerprint, as a search in a constant: unlike a lookup table
    that is no resource to track and export.

    Args:
        counts: dict of the words with their counts.
        cased: whether upper and lower case are told apart.

    Example:
        >>> vocabulary = WordVocabulary(WordVocabulary.count(["The", "dog", "the"]))
        >>> vocabulary.counts
        {'dog': 1, 'the': 2}
        >>> vocabulary.encode(tf.constant([["THE", "cat"]])).numpy().tolist()
        [[2, 0]]
    """

    UNKNOWN = 0

    def __init__(self, counts, cased=False):
        self.counts = dict(counts)
        self.cased = cased
        self.size = len(self.counts) + 1
        fingerprints = self._fingerprints_of(tf.constant(list(self.counts), tf.string)).numpy()
        order = np.argsort(fingerprints)
        self._fingerprints, self._ids = fingerprints[order], (order + 1).astype(np.int32)
        if len(np.unique(fingerprints)) < len(self.counts):
            raise ValueError("words: some are the same in lower case; expected each of them once")

    @staticmethod
    def count(words):
        """The distinct words in lower case, sorted, with their counts."""
        counts = {}
        for word in words:
            counts[word] = counts.get(word, 0) + 1
        # By TensorFlow's lower case, which differs from Python's in some letters.
        lower = tf.strings.lower(tf.constant(list(counts), tf.string), "utf-8").numpy()
        merged = {}
        for word, n in zip(lower, counts.values(), strict=True):
            merged[word.decode()] = merged.get(word.decode(), 0) + n
        return dict(sorted(merged.items()))

    def encode(self, words):
        """Ids of strings, int32 of the same shape; graph code."""
        known = tf.constant(self._fingerprints)
        wanted = self._fingerprints_of(words)
        index = tf.searchsorted(known, tf.reshape(wanted, (-1,)))
        index = tf.reshape(tf.minimum(index, len(self._fingerprints) - 1), tf.shape(wanted))
        found = tf.gather(known, index) == wanted
        return tf.where(found, tf.gather(tf.constant(self._ids), index), self.UNKNOWN)

    def rates_of_loss(self, dropout):
        """By id the probability dropout / (dropout + count) of a word to be taken for unknown."""
        counts = np.array([0, *self.counts.values()], np.float32)
        return tf.constant(dropout / (dropout + counts))

    def _fingerprints_of(self, words):
        words = words if self.cased else tf.strings.lower(words, "utf-8")
        return tf.strings.to_hash_bucket_fast(words, 2**63 - 1)


# Each character of a script that is written without spaces counts as a word; so do the marks that
# such scripts share (ー and 〆).
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\x{30FC}\x{FF70}\x{3006}"
# What a program puts values and marks into stays whole: %(name)s, %d, %1$s, {name}, <b>, &amp;.
_PLACEHOLDER = r"%\(\w+\)[a-z]|%(?:\d+\$)?(?:\.?\d+)?[sdif]\b|%%|\{[\w.:!]*\}|</?\w+/?>|&\w+;"
_SIGN = rf"{_PLACEHOLDER}|[{_SPACELESS}]|[^\p{{L}}\p{{M}}\p{{N}}'’ -]"
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

    Ids 0, 1 and 2 are the unknown word or character, the start and the stop; then come words in the
    order of `counts`, first characters, and other characters.

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

    UNKNOWN, START, STOP = 0, 1, 2
    _SPECIAL = 3

    def __init__(self, counts, characters="", cased=False):
        self.counts = dict(counts)
        self.characters = "".join(sorted(set(characters)))
        self.cased = cased
        self.size = self._SPECIAL + len(self.counts) + 2 * len(self.characters)
        self._words = WordVocabulary(self.counts, cased=True)  # `split` sees to the case
        self._spelling = CharacterVocabulary(self.characters) if self.characters else None
        # Much to trace, so once for all who encode.
        strings = tf.TensorSpec([None], tf.string)
        self._encode = tf.function(self._ids, input_signature=[strings], autograph=False)

    @property
    def shown(self):
        """How each id is written: start and stop not at all."""
        goes_on = [GOES_ON + character for character in self.characters]
        return [REPLACEMENT, "", "", *self.counts, *self.characters, *goes_on]

    @property
    def lengths(self):
        """By id what it adds to a sentence's length in words, float32: 0 where a word goes on."""
        goes_on = np.arange(self.size) >= self.size - len(self.characters)
        return np.where(goes_on, 0, 1).astype(np.float32)

    def shared(self, other):
        """The ids here and there of what both vocabularies hold, start and stop among it."""
        there = {shown: i for i, shown in enumerate(other.shown)}
        there |= {i: i for i in range(self._SPECIAL)}
        here = [*range(self._SPECIAL), *self.shown[self._SPECIAL :]]
        pairs = [(i, there[shown]) for i, shown in enumerate(here) if shown in there]
        return [[pair[side] for pair in pairs] for side in (0, 1)]

    @classmethod
    def count(cls, sentences, least=1, cased=False):
        """The distinct words, sorted, with their counts, of those that occur `least` times."""
        words = cls.split(tf.constant(list(sentences), tf.string), cased).flat_values
        counts = collections.Counter(word.decode() for word in words.numpy())
        return {word: n for word, n in sorted(counts.items()) if n >= least}

    @staticmethod
    def split(sentences, cased=False):
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
        whole = tf.strings.regex_full_match(flat, rf"{JOINED}?(?:{_PLACEHOLDER}){JOINED}?")
        return words.with_flat_values(tf.where(whole, flat, tf.strings.lower(flat, "utf-8")))

    @staticmethod
    def join(words):
        """Words (batch, None), ragged, as strings (batch,), spaces where they were; graph code."""
        text = tf.strings.reduce_join(words, axis=-1, separator=" ")
        text = tf.strings.regex_replace(text, f" ?{GOES_ON}", "")
        return tf.strings.regex_replace(text, f" ?{JOINED}[ {JOINED}]*", "")

    def encode(self, sentences):
        """Ids of UTF-8 strings (batch,) with the stop after each, int32, ragged; graph code."""
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
        return tf.concat([ids, tf.fill((ids.nrows(), 1), self.STOP)], axis=1)

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

    def decode(self, ids):
        """UTF-8 strings (batch,) of ids (batch, time) up to the first stop; graph code."""
        shown = tf.constant(self.shown)
        goes_on = tf.cumsum(tf.cast(tf.equal(ids, self.STOP), tf.int32), axis=-1) == 0
        return self.join(tf.ragged.boolean_mask(tf.gather(shown, ids), goes_on))
