"""What is said when a source of data is none."""

import difflib
import os
from pathlib import Path


def no_such_source(source, kinds, names) -> FileNotFoundError:
    """The error to raise for a source that is neither of the user's own kinds, nor a data set.

    Args:
        source: what was given.
        kinds: what else it might have been, as words between "neither" and "nor".
        names: of the data sets. Of those alike before a slash the first alone is told, or
            else all of those like the source.

    Example:
        >>> print(no_such_source("emoji_capions", "a folder", ["emoji_captions", "moving_emoji"]))
        'emoji_capions' is neither a folder, nor one of emoji_captions, moving_emoji; did you mean \
'emoji_captions'?
    """
    path = Path(source)
    beside = map(str, path.parent.iterdir()) if path.name and path.parent.is_dir() else ()
    near = difflib.get_close_matches(os.fspath(source), [*names, *beside])
    kin = {}
    for name in names:
        kin.setdefault(_base(name), []).append(name)
    told = kin.get(_base(os.fspath(source))) or [first for first, *_ in kin.values()]
    return FileNotFoundError(
        f"{os.fspath(source)!r} is neither {kinds}, nor one of {', '.join(told)}"
        + (f"; did you mean {' or '.join(map(repr, near))}?" if near else "")
    )


def _base(name):
    return name.partition("/")[0]
