"""One answer for a long sequence: the mean over windows that overlap.

    p = mean_k p(class | x_(k h + 1) ... x_min(k h + w, N))        k h + w < N + h, or k = 0

A window of w steps begins every hop of h steps, up to the first one that reaches the end of the N
steps; that one is shorter where the end comes before its own, by less than a hop. (It does not lie
at the end, as then a stream would need a state for each step at which one may begin.) So a sequence
of at most w steps is one window, and ceil(w / h) windows overlap at each step.
"""

from __future__ import annotations

from collections.abc import Callable

from rnnzoo.platform import tf
from rnnzoo.tasks.series.answers import log
from rnnzoo.tasks.series.streaming import State, Stream

# Windows that are read together, which bounds the memory for a recording of any length.
AT_ONCE = 256


def mean_over_windows(
    log_probs: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    x: tf.Tensor,
    lengths: tf.Tensor,
    window: int,
    hop: int,
    classes: int,
) -> tf.Tensor:
    """Log-probabilities of whole sequences, (batch, classes); graph code.

    Args:
        log_probs: of windows (n, at most window, ...) and their lengths (n,), (n, classes).
        x: (batch, time, ...).
        lengths: (batch,) of int32.
        window, hop: time steps.
        classes: how many.
    """
    batch, time = tf.unstack(tf.shape(x)[:2])
    width = tf.minimum(window, time)
    counts = 1 + tf.maximum((lengths - window + hop - 1) // hop, 0)
    rows = tf.repeat(tf.range(batch), counts)
    begins = (tf.range(tf.size(rows)) - tf.gather(tf.cumsum(counts, exclusive=True), rows)) * hop
    steps = tf.reshape(x, (batch * time, *x.shape[2:]))

    def read(first, answers):
        some = slice(first, first + AT_ONCE)
        row, begin = rows[some], begins[some]
        places = tf.minimum(begin[:, None] + tf.range(width), time - 1)
        windows = tf.gather(steps, row[:, None] * time + places)
        of_windows = log_probs(windows, tf.minimum(tf.gather(lengths, row) - begin, window))
        return first + AT_ONCE, tf.concat([answers, tf.exp(of_windows)], axis=0)

    _, probabilities = tf.while_loop(
        lambda first, _: first < tf.size(rows),
        read,
        (0, tf.zeros((0, classes))),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, classes])),
        parallel_iterations=1,
    )
    return log(tf.math.segment_mean(probabilities, rows))


class WindowedStream:
    """After N steps it answers as `mean_over_windows` does to these.

    Window k is read in the slot k mod L, L = ceil(w / h), whose state begins anew with it. Beside
    the state of each slot, (rows, L, ...), it keeps

        window_age (rows, L)         steps that the slot's window has had; below 0 before the first
        windows (rows, 1)            how many windows are over
        window_sum (rows, classes)   the sum of their answers

    Args:
        stream: of one window.
        window, hop: time steps.
    """

    def __init__(self, stream: Stream, window: int, hop: int):
        self.stream = stream
        self.window, self.hop = window, hop
        self.slots = -(-window // hop)

    def initial_state(self, rows: int | tf.Tensor) -> State:
        """The state before any step: float32 (rows, ...) by name."""
        begins = tf.range(self.slots, dtype=tf.float32) * self.hop
        return {
            **self._unfolded(self.stream.initial_state(rows * self.slots)),
            "window_age": tf.tile(-begins[None], (rows, 1)),
            "windows": tf.zeros((rows, 1)),
            "window_sum": tf.zeros((rows, len(self.stream.model.classes))),
        }

    def step(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """One more step of features (rows, size) -> log-probabilities, new state."""
        state = dict(state)
        age, over, total = (state.pop(name) for name in ("window_age", "windows", "window_sum"))
        rows = tf.shape(x)[0]
        new = tf.reshape(age == 0, (-1,))
        start = self.stream.initial_state(rows * self.slots)
        folded = {
            name: _where(new, start[name], tf.reshape(value, (rows * self.slots, *value.shape[2:])))
            for name, value in state.items()
        }
        seen, folded = self.stream.see(tf.repeat(x, self.slots, axis=0), folded)
        age += 1
        # The oldest of the windows that are not over: the first to reach the end.
        oldest = tf.argmax(tf.where(age <= self.window, age, 0.0), axis=1)
        of_oldest = {
            name: tf.gather(value, oldest, axis=1, batch_dims=1)
            for name, value in self._unfolded(seen).items()
        }
        probabilities = total + tf.exp(self.stream.log_probs(of_oldest))
        answer = log(probabilities / (over + 1))
        ends = tf.gather(age, oldest, axis=1, batch_dims=1)[:, None] == self.window
        return answer, {
            **self._unfolded(folded),
            "window_age": tf.where(age == self.slots * self.hop, 0.0, age),
            "windows": over + tf.cast(ends, tf.float32),
            "window_sum": tf.where(ends, probabilities, total),
        }

    def read(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Some more steps of features (rows, time, size), one after the other; as `step`."""
        answer = tf.zeros_like(state["window_sum"])
        _, answer, state = tf.while_loop(
            lambda t, *_: t < tf.shape(x)[1],
            lambda t, _, state: (t + 1, *self.step(x[:, t], state)),
            (0, answer, state),
            shape_invariants=tf.nest.map_structure(
                lambda v: tf.TensorShape([None, *v.shape[1:]]) if v.shape.rank else v.shape,
                (tf.constant(0), answer, state),
            ),
        )
        return answer, state

    def _unfolded(self, values):
        """(rows * slots, ...) as (rows, slots, ...)."""
        return {
            name: tf.reshape(v, (tf.shape(v)[0] // self.slots, self.slots, *v.shape[1:]))
            for name, v in values.items()
        }


def _where(condition, yes, no):
    """tf.where by rows, a condition (rows,)."""
    return tf.where(tf.reshape(condition, (-1, *[1] * (yes.shape.rank - 1))), yes, no)
