"""The answer to a long sequence, from windows that overlap: their mean.

    p = mean_k p(class | x_(k h + 1) ... x_min(k h + w, N))        k h + w < N + h, or k = 0

A window of w steps begins every hop of h steps, up to the first one that reaches the end of the N
steps; that one is shorter where the end comes before its own, by less than a hop. (It does not lie
at the end, as then a stream would need a state for each step at which one may begin.) So a sequence
of at most w steps is one window, and ceil(w / h) windows overlap at each step.

Where each step is answered, the mean at a step t is over the windows that hold it:

    p_t = mean_(k: k h < t <= k h + w) p(class_t | x_(k h + 1) ... x_min(k h + w, N))

of a network that reads forwards only, over the first of these, as it has read what all others have.
"""

from __future__ import annotations

from collections.abc import Callable

from rnnzoo.platform import tf
from rnnzoo.tasks.series.outputs import Output
from rnnzoo.tasks.series.streaming import State, Stream, step_by_step

Reader = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]

# Windows that are read together, which bounds the memory for a recording of any length.
AT_ONCE = 256


def mean_over_windows(
    answers: Reader,
    x: tf.Tensor,
    lengths: tf.Tensor,
    window: int,
    hop: int,
    size: int,
    output: Output,
) -> tf.Tensor:
    """The answers to whole sequences, (batch, size); graph code.

    Args:
        answers: to windows (n, at most window, ...) and their lengths (n,), (n, size).
        x: (batch, time, ...).
        lengths: (batch,) of int32.
        window, hop: time steps.
        size: how many numbers an answer has.
        output: what these say.
    """
    nothing = tf.zeros((0, size))
    values, rows, _ = _of_windows(answers, x, lengths, window, hop, output, nothing)
    return output.of_values(tf.math.segment_mean(values, rows))


def steps_over_windows(
    answers: Reader,
    x: tf.Tensor,
    lengths: tf.Tensor,
    window: int,
    hop: int,
    size: int,
    output: Output,
    one_way: bool,
) -> tf.Tensor:
    """The answers at each step of whole sequences, (batch, time, size); graph code.

    Args:
        answers: as for `mean_over_windows`, but (n, at most window, size).
        x, lengths, window, hop, size, output: as there.
        one_way: whether steps are read forwards only. Then the oldest window that holds a step
            knows all that the others do, and answers alone, as in a stream.
    """
    batch, time = tf.unstack(tf.shape(x)[:2])
    nothing = tf.zeros((0, tf.minimum(window, time), size))
    values, rows, begins = _of_windows(answers, x, lengths, window, hop, output, nothing)
    places = tf.range(tf.shape(values)[1])[None]
    counts = places < tf.gather(lengths, rows)[:, None] - begins[:, None]
    if one_way:
        counts &= (begins[:, None] == 0) | (places >= window - hop)
    steps = tf.where(counts, rows[:, None] * time + begins[:, None] + places, -1)
    count = batch * time
    steps = tf.reshape(steps, (-1,))  # those below 0 are left out
    sums = tf.math.unsorted_segment_sum(tf.reshape(values, (-1, size)), steps, count)
    windows = tf.math.unsorted_segment_sum(tf.ones_like(steps, tf.float32), steps, count)
    means = sums / tf.maximum(windows, 1)[:, None]
    return output.of_values(tf.reshape(means, (batch, time, size)))


def _of_windows(answers, x, lengths, window, hop, output, nothing):
    """The values of all windows' answers; of which sequence each is, and where it begins."""
    batch, time = tf.unstack(tf.shape(x)[:2])
    width = tf.minimum(window, time)
    counts = 1 + tf.maximum((lengths - window + hop - 1) // hop, 0)
    rows = tf.repeat(tf.range(batch), counts)
    begins = (tf.range(tf.size(rows)) - tf.gather(tf.cumsum(counts, exclusive=True), rows)) * hop
    steps = tf.reshape(x, (batch * time, *x.shape[2:]))

    def read(first, values):
        some = slice(first, first + AT_ONCE)
        row, begin = rows[some], begins[some]
        places = tf.minimum(begin[:, None] + tf.range(width), time - 1)
        windows = tf.gather(steps, row[:, None] * time + places)
        of_windows = answers(windows, tf.minimum(tf.gather(lengths, row) - begin, window))
        return first + AT_ONCE, tf.concat([values, output.values(of_windows)], axis=0)

    _, values = tf.while_loop(
        lambda first, _: first < tf.size(rows),
        read,
        (0, nothing),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, *nothing.shape[1:]])),
        parallel_iterations=1,
    )
    return values, rows, begins


class WindowedStream:
    """After N steps it answers as `mean_over_windows` does to these; or to the newest of them, as
    `steps_over_windows` does, where each step is answered.

    Window k is read in the slot k mod L, L = ceil(w / h), whose state begins anew with it. Beside
    the state of each slot, (rows, L, ...), it keeps

        window_age (rows, L)         steps that the slot's window has had; below 0 before the first
        windows (rows, 1)            how many windows are over
        window_sum (rows, size)      the sum of their values, unless steps are answered

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
        state = self._unfolded(self.stream.initial_state(rows * self.slots))
        state["window_age"] = tf.tile(-begins[None], (rows, 1))
        if not self.stream.way.per_step:
            state["windows"] = tf.zeros((rows, 1))
            state["window_sum"] = tf.zeros((rows, self.stream.model.answer_size))
        return state

    def step(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """One more step of features (rows, size) -> the answer, new state."""
        state = dict(state)
        age = state.pop("window_age")
        sums = {name: state.pop(name) for name in ("windows", "window_sum") if name in state}
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
        answer = self.stream.newest(of_oldest)
        if sums:
            ends = tf.gather(age, oldest, axis=1, batch_dims=1)[:, None] == self.window
            answer, sums = _mean_so_far(answer, ends, self.stream.way.output, **sums)
        age = tf.where(age == self.slots * self.hop, 0.0, age)
        return answer, {**self._unfolded(folded), "window_age": age, **sums}

    def read(self, x: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Some more steps of features (rows, time, size), one after the other; as `step`."""
        if self.stream.way.per_step:
            return step_by_step(self.step, x, state, self.stream.model.answer_size)
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


def _mean_so_far(answer, ends, output, windows, window_sum):
    """The mean of the answers of the windows that are over and of the oldest other one, and its
    sums, which it joins where it ends.
    """
    values = window_sum + output.values(answer)
    return output.of_values(values / (windows + 1)), {
        "windows": windows + tf.cast(ends, tf.float32),
        "window_sum": tf.where(ends, values, window_sum),
    }


def _where(condition, yes, no):
    """tf.where by rows, a condition (rows,)."""
    return tf.where(tf.reshape(condition, (-1, *[1] * (yes.shape.rank - 1))), yes, no)
