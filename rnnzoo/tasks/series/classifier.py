"""One answer for a whole sequence: what a recording or a clip shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rnnzoo import data
from rnnzoo.errors import WrongValue
from rnnzoo.layers import ConvStack
from rnnzoo.layers.dropout import Dropout
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.metrics import Accuracy, MacroF1
from rnnzoo.tasks.recurrent import output_size, outputs_of, streams
from rnnzoo.tasks.series.answers import ANSWERS
from rnnzoo.tasks.series.endpoints import classifier_endpoints
from rnnzoo.tasks.series.feed import SeriesFeed
from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor
from rnnzoo.tasks.series.streaming import Stream
from rnnzoo.tasks.series.windows import WindowedStream, mean_over_windows
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.transfer import entries_copied

ops = keras.ops


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceClassifier(Task):
    """A model of p(class | x_1 ... x_T) for sequences of numbers, or of pictures.

        x (batch, time, channels) -> standardized, or a network of each frame
          -> convolutions over time, if any -> recurrent layers -> h_1 ... h_T

        answer "last"    p = softmax(h_T V + b)
        answer "mean"    p = 1/T sum_t softmax(h_t V + b)      (Donahue et al. 2015)
        answer "pool"    p = softmax([1/T sum_t h_t, max_t h_t] V + b)

    `fit` and `evaluate` take x, an array (examples, time, ...) or a list of arrays (time, ...) of
    different lengths, and y, a label for each. `window` cuts the examples to so many time steps.
    What the model answers to a whole sequence is the mean over windows, see
    `rnnzoo.tasks.series.windows`, where it was given its own `window`.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, which streams, or a layer that looks both ways:
            keras.layers.Bidirectional of a recurrent layer, with return_sequences unless `answer`
            is "last".
        frame: a layer from pictures (n, height, width, colors), whole numbers from 0 to 255, to
            features (n, size), such as a small CNN; None reads numbers of channels, and
            standardizes each by mean and variance of the first training set.
        answer: "last", "mean" or "pool".
        classes: labels, strings or ints; a number of classes, which the first `fit` names; None
            takes number and names from there.
        balanced: whether training draws each class as often as any other. The answer multiplies
            the classes' shares of the training examples back in.
        features: shape of one step's entries; None takes it from the first `fit`.
        mean, variance: of each channel; None takes them from the first `fit`.
        priors: the classes' shares, where training is balanced; each `fit` learns them anew.
        front: a `rnnzoo.layers.ConvStack` before the recurrent layers, or None.
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
        answer: Literal["last", "mean", "pool"] = "last",
        classes: Iterable[str | int] | int | None = None,
        balanced: bool = True,
        features: Sequence[int] | None = None,
        mean: list[float] | None = None,
        variance: list[float] | None = None,
        priors: list[float] | None = None,
        front: ConvStack | None = None,
        output_dropout: float = 0.0,
        window: int | None = None,
        hop: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if answer not in ANSWERS:
            raise WrongValue(f"answer={answer!r}: expected {' or '.join(map(repr, ANSWERS))}")
        self.recurrent = recurrent
        self.frame = frame
        self.front = front
        self.answer = answer
        self.way = ANSWERS[answer]()
        self.output_dropout = Dropout(output_dropout, dtype="float32")
        # These wait for the shape of a step, and for the classes.
        self.standardize: Any = None
        self.output_layer: Any = None
        known = SeriesPreprocessor(frame=frame, balanced=balanced, mean=mean, variance=variance)
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
        if preprocessor.mean != known.mean:
            self.let_go("standardize")
            self.standardize = None
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

    def _make_layers(self):
        """The layers that wait for the shape of a step, or for the number of classes."""
        known = self.preprocessor
        count = len(known.labels) if known.labels else known.num_classes
        if known.features is not None and not self.recurrent.built:
            size = known.features[-1]
            if self.frame is not None:
                self.frame.build((None, *known.features))
                size = self.frame.compute_output_shape((None, *known.features))[-1]
            if self.front is not None:
                self.front.build((None, None, size))
                size = self.front.filters[-1]
            self.recurrent.build((None, None, size))
        if self.frame is None and self.standardize is None and known.features is not None:
            zeros, ones = [0.0] * known.features[-1], [1.0] * known.features[-1]
            self.standardize = keras.layers.Normalization(
                mean=known.mean or zeros, variance=known.variance or ones, dtype="float32"
            )
            self.standardize.build((None, None, *known.features))
        if self.output_layer is None and count is not None and known.features is not None:
            self.output_layer = keras.layers.Dense(count, dtype="float32", name="output")
            size = output_size(self.recurrent, known.features[-1])
            self.output_layer.build((None, self.way.parts * size))
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
    def input_dtype(self) -> str:
        """Of the numbers the model reads: "uint8" where it has a network of frames."""
        return self.preprocessor.input_dtype

    @property
    def ready(self) -> bool:
        return self.built and self.classes is not None

    # --- the network ------------------------------------------------------------------------------

    def call(self, x: tf.Tensor | tuple[tf.Tensor, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Log-probabilities, float32 (batch, classes).

        Args:
            x: (batch, time, ...), or a tuple of it and lengths (batch,) of int, of which what lies
                behind doesn't count.
            training: whether dropout acts.
        """
        x, lengths = x if isinstance(x, (tuple, list)) else (x, None)
        mask = None if lengths is None else tf.sequence_mask(lengths, ops.shape(x)[1])
        x = self._of_frames(x, training)
        if self.front is not None:
            x, mask = self.front(x, mask=mask), self.front.compute_mask(x, mask)
        h = outputs_of(self.recurrent, x, mask, training)
        h = h[:, None] if len(h.shape) == 2 else h  # the last one only

        def head(features):
            return self.head(features, training)

        nothing = self.way.start(tf.shape(h)[0], h.shape[-1], self.output_layer.units)
        return self.way.log_probs(self.way.more(nothing, h, mask, head), head)

    def head(self, features: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (..., classes), of what an answer's way makes of the outputs.

        Training draws each class as often: p(c | x) ~ p_drawn(c | x) prior_c.
        """
        logits = self.output_layer(self.output_dropout(features, training=training))
        if training or self.preprocessor.priors is None:
            return logits
        return logits + tf.math.log(tf.constant(self.preprocessor.priors, tf.float32))

    def log_probs(self, x: tf.Tensor, lengths: tf.Tensor | None = None) -> tf.Tensor:
        """The answer to whole sequences x (batch, time, ...), float32 (batch, classes).

        Args:
            x, lengths: as for `call`.
        """
        window, hop = self.preprocessor.window, self.preprocessor.hop
        if window is None:
            return self(x if lengths is None else (x, lengths))
        if lengths is None:
            lengths = tf.fill(tf.shape(x)[:1], tf.shape(x)[1])
        return mean_over_windows(
            lambda x, lengths: self((x, lengths)), x, lengths, window, hop, len(self.classes)
        )

    def _of_frames(self, x, training=False):
        """Features (batch, time, size) of each step."""
        if self.frame is None:
            return self.standardize(tf.cast(x, tf.float32))
        self.preprocessor.check_dtype(x.dtype)
        batch, time = ops.shape(x)[:2]
        features = self.frame(tf.reshape(x, (-1, *self.features)), training=training)
        return tf.reshape(features, (batch, time, features.shape[-1]))

    @property
    def streams(self) -> bool:
        """Whether the model can answer as a sequence comes, step by step."""
        return streams(self.recurrent)

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any step: a flat dict of float32 (batch_size, ...) tensors."""
        return self._stream().initial_state(batch_size)

    def read(
        self, x: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Some more steps x (batch, time, ...) -> log-probabilities of the whole so far, state."""
        return self._stream().read(self._of_frames(x), state)

    def step(
        self, x: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """One more step x (batch, ...) -> log-probabilities of the whole so far, new state."""
        return self._stream().step(self._of_frames(x[:, None])[:, 0], state)

    def _stream(self):
        window, hop = self.preprocessor.window, self.preprocessor.hop
        stream = Stream(self)
        return stream if window is None else WindowedStream(stream, window, hop)

    # --- training and answers ---------------------------------------------------------------------

    @property
    def output_size(self) -> int:
        return len(self.classes)

    def make_metrics(self):
        return [Accuracy(), MacroF1()]

    def read_batch(self, x: Any, training: bool) -> tf.Tensor:
        """In training what `call` gives of windows; else the answers to whole sequences."""
        if training:
            return self(x, training=True)
        return self.log_probs(*x) if isinstance(x, (tuple, list)) else self.log_probs(x)

    def predict_raw(self, x: Any, batch_size: int) -> np.ndarray:
        """What `probabilities` returns."""
        return self.probabilities(x, batch_size)

    def probabilities(
        self, x: Sequence[ArrayLike] | np.ndarray, batch_size: int = 32
    ) -> np.ndarray:
        """The probability of each class: float32 (examples, classes).

        Args:
            x: (examples, time, ...), or a list of arrays (time, ...) of different lengths.
            batch_size: examples that are read together.
        """
        self.require_ready()
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        x = self.preprocessor.examples(x)
        answers = [np.zeros((0, len(self.classes)), np.float32)]
        for i in range(0, len(x), batch_size):
            padded, lengths = self.preprocessor.padded(x[i : i + batch_size])
            answer = self.endpoints["serve_padded"](tf.constant(padded), tf.constant(lengths))
            answers.append(answer["probabilities"].numpy())
        return np.concatenate(answers)

    def classify(
        self, x: Sequence[ArrayLike] | np.ndarray, batch_size: int = 32
    ) -> list[str | int]:
        """The likeliest class of each example; arguments as for `probabilities`."""
        return [self.classes[i] for i in self.probabilities(x, batch_size).argmax(axis=-1)]

    def answer_lines(self, path: str, color: bool = False) -> Iterator[str]:
        """For `rnnzoo predict`: a line for each recording of a file, its class and probability."""
        for i, row in enumerate(self.probabilities(data.read_recordings(path))):
            best = row.argmax()
            yield f"{path}\t{i}\t{self.classes[best]}\t{row[best]:.3f}"

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
            "priors": self.preprocessor.priors,
            "output_dropout": self.output_dropout.rate,
            "window": self.preprocessor.window,
            "hop": self.preprocessor.hop,
        }
