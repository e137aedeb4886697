"""A model that reads a sequence as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnzoo.platform import tf
from rnnzoo.tasks.series.answers import Seen

if TYPE_CHECKING:
    from rnnzoo.tasks.series.model import SeriesModel

State = dict[str, tf.Tensor]
Step = Callable[[tf.Tensor, State], tuple[tf.Tensor, State]]


def step_by_step(step: Step, x: tf.Tensor, state: State, size: int) -> tuple[tf.Tensor, State]:
    """The answers (rows, time, size) to steps x (rows, time, features), and the last state."""
    rows, time = tf.unstack(tf.shape(x)[:2])
    answers = tf.TensorArray(tf.float32, time, element_shape=(None, size))

    def read(t, answers, state):
        answer, state = step(x[:, t], state)
        return t + 1, answers.write(t, answer), state

    def open_rows(value):
        return tf.TensorShape([None, *value.shape[1:]])

    _, answers, state = tf.while_loop(
        lambda t, *_: t < time,
        read,
        (0, answers, state),
        shape_invariants=(
            tf.TensorShape([]),
            tf.TensorShape(None),
            tf.nest.map_structure(open_rows, state),
        ),
    )
    found = tf.transpose(answers.stack(), (1, 0, 2))
    return tf.ensure_shape(tf.reshape(found, (rows, time, size)), (None, None, size)), state


class Stream:
    """After N steps it has seen what the model sees of a sequence of N steps.

    Where convolutions go before the recurrent layers, these take a step when a frame is full. A
    frame that is not, as it is at a sequence's end, is read at each step for the answer alone.
    Where each step is answered, that is the answer to the newest one; with convolutions, to that of
    a sequence which ends there, while in a longer one the step's whole frame is read.

    Args:
        model: a `SeriesModel` that streams.
    """

    def __init__(self, model: SeriesModel):
        self.model = model
        self.front, self.recurrent = model.front, model.recurrent
        self.way = model.way

    def initial_state(self, rows: int | tf.Tensor) -> State:
        """The state before any step: float32 (rows, ...) by name."""
        state = dict(self.recurrent.initial_state(rows))
        if self.front is not None:
            state.update(named("front", self.front.initial_state(rows)))
        units, size = self.recurrent.output_size, self.model.answer_size
        return {**state, **self.way.start(rows, units, size)}

    def read(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Some more steps of features (rows, time, size) -> the answer, new state.

        The former is (rows, answer_size), or (rows, time, answer_size) where each step is answered.
        """
        if self.way.per_step and self.front is not None:
            return step_by_step(self.step, x, state, self.model.answer_size)
        seen, state = self._read(x, state)
        return self.answer(seen), state

    def step(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """One more step of features (rows, size) -> the answer, new state."""
        seen, state = self.see(x, state)
        return self.newest(seen), state

    def newest(self, seen: Seen) -> tf.Tensor:
        """The answer after the newest step, (rows, answer_size)."""
        answer = self.answer(seen)
        return answer[:, -1] if self.way.per_step else answer

    def _read(self, x, state):
        if self.front is None:
            outputs, recurrent = self.recurrent(x, state=state)
            seen = self._more(state, outputs)
            return seen, self._after(state, recurrent, seen)
        frames, full, partial, front = self.front.read(x, self._of_front(state))
        outputs, recurrent = self.recurrent(frames, state=state, mask=full)
        seen = self._more(state, outputs, full)
        after = self._after(state, recurrent, seen, front)
        place = tf.argmax(partial, axis=1)
        frame = tf.gather(frames, place, axis=1, batch_dims=1)
        output, _ = self.recurrent.step(frame, recurrent)
        any_partial = tf.reduce_any(partial, axis=1, keepdims=True)
        return self._more(seen, output[:, None], any_partial), after

    def see(self, x: tf.Tensor, state: State) -> tuple[Seen, State]:
        """One more step of features (rows, size) -> what was seen so far, new state."""
        full = front = None
        if self.front is not None:
            x, full, front = self.front.step(x, self._of_front(state))
        output, recurrent = self.recurrent.step(x, state)
        seen = self._more(state, output[:, None])
        after = self._after(state, recurrent, seen, front)
        if full is not None:
            for name in {*recurrent, *seen} & {*after}:
                after[name] = tf.where(full, after[name], state[name])
        return seen, after

    def answer(self, seen: Seen) -> tf.Tensor:
        """The answer to what was seen, as the way to answer gives it."""
        return self.way.answer(seen, self.model.head)

    def _more(self, seen, outputs, mask=None):
        return self.way.more(seen, outputs, mask, self.model.head)

    def _of_front(self, state):
        return of_part("front", state)

    def _after(self, state, recurrent, seen, front=None):
        """The new state, of the names of the old one."""
        new = {**state, **recurrent, **seen, **named("front", front or {})}
        return {name: new[name] for name in state}


def named(part: str, state: State) -> State:
    """The state of a part, by its names in that of all."""
    return {f"{part}_{name}": value for name, value in state.items()}


def of_part(part: str, state: State) -> State:
    """The state of a part that `named` named."""
    begin = f"{part}_"
    return {name[len(begin) :]: value for name, value in state.items() if name.startswith(begin)}
