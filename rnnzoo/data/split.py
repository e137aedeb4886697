"""Splits that tell by a hash what belongs where, and so the same one each time."""

import hashlib
import string

SPLITS = ("train", "validation", "test")


def place(text):
    """A number from 0 to 1, the same one each time."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def split_of(text):
    """Of eight in ten texts "train", of one "validation", and of one "test"."""
    at = place(text)
    return "train" if at < 0.8 else "validation" if at < 0.9 else "test"


def plain(sentence):
    """A sentence without what hardly makes it another: case, and punctuation at its end.

    >>> plain("Are you sure?") == plain("are you sure …")
    True
    """
    return (
        sentence.casefold().rstrip(string.punctuation + string.whitespace + "…。！？：") or sentence
    )
