"""Every state at every step, with what the step was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnzoo.analysis.batches import batches_of, together
from rnnzoo.analysis.memory import gates_of
from rnnzoo.analysis.watching import Reading, by_layer, recurrent_layers, watching
from rnnzoo.errors import WrongValue
from rnnzoo.keras_internals import all_layers
from rnnzoo.layers import Recurrent
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.encoder_decoder.model import EncoderDecoder
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.text.model import CharacterModel


@dataclass(frozen=True, eq=False)
class HiddenStates:
    """What a layer keeps at each step of some examples."""

    layer: str
    states: dict[str, np.ndarray] = field(repr=False)
    """By name, such as h and c, (rows, time, size); NaN where a row is over, or masked."""
    gates: dict[str, np.ndarray] = field(repr=False)
    """By name (rows, time, units); of a cell without gates none."""
    labels: np.ndarray | None = field(repr=False)
    """What is to be answered: (rows,), or (rows, time) where each step has an answer; by name
    where the model knows names. None where there is none, or where it isn't one number each."""

    @property
    def real(self) -> np.ndarray:
        """Of each row its steps, bool (rows, time)."""
        first = next(iter(self.states.values()))
        return ~np.isnan(first.reshape(*first.shape[:2], -1)).any(axis=-1)

    @property
    def steps(self) -> tuple[np.ndarray, np.ndarray | None]:
        """All steps that there are, (n, size of the first state), and the label of each, or None.

        Of sequences with one label, each step has it.
        """
        rows, at = np.nonzero(self.real)
        labels = self.labels
        if labels is not None:
            labels = labels[rows] if labels.ndim == 1 else labels[rows, at]
        return next(iter(self.states.values()))[rows, at], labels


def hidden_states(
    model: keras.Model,
    raw: Any,
    layer: str | Recurrent | None = None,
    *,
    rows: int | None = None,
    batch_size: int | None = None,
    window: int | None = None,
) -> dict[str, HiddenStates]:
    """The states of a model's recurrent layers at every step of some examples.

    Args:
        model: of ours, or a Keras model with layers of `rnnzoo.layers`.
        raw: examples (x, y) as for `gradient_flow`; of a Keras model x alone is enough.
        layer: None for all recurrent layers, or one of them, or its name.
        rows: the first so many; None is all. 1,000 steps of 256 units are 1 MB a row.
        batch_size, window: of raw examples, as for the task's `evaluate`.

    Returns:
        By the layer's name; of a layer that is called twice, the rows of both calls.

    Raises:
        ValueError: there is no such layer, or no example.

    Example:
        >>> import numpy as np, rnnzoo
        >>> from rnnzoo.platform import keras
        >>> layer = rnnzoo.layers.LSTM(8, name="memory")
        >>> model = keras.Sequential([layer, keras.layers.Dense(1)])
        >>> x = np.random.default_rng(0).normal(size=(4, 30, 2))
        >>> found = rnnzoo.analysis.hidden_states(model, x)["memory"]
        >>> found.states["c"].shape
        (4, 30, 8)
    """
    layers = list(recurrent_layers(model, layer).values())
    rows = None if rows is None else whole_number(rows, "rows", minimum=1)
    parts: dict[str, list[HiddenStates]] = {}
    taken = 0
    for batch in batches_of(model, raw, batch_size, window):
        with watching(layers) as readings:
            answers = _read(model, batch.x)
        by_step = _with_an_answer_each(model, layers, answers)
        kept = _examples(batch)
        kept = kept if rows is None else kept[: rows - taken]
        for name, calls in by_layer(model, readings).items():
            of_calls = [_of_rows(model, name, reading, batch, kept, by_step) for reading in calls]
            parts.setdefault(name, []).extend(of_calls)
        taken += len(kept)
        if rows is not None and taken >= rows:
            break
    if not taken:
        raise WrongValue("there is no example: expected one at least")
    return {name: _joined(name, of_batches) for name, of_batches in parts.items()}


def _read(model, x):
    """The answers of a model to a batch, as in evaluation."""
    if isinstance(model, Task):
        return model.read_batch(x, training=False)
    return model(x, training=False)


def _with_an_answer_each(model, layers, answers):
    """Those of the layers whose steps have an answer each, if the answers are by step."""
    if isinstance(model, EncoderDecoder):
        return [layer for layer in all_layers(model.decoder) if layer in layers]
    by_step = isinstance(model, Task) or len(getattr(answers, "shape", ())) > 2
    return layers if by_step else []


def _examples(batch):
    """The rows of a batch that are no fillers."""
    if batch.weight is None:
        return np.arange(len(tf.nest.flatten(batch.x)[0]))
    weight = np.asarray(batch.weight)
    return np.nonzero(weight.reshape(len(weight), -1).any(axis=1))[0]


def _of_rows(model, name, reading: Reading, batch, rows, by_step):
    """The states of some rows of a batch, or of all where the layer's are others."""
    if other := len(tf.nest.flatten(batch.x)[0]) != reading.real.shape[0]:  # such as of words
        rows = np.arange(reading.real.shape[0])
    real = reading.real.numpy()
    each = reading.layer in by_step
    if isinstance(model, Task) and each and np.shape(batch.weight) == real.shape:
        real = real & (np.asarray(batch.weight) > 0)  # the layer is not told of all padding
    real = real[rows]

    def of_rows(values):
        values = np.array(values)[rows]
        values[~real] = np.nan
        return values

    gates = {gate: of_rows(values) for gate, values in gates_of(reading).items()}
    names = reading.layer.cell.state_names
    states = {state: of_rows(s) for state, s in zip(names, reading.states, strict=True)}
    labels = None
    fits = ((), real.shape[1:]) if each else ((),)
    if batch.y is not None and not other and np.shape(batch.y)[1:] in fits:
        labels = _named(model, np.asarray(batch.y))[rows]
    return HiddenStates(name, states, gates, labels)


def _named(model, y):
    """Labels by their names, where the model has names for whole numbers."""
    names = getattr(model, "classes", None) or getattr(model, "tags", None)
    if isinstance(model, EncoderDecoder):
        names = model.vocabulary.shown
    elif isinstance(model, CharacterModel):
        names = ["unknown", *model.vocabulary.characters]
    if names is None or y.dtype.kind not in "iu" or (y.size and y.max() >= len(names)):
        return y
    return np.asarray(names)[y]


def _joined(name, parts):
    """The rows of several batches, as long as the longest."""
    named = [part.labels for part in parts if part.labels is not None]
    labels = None
    if len(named) == len(parts):
        by_step = named[0].ndim > 1
        labels = together(named, fill=named[0].dtype.type()) if by_step else np.concatenate(named)
    return HiddenStates(
        name,
        {s: together([part.states[s] for part in parts]) for s in parts[0].states},
        {g: together([part.gates[g] for part in parts]) for g in parts[0].gates},
        labels,
    )
