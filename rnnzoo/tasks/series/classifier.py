"""One answer for a whole sequence: what a recording or a clip shows."""

import numpy as np

from rnnzoo import data
from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.metrics import Accuracy, MacroF1
from rnnzoo.tasks.series.endpoints import classifier_endpoints
from rnnzoo.tasks.series.feed import SeriesFeed
from rnnzoo.tasks.task import Task

ops = keras.ops
ANSWERS = ("last", "mean")


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceClassifier(Task):
    """A model of p(class | x_1 ... x_T) for sequences of numbers, or of pictures.

        x (batch, time, channels) -> standardized, or a network of each frame -> recurrent layers

        answer "last"    p = softmax(h_T V + b)
        answer "mean"    p = 1/T sum_t softmax(h_t V + b)      (Donahue et al. 2015)

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, which streams, or a layer that looks both ways:
            keras.layers.Bidirectional of a recurrent layer, with return_sequences if `answer` is
            "mean".
        frame: a layer from pictures (n, height, width, colors), whole numbers from 0 to 255, to
            features (n, size), such as a small CNN; None reads numbers of channels, and
            standardizes each by mean and variance of the first training set.
        answer: "last" or "mean".
        classes: labels, strings or ints; a number of classes, which the first `fit` names; None
            takes number and names from there.
        balanced: whether training weighs an example, or a window of it, by the inverse of its
            class's frequency.
        features: shape of one step's entries; None takes it from the first `fit`.
        mean, variance: of each channel; None takes them from the first `fit`.
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

    def __init__(
        self,
        recurrent,
        frame=None,
        answer="last",
        classes=None,
        balanced=False,
        features=None,
        mean=None,
        variance=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if answer not in ANSWERS:
            raise ValueError(f"answer={answer!r}: expected {' or '.join(map(repr, ANSWERS))}")
        self.autocast = False  # the state stays float32 under every dtype policy
        self.recurrent = recurrent
        self.frame = frame
        self.answer = answer
        self.balanced = balanced
        self.num_classes = classes if isinstance(classes, int) else None
        self.classes = None
        self.features = None if features is None else self._readable(tuple(features))
        self.mean, self.variance = mean, variance
        self.standardize = self.output_layer = None
        if classes is not None and self.num_classes is None:
            self._name_classes(classes)
        self._make_layers()

    # --- what is taken from the data --------------------------------------------------------------

    def adapt(self, examples, classes):
        """Take up what must be known of a training set; what is known already stays.

        Args:
            examples: `rnnzoo.data.Examples`.
            classes: the names of its classes.

        Raises:
            ValueError: a class that a model with named classes doesn't know; another number of
                classes, or another shape of the steps, than the model has; steps that are none that
                it reads.
        """
        features = self._readable(tuple(np.shape(examples.x[0])[1:]))
        self._check_type(examples.x[0].dtype)
        if self.features not in (None, features):
            raise ValueError(
                f"x has time steps of shape {features}, the model was made for {self.features}"
            )
        if self.classes is None:
            self._name_classes(classes)
        elif unknown := [c for c in classes if c not in self.classes]:
            raise ValueError(
                f"the model knows the classes {_listed(self.classes)}, not {_listed(unknown)}; for "
                f"classes of your own give it as many new ones: num_classes={len(classes)}"
            )
        self.features = features
        if self.frame is None and self.mean is None:
            mean, std = data.mean_and_std(examples)
            self.mean, self.variance = mean.tolist(), np.square(std).tolist()
            self.standardize = None
        self._make_layers()

    def reset_classes(self, classes):
        """Forget the classes and what tells them apart; the layers below keep what they learned.

        Args:
            classes: as for the constructor.
        """
        # Keras has no public way to let go of a layer.
        self._tracker.untrack(self.output_layer)
        self.classes = self.output_layer = None
        self.num_classes = classes if isinstance(classes, int) else None
        if self.num_classes is None:
            self._name_classes(classes)
        self._make_layers()
        self._forget_compiled()

    def _readable(self, features):
        """The shape of one step, if it is one that the layers can read."""
        if self.frame is None:
            if len(features) != 1:
                raise ValueError(
                    f"x has time steps of shape {features}, the model reads some channels in each; "
                    "for pictures take one with a network of frames, such as activity_lrcn"
                )
            return features
        try:
            self.frame.compute_output_shape((None, *features))
        except ValueError:
            raise ValueError(
                f"x has time steps of shape {features}, which the model's network of frames can't "
                "read: expected pictures (height, width, colors) that are not too small for it"
            ) from None
        return features

    def _check_type(self, dtype):
        if self.frame is not None and dtype != self.input_dtype:
            raise ValueError(
                f"x holds numbers of type {tf.as_dtype(dtype).name}; expected pictures of whole "
                "numbers from 0 to 255 (uint8)"
            )

    def _name_classes(self, classes):
        classes = tuple(c.item() if isinstance(c, np.generic) else c for c in classes)
        for label in classes:
            if isinstance(label, bool) or not isinstance(label, (str, int)):
                raise TypeError(f"classes: expected strings or whole numbers, got {label!r}")
        if len(set(classes)) < max(2, len(classes)):
            raise ValueError(f"classes: expected two or more that differ, got {_listed(classes)}")
        if self.num_classes not in (None, len(classes)):
            raise ValueError(
                f"the model has {self.num_classes} classes, the data {len(classes)}: "
                f"{_listed(classes)}"
            )
        self.classes = classes

    def _make_layers(self):
        """The layers that wait for the shape of a step, or for the number of classes."""
        count = len(self.classes) if self.classes else self.num_classes
        if self.features is not None and not self.recurrent.built:
            size = self.features[-1]
            if self.frame is not None:
                self.frame.build((None, *self.features))
                size = self.frame.compute_output_shape((None, *self.features))[-1]
            self.recurrent.build((None, None, size))
        if self.frame is None and self.standardize is None and self.features is not None:
            zeros, ones = [0.0] * self.features[-1], [1.0] * self.features[-1]
            self.standardize = keras.layers.Normalization(
                mean=self.mean or zeros, variance=self.variance or ones, dtype="float32"
            )
            self.standardize.build((None, None, *self.features))
        if self.output_layer is None and count is not None and self.features is not None:
            self.output_layer = keras.layers.Dense(count, dtype="float32", name="output")
            self.output_layer.build((None, self._recurrent_size))
        # Not through `build`, after which Keras lets no layer be replaced.
        self.built = self.output_layer is not None

    @property
    def _recurrent_size(self):
        if isinstance(self.recurrent, RecurrentStack):
            return self.recurrent.layers[-1].cell.output_size
        return self.recurrent.compute_output_shape((None, 1, *self.features))[-1]

    def _forget_compiled(self):
        self.train_function = self.test_function = self.predict_function = None
        self.__dict__.pop("endpoints", None)
        if self.compiled and self.optimizer.built:
            self.compile_from_config(self.get_compile_config())

    def build(self, input_shape=None):
        self.require_classes()

    def require_classes(self):
        """Raise a ValueError if the model can't answer yet."""
        if self.classes is None or self.output_layer is None:
            raise ValueError(
                "The model knows no classes yet: fit it on labelled sequences first, or load a "
                "trained one."
            )

    # --- the network ------------------------------------------------------------------------------

    def call(self, x, training=False):
        """Log-probabilities, float32 (batch, classes).

        Args:
            x: (batch, time, ...), or a tuple of it and lengths (batch,) of int, of which what lies
                behind doesn't count.
            training: whether dropout acts.
        """
        x, lengths = x if isinstance(x, (tuple, list)) else (x, None)
        mask = None if lengths is None else tf.sequence_mask(lengths, ops.shape(x)[1])
        x = self._of_frames(x, training)
        if isinstance(self.recurrent, RecurrentStack):
            outputs, _ = self.recurrent(x, mask=mask, training=training)
        else:
            outputs = self.recurrent(x, mask=mask, training=training)
        if self.answer == "last":
            # A masked step repeats the last real output.
            last = outputs if len(outputs.shape) == 2 else outputs[:, -1]
            return tf.nn.log_softmax(self.output_layer(last))
        probabilities = tf.nn.softmax(self.output_layer(outputs))
        weight = tf.ones_like(probabilities[..., :1])
        if mask is not None:
            weight = tf.cast(mask, weight.dtype)[..., None]
        return _log(
            tf.reduce_sum(weight * probabilities, axis=1)
            / tf.maximum(tf.reduce_sum(weight, axis=1), 1)
        )

    def _of_frames(self, x, training=False):
        """Features (batch, time, size) of each step."""
        if self.frame is None:
            return self.standardize(tf.cast(x, tf.float32))
        self._check_type(x.dtype)
        batch, time = ops.shape(x)[:2]
        features = self.frame(tf.reshape(x, (-1, *self.features)), training=training)
        return tf.reshape(features, (batch, time, features.shape[-1]))

    @property
    def streams(self):
        """Whether the model can answer as a sequence comes, step by step."""
        return isinstance(self.recurrent, RecurrentStack)

    def initial_state(self, batch_size):
        """The state before any step: a flat dict of float32 (batch_size, ...) tensors."""
        state = self.recurrent.initial_state(batch_size)
        if self.answer == "mean":
            state["sum"] = tf.zeros((batch_size, len(self.classes)))
            state["steps"] = tf.zeros((batch_size, 1))
        return state

    def read(self, x, state):
        """Some more steps x (batch, time, ...) -> log-probabilities of the whole so far, state."""
        outputs, new_state = self.recurrent(self._of_frames(x), state=state)
        return self._so_far(outputs, state, new_state)

    def step(self, x, state):
        """One more step x (batch, ...) -> log-probabilities of the whole so far, new state."""
        output, new_state = self.recurrent.step(self._of_frames(x[:, None])[:, 0], state)
        return self._so_far(output[:, None], state, new_state)

    def _so_far(self, outputs, state, new_state):
        if self.answer == "last":
            return tf.nn.log_softmax(self.output_layer(outputs[:, -1])), new_state
        probabilities = tf.nn.softmax(self.output_layer(outputs))
        new_state["sum"] = state["sum"] + tf.reduce_sum(probabilities, axis=1)
        new_state["steps"] = state["steps"] + tf.cast(tf.shape(outputs)[1], tf.float32)
        return _log(new_state["sum"] / new_state["steps"]), new_state

    # --- training and answers ---------------------------------------------------------------------

    def compile(self, optimizer=None, loss=None, jit_compile=False, **kwargs):
        kwargs.setdefault("weighted_metrics", [Accuracy(), MacroF1()])
        super().compile(optimizer, loss, jit_compile, **kwargs)

    def fit(
        self,
        x,
        y=None,
        *,
        batch_size=None,
        window=None,
        seed=0,
        validation_data=None,
        steps_per_epoch=None,
        **kwargs,
    ):
        """Train on labelled sequences.

        Args:
            x: (examples, time, ...), a list of arrays (time, ...) of different lengths, or a
                dataset from `rnnzoo.data` (then its labels are places in `classes`).
            y: a label for each example.
            batch_size: default 32; not for datasets.
            window: None, or the time steps of the windows that training cuts the examples to.
            seed: of the order of the examples.
            validation_data: a tuple (x, y) of raw examples, or a dataset.
            steps_per_epoch: default one pass over the examples.
            **kwargs: of keras.Model.fit: epochs, callbacks, verbose, ...

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: examples and labels don't go together, or the model doesn't know them.
        """
        batch_size = batch_size or 32
        if not isinstance(x, tf.data.Dataset):
            x, labels = self._checked(x), _labels(y, x)
            self.adapt(
                data.Examples(x, None), self.classes or _classes_of(labels, self.num_classes)
            )
            examples = self._examples(x, labels)
            feed = (examples, batch_size, window)
            steps_per_epoch = steps_per_epoch or data.examples_per_epoch(*feed)
            x = self.weighed(data.shuffled_examples(*feed, seed=seed), examples, window)
        if isinstance(validation_data, tuple):
            validation_data = self._in_order(*validation_data, batch_size, window)
        if not self.compiled:
            self.compile()
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        return super().fit(
            x, validation_data=validation_data, steps_per_epoch=steps_per_epoch, **kwargs
        )

    def evaluate(self, x=None, y=None, *, batch_size=None, window=None, **kwargs):
        """Loss (nats), accuracy and macro F1.

        Args:
            x, y, batch_size, window: as in `fit`.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...
        """
        self.require_classes()
        if not isinstance(x, tf.data.Dataset):
            x = self._in_order(x, y, batch_size or 32, window)
        if not self.compiled:
            self.compile()
        return super().evaluate(x, **kwargs)

    def weighed(self, batches, examples, window=None):
        """Batches of windows whose weights balance the classes, if the model was told so."""
        if not self.balanced:
            return batches
        labels = data.Windows(examples, window).labels
        counts = np.bincount(labels, minlength=len(self.classes))
        weights = tf.constant(len(labels) / (len(counts) * np.maximum(counts, 1)), "float32")
        return batches.map(lambda x, y, weight: (x, y, weight * tf.gather(weights, y)))

    def _in_order(self, x, y, batch_size, window):
        examples = self._examples(self._checked(x), _labels(y, x))
        return data.examples_in_order(examples, batch_size, window)

    def _examples(self, x, labels):
        self.require_classes()
        return data.Examples(x, self.places(labels))

    def places(self, labels):
        """Labels as their places in `classes`, int32 (n,)."""
        at = {label: i for i, label in enumerate(self.classes)}
        if unknown := sorted(set(labels) - at.keys(), key=str):
            raise ValueError(
                f"labels: the model knows the classes {_listed(self.classes)}, not "
                f"{_listed(unknown)}"
            )
        return np.array([at[label] for label in labels], np.int32)

    def probabilities(self, x, batch_size=32):
        """The probability of each class: float32 (examples, classes).

        Args:
            x: (examples, time, ...), or a list of arrays (time, ...) of different lengths.
            batch_size: examples that are read together.
        """
        self.require_classes()
        x = self._checked(x)
        answers = [np.zeros((0, len(self.classes)), np.float32)]
        for i in range(0, len(x), batch_size):
            some = x[i : i + batch_size]
            lengths = np.array([len(example) for example in some], np.int32)
            padded = np.zeros((len(some), lengths.max(), *self.features), self.input_dtype)
            for row, example in zip(padded, some, strict=True):
                row[: len(example)] = example
            answer = self.endpoints["serve_padded"](tf.constant(padded), tf.constant(lengths))
            answers.append(answer["probabilities"].numpy())
        return np.concatenate(answers)

    def classify(self, x, batch_size=32):
        """The likeliest class of each example; arguments as for `probabilities`."""
        return [self.classes[i] for i in self.probabilities(x, batch_size).argmax(axis=-1)]

    @property
    def input_dtype(self):
        """Of the numbers the model reads: "uint8" where it has a network of frames."""
        return "float32" if self.frame is None else "uint8"

    def _checked(self, x):
        """Raw examples as a list of arrays."""
        x = [self._as_picture(np.asarray(example)) for example in x]
        features = self.features or (x and x[0].shape[1:]) or ("channels",)
        step = ", ".join(map(str, features))
        for i, example in enumerate(x):
            fits = example.ndim > 1 and len(example) and example.dtype.kind in "fiu"
            if not fits or example.shape[1:] != features:
                raise ValueError(
                    f"x: expected examples of numbers of shape (time, {step}) with a time step at "
                    f"least, got one of {example.shape} and type {example.dtype} at {i}"
                )
            if example.dtype.kind == "f" and not np.isfinite(example).all():
                raise ValueError(f"x: example {i} holds a number that is none (NaN or infinite)")
            self._check_type(example.dtype)
        return x

    def _as_picture(self, example):
        """Whole numbers from 0 to 255 as bytes, where the model reads pictures."""
        if self.frame is None or example.dtype.kind not in "iu" or not example.size:
            return example
        return example.astype("uint8") if 0 <= example.min() <= example.max() <= 255 else example

    def answer_lines(self, path, color=False):
        """For `rnnzoo predict`: a line for each recording of a file, its class and probability."""
        for i, row in enumerate(self.probabilities(data.read_recordings(path))):
            best = row.argmax()
            yield f"{path}\t{i}\t{self.classes[best]}\t{row[best]:.3f}"

    def feed(self, source, batch_size, window=None, seed=0):
        """What `rnnzoo.train` trains on; `source` as `rnnzoo.load_series` takes it."""
        return SeriesFeed(self, source, batch_size, window, seed)

    def make_endpoints(self, xla=True):
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_classes()
        return classifier_endpoints(self)

    def get_config(self):
        return {
            **super().get_config(),
            "recurrent": keras.saving.serialize_keras_object(self.recurrent),
            "frame": keras.saving.serialize_keras_object(self.frame),
            "answer": self.answer,
            "classes": self.num_classes if self.classes is None else list(self.classes),
            "balanced": self.balanced,
            "features": self.features,
            "mean": self.mean,
            "variance": self.variance,
        }

    @classmethod
    def from_config(cls, config):
        layers = {
            k: keras.saving.deserialize_keras_object(config[k]) for k in ("recurrent", "frame")
        }
        return cls(**{**config, **layers})


def _log(probabilities):
    return tf.math.log(tf.maximum(probabilities, keras.config.epsilon()))


def _labels(y, x):
    """Labels as a list of strings or ints."""
    if y is None:
        raise ValueError("y is missing: expected a label for each example of x")
    # As Python objects, as a column of strings comes too; so no string is made of a number.
    labels = np.asarray(y, object)
    if labels.shape != (len(x),) or not len(x):
        raise ValueError(
            f"y of shape {labels.shape}: expected a string or a whole number for each of the "
            f"{len(x)} examples"
        )
    labels = [label.item() if isinstance(label, np.generic) else label for label in labels]
    labels = [label.decode() if isinstance(label, bytes) else label for label in labels]
    for label in labels:
        if isinstance(label, bool) or not isinstance(label, (str, int)):
            raise ValueError(
                f"y holds {label!r}: expected a string or a whole number for each of the {len(x)} "
                "examples"
            )
    return labels


def _classes_of(labels, count):
    """The names of the classes; whole numbers below ``count`` need not all occur."""
    if count is not None and all(isinstance(label, int) and 0 <= label < count for label in labels):
        return range(count)
    return sorted(set(labels), key=lambda label: (isinstance(label, str), label))


def _listed(labels):
    shown = ", ".join(map(str, labels[:10]))
    return shown + (", ..." if len(labels) > 10 else "")
