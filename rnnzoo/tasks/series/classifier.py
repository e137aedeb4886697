"""One answer for a whole sequence: what a recording or a clip shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.classes import ClassesKnown
from rnnzoo.tasks.losses import LabelNats
from rnnzoo.tasks.metrics import Accuracy, LabelF1, MacroF1, SubsetAccuracy
from rnnzoo.tasks.series import class_lines
from rnnzoo.tasks.series.answers import ANSWERS
from rnnzoo.tasks.series.classes import ClassesPreprocessor
from rnnzoo.tasks.series.classes_feed import ClassesFeed
from rnnzoo.tasks.series.endpoints import classifier_endpoints
from rnnzoo.tasks.series.model import SeriesModel
from rnnzoo.tasks.series.outputs import AnyLabels, OneClass, Output


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceClassifier(ClassesKnown, SeriesModel):
    """A model of p(class | x_1 ... x_T) for sequences of numbers, or of pictures.

        answer "last"    p = softmax(h_T V + b)
        answer "mean"    p = 1/T sum_t softmax(h_t V + b)      (Donahue et al. 2015)
        answer "pool"    p = softmax([1/T sum_t h_t, max_t h_t] V + b)
        answer "each"    p_t = softmax(h_t V + b), a class at each step

    What makes h_1 ... h_T of x_1 ... x_T, how channels are read, and how windows are averaged, is
    told in `rnnzoo.tasks.series.model.SeriesModel`.

    `fit` and `evaluate` take x, an array (examples, time, ...) or a list of arrays (time, ...) of
    different lengths, and y, a label for each. `window` cuts the examples to so many time steps.
    Where each step is answered, y has a sequence of labels for each example, None at steps without
    one, which count neither in the loss nor in what is measured; a single label is that of each
    step.

    Args:
        recurrent, frame, answer: as for `SeriesModel`.
        classes: labels, strings or ints; a number of classes, which the first `fit` names; None
            takes number and names from there.
        balanced: whether training draws each class as often as any other. The answer multiplies
            the classes' shares of the training examples back in. Where each step is answered, all
            are drawn, and those of rare classes weigh more.
        multi_label: whether an example has any number of the classes, each with a probability of
            its own, p = sigmoid(...) in place of softmax. y is then a list of labels for each
            example; or 0 and 1, as a frame whose columns are the labels, or as a matrix or lists
            with a column for each of the `classes`, by default 0, 1, ... None takes it from the
            first labels fitted.
        priors: the classes' shares, where training is balanced; each `fit` learns them anew.
        **kwargs: of `SeriesModel`: features, channels, front, output_dropout, window, ...

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
    feed_class = ClassesFeed
    preprocessor_class = ClassesPreprocessor
    knows = "classes"

    def __init__(
        self,
        recurrent: keras.layers.Layer,
        frame: keras.layers.Layer | None = None,
        answer: Literal["last", "mean", "pool", "each"] | None = "last",
        classes: Iterable[str | int] | int | None = None,
        balanced: bool | None = None,
        *,
        multi_label: bool | None = None,
        priors: list[float] | None = None,
        **kwargs: Any,
    ):
        answer = "pool" if answer is None and multi_label else answer
        super().__init__(recurrent, frame, answer, **kwargs)
        if self.per_step:
            if multi_label:
                raise WrongValue(
                    f"multi_label: answer={self.answer!r} gives one class at each step"
                )
            multi_label = False
        if multi_label and balanced:
            raise WrongValue("balanced: where examples have several labels, no class has its own")
        if balanced is None and multi_label is not None:
            balanced = not multi_label
        known = self.preprocessor.with_classes(classes)
        self.preprocessor = dataclasses.replace(
            known, balanced=balanced, multi_label=multi_label, priors=priors
        )
        self.make_layers()

    def make_output(self) -> Output:
        return AnyLabels() if self.multi_label else OneClass()

    @property
    def output_units(self) -> int | None:
        return self.num_classes if self.classes is None else len(self.classes)

    @property
    def answer_size(self) -> int:
        return self.output_layer.units

    # --- what is learned from the data ------------------------------------------------------------

    def take_up_output(self, known: Any, forget: bool) -> None:
        """Classes that were known keep what tells them apart."""
        if self.multi_label and not known.multi_label:
            self.way = ANSWERS[str(self.answer)](self.make_output())
            if self.compiled:  # for one class each
                self._compile_again(optimizer=self.optimizer)
        self.renew_output(known, forget)

    @property
    def num_classes(self) -> int | None:
        """How many classes there are, where that was given without their names."""
        return self.preprocessor.num_classes

    @property
    def multi_label(self) -> bool:
        """Whether an example has any number of the classes."""
        return bool(self.preprocessor.multi_label)

    # --- the network ------------------------------------------------------------------------------

    def head(self, features: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (..., classes), of what an answer's way makes of the outputs.

        Training draws each class as often: p(c | x) ~ p_drawn(c | x) prior_c.
        """
        logits = super().head(features, training)
        if training or self.preprocessor.priors is None:
            return logits
        return logits + tf.math.log(tf.constant(self.preprocessor.priors, tf.float32))

    def log_probs(
        self, x: tf.Tensor, lengths: tf.Tensor | None = None, *before: tf.Tensor
    ) -> tf.Tensor:
        """Log-probabilities of whole sequences x (batch, time, ...), float32, shaped as `call`'s.

        Args:
            x, lengths, *before: as for `call`.
        """
        return self.answers_to(x, lengths, *before)

    # --- training and answers ---------------------------------------------------------------------

    def make_metrics(self):
        return [SubsetAccuracy(), LabelF1()] if self.multi_label else [Accuracy(), MacroF1()]

    def make_loss(self):
        return LabelNats(name="nats") if self.multi_label else super().make_loss()

    @property
    def chance_loss(self) -> float:
        return math.log(2) if self.multi_label else super().chance_loss

    def predict_raw(self, x: Any, batch_size: int) -> np.ndarray | list[np.ndarray]:
        """What `probabilities` returns."""
        return self.probabilities(x, batch_size)

    def answers_of(self, x: Any, batch_size: int = 32) -> np.ndarray | list[np.ndarray]:
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
        answers: Any = self.told("probabilities", x, batch_size, **read_by)
        return answers if self.per_step else answers.reshape(-1, len(self.classes))

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

    @property
    def answer_names(self) -> tuple[str, ...]:
        return ("class", *(f"p({label})" for label in self.classes))

    def answer_cells(self, row: np.ndarray) -> list[Any]:
        return [class_lines.written(self, row), *(f"{p:.6f}" for p in row)]

    def answer_lines(self, path: str, color: bool = False, **columns: Any) -> Iterator[str]:
        """For `rnnzoo predict`: lines for each recording of a file, its class and probability.

        See `rnnzoo.tasks.series.class_lines`, as for `answer_rows`.
        """
        self.require_ready()
        yield from class_lines.lines(self, path, **columns)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return classifier_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "classes": self.num_classes if self.classes is None else list(self.classes),
            "balanced": self.preprocessor.balanced,
            "multi_label": self.preprocessor.multi_label,
            "priors": self.preprocessor.priors,
        }
