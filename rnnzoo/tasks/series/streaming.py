"""A classifier that reads a sequence as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.platform import tf
from rnnzoo.tasks.series.answers import Seen

if TYPE_CHECKING:
    from rnnzoo.tasks.series.classifier import SequenceClassifier

State = dict[str, tf.Tensor]


class Stream:
    """After N steps it has seen what the model sees of a sequence of N steps.

    Where convolutions go before the recurrent layers, these take a step when a frame is full. A
    frame that is not, as it is at a sequence's end, is read at each step for the answer alone.

    Args:
        model: a `SequenceClassifier` that streams.
    """

    def __init__(self, model: SequenceClassifier):
        self.model = model
        self.front, self.recurrent = model.front, model.recurrent
        self.way = model.way

    def initial_state(self, rows: int | tf.Tensor) -> State:
        """The state before any step: float32 (rows, ...) by name."""
        state = dict(self.recurrent.initial_state(rows))
        if self.front is not None:
            front = self.front.initial_state(rows)
            state.update({f"front_{name}": value for name, value in front.items()})
        units, classes = self.recurrent.output_size, len(self.model.classes)
        return {**state, **self.way.start(rows, units, classes)}

    def read(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Some more steps of features (rows, time, size) -> log-probabilities, new state."""
        seen, state = self._read(x, state)
        return self.log_probs(seen), state

    def step(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """One more step of features (rows, size) -> log-probabilities, new state."""
        seen, state = self.see(x, state)
        return self.log_probs(seen), state

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

    def log_probs(self, seen: Seen) -> tf.Tensor:
        """The answer to what was seen, (rows, classes)."""
        return self.way.log_probs(seen, self.model.head)

    def _more(self, seen, outputs, mask=None):
        return self.way.more(seen, outputs, mask, self.model.head)

    def _of_front(self, state):
        return {name: state[f"front_{name}"] for name in ("past", "steps")}

    def _after(self, state, recurrent, seen, front=None):
        """The new state, of the names of the old one."""
        front = {f"front_{name}": value for name, value in (front or {}).items()}
        new = {**recurrent, **seen, **front}
        return {name: new[name] for name in state}
