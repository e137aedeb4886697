"""What models of sequences share: reading, windows, streaming and files; not what they answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.layers import ConvStack, Differences, RunningScale
from rnnzoo.layers.dropout import Dropout
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.recurrent import output_size
from rnnzoo.tasks.series import answering
from rnnzoo.tasks.series.answers import ANSWERS
from rnnzoo.tasks.series.channels import Channels, holds_names
from rnnzoo.tasks.series.network import SeriesNetwork
from rnnzoo.tasks.series.preprocessor import SeriesPreprocessor
from rnnzoo.tasks.transfer import widened


class SeriesModel(SeriesNetwork):
    """A model of sequences of numbers, or of pictures, with an answer to each or to each step.

        x (batch, time, channels) -> nothing missing, standardized, or a network of each frame
          -> convolutions over time, if any -> recurrent layers -> h_1 ... h_T

        answer "last"    a = answer(h_T V + b)
        answer "mean"    a = 1/T sum_t answer(h_t V + b)      (Donahue et al. 2015)
        answer "pool"    a = answer([1/T sum_t h_t, max_t h_t] V + b)
        answer "each"    a_t = answer(h_t V + b), one at each step

    A subclass says what the numbers of the output layer are: it sets `preprocessor_class`, defines
    `make_output`, `output_units`, `answer_size` and `answers_of`, and in its constructor, after
    this one, adds to `preprocessor` what it knows of what is answered, and calls `make_layers`. For
    the command line it defines `answer_names`, `answer_cells` and `answer_lines`.

    What the model answers to a whole sequence is the mean over windows, see
    `rnnzoo.tasks.series.windows`, where it was given its own `window`. Convolutions with strides
    answer for all steps of a frame at once. Where channels have names (`rnnzoo.data.Recordings`, a
    frame, a table's path), they are read by these, in whatever order they come. NaN is a value that
    is missing, see `ReadChannels`.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, which streams, or a layer that looks both ways:
            keras.layers.Bidirectional of a recurrent layer, with return_sequences unless `answer`
            is "last".
        frame: a layer from pictures (n, height, width, colors), whole numbers from 0 to 255, to
            features (n, size), such as a small CNN; None reads numbers of channels, and
            standardizes each by mean and variance of the first training set.
        answer: "last", "mean", "pool" or "each"; None is "each" where what the first `fit` is to
            answer is by step, and else "pool".
        features: shape of one step's entries; None takes it from the first `fit`.
        mean, variance: of each channel; None takes them from the first `fit`.
        channels: their names, in order; None takes them from the first `fit`.
        categories: by the name of a channel of words, the words that its numbers index.
        masked: places of channels of which the network reads whether they are missing.
        scaled: places of channels that the network also reads by their running scale, see
            `rnnzoo.layers.RunningScale`; the first `fit` takes those that are far fainter in some
            recordings than in others.
        smooth: of channels that the network also reads by their differences, see
            `rnnzoo.layers.Differences`, place and sizes of these; the first `fit` takes those that
            are smooth curves, unless `differences` is False.
        interval: seconds between time steps; None takes it from the first `fit`, if it is known.
        read_by: how tables are read, by the name of the loader's option, such as
            ``{"id": "trip"}``; each `fit` on a table learns it.
        front: a `rnnzoo.layers.ConvStack` before the recurrent layers, or None.
        output_dropout: share dropped, in training, of what the output layer reads.
        window, hop: time steps of the windows in an answer, and from the beginning of one to the
            next one's, by default half a window; None takes what suits the lengths of the first
            examples fitted, see `rnnzoo.tasks.recipes`. Before, all steps are read as one.
        whole: whether sequences are read as a whole, however long: then there are no windows in an
            answer, and that of `fit` cuts what is trained on alone.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.series.endpoints`.
    """

    nested = ("recurrent", "frame", "front")
    # From steps as they are measured to the numbers that the network reads.
    of_steps = ("read_channels", "standardize", "scale", "differences")
    answers_folders = True  # of recordings
    preprocessor_class: ClassVar[type[SeriesPreprocessor]] = SeriesPreprocessor

    def __init__(
        self,
        recurrent: keras.layers.Layer,
        frame: keras.layers.Layer | None = None,
        answer: Literal["last", "mean", "pool", "each"] | None = "last",
        *,
        features: Sequence[int] | None = None,
        mean: list[float] | None = None,
        variance: list[float] | None = None,
        channels: Sequence[str] | None = None,
        categories: Mapping[str, Sequence[str]] | None = None,
        masked: Sequence[int] = (),
        scaled: Sequence[int] = (),
        smooth: Sequence[tuple[int, float, float]] = (),
        differences: bool = True,
        interval: float | None = None,
        read_by: Mapping[str, Any] | None = None,
        front: ConvStack | None = None,
        output_dropout: float = 0.0,
        window: int | None = None,
        hop: int | None = None,
        whole: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if answer is not None and answer not in ANSWERS:
            raise WrongValue(f"answer={answer!r}: expected {' or '.join(map(repr, ANSWERS))}")
        if answer is None and features is not None:
            answer = "pool"
        self.recurrent = recurrent
        self.frame = frame
        self.front = front
        self.output_dropout = Dropout(output_dropout, dtype="float32")
        # These wait for the shape of a step, and for what is to be answered.
        self.read_channels: Any = None
        self.standardize: Any = None
        self.scale: RunningScale | None = None
        self.differences: Differences | None = None
        self.output_layer: Any = None
        self.way: Any = None  # for the way to answer
        words = {name: tuple(of_one) for name, of_one in (categories or {}).items()}
        known = self.preprocessor_class(
            frame=frame,
            answer=answer,
            mean=mean,
            variance=variance,
            channels=Channels(
                tuple(channels or ()),
                words,
                tuple(masked),
                tuple(scaled),
                tuple((place, first, second) for place, first, second in smooth),
                interval,
                dict(read_by or {}),
            ),
            differences=differences,
            whole=whole,
        )
        if features is not None:
            known = dataclasses.replace(known, features=known.readable(tuple(features)))
        self.preprocessor: Any = known.with_windows(window, hop)

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: SeriesPreprocessor, forget: bool = False) -> None:
        """Know the shape of a step, the statistics, and what is answered, of a preprocessor.

        What was learned stays, as far as it is about the same.
        """
        known, self.preprocessor = self.preprocessor, preprocessor
        of_numbers = self.frame is None and known.features is not None
        if of_numbers and self.recurrent.built and preprocessor.inputs != known.inputs:
            self._widen(known.inputs)
        if _statistics(preprocessor) != _statistics(known):
            self.unmake(*self.of_steps)
        self.take_up_output(known, forget)

    def unmake(self, *names: str) -> None:
        """Forget layers, by the names of their attributes, which `make_layers` makes again."""
        self.let_go(*names)
        for name in names:
            setattr(self, name, None)

    def take_up_output(self, known: Any, forget: bool) -> None:
        """Make the layers by `preprocessor`, after what was `known` before, that are not there."""
        self.make_layers()

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

    def make_layers(self) -> None:
        """The layers that wait for the shape of a step, or for what is to be answered."""
        known = self.preprocessor
        if self.way is None and known.answer is not None:
            self.way = ANSWERS[known.answer](self.make_output())
        if known.features is not None and not self.recurrent.built:
            if self.frame is None:
                size = len(known.inputs)
            else:
                self.frame.build((None, *known.features))
                size = self.frame.compute_output_shape((None, *known.features))[-1]
            if self.front is not None:
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
            self.differences = known.differences_layer()
        units = self.output_units
        if self.output_layer is None and units is not None and known.features is not None:
            self.output_layer = keras.layers.Dense(units, dtype="float32", name="output")
            size = output_size(self.recurrent, known.features[-1])
            self.output_layer.build((None, self.way.parts * size))
        # Not through `build`, after which Keras lets no layer be replaced.
        self.built = self.output_layer is not None

    # --- training and answers ---------------------------------------------------------------------

    @property
    def reading(self) -> dict[str, Any]:
        return self.preprocessor.reading

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
        return self.answers_to(*x) if isinstance(x, (tuple, list)) else self.answers_to(x)

    def told(
        self, name: str, x: Any, batch_size: int = 32, **read_by: Any
    ) -> np.ndarray | list[np.ndarray]:
        """A tensor of `serve_padded`, of all examples: (examples, ...).

        Where each step is answered: a list of (time, ...), one for each example.

        Args:
            name: of the tensor.
            x: (examples, time, ...), or a list of arrays (time, ...) of different lengths; or what
                has names of channels, see `SeriesPreprocessor.examples`.
            batch_size: examples that are read together.
            **read_by: how a table is read, such as ``id="trip"``, as for the loader; default as the
                table of training was.
        """
        self.require_ready()
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        x = self.preprocessor.examples(x, **read_by)
        answers: list[np.ndarray] = []
        for i in range(0, len(x), batch_size):
            padded, lengths = self.preprocessor.padded(x[i : i + batch_size])
            answer = self.endpoints["serve_padded"](tf.constant(padded), tf.constant(lengths))
            found = answer[name].numpy()
            if self.per_step:
                answers += [row[:length] for row, length in zip(found, lengths, strict=True)]
            else:
                answers += [*found]
        return answers if self.per_step else np.array(answers, np.float32)

    def answers_of(self, x: Any, batch_size: int = 32) -> np.ndarray | list[np.ndarray]:
        """The answers of which measures and tables are made, as `told` gives them."""
        raise NotImplementedError

    answer_options = ("time", "id", "label", "group", "encoding")

    @property
    def answer_names(self) -> tuple[str, ...]:
        """The names of `answer_cells`."""
        raise NotImplementedError

    def answer_cells(self, row: np.ndarray) -> list[Any]:
        """What a table of answers holds of one of `answers_of`, or of a step's."""
        raise NotImplementedError

    def answer_lines(self, path: str, color: bool = False, **columns: Any) -> Iterator[str]:
        """For `rnnzoo predict`: lines for each recording of a file, as for `answer_rows`."""
        raise NotImplementedError

    @property
    def answer_columns(self) -> tuple[str, ...]:
        """What `answer_rows` gives of each recording, or each of its steps, behind its id."""
        return answering.columns(self)

    def answer_rows(
        self, path: str, answered: Mapping[str, int] = MappingProxyType({}), **columns: Any
    ) -> Iterator[list[list[Any]]]:
        """For `rnnzoo predict --out`: recordings' ids and answers, in batches.

        Args:
            path: of a file.
            answered: by the name of a recording, "group/id" where there are groups, how many rows
                of it are there already.
            **columns: what the user says of a table, as for the loader.
        """
        self.require_ready()
        yield from answering.rows(self, path, answered, **columns)

    def get_config(self) -> dict[str, Any]:
        channels = self.preprocessor.channels
        return {
            **super().get_config(),
            "answer": self.answer,
            "features": self.features,
            "mean": self.preprocessor.mean,
            "variance": self.preprocessor.variance,
            "channels": list(self.channels) or None,
            "categories": {name: list(words) for name, words in channels.categories.items()},
            "masked": list(channels.masked),
            "scaled": list(channels.scaled),
            "smooth": [list(of_one) for of_one in channels.smooth],
            "differences": self.preprocessor.differences,
            "interval": channels.interval,
            "read_by": dict(channels.read_by),
            "output_dropout": self.output_dropout.rate,
            "window": self.preprocessor.window,
            "hop": self.preprocessor.hop,
            "whole": self.preprocessor.whole,
        }


def _statistics(preprocessor):
    """What the layers that read the steps are made of."""
    channels = preprocessor.channels
    of_channels = channels.masked, channels.scaled, channels.smooth
    return preprocessor.mean, preprocessor.variance, *of_channels
