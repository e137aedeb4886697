"""A task as a SavedModel: everything it needs to answer is inside, no Python package of ours."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rnnzoo.errors import WrongType

if TYPE_CHECKING:
    from rnnzoo.platform import keras


def export(model: keras.Model, folder: str | os.PathLike[str], xla: bool = True) -> Path:
    """Write a task's endpoints and weights as a SavedModel.

    What is written loads with plain `tf.saved_model.load`, where neither keras nor rnnzoo is
    installed, and with TensorFlow Serving. Each endpoint is there twice: as a function,
    ``loaded.generate(...)``, and as a signature of named tensors,
    ``loaded.signatures["generate"]``; ``serving_default`` is `serve`. The weights are stored once.

    By default XLA compiles the loop of `generate`, which is then several times as fast. Choose
    ``xla=False`` for where XLA is not at hand: a TensorFlow built without it, or TensorFlow
    Serving on a CPU, which refuses such functions unless tensorflow_model_server is started with
    ``--xla_cpu_compilation_enabled``. All endpoints are then plain graphs (unless a layer was made
    with ``jit_compile=True``), and answer the same up to rounding.

    A new export is written beside the old one and then takes its place by two renames. So whoever
    loads it gets the old or the new one, never half of one; between the two renames there is none
    for an instant, and a process killed right then leaves both in a hidden folder beside it. For
    one that is always there, export each version to a folder of its own, as TensorFlow Serving
    expects: ``saved_model/1``, ``saved_model/2``.

    Args:
        model: a task such as `TextGenerator`. It has ``endpoints``, a dict of functions, and
            ``make_endpoints(xla)``, which makes such a dict anew.
        folder: where to write; what an earlier export left there is replaced.
        xla: whether XLA compiles the loop of `generate`.

    Returns:
        The folder as a Path.

    Raises:
        TypeError: the model has no endpoints.
        FileExistsError: the folder holds something else than a SavedModel.

    Example:
        >>> import rnnzoo
        >>> from rnnzoo.platform import tf
        >>> model = rnnzoo.create_model("char_gru", units=8, vocabulary="abc")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     loaded = tf.saved_model.load(rnnzoo.export(model, folder, xla=False))
        >>> texts = loaded.generate(tf.constant(["ab", "c"]), length=5, temperature=0.8)["texts"]
        >>> [len(text) for text in texts.numpy()]
        [5, 5]
    """
    if not hasattr(model, "make_endpoints"):
        raise WrongType(
            f"{type(model).__name__} has no endpoints to export; expected a task such as a "
            "TextGenerator (a plain Keras model has model.export)."
        )
    from rnnzoo.platform import tf

    folder = Path(folder)
    check_folder(folder)
    endpoints = model.endpoints if xla else model.make_endpoints(xla=False)
    module = tf.Module()
    module.weights = model.weights
    for name, function in endpoints.items():
        setattr(module, name, function)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    new, old = beside / "new", beside / "old"
    try:
        tf.saved_model.save(
            module, new, signatures={**endpoints, "serving_default": endpoints["serve"]}
        )
        if folder.exists():
            os.replace(folder, old)
        os.replace(new, folder)
    finally:
        if old.exists() and not folder.exists():  # interrupted between the two
            os.replace(old, folder)
        shutil.rmtree(beside)
    return folder


def check_folder(folder: Path) -> None:
    """Raise a FileExistsError if something lies there that an export must not replace."""
    replaceable = folder.is_dir() and (
        (folder / "saved_model.pb").is_file() or not any(folder.iterdir())
    )
    if folder.exists() and not replaceable:
        raise FileExistsError(
            f"{folder} exists and is no SavedModel; choose another folder or remove it."
        )
