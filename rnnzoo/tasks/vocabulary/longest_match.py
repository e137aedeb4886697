"""Words -> pieces by longest match, as WordPiece cuts them; graph code."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnzoo.platform import tf
from rnnzoo.tasks.vocabulary.characters import CharacterVocabulary
from rnnzoo.tasks.vocabulary.search import search

_DEAD, _ROOT = 0, 1  # nodes of the trie: no piece begins so; nothing is read yet


class LongestMatch:
    """Cuts words into known pieces, at each place into the longest that fits.

        piece_1 = the longest piece that the word begins with
        piece_k = the longest piece that goes on, that what is left begins with

    This is the inference of WordPiece (Schuster & Nakajima 2012, Japanese and Korean voice search;
    Wu et al. 2016, Google's neural machine translation system). A word of which a rest begins with
    no piece is unknown as a whole.

    The pieces are a trie, as in Song et al. (2021), Fast WordPiece tokenization. Here it is walked
    from all characters of all words at once, which takes as many steps as the longest match has
    characters. Which of the matches a word consists of is told by pointer doubling (Hillis & Steele
    1986, Data parallel algorithms): in round k each reached piece reaches the one 2^k further.

    Args:
        pieces: dict of strings with their ids, from 1 on; 0 is an unknown word. Pieces that go on a
            word have `goes_on` before them.
        goes_on: a character that is in no word.

    Example:
        >>> match = LongestMatch({"un": 1, "u": 2, "_aff": 3, "_able": 4, "_a": 5}, goes_on="_")
        >>> match(tf.constant(["unaffable", "u", "una", "unable!", ""])).to_list()
        [[1, 3, 4], [2], [1, 5], [0], []]
    """

    UNKNOWN = 0

    def __init__(self, pieces: Mapping[str, int], goes_on: str):
        self._characters = CharacterVocabulary("".join(pieces))
        edges: dict[tuple[int, int], int] = {}
        ends = [self.UNKNOWN, self.UNKNOWN]  # by node the piece that ends there
        for piece, number in pieces.items():
            node = _ROOT
            for character in self._characters.ids(piece).tolist():
                node = edges.setdefault((node, character), len(ends))
                if node == len(ends):
                    ends.append(self.UNKNOWN)
            ends[node] = number
        keys = np.array([self._key(*edge) for edge in edges], np.int64)
        order = np.argsort(keys)
        self._keys, self._nodes = keys[order], np.array(list(edges.values()), np.int32)[order]
        self._ends = np.array(ends, np.int32)
        self._within = edges.get((_ROOT, int(self._characters.ids(goes_on)[0])), _DEAD)

    def __call__(self, words: tf.Tensor) -> tf.RaggedTensor:
        """The ids of the pieces of UTF-8 strings (words,), ragged int32 (words, None)."""
        characters = self._characters.encode(words)
        first = tf.ragged.range(characters.row_lengths()).flat_values == 0
        piece, length = self._matches(characters.flat_values, first)
        chosen = self._reached(first, length, characters.bounding_shape(axis=1))
        failed = characters.with_flat_values(chosen & (piece == self.UNKNOWN))
        unknown = tf.gather(tf.reduce_any(failed, axis=1), characters.value_rowids())
        return tf.ragged.boolean_mask(
            characters.with_flat_values(tf.where(unknown, self.UNKNOWN, piece)),
            characters.with_flat_values(tf.where(unknown, first, chosen)),
        )

    def _matches(self, characters, first):
        """The longest piece from each character on, and its length, 1 where there is none."""

        def goes_on(depth, node, following, piece, length):
            return tf.reduce_any(node != _DEAD)

        def step(depth, node, following, piece, length):
            ends = tf.gather(tf.constant(self._ends), node)
            longer = ends != self.UNKNOWN
            piece, length = tf.where(longer, ends, piece), tf.where(longer, depth, length)
            following = tf.roll(following, -1, axis=0)
            return depth + 1, self._child(node, following), following, piece, length

        node = self._child(tf.where(first, _ROOT, self._within), characters)
        # What another word begins with goes on no match.
        following = tf.where(first, CharacterVocabulary.UNKNOWN, characters)
        none, one = tf.fill(tf.shape(characters), self.UNKNOWN), tf.ones_like(characters)
        *_, piece, length = tf.while_loop(goes_on, step, (1, node, following, none, one))
        return piece, length

    def _reached(self, first, length, longest):
        """Where pieces begin, if matches of some lengths follow each other in each word."""
        size = tf.size(length)

        def goes_on(steps, reached, behind):
            return steps < longest

        def double(steps, reached, behind):
            further = tf.math.unsorted_segment_max(reached, behind, size)
            return 2 * steps, tf.maximum(reached, further), tf.gather(behind, behind)

        # Behind a word begins the next, behind the last the first: all of them are reached anyway.
        behind = tf.math.floormod(tf.range(size) + length, tf.maximum(size, 1))
        start = (tf.ones_like(longest), tf.cast(first, tf.int32), behind)
        return tf.while_loop(goes_on, double, start)[1] == 1

    def _child(self, node, character):
        """Where edges lead; an unknown character is on none."""
        key = self._key(tf.cast(node, tf.int64), tf.cast(character, tf.int64))
        index, found = search(self._keys, key)
        return tf.where(found, tf.gather(tf.constant(self._nodes), index), _DEAD)

    def _key(self, node, character):
        return node * self._characters.size + character
