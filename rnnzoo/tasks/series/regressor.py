"""A number for a whole sequence, or one at each step, and how sure it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.evaluation.numbers import LEVELS
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.metrics import AbsoluteError
from rnnzoo.tasks.series.answering import answers_at_steps, answers_to
from rnnzoo.tasks.series.endpoints import regressor_endpoints
from rnnzoo.tasks.series.model import SeriesModel
from rnnzoo.tasks.series.numbers import NumbersPreprocessor
from rnnzoo.tasks.series.numbers_feed import NumbersFeed
from rnnzoo.tasks.series.outputs import DISTRIBUTIONS, Numbers


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceRegressor(SeriesModel):
    """A model of p(y | x_1 ... x_T), y a number, for sequences of numbers, or of pictures.

        answer "last"    p = distribution(h_T V + b)
        answer "mean"    the mean of distribution(h_t V + b) over the steps, by quantiles
        answer "pool"    p = distribution([1/T sum_t h_t, max_t h_t] V + b)
        answer "each"    p_t = distribution(h_t V + b), a number at each step

    The distribution is given by its quantiles, or is normal, see `rnnzoo.tasks.series.outputs`.
    What makes h_1 ... h_T of x_1 ... x_T, how channels are read, and how windows are averaged, is
    told in `rnnzoo.tasks.series.model.SeriesModel`. Inside, y is counted in standard deviations
    from the mean of the training targets, as is the loss; all that is answered and measured is in
    the units of y.

    `fit` and `evaluate` take x, an array (examples, time, ...) or a list of arrays (time, ...) of
    different lengths, and y, a number for each; where each step is answered, a sequence of numbers
    for each. NaN is a number that is missing: it counts neither in the loss nor in what is
    measured. `predict` gives the medians, float32 (examples,), or of steps a list of (time,).

    Args:
        recurrent, frame, answer: as for `SeriesModel`.
        distribution: "quantiles" or "normal".
        target: what the number is called; "" takes it from the first table fitted.
        center, scale: mean and standard deviation of the training targets; None takes them from
            the first `fit`.
        **kwargs: of `SeriesModel`: features, channels, front, output_dropout, window, ...

    Attributes:
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.series.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = SequenceRegressor(rnnzoo.layers.RecurrentStack([rnnzoo.layers.GRU(8)]))
        >>> x = np.random.default_rng(0).normal(size=(64, 10, 1))
        >>> y = 100 + x.sum(axis=(1, 2))
        >>> model.compile(keras.optimizers.Adam(0.03))
        >>> history = model.fit(x, y, epochs=20, verbose=0)
        >>> low, high = model.predict([[[-0.5]] * 10, [[0.5]] * 10])
        >>> bool(low < 100 < high)
        True
    """

    task = "sequence-regression"
    default_dataset = "humidity"
    feed_class = NumbersFeed
    preprocessor_class = NumbersPreprocessor
    knows = "numbers to predict"
    loss_takes = "numbers and the medians, such as keras.losses.MeanSquaredError()"

    def __init__(
        self,
        recurrent: keras.layers.Layer,
        frame: keras.layers.Layer | None = None,
        answer: Literal["last", "mean", "pool", "each"] | None = "last",
        *,
        distribution: Literal["quantiles", "normal"] = "quantiles",
        target: str = "",
        center: float | None = None,
        scale: float | None = None,
        **kwargs: Any,
    ):
        super().__init__(recurrent, frame, answer, **kwargs)
        if distribution not in DISTRIBUTIONS:
            expected = " or ".join(map(repr, DISTRIBUTIONS))
            raise WrongValue(f"distribution={distribution!r}: expected {expected}")
        if (center is None) != (scale is None) or (scale is not None and not scale > 0):
            raise WrongValue(
                f"center={center!r}, scale={scale!r}: expected both or none, the scale above 0"
            )
        self.distribution = distribution
        self.preprocessor = dataclasses.replace(
            self.preprocessor, target=target, center=center, scale=scale
        )
        self.make_layers()

    def make_output(self) -> Numbers:
        known = self.preprocessor
        center, scale = (0.0, 1.0) if known.center is None else (known.center, known.scale)
        return DISTRIBUTIONS[self.distribution](center, scale, LEVELS)

    @property
    def output_units(self) -> int:
        return self.make_output().size

    @property
    def answer_size(self) -> int:
        return self.output_units

    @property
    def target(self) -> str:
        """What the number is called; "" if it has no name."""
        return self.preprocessor.target

    @property
    def levels(self) -> tuple[float, ...]:
        """Those of the quantiles that are answered."""
        return LEVELS

    @property
    def ready(self) -> bool:
        return self.built and self.preprocessor.center is not None

    def take_up_output(self, known: Any, forget: bool) -> None:
        """The output layer stays, and is about the new units."""
        if (known.center, known.scale) != (self.preprocessor.center, self.preprocessor.scale):
            self.way = None
        if forget and self.output_layer is not None:
            self.let_go("output_layer")
            self.output_layer = None
        self.make_layers()

    # --- training and answers ---------------------------------------------------------------------

    def make_metrics(self) -> list:
        return [AbsoluteError()]

    def make_loss(self) -> Any:
        return DistributionLoss()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Of the task's own loss the mean by weight; another one gets y and the medians."""
        output = self.way.output
        if isinstance(self.loss, DistributionLoss):
            y, y_pred = tf.zeros_like(y), output.loss(y, y_pred)
        else:
            y_pred = output.point(y_pred)
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().compute_metrics(x, y, self.way.output.point(y_pred), sample_weight)

    @property
    def loss_of_density(self) -> bool:
        return self.make_output().of_density

    @property
    def chance_loss(self) -> float:
        return self.make_output().chance_loss

    def predict_raw(self, x: Any, batch_size: int) -> np.ndarray | list[np.ndarray]:
        """The medians."""
        return self.told("prediction", x, batch_size)

    def predict_quantiles(
        self, x: Any, batch_size: int = 32, **read_by: Any
    ) -> np.ndarray | list[np.ndarray]:
        """The quantiles at `levels`, 0.1 to 0.9: float32 (examples, levels), or of steps a list of
        (time, levels).

        Between the first and the last, four numbers of five are expected.

        Args:
            x: (examples, time, ...), or a list of arrays (time, ...) of different lengths; or what
                has names of channels, see `SeriesPreprocessor.examples`.
            batch_size: examples that are read together.
            **read_by: how a table is read, such as ``id="trip"``, as for `rnnzoo.load_regression`;
                default as the table of training was.
        """
        quantiles: Any = self.told("quantiles", x, batch_size, **read_by)
        return quantiles if self.per_step else quantiles.reshape(-1, len(LEVELS))

    def answers_of(self, x: Any, batch_size: int = 32) -> np.ndarray | list[np.ndarray]:
        return self.predict_quantiles(x, batch_size)

    @property
    def answer_names(self) -> tuple[str, ...]:
        return ("prediction", *(f"q{level:g}" for level in LEVELS))

    def answer_cells(self, row: np.ndarray) -> list[Any]:
        return [f"{number:.6g}" for number in (row[len(row) // 2], *row)]

    def answer_lines(self, path: str, color: bool = False, **columns: Any) -> Iterator[str]:
        """For `rnnzoo predict`: a line for each recording of a file, or each of its steps.

        Path, name, the step, the prediction, and between what four of five are expected.
        """
        self.require_ready()
        if self.per_step:
            for name, _, rows in answers_at_steps(self, path, {}, columns):
                yield from (f"{path}\t{name}\t{i}\t{_said(row)}" for i, row in enumerate(rows))
            return
        for batch in answers_to(self, path, {}, columns):
            yield from (f"{path}\t{name}\t{_said(row)}" for name, _, row in batch)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return regressor_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "distribution": self.distribution,
            "target": self.target,
            "center": self.preprocessor.center,
            "scale": self.preprocessor.scale,
        }


@keras.saving.register_keras_serializable("rnnzoo")
class DistributionLoss(keras.losses.Loss):
    """The mean by weight of what the model's distribution takes for its loss.

    `SequenceRegressor.compute_loss` hands that over, as it depends on the distribution and on the
    units of what is predicted.
    """

    def __init__(
        self, reduction: str = "mean_with_sample_weight", name: str = "distribution", **kwargs: Any
    ):
        super().__init__(reduction=reduction, name=name, **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        return y_pred


def _said(row: Sequence[float] | np.ndarray) -> str:
    return f"{row[len(row) // 2]:.6g}\t{row[0]:.6g} to {row[-1]:.6g}"
