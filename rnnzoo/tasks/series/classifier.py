"""One answer for a whole sequence: what a recording or a clip shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.layers import ConvStack, RunningScale
from rnnzoo.layers.dropout import Dropout
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.losses import LabelNats
from rnnzoo.tasks.metrics import Accuracy, LabelF1, MacroF1, SubsetAccuracy
from rnnzoo.tasks.recurrent import output_size, outputs_of, streams
from rnnzoo.tasks.series import answering
from rnnzoo.tasks.series.answers import ANSWERS
from rnnzoo.tasks.series.channels import Channels, holds_names
from rnnzoo.tasks.series.endpoints import classifier_endpoints
from rnnzoo.tasks.series.feed import SeriesFeed
from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor
from rnnzoo.tasks.series.streaming import Stream
from rnnzoo.tasks.series.windows import WindowedStream, mean_over_windows, steps_over_windows
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.transfer import entries_copied, widened

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceClassifier(Task):
    """A model of p(class | x_1 ... x_T) for sequences of numbers, or of pictures.

        x (batch, time, channels) -> nothing missing, standardized, or a network of each frame
          -> convolutions over time, if any -> recurrent layers -> h_1 ... h_T

        answer "last"    p = softmax(h_T V + b)
        answer "mean"    p = 1/T sum_t softmax(h_t V + b)      (Donahue et al. 2015)
        answer "pool"    p = softmax([1/T sum_t h_t, max_t h_t] V + b)
        answer "each"    p_t = softmax(h_t V + b), a class at each step

    With `skip`, h_t is [h_t, f_t] in these, f_t being the frame of the convolutions that the
    recurrent layers read: what needs no memory reaches the answer past it, as in LSTM-FCN (Karim et
    al. 2017, LSTM fully convolutional networks for time series classification).

    `fit` and `evaluate` take x, an array (examples, time, ...) or a list of arrays (time, ...) of
    different lengths, and y, a label for each. `window` cuts the examples to so many time steps.
    Where channels have names (`rnnzoo.data.Recordings`, a frame, a table's path), they are read by
    these, in whatever order they come. NaN is a value that is missing, see `ReadChannels`.
    What the model answers to a whole sequence is the mean over windows, see
    `rnnzoo.tasks.series.windows`, where it was given its own `window`.
    Where each step is answered, y has a sequence of labels for each example, None at steps without
    one, which count neither in the loss nor in what is measured; a single label is that of each
    step. Convolutions with strides answer for all steps of a frame at once.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, which streams, or a layer that looks both ways:
            keras.layers.Bidirectional of a recurrent layer, with return_sequences unless `answer`
            is "last".
        frame: a layer from pictures (n, height, width, colors), whole numbers from 0 to 255, to
            features (n, size), such as a small CNN; None reads numbers of channels, and
            standardizes each by mean and variance of the first training set.
        answer: "last", "mean", "pool" or "each"; None is "each" where the first labels fitted are
            by step, and else "pool".
        classes: labels, strings or ints; a number of classes, which the first `fit` names; None
            takes number and names from there.
        balanced: whether training draws each class as often as any other. The answer multiplies
            the classes' shares of the training examples back in. Where each step is answered, all
            are drawn, and those of rare classes weigh more.
        features: shape of one step's entries; None takes it from the first `fit`.
        mean, variance: of each channel; None takes them from the first `fit`.
        channels: their names, in order; None takes them from the first `fit`.
        categories: by the name of a channel of words, the words that its numbers index.
        interval: seconds between time steps; None takes it from the first `fit`, if it is known.
        read_by: how tables are read, by the name of `rnnzoo.load_series`'s option, such as
            ``{"id": "trip"}``; each `fit` on a table learns it.
        masked: places of channels of which the network reads whether they are missing.
        scaled: places of channels that the network also reads by their running scale, see
            `rnnzoo.layers.RunningScale`; the first `fit` takes those that are far fainter in some
            recordings than in others.
        multi_label: whether an example has any number of the classes, each with a probability of
            its own, p = sigmoid(...) in place of softmax. y is then a list of labels for each
            example; or 0 and 1, as a frame whose columns are the labels, or as a matrix or lists
            with a column for each of the `classes`, by default 0, 1, ... None takes it from the
            first labels fitted.
        priors: the classes' shares, where training is balanced; each `fit` learns them anew.
        front: a `rnnzoo.layers.ConvStack` before the recurrent layers, or None. Strides that it
            leaves open are settled by the length of the first windows fitted.
        skip: whether the output layer reads the frames of `front` beside the recurrent layers'
            outputs, unless `answer` is "last".
        output_dropout: share dropped, in training, of what the output layer reads.
        window, hop: time steps of the windows in an answer, and from the beginning of one to the
            next one's, by default half a window; None takes what suits the lengths of the first
            examples fitted, see `rnnzoo.tasks.recipes`. Before, all steps are read as one.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        classes: the labels, or None as long as there are none.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.series.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = SequenceClassifier(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(8)]))
        >>> x = np.random.default_rng(0).normal(size=(64, 10, 1))
        >>> y = np.where(x.sum(axis=(1, 2)) > 0, "more", "less")
        >>> model.compile(keras.optimizers.Adam(0.03))
        >>> history = model.fit(x, y, epochs=20, verbose=0)
        >>> model.classify([[[1.0]] * 5, [[-1.0]] * 20])
        ['more', 'less']
    """

    task = "sequence-classification"
    default_dataset = "watch"
    feed_class = SeriesFeed
    knows = "classes"
    nested = ("recurrent", "frame", "front")

    def __init__(
        self,
        recurrent: keras.layers.Layer,
        frame: keras.layers.Layer | None = None,
        answer: Literal["last", "mean", "pool", "each"] | None = "last",
        classes: Iterable[str | int] | int | None = None,
        balanced: bool | None = None,
        features: Sequence[int] | None = None,
        mean: list[float] | None = None,
        variance: list[float] | None = None,
        channels: Sequence[str] | None = None,
        categories: Mapping[str, Sequence[str]] | None = None,
        masked: Sequence[int] = (),
        scaled: Sequence[int] = (),
        interval: float | None = None,
        read_by: Mapping[str, Any] | None = None,
        multi_label: bool | None = None,
        priors: list[float] | None = None,
        front: ConvStack | None = None,
        skip: bool = False,
        output_dropout: float = 0.0,
        window: int | None = None,
        hop: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if answer is not None and answer not in ANSWERS:
            raise WrongValue(f"answer={answer!r}: expected {' or '.join(map(repr, ANSWERS))}")
        if answer is None and (features is not None or multi_label):
            answer = "pool"
        if answer is not None and ANSWERS[answer].per_step:
            if multi_label:
                raise WrongValue(f"multi_label: answer={answer!r} gives one class at each step")
            multi_label = False
        if skip and (front is None or answer == "last"):
            given = "there are none" if front is None else "answer='last'"
            raise WrongValue(
                f"skip: expected frames of convolutions, and an answer from all of them; {given}"
            )
        if multi_label and balanced:
            raise WrongValue("balanced: where examples have several labels, no class has its own")
        if balanced is None and multi_label is not None:
            balanced = not multi_label
        self.recurrent = recurrent
        self.frame = frame
        self.front = front
        self.skip = skip
        self.output_dropout = Dropout(output_dropout, dtype="float32")
        # These wait for the shape of a step, and for the classes.
        self.read_channels: Any = None
        self.standardize: Any = None
        self.scale: RunningScale | None = None
        self.output_layer: Any = None
        self.way: Any = None  # for the way to answer
        words = {name: tuple(of_one) for name, of_one in (categories or {}).items()}
        known = SeriesPreprocessor(
            frame=frame,
            answer=answer,
            balanced=balanced,
            multi_label=multi_label,
            mean=mean,
            variance=variance,
            channels=Channels(
                tuple(channels or ()),
                words,
                tuple(masked),
                tuple(scaled),
                interval,
                dict(read_by or {}),
            ),
        )
        if features is not None:
            known = dataclasses.replace(known, features=known.readable(tuple(features)))
        known = known.with_classes(classes).with_windows(window, hop)
        self.preprocessor = dataclasses.replace(known, priors=priors)
        self._make_layers()

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: SeriesPreprocessor, forget: bool = False) -> None:
        """Know the classes, the shape of a step and the statistics of a preprocessor.

        Classes that were known keep what tells them apart.
        """
        known, self.preprocessor = self.preprocessor, preprocessor
        of_numbers = self.frame is None and known.features is not None
        if of_numbers and self.recurrent.built and preprocessor.inputs != known.inputs:
            self._widen(known.inputs)
        if _statistics(preprocessor) != _statistics(known):
            self.let_go("read_channels", "standardize", "scale")
            self.read_channels = self.standardize = self.scale = None
        if self.multi_label and not known.multi_label:
            self.way = ANSWERS[str(self.answer)](multi_label=True)
            if self.compiled:  # for one class each
                self._compile_again(optimizer=self.optimizer)
        old = self.output_layer
        if known.labels is not None and preprocessor.labels is not known.labels:
            self.let_go("output_layer")
            self.output_layer = None
        self._make_layers()
        if old is not None and old is not self.output_layer and not forget:
            ids = preprocessor.labels.ids(known.labels.labels)
            entries_copied(self.output_layer, old, ids, axis=-1)

    def reset_classes(self, classes: Iterable[str | int] | int | None) -> None:
        """Forget the classes and what tells them apart; the layers below keep what they learned.

        Args:
            classes: as for the constructor.
        """
        self.let_go("output_layer")
        self.output_layer = None
        self.preprocessor = self.preprocessor.with_classes(classes)
        self._make_layers()
        self.forget_compiled()

    def _widen(self, before):
        """Have the lowest layer read more numbers of a step; what it learned of others stays."""
        inputs = self.preprocessor.inputs
        here = [inputs.index(one) for one in before]
        names = ("recurrent", "front", "output_layer")
        layers = {name: getattr(self, name) for name in names}
        lowest = "recurrent" if self.front is None else "front"
        self.let_go(*names)
        layers[lowest] = widened(layers[lowest], len(inputs), here)
        for name in names:
            setattr(self, name, layers[name])

    def _make_layers(self):
        """The layers that wait for the shape of a step, or for the number of classes."""
        known = self.preprocessor
        if self.way is None and known.answer is not None:
            self.way = ANSWERS[known.answer](bool(known.multi_label))
        count = len(known.labels) if known.labels else known.num_classes
        if known.features is not None and not self.recurrent.built:
            if self.frame is None:
                size = len(known.inputs)
            else:
                self.frame.build((None, *known.features))
                size = self.frame.compute_output_shape((None, *known.features))[-1]
            if self.front is not None:
                self.front.fit_to(known.window)
                self.front.build((None, None, size))
                size = self.front.filters[-1]
            self.recurrent.build((None, None, size))
        if self.frame is None and self.standardize is None and known.features is not None:
            self.read_channels = known.reading_layer()
            mean, variance = known.standardized_by()
            self.standardize = keras.layers.Normalization(
                mean=mean, variance=variance, dtype="float32"
            )
            self.standardize.build((None, None, known.width))
            self.scale = known.scale_layer()
        if self.output_layer is None and count is not None and known.features is not None:
            self.output_layer = keras.layers.Dense(count, dtype="float32", name="output")
            self.output_layer.build((None, self.way.parts * self.answered_size))
        # Not through `build`, after which Keras lets no layer be replaced.
        self.built = self.output_layer is not None

    @property
    def classes(self) -> tuple[str | int, ...] | Any:
        """The labels, a tuple; None as long as there are none."""
        labels = self.preprocessor.labels
        return None if labels is None else labels.labels

    @property
    def num_classes(self) -> int | None:
        """How many classes there are, where that was given without their names."""
        return self.preprocessor.num_classes

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

    @property
    def ready(self) -> bool:
        return self.built and self.classes is not None

    # --- the network ------------------------------------------------------------------------------

    def call(self, x: tf.Tensor | tuple[tf.Tensor, ...], training: bool = False) -> tf.Tensor:
        """Log-probabilities, float32 (batch, classes), or (batch, time, classes) where each step is
        answered.

        Args:
            x: (batch, time, ...), or a tuple of it and lengths (batch,) of int, of which what lies
                behind doesn't count; and, of windows that may begin within a gap, the values
                (batch, channels) that were there last, NaN where none was.
            training: whether dropout acts.
        """
        x, lengths, *before = x if isinstance(x, (tuple, list)) else (x, None)
        mask = None if lengths is None else tf.sequence_mask(lengths, ops.shape(x)[1])
        features = self._of_windows(x, training, *before)
        return self._of_features(features, mask, training)

    def _of_features(self, x, mask, training=False):
        """Log-probabilities of features (batch, time, size), as for `call`."""
        time = tf.shape(x)[1]
        if self.scale is not None:
            x = self.scale(x, mask=mask)
        if self.front is not None:
            x, mask = self.front(x, mask=mask), self.front.compute_mask(x, mask)
        h = outputs_of(self.recurrent, x, mask, training)
        if len(h.shape) == 2:  # the last one only
            if self.per_step or self.skip:
                raise WrongValue(f"answer={self.answer!r}: expected return_sequences of recurrent")
            h = h[:, None]
        h = self.answered(h, x)

        def head(features):
            return self.head(features, training)

        nothing = self.way.start(tf.shape(h)[0], h.shape[-1], self.output_layer.units)
        log_probs = self.way.log_probs(self.way.more(nothing, h, mask, head), head)
        if self.per_step and self.front is not None:  # a frame answers for all of its steps
            log_probs = tf.repeat(log_probs, self.front.stride, axis=1)[:, :time]
        return log_probs

    def answered(self, h: tf.Tensor, frames: tf.Tensor) -> tf.Tensor:
        """What the answer is made from (..., size), of recurrent outputs and what they read."""
        return tf.concat([h, tf.cast(frames, h.dtype)], axis=-1) if self.skip else h

    @property
    def answered_size(self) -> int:
        """How many numbers that is at each step."""
        size = output_size(self.recurrent, self.features[-1])
        return size + self.front.filters[-1] if self.skip else size

    def head(self, features: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (..., classes), of what an answer's way makes of the outputs.

        Training draws each class as often: p(c | x) ~ p_drawn(c | x) prior_c.
        """
        logits = self.output_layer(self.output_dropout(features, training=training))
        if training or self.preprocessor.priors is None:
            return logits
        return logits + tf.math.log(tf.constant(self.preprocessor.priors, tf.float32))

    def log_probs(
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

        sizes = features, lengths, window, hop, len(self.classes)
        if self.per_step:
            return steps_over_windows(of_windows, *sizes, one_way=self.streams)
        return mean_over_windows(of_windows, *sizes)

    @property
    def multi_label(self) -> bool:
        """Whether an example has any number of the classes."""
        return bool(self.preprocessor.multi_label)

    @property
    def reading(self) -> dict[str, Any]:
        return self.preprocessor.reading

    def _of_windows(self, x, training, before=None):
        """Features (batch, time, size) of windows, of which it may be known what was before."""
        if before is None:
            return self._of_frames(x, training)[0]
        nothing = self.read_channels.initial_state(tf.shape(x)[0])
        before = tf.where(tf.math.is_nan(before), nothing, before)
        return self._of_frames(x, training, {"last_seen": before})[0]

    def _of_frames(self, x, training=False, state=None):
        """Features (batch, time, size) of each step, and what of a state is about raw steps."""
        if self.frame is None:
            last = None if state is None else state["last_seen"]
            x, last = self.read_channels(tf.cast(x, tf.float32), last)
            return self.standardize(x), {"last_seen": last}
        self.preprocessor.check_dtype(x.dtype)
        batch, time = ops.shape(x)[:2]
        features = self.frame(tf.reshape(x, (-1, *self.features)), training=training)
        return tf.reshape(features, (batch, time, features.shape[-1])), {}

    @property
    def streams(self) -> bool:
        """Whether the model can answer as a sequence comes, step by step."""
        return streams(self.recurrent)

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any step: a flat dict of float32 (batch_size, ...) tensors."""
        state = self._stream().initial_state(batch_size)
        if self.frame is None:
            state["last_seen"] = self.read_channels.initial_state(batch_size)
        return state

    def read(
        self, x: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Some more steps x (batch, time, ...) -> log-probabilities of the whole so far, state.

        Where each step is answered, of each of these, (batch, time, classes).
        """
        features, raw = self._of_frames(x, state=state)
        log_probs, state = self._stream().read(features, _without(state, raw))
        return log_probs, state | raw

    def step(
        self, x: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One more step x (batch, ...) -> log-probabilities of the whole so far, new state.

        Where each step is answered, of this one.
        """
        features, raw = self._of_frames(x[:, None], state=state)
        log_probs, state = self._stream().step(features[:, 0], _without(state, raw))
        return log_probs, state | raw

    def _stream(self):
        window, hop = self.preprocessor.window, self.preprocessor.hop
        stream = Stream(self)
        return stream if window is None else WindowedStream(stream, window, hop)

    # --- training and answers ---------------------------------------------------------------------

    @property
    def output_size(self) -> int:
        return len(self.classes)

    def make_metrics(self):
        return [SubsetAccuracy(), LabelF1()] if self.multi_label else [Accuracy(), MacroF1()]

    def make_loss(self):
        return LabelNats(name="nats") if self.multi_label else super().make_loss()

    @property
    def chance_loss(self) -> float:
        return math.log(2) if self.multi_label else super().chance_loss

    def check_splits(self, x: Any) -> None:
        if holds_names(x):
            raise WrongValue(
                "validation_split: a table's rows are no recordings; give validation_data, or "
                "arrays of rnnzoo.load_series(...), which splits by recordings and groups"
            )

    def _check_given(self, x, y):
        if y is not None or not holds_names(x):
            super()._check_given(x, y)

    def read_batch(self, x: Any, training: bool) -> tf.Tensor:
        """In training what `call` gives of windows; else the answers to whole sequences."""
        if training:
            return self(x, training=True)
        return self.log_probs(*x) if isinstance(x, (tuple, list)) else self.log_probs(x)

    def predict_raw(self, x: Any, batch_size: int) -> np.ndarray | list[np.ndarray]:
        """What `probabilities` returns."""
        return self.probabilities(x, batch_size)

    def probabilities(
        self, x: Any, batch_size: int = 32, **read_by: Any
    ) -> np.ndarray | list[np.ndarray]:
        """The probability of each class: float32 (examples, classes).

        In a row they add up to 1, unless an example may have several. Where each step is answered:
        a list of (time, classes), one for each example.

        Args:
            x: (examples, time, ...), or a list of arrays (time, ...) of different lengths; or what
                has names of channels, see `SeriesPreprocessor.examples`.
            batch_size: examples that are read together.
            **read_by: how a table is read, such as ``id="trip"``, as for `rnnzoo.load_series`;
                default as the table of training was.
        """
        self.require_ready()
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        x = self.preprocessor.examples(x, **read_by)
        answers: list[np.ndarray] = []
        for i in range(0, len(x), batch_size):
            padded, lengths = self.preprocessor.padded(x[i : i + batch_size])
            answer = self.endpoints["serve_padded"](tf.constant(padded), tf.constant(lengths))
            found = answer["probabilities"].numpy()
            if self.per_step:
                answers += [row[:length] for row, length in zip(found, lengths, strict=True)]
            else:
                answers += [*found]
        if self.per_step:
            return answers
        return np.array(answers, np.float32).reshape(-1, len(self.classes))

    def classify(self, x: Any, batch_size: int = 32, **read_by: Any) -> list[Any]:
        """The likeliest class of each example; arguments as for `probabilities`.

        Where an example may have several: a list of those likelier than not. Where each step is
        answered: a list of the steps' classes.
        """
        return [self.answer_of(row) for row in self.probabilities(x, batch_size, **read_by)]

    def answer_of(self, row: np.ndarray) -> Any:
        """What `classify` says where an example's `probabilities` are these."""
        if self.multi_label:
            return [self.classes[i] for i in np.flatnonzero(row > 0.5)]
        if self.per_step:
            return [self.classes[i] for i in row.argmax(axis=1)]
        return self.classes[row.argmax()]

    answer_options = ("time", "id", "label", "group", "encoding")

    def answer_lines(self, path: str, color: bool = False, **columns: Any) -> Iterator[str]:
        """For `rnnzoo predict`: lines for each recording of a file, its class and probability.

        See `rnnzoo.tasks.series.answering`, as for `answer_rows`.
        """
        self.require_ready()
        yield from answering.lines(self, path, **columns)

    @property
    def answer_columns(self) -> tuple[str, ...]:
        """What `answer_rows` gives of each recording, or each of its steps, behind its id."""
        return answering.columns(self)

    def answer_rows(
        self, path: str, answered: Mapping[str, int] = MappingProxyType({}), **columns: Any
    ) -> Iterator[list[list[Any]]]:
        """For `rnnzoo predict --out`: recordings' ids, classes and probabilities, in batches.

        Args:
            path: of a file.
            answered: by the name of a recording, "group/id" where there are groups, how many rows
                of it are there already.
            **columns: what the user says of a table, as for `rnnzoo.load_series`.
        """
        self.require_ready()
        yield from answering.rows(self, path, answered, **columns)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return classifier_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "answer": self.answer,
            "classes": self.num_classes if self.classes is None else list(self.classes),
            "balanced": self.preprocessor.balanced,
            "features": self.features,
            "mean": self.preprocessor.mean,
            "variance": self.preprocessor.variance,
            "channels": list(self.channels) or None,
            "categories": {
                name: list(words) for name, words in self.preprocessor.channels.categories.items()
            },
            "masked": list(self.preprocessor.channels.masked),
            "scaled": list(self.preprocessor.channels.scaled),
            "interval": self.preprocessor.channels.interval,
            "read_by": dict(self.preprocessor.channels.read_by),
            "multi_label": self.preprocessor.multi_label,
            "priors": self.preprocessor.priors,
            "skip": self.skip,
            "output_dropout": self.output_dropout.rate,
            "window": self.preprocessor.window,
            "hop": self.preprocessor.hop,
        }


def _statistics(preprocessor):
    """What the layers that read the steps are made of."""
    channels = preprocessor.channels
    return preprocessor.mean, preprocessor.variance, channels.masked, channels.scaled


def _without(state, others):
    """A state without the names of others."""
    return {name: value for name, value in state.items() if name not in others}
