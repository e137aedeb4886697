"""Characters <-> ids, the same in Python and in the exported graph."""

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

    Example:
        >>> vocabulary = WordVocabulary(WordVocabulary.count(["The", "dog", "the"]))
        >>> vocabulary.counts
        {'dog': 1, 'the': 2}
        >>> vocabulary.encode(tf.constant([["THE", "cat"]])).numpy().tolist()
        [[2, 0]]
    """

    UNKNOWN = 0

    def __init__(self, counts):
        self.counts = dict(counts)
        self.size = len(self.counts) + 1
        fingerprints = _fingerprints(tf.constant(list(self.counts), tf.string)).numpy()
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
        wanted = _fingerprints(words)
        index = tf.searchsorted(known, tf.reshape(wanted, (-1,)))
        index = tf.reshape(tf.minimum(index, len(self._fingerprints) - 1), tf.shape(wanted))
        found = tf.gather(known, index) == wanted
        return tf.where(found, tf.gather(tf.constant(self._ids), index), self.UNKNOWN)

    def rates_of_loss(self, dropout):
        """By id the probability dropout / (dropout + count) of a word to be taken for unknown."""
        counts = np.array([0, *self.counts.values()], np.float32)
        return tf.constant(dropout / (dropout + counts))


def _fingerprints(words):
    return tf.strings.to_hash_bucket_fast(tf.strings.lower(words, "utf-8"), 2**63 - 1)


# Scripts that are written without spaces: each of their characters counts as a word.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}"


class SentenceVocabulary:
    r"""Sentences <-> ids, for models that write: words in lower case, same in Python and graphs.

    A word is a run of letters, digits, hyphens and apostrophes; any other sign is one of its own,
    as is each character of a script that is written without spaces. Ids 0, 1 and 2 are the unknown
    word, the start and the stop; others follow in the order of `counts`.

    Args:
        counts: dict of the words with their counts, as `count` makes it.

    Example:
        >>> vocabulary = SentenceVocabulary(SentenceVocabulary.count(["Hello, dog!", "A dog"]))
        >>> list(vocabulary.counts), vocabulary.size
        (['!', ',', 'a', 'dog', 'hello'], 8)
        >>> ids = vocabulary.encode(tf.constant(["Hello, cat!"]))
        >>> ids.to_list()
        [[7, 4, 0, 3, 2]]
        >>> vocabulary.decode(ids.to_tensor()).numpy().tolist()
        [b'hello, \xef\xbf\xbd!']
    """

    UNKNOWN, START, STOP = 0, 1, 2
    _SPECIAL = 3

    def __init__(self, counts):
        self.counts = dict(counts)
        self.size = len(self.counts) + self._SPECIAL
        self._words = WordVocabulary(self.counts)

    @property
    def shown(self):
        """How each id is written: start and stop not at all."""
        return [REPLACEMENT, "", "", *self.counts]

    def shared(self, other):
        """The ids here and there of what both vocabularies hold, start and stop among it."""
        special = list(range(self._SPECIAL))
        there = {word: i for i, word in enumerate(other.counts, self._SPECIAL)}
        pairs = [
            (i, there[word]) for i, word in enumerate(self.counts, self._SPECIAL) if word in there
        ]
        return [special + [pair[side] for pair in pairs] for side in (0, 1)]

    @classmethod
    def count(cls, sentences, least=1):
        """The distinct words, sorted, with their counts, of those that occur `least` times."""
        words = cls.split(tf.constant(list(sentences), tf.string)).flat_values
        counts = WordVocabulary.count(word.decode() for word in words.numpy())
        return {word: n for word, n in counts.items() if n >= least}

    @staticmethod
    def split(sentences):
        """The words of UTF-8 strings (batch,), a RaggedTensor (batch, None); graph code."""
        lower = tf.strings.lower(sentences, "utf-8")
        apart = rf"[{_SPACELESS}]|[^\p{{L}}\p{{M}}\p{{N}}'’\s-]"
        return tf.strings.split(tf.strings.regex_replace(lower, apart, r" \0 "))

    @staticmethod
    def join(words):
        """Words (batch, None), ragged, as strings (batch,) with the usual spaces; graph code."""
        text = tf.strings.reduce_join(words, axis=-1, separator=" ")
        text = tf.strings.regex_replace(text, r" ([.,;:!?%)\]}])", r"\1")
        text = tf.strings.regex_replace(text, r"([(\[{]) ", r"\1")
        for _ in range(2):  # a replacement doesn't see the character that it has just taken
            text = tf.strings.regex_replace(text, rf"([{_SPACELESS}]) ([{_SPACELESS}])", r"\1\2")
        return text

    def encode(self, sentences):
        """Ids of UTF-8 strings (batch,) with the stop after each, int32, ragged; graph code."""
        words = self.split(sentences)
        ids = self._words.encode(words.flat_values)
        ids = tf.where(ids == WordVocabulary.UNKNOWN, self.UNKNOWN, ids + self._SPECIAL - 1)
        ids = words.with_flat_values(ids)
        return tf.concat([ids, tf.fill((ids.nrows(), 1), self.STOP)], axis=1)

    def decode(self, ids):
        """UTF-8 strings (batch,) of ids (batch, time) up to the first stop; graph code."""
        shown = tf.constant(self.shown)
        goes_on = tf.cumsum(tf.cast(ids == self.STOP, tf.int32), axis=-1) == 0
        return self.join(tf.ragged.boolean_mask(tf.gather(shown, ids), goes_on))
