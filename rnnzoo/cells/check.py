"""Does a cell keep the contract?"""

from __future__ import annotations

import inspect

import numpy as np

from rnnzoo.cells.cell import Cell
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import keras

ops = keras.ops


def check_cell(cell: Cell, features: int = 3) -> None:
    """Test that a cell keeps the contract of `rnnzoo.Cell`; works on a copy of it.

    Args:
        cell: a `rnnzoo.Cell`, built or not.
        features: number of input features to test with.

    Raises:
        TypeError: not a `rnnzoo.Cell`.
        ValueError: a rule is broken; the message says which, by what, and what to do.

    Example::

        rnnzoo.check_cell(rnnzoo.cells.GRUCell(8))
    """
    if not isinstance(cell, Cell):
        raise WrongType(
            f"check_cell tests a rnnzoo.Cell, got {type(cell).__name__}: subclass rnnzoo.Cell and "
            "define project, recur and update"
        )
    cell = _copy(cell)
    cell.build((None, features))
    rng = np.random.default_rng(0)
    # As many rows as no size of the cell has, so that no other axis can stand in for the batch.
    rows, positions = 20 + max(cell.state_size), (3,) if cell.positions else ()
    x = rng.normal(size=(rows, *positions, features)).astype("float32")
    past = [
        rng.normal(size=(rows, *positions, size)).astype("float32")
        for size in cell.past(cell.state_size)
    ]
    parts = _three_parts(cell, x, past)
    _check_state(cell, parts, (rows, *positions))
    _check_repeats(parts, _three_parts(cell, x, past))
    _check_rows(cell, parts, x, past)
    if keras.backend.backend() == "tensorflow":
        _check_gradients(cell, x[:20].reshape(4, 5, *positions, features))


def _copy(cell):
    config = cell.get_config()
    lost = [
        name
        for name, parameter in inspect.signature(type(cell).__init__).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        and name != "self"
        and name not in config
    ]
    if lost:
        raise WrongValue(
            f"get_config of {type(cell).__name__} leaves out {', '.join(lost)}, which saving and "
            "Bidirectional would lose: let it return every argument of __init__"
        )
    try:
        return type(cell).from_config(cell.get_config())
    except Exception as error:
        raise WrongValue(
            f"{type(cell).__name__} can't be made again from its get_config(), which saving and "
            f"Bidirectional need ({error}): let get_config return every argument of __init__"
        ) from error


def _three_parts(cell, x, past):
    """{"project": ..., "recur": ..., "update": (output, state)} in NumPy."""
    past = [ops.convert_to_tensor(s, dtype=cell.state_dtype) for s in past]
    x = ops.convert_to_tensor(x, dtype=cell.compute_dtype)
    project = _attempt("project(x)", cell.project, x)
    recur = _attempt("recur(state)", cell.recurrent_term, past)
    update = _attempt(
        "update(input_term, recurrent_term, state) -> output, [state, ...]",
        cell.next,
        project,
        recur,
        past,
    )
    return keras.tree.map_structure(
        lambda t: ops.convert_to_numpy(ops.cast(t, "float32")),
        {"project": project, "recur": recur, "update": update},
    )


def _attempt(contract, part, *arguments):
    try:
        return part(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        raise WrongValue(
            f"the contract is {contract}, each a batch of rows, computed with keras.ops; on "
            f"{[tuple(t.shape) for t in keras.tree.flatten(arguments)]} it fails: {error}"
        ) from error


def _check_state(cell, parts, leading):
    output, state = parts["update"]
    if output.shape != (*leading, cell.output_size):
        raise WrongValue(
            f"update put out {output.shape}, but output_size is {cell.output_size}: "
            f"{(*leading, cell.output_size)} was expected; let output_size tell the width"
        )
    if len(state) != len(cell.state_names):
        raise WrongValue(
            f"update returned {len(state)} states, but state_names is {cell.state_names!r}: name "
            "each state"
        )
    for name, value, size in zip(cell.state_names, state, cell.state_size, strict=False):
        if value.shape != (*leading, size):
            raise WrongValue(
                f"update made state {name!r} of shape {value.shape} from one of "
                f"{(*leading, size)}: a state must keep its shape"
            )


def _check_repeats(first, second):
    for part, a, b in _pairs(first, second):
        if not np.array_equal(a, b):
            raise WrongValue(
                f"{part} gave two answers to one question: draw what is random before the loop "
                "(the layer's dropout does) and let it enter as an input"
            )


def _check_rows(cell, parts, x, past):
    last = 7
    for part, a, b in _pairs(parts, _three_parts(cell, x[-last:], [s[-last:] for s in past])):
        if b.shape != (last, *a.shape[1:]) or not np.allclose(a[-last:], b, rtol=1e-2, atol=1e-3):
            raise WrongValue(
                f"{part} of {last} rows is not the same as of those rows among {len(x)}: each row "
                "of the batch must be computed by itself, with the batch on the first axis"
            )


def _pairs(a, b):
    for part in a:
        for one, other in zip(
            keras.tree.flatten(a[part]), keras.tree.flatten(b[part]), strict=True
        ):
            yield part, one, other


def _check_gradients(cell, x):
    """The loop's own backpropagation against autodiff through an unrolled loop."""
    from rnnzoo.loop.run import run, step
    from rnnzoo.platform import tf

    x = ops.convert_to_tensor(x, dtype=cell.compute_dtype)
    weights = [w.value for w in cell.trainable_variables]

    def unrolled(x):
        states, outputs = cell.get_initial_state(4, *x.shape[2:-1]), []
        for t in range(5):
            output, states = step(cell, x[:, t], states)
            outputs.append(output)
        return tf.stack(outputs, axis=1)

    def looped(x):
        return run(cell, x, cell.get_initial_state(4, *x.shape[2:-1]))[0]

    def gradients(outputs_of):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.sin(tf.cast(outputs_of(x), tf.float32)))
        return tape.gradient(loss, [x, *weights], unconnected_gradients="zero")

    names = ["the input", *(w.name for w in cell.trainable_variables)]
    try:
        ours = gradients(looped)
    except Exception as error:
        raise WrongValue(
            "the loop can't differentiate the cell; recur and update may read their arguments and "
            f"the cell's own weights, set as its attributes in build, and nothing else: {error}"
        ) from error
    for name, a, b in zip(names, ours, gradients(unrolled), strict=True):
        a, b = (tf.cast(tf.convert_to_tensor(g), tf.float32) for g in (a, b))
        tolerance = 1e-3 if cell.compute_dtype in ("float32", "float64") else 5e-2
        if tf.reduce_max(abs(a - b)) > tolerance * (1 + tf.reduce_max(abs(b))):
            raise WrongValue(
                f"the gradient by {name} differs from that of an unrolled loop: recur and update "
                "must compute from their arguments and the cell's own weights alone (a tensor "
                "kept from elsewhere gets no gradient)"
            )
