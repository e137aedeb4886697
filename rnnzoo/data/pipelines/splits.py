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


def shared_out(keys, validation, test):
    """By key its split, with shares of them held out; of a share that is not 0 at least one.

    >>> shared_out("abcd", validation=0.25, test=0)
    {'d': 'validation', 'c': 'train', 'b': 'train', 'a': 'train'}
    """
    keys = sorted(keys, key=place)
    for_validation, for_test = held_out(len(keys), validation, test)
    splits = dict.fromkeys(keys, "train")
    splits |= dict.fromkeys(keys[:for_validation], "validation")
    return splits | dict.fromkeys(keys[for_validation : for_validation + for_test], "test")


def held_out(count, *shares):
    """How many of a count each share is."""
    return [max(1, round(count * share)) if share else 0 for share in shares]


def plain(sentence):
    """A sentence without what hardly makes it another: case, and punctuation at its end.

    >>> plain("Are you sure?") == plain("are you sure …")
    True
    """
    return (
        sentence.casefold().rstrip(string.punctuation + string.whitespace + "…。！？：") or sentence
    )
