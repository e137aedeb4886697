"""Texts that hardly differ: what is tested on must not be all but what was trained on.

Two texts are near-duplicates where the cosine of their trigrams' TF-IDF weights is at least
`SIMILARITY`, once what hardly makes another text is folded away. Trigrams are those within words,
with a blank before and behind each, as scikit-learn's "char_wb" has them.

All pairs of n texts are n² / 2, of which next to none are alike. By Cauchy and Schwarz, two unit
vectors whose cosine is t share a feature in the part of each that holds its rarest ones, cut where
the rest is shorter than t (prefix filtering, Bayardo, Ma & Srikant 2007, Scaling Up All Pairs
Similarity Search, with the bound of Anastasiu & Karypis 2014, L2AP). So an inverted index of the
rarest trigrams has all pairs that may be alike, and these alone are compared. Where a trigram is in
more than `NEIGHBOURS` texts, these are compared with those beside them in the alphabet only (sorted
neighbourhoods, Hernández & Stolfo 1995): else a file of one sentence with many names would be n²
pairs again.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

SIMILARITY = 0.85
DIGITS = 0.25  # of digits and letters; in texts with more of them these are what is said
LONGEST = 1000  # characters of a text that are compared
NEIGHBOURS = 512  # texts of one trigram that are all compared with each other
BITS = 21  # of a trigram's number; two that share one are taken for the same
BUCKETS = 64  # of trigrams, by which most pairs are seen not to be alike
AT_ONCE = 4_000_000  # characters, or pairs, in memory

# What a program fills in, and the names of HTML tags.
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%[\w%]|\{\w*\}|</?\w+")
_MARK = re.compile(r"[&~](?=\w)")  # of the key that chooses a menu's entry; "_" is folded anyway
_NUMBER = re.compile("0(?: ?0)*")


class _Folded(dict):
    """By code point what is left of a character: of a digit 0, of punctuation a blank."""

    def __missing__(self, code):
        kind = unicodedata.category(chr(code))
        kept = "0" if kind[0] == "N" else chr(code) if kind[0] in "LM" or kind == "So" else " "
        self[code] = "" if code == ord("_") else kept
        return self[code]


_FOLDED = _Folded()


def fold(text: str) -> str:
    """A text without what hardly makes it another one.

    That is case, punctuation, digits, what a program fills in, and the marks of its shortcuts. A
    text of which `DIGITS` or more are digits, such as a date, says something by them: it is left as
    it is but for case.

    >>> fold("&Delete 12 files?"), fold("_Delete {count} files")
    ('delete 0 files', 'delete files')
    >>> fold("3 + x"), fold("25 March 1999"), fold("%s")
    ('3 + x', '25 march 1999', '%s')
    """
    plain = unicodedata.normalize("NFKC", text.casefold())
    digits, letters = (sum(map(of, plain)) for of in (str.isdigit, str.isalpha))
    if digits and digits >= DIGITS * (digits + letters):
        return " ".join(plain.split())
    said = _MARK.sub("", PLACEHOLDER.sub(" ", plain)).translate(_FOLDED)
    said = _NUMBER.sub("0", " ".join(said.split()))
    return said if said.strip("0 ") else " ".join(plain.split())


class Duplicates:
    """Which of some texts are near-duplicates.

    Args:
        texts: of any length; of longer ones the first `LONGEST` characters count.

    Example:
        >>> image = "Delete the selected image"
        >>> found = Duplicates([image, "Save", f"{image}s?", f"&{image}"])
        >>> found.clusters(), found.clusters(1.0)
        (array([0, 1, 0, 0]), array([0, 1, 2, 0]))
    """

    def __init__(self, texts: Sequence[str]) -> None:
        folded = [fold(text)[:LONGEST] or "\0" for text in texts]
        self._different = sorted({*folded})
        number = {text: i for i, text in enumerate(self._different)}
        self._number = np.array([number[text] for text in folded], int)

    def clusters(self, similarity: float = SIMILARITY) -> np.ndarray:
        """By text the number of its cluster, in the order of their first texts.

        A cluster is what is connected by near-duplicates, though its ends may be less alike.

        Args:
            similarity: at least `SIMILARITY`; from 1 on only what is the same once it is folded.
        """
        from scipy.sparse.csgraph import connected_components

        of_different = np.arange(len(self._different))
        if similarity < 1:
            near = self._forest.copy()
            near.data[near.data > 2 - similarity] = 0
            near.eliminate_zeros()
            of_different = connected_components(near, directed=False)[1]
        _, first, number = np.unique(
            of_different[self._number], return_index=True, return_inverse=True
        )
        return np.argsort(np.argsort(first))[number]

    def beside(self, others: np.ndarray) -> np.ndarray:
        """Whether each text has a near-duplicate among others.

        Args:
            others: whether each text is one of these, which are not asked about: False for them.

        >>> Duplicates(["Save", "Go away", "save!"]).beside(np.array([True, False, False]))
        array([False, False,  True])
        """
        found = np.zeros(len(self._different), bool)
        found[self._number[others]] = True  # what is the same once it is folded
        asked = np.setdiff1d(self._number[~others], self._number[others])
        for i, _, _ in self._pairs(asked, np.unique(self._number[others])):
            found[i] = True
        return found[self._number] & ~others

    @functools.cached_property
    def _forest(self) -> Any:
        """The pairs by which all near-duplicates are connected, the most alike ones (sparse).

        What is connected at any similarity is connected in the maximum spanning forest; so of n²
        pairs that may be alike, n are kept. Its values are 2 - similarity, as 0 would be no pair.
        """
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import minimum_spanning_tree

        count = len(self._different)
        forest = csr_matrix((count, count), dtype=np.float32)
        everything = np.arange(count)
        for i, j, similarity in self._pairs(everything, everything):
            pairs = (2 - similarity, (i, j))
            # No pair is in both: each text is asked about once.
            forest = minimum_spanning_tree(forest + csr_matrix(pairs, shape=forest.shape))
        return forest

    def _pairs(
        self, asked: np.ndarray, others: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Near-duplicates (i, j, similarity), each i of `asked` and j of `others`, in parts.

        Where both are the same array, i < j.
        """
        if not len(asked) or not len(others):
            return
        weights = _weights(self._different)
        index = _rarest(weights)
        buckets = _bucket_norms(weights)
        of_others = index[others].T.tocsr()
        # How many pairs each text makes at most, so that a part of them fits into memory.
        makes = index[asked] @ np.diff(of_others.indptr).astype(np.int64)
        part = np.cumsum(makes) // AT_ONCE
        for own in np.split(asked, np.flatnonzero(np.diff(part)) + 1):
            shared = (index[own] @ of_others).tocoo()
            i, j = own[shared.row], others[shared.col]
            if asked is others:  # each pair once
                i, j = i[i < j], j[i < j]
            yield _alike(weights, buckets, i, j)


def _weights(texts):
    """TF-IDF of the trigrams of texts, rows of length 1: the rarest trigram is the first column."""
    from scipy.sparse import csr_matrix

    counts, trigrams, lengths = [], [], []
    begin = 0
    ends = np.cumsum([len(text) + 3 for text in texts])
    while begin < len(texts):
        so_far = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, so_far + AT_ONCE, side="right")))
        rows, of_part, of_each = _trigrams(texts[begin:end])
        counts.append(of_each)
        trigrams.append(of_part)
        lengths.append(np.bincount(rows, minlength=end - begin))
        begin = end
    values = np.concatenate(counts).astype(np.float32)
    trigram = np.concatenate(trigrams)
    length = np.concatenate(lengths)
    texts_with = np.bincount(trigram, minlength=1 << BITS)
    there = np.flatnonzero(texts_with)
    there = there[np.argsort(texts_with[there], kind="stable")]
    column = np.zeros(1 << BITS, np.int32)
    column[there] = np.arange(len(there))
    values *= (np.log((1 + len(texts)) / (1 + texts_with)) + 1).astype(np.float32)[trigram]
    row = np.repeat(np.arange(len(texts)), length)
    values /= np.sqrt(np.bincount(row, values.astype(float) ** 2)).astype(np.float32)[row]
    indptr = np.concatenate([[0], np.cumsum(length)])
    weights = csr_matrix((values, column[trigram], indptr), shape=(len(texts), len(there)))
    weights.sort_indices()
    return weights


def _trigrams(texts):
    """Rows, numbers of trigrams and how often each is there, sorted by row."""
    joined = "\n".join(f" {text} " for text in texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = codes == ord("\n")
    row = np.cumsum(ends)[:-2]
    # None goes over the end of a word: what two texts share is words and parts of words.
    within = ~(ends[:-2] | ends[2:] | ends[1:-1] | (codes[1:-1] == ord(" ")))
    codes = codes.astype(np.uint64)
    # Multiplicative hashing (Knuth 1973), of which the upper bits count.
    hashed = (codes[:-2] << np.uint64(42)) + (codes[1:-1] << np.uint64(21)) + codes[2:]
    hashed = (hashed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - BITS)
    key = (row.astype(np.uint64) << np.uint64(BITS)) + hashed
    key, counts = np.unique(key[within], return_counts=True)
    rows = (key >> np.uint64(BITS)).astype(np.int64)
    return rows, (key & np.uint64((1 << BITS) - 1)).astype(np.int64), counts


def _rarest(weights):
    """The columns by which each row is found (sparse, of ones), see the top of this module."""
    from scipy.sparse import csr_matrix

    row = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    squares = weights.data.astype(float) ** 2
    before = np.cumsum(squares) - squares
    before -= before[weights.indptr[:-1]][row]
    kept = 1 - before >= SIMILARITY**2 - 1e-4  # rounding must lose none
    row, column = row[kept], weights.indices[kept]
    # A column of too many rows becomes several, of neighbours, which overlap by half.
    order = np.argsort(column, kind="stable")
    starts = np.searchsorted(column[order], np.arange(weights.shape[1]))
    place = np.empty(len(column), np.int64)
    place[order] = np.arange(len(column)) - starts[column[order]]
    many = np.bincount(column, minlength=weights.shape[1])[column] > NEIGHBOURS
    half = NEIGHBOURS // 2
    once = np.where(many, place // NEIGHBOURS, 0)
    again = (place[many] + half) // NEIGHBOURS
    keys = np.concatenate([column * np.int64(1 << 32) + 2 * once, 0 * again])
    keys[len(column) :] = column[many] * np.int64(1 << 32) + 2 * again + 1
    _, column = np.unique(keys, return_inverse=True)
    row = np.concatenate([row, row[many]])
    shape = (weights.shape[0], int(column.max()) + 1)
    return csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)


def _bucket_norms(weights):
    """Of each row the lengths of its parts, by bucket of columns: (rows, BUCKETS)."""
    row = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    of_bucket = row * BUCKETS + weights.indices % BUCKETS
    sums = np.bincount(of_bucket, weights.data**2, minlength=weights.shape[0] * BUCKETS)
    return np.sqrt(sums).astype(np.float32).reshape(-1, BUCKETS)


def _alike(weights, buckets, i, j):
    """Those of the pairs (i, j) that are near-duplicates, and their similarity."""
    found = []
    longest = int(np.diff(weights.indptr).max())
    at_once = max(1, min(1 << 16, AT_ONCE // max(1, longest)))  # pairs, as rows are copied
    for begin in range(0, len(i), at_once):
        a, b = i[begin : begin + at_once], j[begin : begin + at_once]
        # A dot product is at most that of the lengths of parts (Cauchy and Schwarz).
        may = np.einsum("pb,pb->p", buckets[a], buckets[b]) >= SIMILARITY - 1e-4
        a, b = a[may], b[may]
        similarity = np.asarray(weights[a].multiply(weights[b]).sum(axis=1)).ravel()
        near = (similarity >= SIMILARITY) & (a != b)
        found.append((a[near], b[near], np.minimum(similarity[near], 1)))
    if not found:
        nothing = np.zeros(0, int)
        return nothing, nothing, np.zeros(0, np.float32)
    return tuple(map(np.concatenate, zip(*found, strict=True)))
