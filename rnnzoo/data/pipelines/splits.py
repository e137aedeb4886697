"""What is trained on, validated on and tested on: the same each time, and told by files' names."""

from __future__ import annotations

import collections
import hashlib
import itertools
import re
import string
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from rnnzoo.data.pipelines.duplicates import SIMILARITY, Duplicates
from rnnzoo.data.pipelines.stratification import stratified
from rnnzoo.data.step_labels import occurring
from rnnzoo.errors import WrongValue

SPLITS = ("train", "validation", "test")
TRIES = 100  # choices of groups, of which the first counts that leaves each class some to train on

# What files and tables call them.
SPLIT_NAMES = {"train": "train", "test": "test"}
SPLIT_NAMES |= dict.fromkeys(("val", "valid", "validation", "dev"), "validation")
SPLIT_NAMES |= {"testa": "validation", "testb": "test"}  # of CoNLL's shared tasks
# One of these as a word in the name of a file, in lower case.
SPLIT_NAME = re.compile(rf"(?<![a-z])({'|'.join(SPLIT_NAMES)})(?![a-z])")

Example = TypeVar("Example")
Key = TypeVar("Key", bound=Hashable)
Cut = TypeVar("Cut", str, list)  # a text, or examples: a part of it is of its own kind


# --- by the shares that are held out --------------------------------------------------------------


def check_shares(validation: float, test: float, to_validate: bool = True) -> None:
    """Raise a ValueError unless what is held out leaves something to train on.

    Args:
        validation, test: shares that are held out.
        to_validate: whether there must be something to validate on.
    """
    enough = validation > 0 if to_validate else validation >= 0
    if not (enough and test >= 0 and validation + test < 1):
        expected = "shares of at least 0 that leave something to train on"
        if to_validate:
            expected = "shares that leave something to train on, and to validate on"
        raise WrongValue(f"validation={validation}, test={test}: expected {expected}")


def held_out(count: int, *shares: float) -> list[int]:
    """How many of a count each share is; of a share that is not 0 at least one."""
    return [max(1, round(count * share)) if share else 0 for share in shares]


def in_order(examples: Cut, validation: float, test: float) -> dict[str, Cut]:
    """Examples or a text, cut in three: first what is trained on, last what is tested on.

    >>> in_order("abcdefghij", validation=0.2, test=0.1)
    {'train': 'abcdefg', 'validation': 'hi', 'test': 'j'}
    """
    first = int(len(examples) * (1 - validation - test))
    second = int(len(examples) * (1 - test))
    return {
        "train": examples[:first],
        "validation": examples[first:second],
        "test": examples[second:],
    }


def by_key(keys: Iterable[str], validation: float, test: float) -> dict[str, str]:
    """By key its split; what shares a key with others stays with them.

    >>> by_key("abcd", validation=0.25, test=0)
    {'d': 'validation', 'c': 'train', 'b': 'train', 'a': 'train'}
    """
    keys = sorted(keys, key=place)
    for_validation, for_test = held_out(len(keys), validation, test)
    splits = dict.fromkeys(keys, "train")
    splits |= dict.fromkeys(keys[:for_validation], "validation")
    return splits | dict.fromkeys(keys[for_validation : for_validation + for_test], "test")


# --- by what is alike -----------------------------------------------------------------------------

# Where clusters are too large for the shares that are held out, they are cut at the next of these;
# at 1, only what is the same once it is folded is together.
SIMILARITIES = (SIMILARITY, 0.9, 0.95, 1.0)
ENOUGH = 0.75  # of the share that is to be held out


class Apart(NamedTuple, Generic[Key]):
    """A split that keeps near-duplicates on one side.

    Attributes:
        split_of: by key its split.
        cluster: by key the number of what it is alike.
        whole: whether near-duplicates are all on one side; else they were too many.
    """

    split_of: dict[Key, str]
    cluster: Mapping[Key, int]
    whole: bool

    def told(self, rows: Sequence[Key]) -> dict[str, Any]:
        """What a reading says of it, as `with_more` takes it; nothing where nothing is alike.

        Args:
            rows: the key of each.
        """
        sizes = collections.Counter(self.cluster[key] for key in rows)
        alike = sum(size for size in sizes.values() if size > 1)
        if not alike:
            return {}
        said = f"{alike:,} of {len(rows):,} rows are near-duplicates of another"
        if self.whole:
            return {"facts": {"alike": f"{said}: kept on one side of the split"}}
        said += ", too many to keep on one side of the split: figures on what is held out are too "
        return {"facts": {"alike": f"{said}good; give more that differs"}}


def by_text(texts: Mapping[str, str], validation: float, test: float) -> Apart[str]:
    """By key its split, as `by_key` has it, but that near-duplicates are in one.

    Args:
        texts: by key.
        validation, test: shares of the keys that are held out.

    >>> texts = ["Save image", "&Save image!", "Undo", "Help", "Go to line"]
    >>> by_text(dict(zip(texts, texts)), validation=0.2, test=0.2).split_of
    {'&Save image!': 'train', 'Go to line': 'validation', 'Help': 'train', 'Save image': 'train', \
'Undo': 'test'}
    """
    keys = sorted(texts)
    counts = dict(zip(SPLITS[1:], held_out(len(keys), validation, test), strict=True))
    return by_cluster(
        {key: texts[key] for key in keys},
        counts,
        first=lambda cluster: place(cluster[0]),
        otherwise=lambda: by_key(keys, validation, test),
    )


def rows_in_order(texts: Sequence[str], validation: float, test: float) -> Apart[int]:
    """By row its split, as `in_order` has it, but that near-duplicates are in one.

    A row that is like one before is where that one is: what is held out, at the end, is new there.

    Args:
        texts: of each row.
        validation, test: shares of the rows that are held out.

    >>> rows_in_order(["Save", "Undo", "Help", "save!"], validation=0, test=0.25).split_of
    {0: 'train', 1: 'train', 2: 'test', 3: 'train'}
    """
    cut = in_order(list(range(len(texts))), validation, test)
    return by_cluster(
        dict(enumerate(texts)),
        {split: len(cut[split]) for split in ("test", "validation")},
        first=lambda cluster: -cluster[0],
        otherwise=lambda: {row: split for split, part in cut.items() for row in part},
    )


def by_cluster(
    texts: Mapping[Key, str],
    counts: Mapping[str, int],
    first: Callable[[list[Key]], float],
    otherwise: Callable[[], dict[Key, str]],
) -> Apart[Key]:
    """By key its split, with near-duplicates in one as far as the shares allow it.

    Clusters are held out in a given order, each where it fits; what fits nowhere is trained on.
    Where so little of a split is filled, as one cluster is nearly all there is, what is too large
    to be held out is cut at a higher similarity.

    Args:
        texts: by key, in order.
        counts: how many are to be held out, by split, in the order in which these are filled.
        first: a number of the keys of a cluster; those of smaller numbers are held out first.
        otherwise: the split that is taken where near-duplicates are too many.
    """
    wanted = {split: count for split, count in counts.items() if count}
    if not wanted or sum(wanted.values()) >= len(texts):
        return Apart(otherwise(), {key: i for i, key in enumerate(texts)}, True)
    keys = list(texts)
    found = Duplicates(list(texts.values()))
    cluster = found.clusters()
    alike = dict(zip(keys, cluster.tolist(), strict=True))
    for similarity in SIMILARITIES:
        large = np.bincount(cluster)[cluster] > min(wanted.values())
        cut = np.where(large, len(keys) + found.clusters(similarity), cluster)
        cluster = np.unique(cut, return_inverse=True)[1]
        members = collections.defaultdict(list)
        for key, number in zip(keys, cluster.tolist(), strict=True):
            members[number].append(key)
        split_of = dict.fromkeys(keys, "train")
        left = dict(wanted)
        for each in sorted(members.values(), key=first):
            fits = next((split for split in left if len(each) <= left[split]), None)
            if fits:
                split_of |= dict.fromkeys(each, fits)
                left[fits] -= len(each)
        if all(left[split] <= (1 - ENOUGH) * wanted[split] for split in wanted):
            return Apart(split_of, alike, similarity == SIMILARITY)
    return Apart(otherwise(), alike, False)


def seen_in_training(
    parts: Mapping[str, Sequence[str]], given: Iterable[str] = SPLITS
) -> list[str]:
    """What to warn of, where others have split: how many rows have a near-duplicate in training.

    Args:
        parts: texts by split.
        given: the splits that others have made, of which to say it.

    >>> seen_in_training({"train": ["Save image", "Go"], "test": ["&Save image!", "Stop"]})
    ['1 of 2 test rows have a near-duplicate (0.85) in training: figures on them are too good']
    """
    held = [split for split in SPLITS[1:] if split in given and len(parts.get(split, ()))]
    if not held:
        return []
    texts = [text for split in ("train", *held) for text in parts[split]]
    of_split = np.repeat(["train", *held], [len(parts[split]) for split in ("train", *held)])
    near = Duplicates(texts).beside(of_split == "train")
    found = [
        f"{count:,} of {len(parts[split]):,} {split} rows"
        for split in held
        if (count := int(near[of_split == split].sum()))
    ]
    if not found:
        return []
    return [
        f"{' and '.join(found)} have a near-duplicate ({SIMILARITY}) in training: figures on them "
        "are too good"
    ]


def by_subject(
    subjects: Sequence[str],
    source: object,
    validation: float,
    test: float,
    seed: int = 0,
    labels: np.ndarray | None = None,
    names: Sequence[str | int] = (),
) -> dict[str, np.ndarray]:
    """By split the rows of its subjects, who are in no other.

    Args:
        subjects: whose each row is.
        source: for an error.
        validation, test: shares of the subjects that are held out.
        seed: of who is.
        labels, names: as for `of_recordings`. A choice that leaves one nothing to train on is made
            again, `TRIES` times.

    Raises:
        ValueError: there are too few subjects, or no choice was found.
    """
    people = sorted(set(subjects))
    count = len(people)
    counts = held_out(count, validation, test)
    if sum(counts) >= count:
        raise WrongValue(
            f"{source} has {count} subject(s): too few to hold some out; leave subject out "
            "(group='none', --group none), and examples are split instead"
        )
    place = {name: i for i, name in enumerate(people)}
    whose = np.array([place[subject] for subject in subjects])
    random = np.random.default_rng(seed)
    lost: list = []
    for _ in range(TRIES):
        rows = {
            split: np.flatnonzero(np.isin(whose, chosen))
            for split, chosen in _cut(random.permutation(count), counts).items()
        }
        lost = [] if labels is None else _lost(labels, names, rows["train"])
        if not lost:
            return rows
    raise WrongValue(
        f"{source}: the class {lost[0]} has no example to train on: in {TRIES} choices of whom to "
        f"hold out of {count} subjects, all of a class were held out; give more of it, or leave "
        "subject out (group='none', --group none), and examples are split instead, or hold out "
        "less (in Python validation=, test=)"
    )


def _lost(labels, names, train):
    """The classes, or labels, that are there but not among the rows to train on."""
    if labels.ndim == 1:
        return sorted(occurring(labels) - occurring(labels[train]))
    return [names[i] for i in np.flatnonzero(labels.any(axis=0) & ~labels[train].any(axis=0))]


def of_recordings(
    labels: np.ndarray,
    groups: Sequence[str] | None,
    given: Sequence[str | None] | None,
    source: object,
    validation: float,
    test: float,
    seed: int = 0,
    names: Sequence[str | int] = (),
) -> dict[str, np.ndarray]:
    """By split its rows: as given, or by group, or else by class.

    Args:
        labels: of each row (rows,); or 1 where it has a label, (rows, labels), of any number.
        groups: of each row.
        given: the split of each row, where the source tells it. Where it tells none to validate on,
            some of those to train on are held out.
        source: for an error.
        validation, test: shares that are held out.
        seed: of the choice.
        names: of the labels, where rows have any number of them.

    Raises:
        ValueError: there are too few groups or rows of a class, or a class has none to train on.
    """
    own = np.arange(len(labels))
    rows = {}
    if given is not None:
        of_split = np.array([split or "train" for split in given])
        rows = {split: np.flatnonzero(of_split == split) for split in SPLITS}
        own, test = rows["train"], 0.0
    if not len(rows.get("validation", ())):
        if groups is not None:
            of_own = [groups[i] for i in own.tolist()]
            parts = by_subject(of_own, source, validation, test, seed, labels[own], names)
        elif labels.ndim == 1:
            parts = by_class(labels[own], source, validation, test, seed)
        else:
            parts = by_labels(labels[own], names, source, validation, test, seed)
        rows |= {split: own[part] for split, part in parts.items() if len(part) or not rows}
    if lost := _lost(labels, names, rows["train"]):
        raise WrongValue(f"{source}: the class {lost[0]} has no example to train on")
    return rows


def by_class(
    labels: np.ndarray, source: object, validation: float, test: float, seed: int = 0
) -> dict[str, np.ndarray]:
    """By split its rows, of each class the same shares.

    Args:
        labels: of each row.
        source: for an error.
        validation, test: shares of each class that are held out.
        seed: of the choice.

    Raises:
        ValueError: a class has too few rows.
    """
    random = np.random.default_rng(seed)
    rows = collections.defaultdict(list)
    for label in np.unique(labels):
        of_class = random.permutation(np.flatnonzero(labels == label))
        counts = held_out(len(of_class), validation, test)
        if sum(counts) >= len(of_class):
            raise WrongValue(
                f"{source}: the class {label} has {len(of_class)} example(s): too few to train on "
                f"and to hold out; expected at least {sum(counts) + 1} of each"
            )
        for split, chosen in _cut(of_class, counts).items():
            rows[split].append(chosen)
    return {split: np.sort(np.concatenate(of_split)) for split, of_split in rows.items()}


def by_labels(
    has: np.ndarray,
    names: Sequence[str | int],
    source: object,
    validation: float,
    test: float,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """By split its rows, of each of their labels about the same shares.

    Args:
        has: 1 where a row has a label, (rows, labels).
        names: of the labels.
        source: for an error.
        validation, test: shares of each label that are held out.
        seed: of the choice. One that leaves a label nothing to train on is made again, `TRIES`
            times.

    Raises:
        ValueError: there are too few rows, or no choice was found.
    """
    held = held_out(len(has), validation, test)
    counts = [len(has) - sum(held), *held]
    lost: list = []
    for turn in range(TRIES if counts[0] > 0 else 0):
        parts = stratified(has, counts, np.random.default_rng([seed, turn]))
        lost = _lost(has, names, parts[0])
        if not lost and all(map(len, itertools.compress(parts, counts))):
            return dict(zip(SPLITS, parts, strict=True))
    if lost:
        raise WrongValue(
            f"{source}: the label {lost[0]} has no example to train on in {TRIES} choices of what "
            "to hold out; give more of it, leave the label out, or hold out less (in Python "
            "validation=, test=)"
        )
    raise WrongValue(
        f"{source} has {len(has)} example(s) of {len(names)} labels: too few to train on and to "
        "hold out; expected several of each label"
    )


def _cut(rows, counts):
    """Rows cut in three: first so many to validate on, then to test on, the rest to train on."""
    first, second = np.cumsum(counts)
    return {"train": rows[second:], "validation": rows[:first], "test": rows[first:second]}


def parted(examples: Iterable[Example], splits: Iterable[str]) -> dict[str, list[Example]]:
    """By split its examples, in their order.

    Args:
        examples: of all splits.
        splits: of each example.
    """
    parts: dict[str, list[Example]] = {split: [] for split in SPLITS}
    for example, split in zip(examples, splits, strict=True):
        parts[split].append(example)
    return parts


# --- by a hash ------------------------------------------------------------------------------------


def place(text: str) -> float:
    """A number from 0 to 1, the same one each time."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def split_of(text: str) -> str:
    """Of eight in ten texts "train", of one "validation", and of one "test"."""
    at = place(text)
    return "train" if at < 0.8 else "validation" if at < 0.9 else "test"


def plain(sentence: str) -> str:
    """A sentence without what hardly makes it another: case, and punctuation at its end.

    >>> plain("Are you sure?") == plain("are you sure …")
    True
    """
    return (
        sentence.casefold().rstrip(string.punctuation + string.whitespace + "…。！？：") or sentence
    )
