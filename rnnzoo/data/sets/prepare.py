"""TFDS data sets on disk: prepared quietly, with clear words where that can't be."""

from __future__ import annotations

import contextlib
import io
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any


def import_tfds() -> Any:
    """The package, after TensorFlow: TFDS imports that at its first use, and not quietly."""
    import tensorflow_datasets as tfds

    from rnnzoo.platform import tf  # noqa: F401

    return tfds


def prepared(make_builder: Callable[[], Any], url: str | None = None) -> Any:
    """A TFDS builder whose data is on disk; what TFDS prints on the way is not shown.

    Args:
        make_builder: makes the builder.
        url: of what is downloaded if it is not on disk yet; asked first, as TFDS would retry for
            minutes.

    Raises:
        ConnectionError: the download doesn't answer, or with something else.
        OSError: the data can't be written.
    """
    from tensorflow_datasets.core.download.download_manager import NonMatchingChecksumError
    from tensorflow_datasets.core.download.util import DownloadError

    with _quietly():  # another version on disk is no news
        builder = make_builder()
    if url is not None and not builder.data_path.exists():
        check_reachable(builder.name, url)
    try:
        with _quietly():
            builder.download_and_prepare()
    except (DownloadError, NonMatchingChecksumError) as error:
        raise ConnectionError(
            f"the download of {builder.name} failed ({str(error).splitlines()[0]}): try again, or "
            "download it elsewhere and give the path of the file"
        ) from error
    except FileNotFoundError:
        raise  # what the data is made from is not installed
    except OSError as error:
        # TFDS prepares in a folder beside and renames it. A process that came second finds the
        # name taken: what the first made is what it wants.
        builder = make_builder()
        if not builder.data_path.exists():
            raise OSError(
                f"cannot prepare {builder.name} in {builder.data_path}: {error}. If that is no "
                "place to write to, name another folder in the variable TFDS_DATA_DIR"
            ) from error
    return builder


def read(builder: Any, split: str, decoders: Any = None) -> Iterator[dict[str, Any]]:
    """The examples of a split in their order, as TFDS has them in NumPy.

    Raises:
        OSError: the files are damaged.
    """
    from rnnzoo.platform import tf

    try:
        with _quietly():
            examples = builder.as_dataset(split=split, shuffle_files=False, decoders=decoders)
        yield from examples.as_numpy_iterator()
    except tf.errors.OpError as error:
        raise OSError(
            f"the data in {builder.data_path} is damaged ({type(error).__name__}): delete that "
            "folder, and it is prepared anew"
        ) from error


@contextlib.contextmanager
def _quietly():
    """Without what TFDS prints, and its warnings of its own use of its own old names."""
    from absl import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(verbosity)


def check_reachable(name: str, url: str, timeout: float = 5.0) -> None:
    """Raise a ConnectionError if nobody answers, or with an error."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=timeout).close()
    except OSError as error:
        raise ConnectionError(
            f"{name} has to be downloaded once, and {url} does not answer as it should "
            f"({error}). Look at the network, or download it elsewhere and give the path of the "
            "file."
        ) from error
