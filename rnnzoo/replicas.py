"""Several devices for one batch: each has a replica of the model, which reads some of the rows.

Everything that knows of `tf.distribute` is here. A step on several devices does what it does on
one: its loss is the mean over the whole batch, dropout draws the whole batch's masks, and the state
that is carried is that of all rows. For all this, a replica must know the whole batch's weight, or
where in it its own rows lie; the functions here tell it, and without other replicas they change
nothing.

Devices of one machine are served (`tf.distribute.MirroredStrategy`). For workers on several
machines, `Parts.distributed` would have to hand each its own replicas' parts, and a run to let one
of them write its folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from rnnzoo.errors import WrongValue
from rnnzoo.keras_internals import all_layers
from rnnzoo.notices import warn
from rnnzoo.platform import keras, tf

# --- the batches ----------------------------------------------------------------------------------


def in_parts(batches: tf.data.Dataset, count: int) -> tf.data.Dataset:
    """The rows of each batch, in `count` consecutive parts; some are empty if rows are too few.

    Args:
        batches: a dataset of tensors, or of a structure of them, with as many rows each.
        count: parts of a batch.

    >>> rows = tf.data.Dataset.range(5).batch(3)
    >>> [part.tolist() for part in in_parts(rows, 2).as_numpy_iterator()]
    [[0], [1, 2], [3], [4]]
    """
    if count == 1:
        return batches
    rows = tf.nest.flatten(batches.element_spec)[0].shape[0]
    size = rows // count if rows is not None and rows % count == 0 else None

    def parts_of(*batch):
        batch = batch[0] if len(batch) == 1 else batch
        rows = tf.shape(tf.nest.flatten(batch)[0], tf.int64)[0]

        def part(i):
            def of(x):
                mine = x[rows * i // count : rows * (i + 1) // count]
                mine.set_shape((size, *x.shape[1:]))
                return mine

            return tf.nest.map_structure(of, batch)

        return tf.data.Dataset.range(count).map(part)

    known = batches.cardinality()
    known = tf.where(known > 0, known * count, known)
    return batches.flat_map(parts_of).apply(tf.data.experimental.assert_cardinality(known))


@dataclass(frozen=True)
class Parts:
    """Batches for several replicas: a part for each of them, and then the next batch's parts.

    Attributes:
        batches: a dataset of parts.
        count: parts of a batch.
        batch_size: rows of a whole batch, where all have as many.
    """

    batches: tf.data.Dataset
    count: int
    batch_size: int

    @property
    def element_spec(self) -> Any:
        """Of a part."""
        return self.batches.element_spec

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)

    def cardinality(self) -> int:
        """How many batches there are, negative where they are endless."""
        return int(self.batches.cardinality()) // self.count

    def distributed(self, strategy: tf.distribute.Strategy) -> tf.distribute.DistributedDataset:
        """Batches, again and again, that hold a part for each of a strategy's replicas.

        Keras would take the number of parts for that of batches: it must be told how many to take.
        """
        return strategy.distribute_datasets_from_function(lambda context: self.batches.repeat())


# --- what a replica knows of the others -----------------------------------------------------------


def several() -> bool:
    """Whether this code runs for one of several replicas."""
    return replica_count() > 1 and not tf.distribute.in_cross_replica_context()


def replica_count() -> int:
    """How many replicas there are."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def total(x: Any) -> Any:
    """The sum over all replicas, of a tensor or each of a list."""
    if not several():
        return x
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, x)


def gathered(x: tf.Tensor) -> tf.Tensor:
    """The rows of all replicas, in the order of the whole batch."""
    return tf.distribute.get_replica_context().all_gather(x, axis=0) if several() else x


def _place(shape):
    """Where the rows of a tensor of this shape begin in that of all replicas, and its shape."""
    shapes = gathered(tf.cast(shape, tf.int32)[None])
    before = tf.range(tf.shape(shapes)[0]) < _number()
    begin = tf.reduce_sum(tf.where(before, shapes[:, 0], 0))
    # Apart from rows, each replica's is as large as its own padding makes it.
    whole = tf.concat([[tf.reduce_sum(shapes[:, 0])], tf.reduce_max(shapes[:, 1:], axis=0)], axis=0)
    return begin, whole


def _number():
    return tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int32)


def own_rows(whole: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """Of the rows of the whole batch those of this replica, which has as many as `like`."""
    if not several():
        return whole
    begin, _ = _place(tf.shape(like)[:1])
    own = whole[begin : begin + tf.shape(like)[0]]
    own.set_shape((like.shape[0], *whole.shape[1:]))
    return own


def drawn(draw: Callable[[Any], tf.Tensor], shape: Any) -> tf.Tensor:
    """Random numbers for this replica's rows: those that the whole batch would get on one device.

    Args:
        draw: draws a tensor of a shape; the same one on each replica.
        shape: of this replica's rows: (rows, ...).
    """
    if not several():
        return draw(shape)
    begin, whole = _place(shape)
    numbers = draw(whole)
    begins = [begin] + [0] * (numbers.shape.rank - 1)
    mine = tf.slice(numbers, begins, shape)
    mine.set_shape([n if isinstance(n, int) else None for n in shape])
    return mine


def of_all(compute: Callable[[], Any]) -> Any:
    """What is computed once, of the variables of all replicas, whose sums count."""
    return tf.distribute.get_replica_context().merge_call(lambda strategy: compute())


# --- the step -------------------------------------------------------------------------------------


def part_of_loss(
    loss: tf.Tensor, weight: tf.Tensor, extra: Iterable[tf.Tensor], penalties: Iterable[tf.Tensor]
) -> tf.Tensor:
    """What a replica adds to the loss of the whole batch.

        L = sum_r w_r l_r / sum_r w_r + sum_r extra_r + penalties

    Args:
        loss: w_r-weighted mean l_r over the replica's rows, with extra and penalties added.
        weight: w_r, what its rows weigh in all.
        extra: what layers add to the loss, penalties included.
        penalties: those of the weights, which are the same on each replica, and count once.
    """
    if not several():
        return loss
    share = tf.math.divide_no_nan(weight, total(weight))
    added, once = tf.add_n([0.0, *extra]), tf.add_n([0.0, *penalties])
    return share * (loss - added) + added - once + once / replica_count()


def whole_gradients(gradients: list[Any]) -> list[Any]:
    """Gradients of all replicas' sum, for the first one to hand to the optimizer.

    An optimizer clips what it is given, and then adds up what the replicas have. So the first one
    gets the sum, which is clipped as on one device, and the others get zeros.
    """
    if not several():
        return gradients
    real = [gradient for gradient in gradients if gradient is not None]
    first = _number() == 0

    def given(gradient):
        if isinstance(gradient, tf.IndexedSlices):
            return tf.IndexedSlices(given(gradient.values), gradient.indices, gradient.dense_shape)
        return tf.where(first, gradient, tf.zeros_like(gradient))

    sums = iter([given(gradient) for gradient in total(real)])
    return [None if gradient is None else next(sums) for gradient in gradients]


# --- the variables --------------------------------------------------------------------------------


def check_optimizer(
    strategy: tf.distribute.Strategy, optimizer: keras.optimizers.Optimizer
) -> None:
    """Raise a ValueError for what several replicas were not tested with."""
    if strategy.num_replicas_in_sync == 1:
        return
    if hasattr(optimizer, "inner_optimizer") or optimizer.gradient_accumulation_steps:
        raise WrongValue(
            "several devices: expected an optimizer without gradient_accumulation_steps and "
            "without loss scaling (for half precision take the dtype policy mixed_bfloat16)"
        )


def synchronize(strategy: tf.distribute.Strategy, model: keras.Model) -> None:
    """Let batch normalization take its statistics of the rows of all replicas.

    Warns:
        UserWarning: layers of Keras's own that draw random numbers. Each device draws those of its
            rows by the same seed, so that its rows are dropped as the other devices' are.
    """
    if strategy.num_replicas_in_sync == 1:
        return
    drawing = []
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
        of_keras = type(layer).__module__.partition(".")[0] == "keras"
        if of_keras and getattr(layer, "seed_generator", None) is not None:
            drawing.append(f"{layer.name} ({type(layer).__name__})")
    if drawing:
        warn(
            f"several devices: {', '.join(drawing)}, layers of Keras's own, draw the same random "
            "numbers on each device, and not those of one device; rnnzoo.layers.dropout.Dropout "
            "draws them for the whole batch"
        )


def check_one_device(strategy: tf.distribute.Strategy, what: str) -> None:
    """Raise a ValueError for what is done on one device only."""
    if strategy.num_replicas_in_sync > 1:
        raise WrongValue(
            f"{what}: one batch goes to one device, and the model has "
            f"{strategy.num_replicas_in_sync}; call fit or evaluate"
        )


def scope_of(strategy: tf.distribute.Strategy) -> AbstractContextManager:
    """The scope in which a model was made, to enter it again.

    Raises:
        ValueError: the scope of another strategy is entered already.
    """
    if tf.distribute.has_strategy() and tf.distribute.get_strategy() is not strategy:
        raise WrongValue(
            "the model was made outside of the strategy's scope: make it, too, within "
            "`with strategy.scope():`"
        )
    return strategy.scope()


def check_scope(strategy: tf.distribute.Strategy, **variables: Iterable[keras.Variable]) -> None:
    """Raise a ValueError unless a strategy's scope is where all variables were made.

    Args:
        strategy: with one replica, anything goes.
        **variables: by what has them, such as ``model``.
    """
    if strategy.num_replicas_in_sync == 1:
        return
    if not isinstance(strategy, tf.distribute.MirroredStrategy):
        raise WrongValue(
            f"{type(strategy).__name__}: expected a tf.distribute.MirroredStrategy, for the "
            "devices of one machine"
        )
    for owner, of_one in variables.items():
        for variable in of_one:
            if not strategy.extended.variable_created_in_scope(variable.value):
                raise WrongValue(
                    f"the {owner} was made outside of the strategy's scope (its variable "
                    f"{variable.path} is on one device): make it within `with strategy.scope():`"
                )


def local_values(
    strategy: tf.distribute.Strategy, variables: Iterable[keras.Variable]
) -> list[list[Any]]:
    """Of sums to which each replica adds on its own (metrics'), its share, as plain numbers.

    A checkpoint holds the sums, which may be read with any number of replicas. With the shares,
    too, the same number of replicas goes on to the last bit.
    """
    if strategy.num_replicas_in_sync == 1:
        return []
    return [
        [share.numpy().tolist() for share in strategy.experimental_local_results(variable.value)]
        for variable in variables
    ]


def set_local_values(
    strategy: tf.distribute.Strategy,
    variables: Iterable[keras.Variable],
    values: list[list[Any]],
) -> None:
    """Set what `local_values` returned, if there were as many replicas."""
    for variable, shares in zip(variables, values, strict=False):
        of_replicas = strategy.experimental_local_results(variable.value)
        if len(of_replicas) == len(shares):
            for of_one, share in zip(of_replicas, shares, strict=True):
                of_one.assign(tf.constant(share, of_one.dtype, of_one.shape))
