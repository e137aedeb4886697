"""Sequences of measurements in the user's files: arrays here, all else by the reader of tables."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.data.readers.arrays import Npz, read_npy
from rnnzoo.data.readers.label_sets import (
    LabelMatrix,
    check_several,
    look_parted,
    matrix_of,
    of_words,
)
from rnnzoo.data.readers.tables import Options, Recordings, is_frame, read_tables
from rnnzoo.data.readers.tables.sampling import check_missing, said_of_missing
from rnnzoo.data.reading import Reading
from rnnzoo.data.step_labels import entries, occurring
from rnnzoo.errors import DataError, WrongValue


def read_series(
    source: Any, options: Options, *, labelled: bool = True, joined: bool = True
) -> Recordings:
    """Recordings of whatever holds them: arrays, or tables of any kind.

    Args:
        source: a path, a frame, or a folder.
        options: what the user says of a table; arrays take none.
        labelled: whether arrays must have labels ``y``; and `joined`, as for `read_tables`.

    Raises:
        ValueError: it holds something else.
        OSError: it can't be opened.
    """
    if is_frame(source):
        return read_tables(source, options, labelled=labelled)
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    suffix = path.suffix.lower()
    if path.is_dir() or suffix not in (".npz", ".npy"):
        return read_tables(path, options, labelled=labelled, joined=joined)
    if options.told:
        raise WrongValue(f"{path} holds arrays, which have no columns to name")
    y = subjects = None
    names: tuple[str | int, ...] = ()
    if suffix == ".npz" and labelled:
        x, y, subjects = read_npz(path, options.multi_label, options.numbers)
    elif suffix == ".npz":
        arrays = _arrays(path, needed={"x"})
        x = _pieces(path, arrays["x"], arrays.get("lengths"))
    else:
        x = _rows_of(path)
    counts, odd = {"recordings": len(x)}, []
    lengths = [len(one) for one in x]
    if lengths and x[0].ndim == 2:
        counts |= {"steps": sum(lengths), "channels": x[0].shape[1]}
        if x[0].shape[1] >= max(16, 4 * max(lengths)):
            odd.append(
                f"at most {max(lengths)} steps, each of {x[0].shape[1]} channels: if the channels "
                "stand first, turn x to (examples, time, channels)"
            )
    if isinstance(y, LabelMatrix):
        names, y = y
        counts["labels"] = len(names)
    elif y is not None and not options.numbers:
        counts["classes"] = len(occurring(y))
    if subjects is not None:
        counts["subjects"] = len(np.unique(subjects))
    facts = {"interval": f"{options.interval:g} s, as told"} if options.interval else {}
    if missing := _missing(path, x, labelled):
        facts["missing"] = missing
    return Recordings(
        x=x,
        ids=tuple(map(str, range(len(x)))),
        labels=y,
        label_names=names,
        groups=None if subjects is None else tuple(subjects.tolist()),
        interval=options.interval,
        reading=Reading(layout=f"arrays ({suffix})", counts=counts, facts=facts, warnings=odd),
    )


def read_recordings(path: Any, **options: Any) -> Recordings:
    """The recordings of a file or folder without their labels; a sequence of arrays (time, ...).

    Args:
        path: as `rnnzoo.load_series` tells, or a frame; or an ``.npy`` file of one (time, channels)
            or several (examples, time, channels).
        **options: as there: ``time``, ``id``, ``label`` (which is then no channel), ``features``,
            ``group``, ``interval`` and ``encoding``.

    Raises:
        ValueError: the file holds something else.
        FileNotFoundError: there is none.
    """
    return read_series(path, Options(**options), labelled=False)


def _missing(path, x, labelled):
    """How much of arrays is NaN, which is missing, in words; refused are too much, and infinity.

    Too much is a matter of training: what is only to be answered may lack a sensor.
    """
    missing = rows = None
    for i, one in enumerate(x):
        if one.dtype.kind != "f" or not one.size:
            continue
        if np.isinf(one).any():
            place = np.argwhere(np.isinf(one))[0]
            raise DataError(
                f"{path}: example {i} holds a number that is none, or too large for float32, at "
                f"time step {place[0]}, channel {place[-1] + 1}; where it is missing, write NaN",
                path,
            )
        of_one = np.isnan(one).reshape(-1, one.shape[-1])
        missing = of_one.sum(axis=0) + (0 if missing is None else missing)
        rows = len(of_one) + (rows or 0)
    if missing is None or not missing.any():
        return ""
    names = [f"channel {i + 1}" for i in range(len(missing))]
    if labelled:
        check_missing(missing / rows, names, str(path))
    return said_of_missing(missing, rows, names)


def _rows_of(path):
    x = read_npy(path)
    if x.dtype.kind not in "fiu" or x.ndim < 2:
        raise DataError(
            f"{path} holds an array of shape {x.shape} and type {x.dtype}; expected numbers "
            "(time, channels) or (examples, time, channels)",
            path,
        )
    return _Rows(x[None] if x.ndim in (2, 4) else x)


def read_npz(
    path: Path, multi_label: bool | None = None, numbers: bool = False
) -> tuple[Sequence, np.ndarray | LabelMatrix, np.ndarray | None]:
    """The sequences of a file, their labels, and whose they are, if that is known.

    Args:
        path: of the file.
        multi_label: whether an example has any number of labels; None: it is found out.
        numbers: whether labels are numbers to be predicted, and no classes.

    Raises:
        ValueError: the file holds something else.
    """
    arrays = _arrays(path, needed={"x", "y"})
    x, subjects = _pieces(path, arrays["x"], arrays.get("lengths")), arrays.get("subject")
    each = _numbers if numbers else functools.partial(_labels, multi_label=multi_label)
    y = each(path, arrays, len(x))
    count = len(y.has if isinstance(y, LabelMatrix) else y)
    if subjects is not None:
        if subjects.shape != (count,):
            raise DataError(
                f"{path}: subject has shape {subjects.shape}, y {arrays['y'].shape}", path
            )
        subjects = _decoded(path, "subject", subjects).astype(str)
    if len(x) != count:
        raise DataError(
            f"{path}: x and lengths make {len(x)} examples, y has shape {arrays['y'].shape}", path
        )
    return x, y, subjects


def _labels(path, arrays, count, multi_label):
    """The labels y: of each example, or of its steps; or where each has any number, a matrix."""
    y, lengths = _decoded(path, "y", arrays["y"]), arrays.get("lengths")
    if not multi_label and y.dtype.kind in "iuU" and len(y):
        if lengths is None and y.ndim == 2 and y.shape == arrays["x"].shape[:2]:
            return _at_steps(y)
        if lengths is not None and y.ndim == 1 and count != len(y) == len(arrays["x"]):
            return _at_steps(np.split(y, np.cumsum(lengths)[:-1]))
    if y.ndim == 2 and y.dtype.kind in "biuf" and np.isin(y, (0, 1)).all() and y.shape[1] > 1:
        if multi_label is False:
            raise DataError(
                f"{path}: y has shape {y.shape}, a column for each of several labels, which the "
                "model does not have: make it with multi_label=True (--set multi_label=True)",
                path,
            )
        if multi_label is None:
            check_several(y, f"{path}: y")
        names = _decoded(path, "classes", arrays.get("classes", np.arange(y.shape[1])))
        if names.shape != y.shape[1:] or names.dtype.kind not in "iuU":
            raise DataError(
                f"{path}: classes has shape {names.shape} and type {names.dtype}; expected the "
                f"names of the {y.shape[1]} columns of y",
                path,
            )
        return LabelMatrix(tuple(names.tolist()), np.asarray(y, np.int32))
    if y.ndim != 1 or y.dtype.kind not in "iuU" or not len(y):
        raise DataError(
            f"{path}: y has shape {y.shape} and type {y.dtype}; expected (examples,) of ints or "
            "strings; one at each step, (examples, time) or, with lengths, (total steps,); or "
            "(examples, labels) of 0 and 1"
            + "; numbers are predicted by a regressor, such as regress_gru"
            * (y.dtype.kind == "f"),
            path,
        )
    words = y.tolist()
    if y.dtype.kind == "U" and (look_parted(words) if multi_label is None else multi_label):
        return of_words(words)
    return matrix_of([[one] for one in words]) if multi_label else y


def _numbers(path, arrays, count):
    """The numbers y: of each example, or of its steps."""
    y, lengths = arrays["y"], arrays.get("lengths")
    infinite = y.dtype.kind == "f" and np.isinf(y.astype(np.float32)).any()
    if y.dtype.kind in "iuf" and len(y) and not infinite:
        y = y.astype(np.float32)
        if y.ndim == 1 and len(y) == count:
            return y
        if lengths is None and y.ndim == 2 and y.shape == arrays["x"].shape[:2]:
            return entries(list(y))
        if lengths is not None and y.ndim == 1 and len(y) == len(arrays["x"]):
            return entries(np.split(y, np.cumsum(lengths)[:-1]))
    raise DataError(
        f"{path}: y has shape {y.shape} and type {y.dtype}; expected finite numbers to be "
        "predicted, (examples,); or one at each step, (examples, time) or, with lengths, (total "
        "steps,), NaN where there is none; of classes, train a classifier, such as "
        "activity_conv_gru",
        path,
    )


def _at_steps(labels):
    """Labels by step, of which an empty string is none."""
    return entries([np.array([None if w == "" else w for w in y.tolist()], object) for y in labels])


# --- sequences that are read when they are asked for ----------------------------------------------


class _Pieces(Sequence):
    """Consecutive pieces of an array (total steps, ...)."""

    def __init__(self, steps, ends):
        self._steps = steps
        self._ends = ends

    def __len__(self):
        return len(self._ends)

    def __getitem__(self, i):
        begin = self._ends[i - 1] if i else 0
        return _as_numbers(self._steps[begin : self._ends[i]])


class _Rows(Sequence):
    """The entries of an array (examples, time, ...)."""

    def __init__(self, x):
        self._x = x

    def __len__(self):
        return len(self._x)

    def __getitem__(self, i):
        return _as_numbers(self._x[i])


# --- one file -------------------------------------------------------------------------------------


def _arrays(path, needed):
    arrays = Npz(path)
    if missing := needed - arrays.keys():
        names = textwrap.shorten(", ".join(sorted(arrays)), 200, placeholder="...") or "none"
        raise DataError(
            f"{path} holds the arrays {names}, no "
            f"{' and no '.join(sorted(missing))}; "
            "expected x, y and, as needed, lengths and subject",
            path,
        )
    return arrays


def _pieces(path, x, lengths):
    """The sequences that x (examples, time, ...), or (total steps, ...) with lengths, holds."""
    if x.dtype.kind not in "fiu":
        raise DataError(f"{path}: x has type {x.dtype}; expected numbers", path)
    if lengths is None:
        if x.ndim < 3:
            raise DataError(
                f"{path}: x has shape {x.shape}; expected (examples, time, channels), or (total "
                "steps, channels) with lengths (examples,)",
                path,
            )
        return _Rows(x)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise DataError(
            f"{path}: lengths has shape {lengths.shape} and type {lengths.dtype}; expected "
            "(examples,) of ints",
            path,
        )
    if x.ndim < 2 or lengths.min() < 1 or lengths.max() > len(x) or lengths.sum() != len(x):
        raise DataError(
            f"{path}: x has shape {x.shape}, lengths shape {lengths.shape} and sum "
            f"{lengths.sum()}; expected lengths (examples,) above 0 that add up to the time steps "
            "of x (total steps, channels)",
            path,
        )
    return _Pieces(x, np.cumsum(lengths))


def _decoded(path, name, labels):
    """Bytes as strings; all else as it is."""
    if labels.dtype.kind == "S":
        return np.char.decode(labels, "utf-8", "backslashreplace")
    if labels.dtype.kind == "U":
        try:
            "".join(labels.flat).encode()
        except ValueError as error:  # four bytes each, of which not all stand for a character
            raise DataError(f"{path}: {name} holds what is no text: {error}", path) from None
    return labels


def _as_numbers(x):
    """As the models read them: bytes of pictures as they are, all else as float32."""
    if x.dtype == np.uint8:
        return np.asarray(x)
    with np.errstate(over="ignore", invalid="ignore"):  # the infinite is found and named later
        return np.asarray(x, np.float32)
