"""How long the units of a layer remember, and what its gates let through."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnzoo.analysis.watching import Reading, check_layer, read_by
from rnnzoo.cells import GRUCell, LeakyRNNCell, LSTMCell
from rnnzoo.errors import WrongValue
from rnnzoo.layers import Recurrent
from rnnzoo.loop.over_time import fold, swap, unfold
from rnnzoo.loop.weights import cell_weights, weights_scope
from rnnzoo.platform import tf

# The gate by which a cell keeps its state.
KEEPS = {LSTMCell: "forget", GRUCell: "update"}


def gates(layer: Recurrent, x: Any, *, mask: Any = None) -> dict[str, np.ndarray]:
    """What the gates of a layer let through: 0 is shut, 1 is open.

    Of an LSTM "input", "forget" and "output"; of a GRU "update", z, which keeps the state, and
    "reset". A cell of one's own says by its method ``gates``, see `rnnzoo.Cell.gates`.

    Args:
        layer: a recurrent layer of ours.
        x: (batch, time, features), what it reads.
        mask: (batch, time) of bool as for the layer.

    Returns:
        By gate (batch, time, units), NaN at masked steps.

    Raises:
        ValueError: the cell has no gates, or says nothing of them.

    Example:
        >>> import numpy as np, rnnzoo
        >>> found = rnnzoo.analysis.gates(rnnzoo.layers.LSTM(4), np.ones((2, 10, 3), "float32"))
        >>> {name: gate.shape for name, gate in found.items()}
        {'input': (2, 10, 4), 'forget': (2, 10, 4), 'output': (2, 10, 4)}
    """
    found = gates_of(read_by(layer, x, mask))
    if not found:
        raise WrongValue(
            f"{layer.name}: {type(layer.cell).__name__} has no gates, or says nothing of them: let "
            "its method gates return a dict of what they let through"
        )
    return found


def gates_of(reading: Reading) -> dict[str, np.ndarray]:
    """`gates`, of what a layer was watched reading; empty if its cell says of none."""
    cell = reading.layer.cell
    x, states = reading.by_step()
    past = fold(cell.past(states))
    with weights_scope(cell, cell_weights(cell)):
        terms = [
            tf.nest.map_structure(lambda x: tf.cast(x, cell.state_dtype), term)
            for term in (cell.project(fold(x)), cell.recurrent_term(past))
        ]
        found = cell.gates(*terms, past)
    return {name: _in_time(reading, unfold(gate, like=states[0])) for name, gate in found.items()}


def time_constants(layer: Recurrent, x: Any = None, *, mask: Any = None) -> np.ndarray:
    """Of each unit, in about how many steps it forgets 1 - 1/e of its state, left to itself.

    ::

        leaky unit    h_t = (1 - 1/tau) h_{t-1} + ...      tau
        LSTM, GRU     s_t = a_t s_{t-1} + ...              1 / (1 - a), a the mean of a_t

    a_t is the forget gate f of an LSTM, or the update gate z of a GRU, on what it reads (Tallec &
    Ollivier 2018, Can recurrent neural networks warp time?). A mean does not show that a gate is
    shut for a moment, which forgets all; one that is always open has the time constant inf.

    Args:
        layer: leaky units, an LSTM or a GRU of ours.
        x, mask: as for `gates`; of leaky units not needed.

    Returns:
        (units,), in time steps.

    Raises:
        ValueError: another layer; gates without an x.

    Example:
        >>> import rnnzoo
        >>> layer = rnnzoo.layers.LeakyRNN(3, time_constants=(1, 100))
        >>> rnnzoo.analysis.time_constants(layer).round(1).tolist()
        [1.0, 10.0, 100.0]
    """
    check_layer(layer)
    cell = layer.cell
    if isinstance(cell, LeakyRNNCell):
        if cell.learn_time_constants and not layer.built:
            raise WrongValue(f"{layer.name} learns its time constants, and is not built yet")
        return np.asarray(cell.tau)
    kind = next((kind for kind in KEEPS if isinstance(cell, kind)), None)
    if kind is None:
        raise WrongValue(
            f"{layer.name}: {type(cell).__name__} has no time constants: expected leaky units, an "
            "LSTM or a GRU"
        )
    if x is None:
        raise WrongValue(
            f"{layer.name}: how long {type(cell).__name__} remembers depends on what it reads: "
            "give x, (batch, time, features)"
        )
    with np.errstate(divide="ignore"):
        return 1 / (1 - np.nanmean(gates(layer, x, mask=mask)[KEEPS[kind]], axis=(0, 1)))


def _in_time(reading, by_step):
    """(time, batch, ...) in the layer's order -> (batch, time, ...) in the input's, NaN masked."""
    by_step, real = swap(by_step).numpy(), reading.real.numpy()
    back = np.argsort(reading.order.numpy(), axis=1)
    found = np.take_along_axis(by_step, back[(..., *[None] * (by_step.ndim - 2))], axis=1)
    found[~real] = np.nan
    return found
