"""A class for a whole picture, or for each of its pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from rnnzoo.data.readers.picture_sizes import sampled
from rnnzoo.errors import WrongValue
from rnnzoo.layers.dropout import Dropout
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.classes import ClassesKnown
from rnnzoo.tasks.metrics import Accuracy, MacroF1
from rnnzoo.tasks.pictures import answering
from rnnzoo.tasks.pictures.endpoints import picture_endpoints
from rnnzoo.tasks.pictures.feed import PictureFeed
from rnnzoo.tasks.pictures.preprocessor import PicturePreprocessor
from rnnzoo.tasks.series.answers import Each, Pool
from rnnzoo.tasks.series.outputs import OneClass
from rnnzoo.tasks.task import Task

LABELS: dict[str, type[Pool] | type[Each]] = {"picture": Pool, "pixel": Each}


@keras.saving.register_keras_serializable("rnnzoo")
class PictureClassifier(ClassesKnown, Task):
    """A model of p(class | x) for pictures x of any size, or of p(class_(i,j) | x) at each pixel.

        x (batch, height, width, colours) -> between -1 and 1 -> layers that keep height and width
          -> h_(i,j)

        labels "picture"   p = softmax([mean_(i,j) h_(i,j), max_(i,j) h_(i,j)] V + b)
        labels "pixel"     p_(i,j) = softmax(h_(i,j) V + b)

    `fit` and `evaluate` take x, whole numbers from 0 to 255, an array (pictures, height, width) or
    (pictures, height, width, 3), or a list of pictures of different sizes, which are padded and
    masked; and y, a label for each, or an array (height, width) of them, -1 or "" at pixels without
    one, which count neither in the loss nor in what is measured.

    Args:
        body: layers from (batch, height, width, features) and a mask (batch, height, width) to the
            same height and width, such as `rnnzoo.layers.FourDirections2D`, one on the other.
        labels: "picture" or "pixel"; None takes it from the first labels fitted, or is "picture"
            where classes are given.
        classes: labels, strings or ints; a number of classes, which the first `fit` names; None
            takes number and names from there.
        colours: 1, brightness alone, or 3; None takes it from the first pictures fitted.
        size: height and width of all training pictures, to which others are brought; None where
            they differ. Each `fit` learns this and the next one.
        longest: their longest side, to which larger ones are brought where sizes differ.
        drawings: whether pictures are strokes on a plain ground. Then, where the ground of one is
            light and that of training dark, or the other way round, light and dark are exchanged;
            and with labels "picture" those of another size than in training are cut to the strokes.
            None takes from the first data set fitted whether it is of drawings; a user's own
            pictures are not.
        ground: brightness of that ground in training; each `fit` learns it.
        dropout: share dropped, in training, of what the output layer reads.
        **kwargs: of keras.Model (name, dtype).

    Attributes:
        classes: the labels, or None as long as there are none.
        per_pixel: whether each pixel is answered; None as long as that is not known.
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.pictures.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = PictureClassifier([rnnzoo.layers.Convolution2D(4)])
        >>> x = [np.full((3, 2 + i % 3), 255 * (i % 2)) for i in range(24)]  # black or white
        >>> model.compile(keras.optimizers.Adam(0.03))
        >>> history = model.fit(x, ["black", "white"] * 12, epochs=9, batch_size=8, verbose=0)
        >>> model.classify(x[:2])
        ['black', 'white']
    """

    task = "picture-classification"
    default_dataset = "digits"
    feed_class = PictureFeed
    knows = "classes"
    nested = ("body",)

    def __init__(
        self,
        body: Sequence[keras.layers.Layer],
        labels: Literal["picture", "pixel"] | None = None,
        classes: Iterable[str | int] | int | None = None,
        colours: int | None = None,
        size: Sequence[int] | None = None,
        longest: int | None = None,
        drawings: bool | None = None,
        ground: int | None = None,
        dropout: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if labels not in (None, *LABELS):
            raise WrongValue(f"labels={labels!r}: expected {' or '.join(map(repr, LABELS))}")
        if colours not in (None, 1, 3):
            raise WrongValue(f"colours={colours!r}: expected 1, brightness alone, or 3")
        self.body = list(body)
        self.dropout = Dropout(dropout, dtype="float32")
        self.way: Any = None  # waits for the labels
        self.output_layer: Any = None  # and this for the classes
        known = PicturePreprocessor(
            per_pixel=None if (labels, classes) == (None, None) else labels == "pixel",
            colours=colours,
            size=None if size is None else (size[0], size[1]),
            longest=longest,
            drawings=drawings,
            ground=ground,
        )
        self.preprocessor = known.with_classes(classes)
        self.make_layers()

    # --- what is learned from the data ------------------------------------------------------------

    def take_up(self, preprocessor: PicturePreprocessor, forget: bool = False) -> None:
        """Know the classes and colours of a preprocessor.

        Classes that were known keep what tells them apart.
        """
        known, self.preprocessor = self.preprocessor, preprocessor
        self.renew_output(known, forget)

    def make_layers(self) -> None:
        """The layers that wait for the number of colours, of classes, or for what has one."""
        known = self.preprocessor
        if self.way is None and self.labels is not None:
            self.way = LABELS[self.labels](OneClass())
        if known.colours is None:
            return
        shape: Any = (None, None, None, known.colours)
        for layer in self.body:
            if not layer.built:
                layer.build(shape)
            shape = layer.compute_output_shape(shape)
        count = len(known.labels) if known.labels else known.num_classes
        if self.output_layer is None and None not in (count, self.way):
            self.output_layer = keras.layers.Dense(count, dtype="float32", name="output")
            self.output_layer.build((None, self.way.parts * shape[-1]))
        # Not through `build`, after which Keras lets no layer be replaced.
        self.built = self.output_layer is not None

    @property
    def colours(self) -> int | None:
        """How many numbers of a pixel are read; None as long as it is not known."""
        return self.preprocessor.colours

    @property
    def per_pixel(self) -> bool | None:
        """Whether each pixel is answered; None as long as that is not known."""
        return self.preprocessor.per_pixel

    @property
    def labels(self) -> str | None:
        """What has a label, "picture" or "pixel"; None as long as that is not known."""
        return None if self.per_pixel is None else list(LABELS)[self.per_pixel]

    # --- the network ------------------------------------------------------------------------------

    def call(self, x: tf.Tensor | tuple[tf.Tensor, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Log-probabilities, float32 (batch, classes), or (batch, height, width, classes).

        Args:
            x: uint8 (batch, height, width, colours), or a tuple of it and a mask (batch, height,
                width), of which what is False doesn't count.
            training: whether dropout acts.
        """
        x, mask = x if isinstance(x, (tuple, list)) else (x, None)
        if mask is None:
            mask = tf.ones(tf.shape(x)[:3], tf.bool)
        h = tf.cast(x, tf.float32) / 127.5 - 1
        for layer in self.body:
            h = layer(h, mask=mask, training=training)
        batch, height, width = tf.unstack(tf.shape(h)[:3])
        h = tf.reshape(h, (batch, height * width, h.shape[-1]))
        mask = tf.reshape(mask, (batch, height * width))

        def head(features):
            return self.output_layer(self.dropout(features, training=training))

        nothing = self.way.start(batch, h.shape[-1], self.output_layer.units)
        log_probs = self.way.answer(self.way.more(nothing, h, mask, head), head)
        if self.per_pixel:
            log_probs = tf.reshape(log_probs, (batch, height, width, log_probs.shape[-1]))
        return log_probs

    # --- training and answers ---------------------------------------------------------------------

    def make_metrics(self):
        return [Accuracy(), MacroF1()]

    def predict_raw(self, x: Any, batch_size: int) -> np.ndarray | list[np.ndarray]:
        """What `probabilities` returns."""
        return self.probabilities(x, batch_size)

    def probabilities(self, x: Any, batch_size: int = 32) -> np.ndarray | list[np.ndarray]:
        """The probability of each class: float32 (pictures, classes).

        Where each pixel is answered: a list of (height, width, classes), one for each picture.

        Args:
            x: pictures, as for `fit`.
            batch_size: pictures that are read together.

        Warns:
            UserWarning: what was done to pictures that were unlike those of training.
        """
        self.require_ready()
        pictures = self.preprocessor.examples(x)
        answers = self.read(self.preprocessor.as_read(pictures), batch_size)
        if not self.per_pixel:
            return answers
        # As large as what was given, however large it was read.
        return [sampled(p, picture.shape[:2]) for p, picture in zip(answers, pictures, strict=True)]

    def read(
        self, pictures: Sequence[np.ndarray], batch_size: int = 32
    ) -> np.ndarray | list[np.ndarray]:
        """What `probabilities` says of pictures that its preprocessor prepared, at their size."""
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        answers: list[np.ndarray] = []
        for i in range(0, len(pictures), batch_size):
            some = pictures[i : i + batch_size]
            padded, mask = map(tf.constant, self.preprocessor.padded(some))
            found = self.endpoints["serve_prepared"](padded, mask)["probabilities"].numpy()
            if self.per_pixel:
                sizes = [picture.shape[:2] for picture in some]
                answers += [p[:h, :w] for p, (h, w) in zip(found, sizes, strict=True)]
            else:
                answers += [*found]
        if self.per_pixel:
            return answers
        return np.array(answers, np.float32).reshape(-1, len(self.classes))

    def classify(self, x: Any, batch_size: int = 32) -> list[Any]:
        """The likeliest class of each picture; arguments as for `probabilities`.

        Where each pixel is answered: a list of arrays (height, width) of them.
        """
        p = self.probabilities(x, batch_size)
        if self.per_pixel:
            names = np.array(self.classes)
            return [names[of_one.argmax(axis=-1)] for of_one in p]
        return [self.classes[row.argmax()] for row in p]

    def answer_lines(self, path: str, color: bool = False) -> Iterator[str]:
        """For `rnnzoo predict`: the class of a picture and its probability, or runs of pixels.

        See `rnnzoo.tasks.pictures.answering`, as for `answer_rows`.
        """
        self.require_ready()
        yield from answering.lines(self, path)

    @property
    def answer_columns(self) -> tuple[str, ...]:
        """What `answer_rows` gives of each picture, or each pixel, behind its id."""
        return answering.columns(self)

    def answer_rows(
        self, path: str, answered: Mapping[str, int] = MappingProxyType({})
    ) -> Iterator[list[list[Any]]]:
        """For `rnnzoo predict --out`: a picture's class and probabilities, or each pixel's.

        Args:
            path: of a file.
            answered: under "0" how many rows of it there are already.
        """
        self.require_ready()
        yield from answering.rows(self, path, answered)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return picture_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        known = self.preprocessor
        return {
            **super().get_config(),
            "labels": self.labels,
            "classes": known.num_classes if self.classes is None else list(self.classes),
            "dropout": self.dropout.rate,
            **{
                field.name: getattr(known, field.name)
                for field in dataclasses.fields(known)
                if field.name in ("colours", "size", "longest", "drawings", "ground")
            },
        }
