"""The network of a model of sequences: from steps to answers, all at once or as they come."""

from __future__ import annotations

from typing import Any

from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.recurrent import outputs_of, streams
from rnnzoo.tasks.series.outputs import Output
from rnnzoo.tasks.series.streaming import Stream, named, of_part
from rnnzoo.tasks.series.windows import WindowedStream, mean_over_windows, steps_over_windows
from rnnzoo.tasks.task import Task

ops = keras.ops


class SeriesNetwork(Task):
    """Steps x_1 ... x_T -> answers, as `rnnzoo.tasks.series.model.SeriesModel` tells.

    That one makes the layers that are used here, ``read_channels``, ``standardize``, ``scale``,
    ``differences``, ``frame``, ``front``, ``recurrent``, ``output_layer`` and ``output_dropout``;
    ``way``, one of `rnnzoo.tasks.series.answers`; and ``preprocessor``.
    """

    preprocessor: Any
    frame: Any
    front: Any
    recurrent: Any
    scale: Any
    differences: Any
    read_channels: Any
    standardize: Any
    output_layer: Any
    output_dropout: Any
    way: Any

    def make_output(self) -> Output:
        """What the numbers of the output layer say."""
        raise NotImplementedError

    @property
    def output_units(self) -> int | None:
        """How many numbers the output layer gives; None as long as that is not known."""
        raise NotImplementedError

    @property
    def answer_size(self) -> int:
        """How many numbers the answer has, to a sequence or to a step."""
        raise NotImplementedError

    @property
    def features(self) -> tuple[int, ...] | Any:
        """The shape of one step's entries; None as long as it is not known."""
        return self.preprocessor.features

    @property
    def channels(self) -> tuple[str, ...]:
        """Their names, in the order in which the model reads them; empty where there are none."""
        return self.preprocessor.channels.names

    @property
    def answer(self) -> str | None:
        """How the model answers; None as long as that is not known."""
        return self.preprocessor.answer

    @property
    def per_step(self) -> bool:
        """Whether the model answers at each step."""
        return self.preprocessor.per_step

    @property
    def input_dtype(self) -> str:
        """Of the numbers the model reads: "uint8" where it has a network of frames."""
        return self.preprocessor.input_dtype

    def call(self, x: tf.Tensor | tuple[tf.Tensor, ...], training: bool = False) -> tf.Tensor:
        """The answers, float32 (batch, answer_size), or (batch, time, answer_size) where each step
        is answered.

        Args:
            x: (batch, time, ...), or a tuple of it and lengths (batch,) of int, of which what lies
                behind doesn't count; and, of windows, what is known of the steps before each,
                float32 (batch, 1 or 4, channels), as `rnnzoo.data.Past` has it.
            training: whether dropout acts.
        """
        x, lengths, *before = x if isinstance(x, (tuple, list)) else (x, None)
        mask = None if lengths is None else tf.sequence_mask(lengths, ops.shape(x)[1])
        features = self._of_windows(x, training, *before)
        return self._of_features(features, mask, training)

    def _of_features(self, x, mask, training=False):
        """The answers to features (batch, time, size), as for `call`."""
        time = tf.shape(x)[1]
        if self.front is not None:
            frames = self.front(x, mask=mask, training=training)
            x, mask = frames, self.front.compute_mask(x, mask)
        h = outputs_of(self.recurrent, x, mask, training)
        if len(h.shape) == 2:  # the last one only
            if self.per_step:
                raise WrongValue(f"answer={self.answer!r}: expected return_sequences of recurrent")
            h = h[:, None]

        def head(features):
            return self.head(features, training)

        nothing = self.way.start(tf.shape(h)[0], h.shape[-1], self.answer_size)
        answers = self.way.answer(self.way.more(nothing, h, mask, head), head)
        if self.per_step and self.front is not None:  # a frame answers for all of its steps
            answers = tf.repeat(answers, self.front.stride, axis=1)[:, :time]
        return answers

    def head(self, features: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The numbers of the output layer (..., units), of what a way makes of the outputs."""
        return self.output_layer(self.output_dropout(features, training=training))

    def answers_to(
        self, x: tf.Tensor, lengths: tf.Tensor | None = None, *before: tf.Tensor
    ) -> tf.Tensor:
        """The answer to whole sequences x (batch, time, ...), float32, shaped as for `call`.

        Args:
            x, lengths, *before: as for `call`.
        """
        window, hop = self.preprocessor.window, self.preprocessor.hop
        if window is None:
            return self(x if lengths is None else (x, lengths, *before))
        if lengths is None:
            lengths = tf.fill(tf.shape(x)[:1], tf.shape(x)[1])
        features = self._of_windows(x, False, *before)

        def of_windows(x, lengths):
            return self._of_features(x, tf.sequence_mask(lengths, tf.shape(x)[1]))

        sizes = features, lengths, window, hop, self.answer_size, self.way.output
        if self.per_step:
            return steps_over_windows(of_windows, *sizes, one_way=self.streams)
        return mean_over_windows(of_windows, *sizes)

    def _of_windows(self, x, training, past=None):
        """Features (batch, time, size) of windows, of which it may be known what was before."""
        state = None if past is None else self._raw_state(tf.shape(x)[0], past)
        return self._of_frames(x, training, state)[0]

    def _of_frames(self, x, training=False, state=None):
        """Features (batch, time, size) of each step, and what of a state is about raw steps."""
        if self.frame is None:
            state = self._raw_state(tf.shape(x)[0]) if state is None else state
            x, last = self.read_channels(tf.cast(x, tf.float32), state["last_seen"])
            x, new = self.standardize(x), {"last_seen": last}
            for name in ("scale", "differences"):
                if (layer := getattr(self, name)) is not None:
                    x, part = layer.read(x, of_part(name, state))
                    new |= named(name, part)
            return x, new
        self.preprocessor.check_dtype(x.dtype)
        batch, time = ops.shape(x)[:2]
        features = self.frame(tf.reshape(x, (-1, *self.features)), training=training)
        return tf.reshape(features, (batch, time, features.shape[-1])), {}

    def _raw_state(self, batch_size, past=None):
        """What of a state is about raw steps: before any, or after a `past` that is told."""
        last = self.read_channels.initial_state(batch_size)
        if past is not None:
            last = tf.where(tf.math.is_nan(past[:, 0]), last, past[:, 0])
        state = {"last_seen": last}
        if self.differences is not None:  # of which no past tells
            state |= named("differences", self.differences.initial_state(batch_size))
        if self.scale is None:
            return state
        if past is None:
            return state | named("scale", self.scale.initial_state(batch_size))
        count, mean, variance = tf.unstack(
            tf.gather(past[:, 1:], self.preprocessor.channels.scaled, axis=2), num=3, axis=1
        )
        mean_of_all, variance_of_all = (
            tf.gather(values, self.scale.places) for values in self.preprocessor.standardized_by()
        )
        mean = (mean - mean_of_all) / tf.sqrt(variance_of_all)
        return state | named(
            "scale", self.scale.state_after(count[:, :1], mean, variance / variance_of_all)
        )

    @property
    def streams(self) -> bool:
        """Whether the model can answer as a sequence comes, step by step."""
        return streams(self.recurrent)

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any step: a flat dict of float32 (batch_size, ...) tensors."""
        state = self._stream().initial_state(batch_size)
        return state if self.frame is not None else state | self._raw_state(batch_size)

    def read(
        self, x: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Some more steps x (batch, time, ...) -> the answer to the whole so far, state.

        Where each step is answered, to each of these, (batch, time, answer_size).
        """
        features, raw = self._of_frames(x, state=state)
        answer, state = self._stream().read(features, _without(state, raw))
        return answer, state | raw

    def step(
        self, x: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One more step x (batch, ...) -> the answer to the whole so far, new state.

        Where each step is answered, to this one.
        """
        features, raw = self._of_frames(x[:, None], state=state)
        answer, state = self._stream().step(features[:, 0], _without(state, raw))
        return answer, state | raw

    def _stream(self):
        window, hop = self.preprocessor.window, self.preprocessor.hop
        stream = Stream(self)
        return stream if window is None else WindowedStream(stream, window, hop)


def _without(state, others):
    """A state without the names of others."""
    return {name: value for name, value in state.items() if name not in others}
