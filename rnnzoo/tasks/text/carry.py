"""The state that passes from one batch to the next: the memory of truncated BPTT."""

from __future__ import annotations

import functools
from collections.abc import Callable

from rnnzoo.decoding import choose_rows
from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf
from rnnzoo.replicas import Parts, gathered, own_rows, several
from rnnzoo.tasks.task import Task


class Carry:
    """Recurrent state kept in variables between the batches of a training or an evaluation.

    There is one set of variables for each batch size seen, made when that size first comes. They
    belong to a run and not to the model: checkpoints hold them, ``.keras`` files don't.

    Args:
        initial_state: ``initial_state(batch_size)``, a flat dict of (batch_size, ...) tensors.

    Example:
        >>> carry = Carry(lambda batch_size: {"h": tf.ones((batch_size, 3))})
        >>> state = carry.read(tf.constant([True, True]))
        >>> carry.write({"h": 7 * state["h"]})
        >>> carry.read(tf.constant([False, True]))["h"].numpy().tolist()
        [[7.0, 7.0, 7.0], [1.0, 1.0, 1.0]]
    """

    def __init__(self, initial_state: Callable[..., dict[str, tf.Tensor]]):
        self._initial_state = initial_state
        self._by_batch_size: dict[int, dict[str, keras.Variable]] = {}
        self.batch_size: int | None = None  # that of the newest batch

    @property
    def variables(self) -> list[keras.Variable]:
        """All variables, in the order they were made in."""
        return [v for state in self._by_batch_size.values() for v in state.values()]

    def build(self, batch_size: int | None) -> dict[str, keras.Variable]:
        """The variables of a batch size by state name, all zero when new."""
        if batch_size is None:
            raise WrongValue(
                "State is carried from batch to batch, which needs batches of one known size: "
                "make them with drop_remainder=True, and call compile() again before "
                "train_on_batch or test_on_batch gets another size."
            )
        if batch_size not in self._by_batch_size:
            self._by_batch_size[batch_size] = {
                name: keras.Variable(
                    "zeros", value.shape, value.dtype.name, trainable=False, autocast=False
                )
                for name, value in self._initial_state(batch_size).items()
            }
        self.batch_size = batch_size
        return self._by_batch_size[batch_size]

    def reset(self) -> None:
        """Go back to the initial state, for batches of each size."""
        for batch_size, state in self._by_batch_size.items():
            initial = self._initial_state(batch_size)
            for name, variable in state.items():
                variable.assign(initial[name])

    def build_for(self, batches: tf.data.Dataset | Parts) -> None:
        """Make the variables for batches of these ones' size."""
        if isinstance(batches, Parts):
            self.build(batches.batch_size)
        else:
            self.build(tf.nest.flatten(batches.element_spec)[0].shape[0])

    def fits(self, dataset: tf.data.Dataset) -> bool:
        """Whether the newest batch was as large as the dataset's, whose variables are made.

        If not, the step has to be traced anew: Keras would trace it for batches of any size.
        """
        newest = self.batch_size
        self.build_for(dataset)
        return newest == self.batch_size

    def read(self, start: tf.Tensor, *told: tf.Tensor) -> dict[str, tf.Tensor]:
        """The state to go on from: rows where start (batch,) is True get the initial state.

        Args:
            start: bool (batch,).
            *told: (batch, ...), of which the initial state is a function, too.
        """
        # Of several replicas, each has some rows of the state of the whole batch.
        variables = self.build(self.batch_size if several() else start.shape[0])
        initial = self._initial_state(tf.shape(start)[0] if several() else start.shape[0], *told)
        return {
            name: choose_rows(start, initial[name], own_rows(variable.value, like=start))
            for name, variable in variables.items()
        }

    def write(self, state: dict[str, tf.Tensor]) -> None:
        """Keep the state after the batch that `read` began."""
        # Not by the size of the state, which a compiled layer may leave open.
        for name, variable in self.build(self.batch_size).items():
            variable.assign(tf.ensure_shape(gathered(state[name]), variable.shape))


class CarryingTask(Task):
    """A task of which each batch goes on from the state in which the one before ended.

    A subclass offers ``initial_state(batch_size)``, a flat dict, and a ``call`` that takes `state`
    and `return_state`; x of its batches is ``(ids, start)``, see `rnnzoo.data.contiguous`, and what
    else the initial state is a function of. Training and evaluation carry a state each.

    Attributes:
        carry: variables (keras.Variable) of the state that training carries.
    """

    @property
    def carry(self) -> list[keras.Variable]:
        return self._train_carry.variables

    def make_variables(self, batches: tf.data.Dataset | Parts) -> None:
        with self.distribute_strategy.scope():
            self._train_carry.build_for(batches)
        super().make_variables(batches)

    def _begin_elsewhere(self) -> None:
        with self.distribute_strategy.scope():
            self._train_carry.reset()

    # Cached properties stay out of Keras's tracking, and so out of the model's weights.
    @functools.cached_property
    def _train_carry(self) -> Carry:
        return Carry(self.initial_state)

    @functools.cached_property
    def _test_carry(self) -> Carry:
        return Carry(self.initial_state)

    def _make_ready_for(self, batches, training):
        """Batches of another size than the newest need their step traced anew."""
        self.require_ready()
        with self.distribute_strategy.scope():
            if training and not self._train_carry.fits(batches):
                self.train_function = None
            if not training and not self._test_carry.fits(batches):
                self.test_function = None
        super()._make_ready_for(batches, training)

    def read_batch(self, x: tuple[tf.Tensor, ...], training: bool) -> tf.Tensor:
        carry = self._train_carry if training else self._test_carry
        ids, start, *told = x
        state = carry.read(start, *told)
        answers, state = self(ids, state=state, return_state=True, training=training)
        carry.write(state)
        return answers
