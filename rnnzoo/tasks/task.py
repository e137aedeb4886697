"""What all tasks share: how they are fitted, evaluated, compiled and exported."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any, ClassVar

from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.feed import Feed


class Task(keras.Model):
    """Raw input to answer: a network with all that it needs to read what a user has.

    A subclass sets `task`, `default_dataset`, `feed_class` and `knows`, and defines

    - ``preprocessor``, which turns raw examples into numbers, with what the model knows: a
      dataclass with ``splits(train, validation, test)``, from raw examples to what the feed takes,
      and ``learned_from(data)``, the same with what the training split adds;
    - ``take_up(preprocessor)``, which makes the layers that wait for it;
    - ``call``, the network, and ``make_endpoints(xla)``, the functions by name that an export
      holds; `serve` is among them.

    Attributes:
        task: its name in the registry.
        default_dataset: what `rnnzoo.train` reads unless told otherwise.
        feed_class: its `Feed`.
        knows: what `preprocessor` learns from the data, in words.
        has_targets: whether examples are pairs, of x and the y that is to be answered.
        nested: names of the constructor's arguments that are layers.
    """

    task: ClassVar[str]
    default_dataset: ClassVar[str]
    feed_class: ClassVar[type[Feed]]
    knows: ClassVar[str]
    has_targets: ClassVar[bool] = True
    nested: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.autocast = False  # the state stays float32 under every dtype policy

    # --- data -------------------------------------------------------------------------------------

    def adapt(self, x, y=None) -> None:
        """Learn from raw examples, given as for `fit`, what must be known; known things stay."""
        data = self.preprocessor.splits(train=(x, y))
        self.take_up(self.preprocessor.learned_from(data))

    def feed(
        self,
        source: str | os.PathLike,
        batch_size: int = 32,
        window: int | None = None,
        seed: int = 0,
    ) -> Feed:
        """What `rnnzoo.train` trains on; the model learns from it what must be known.

        Args:
            source: the name of a data set, or a path.
            batch_size, window, seed: see `Feed`.
        """
        feed = self._fed(self.feed_class.load(source), batch_size, window, seed)
        feed.check()
        return feed

    def _fed(self, data, *sizes) -> Feed:
        feed = self.feed_class(data, self.preprocessor, *sizes)
        self.take_up(feed.preprocessor)
        return feed

    @property
    def ready(self) -> bool:
        """Whether the model knows what it needs to answer."""
        return self.built

    def require_ready(self) -> None:
        """Raise a ValueError unless the model is `ready`."""
        if not self.ready:
            raise WrongValue(
                f"The model knows no {self.knows} yet: fit it on raw data, call adapt with it, or "
                "load a trained one."
            )

    def build(self, input_shape=None):
        self.require_ready()

    # --- training ---------------------------------------------------------------------------------

    def compile(self, optimizer=None, loss=None, jit_compile=False, **kwargs):
        """`keras.Model.compile` with defaults that train well.

        Args:
            optimizer: default AdamW, learning rate 0.002, gradients clipped to a global norm of 1.
            loss: default the negative log-likelihood in nats, its mean per real answer.
            jit_compile: whether XLA compiles the whole step. The loops over time, where it pays,
                are compiled by the layers themselves; dropout is drawn 50 times faster outside.
            **kwargs: of keras.Model.compile. What the task is measured in is always measured.
        """
        if optimizer is None:
            optimizer = keras.optimizers.AdamW(2e-3, weight_decay=1e-2, global_clipnorm=1.0)
        if metrics := self.make_metrics():
            kwargs.setdefault("weighted_metrics", metrics)
        super().compile(optimizer, loss or self.make_loss(), jit_compile=jit_compile, **kwargs)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)

    def make_loss(self):
        """The default loss."""
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight", name="nats"
        )

    def make_metrics(self) -> list:
        """The metrics that `compile` takes by default, weighted like the loss."""
        return []

    def fit(
        self,
        x=None,
        y=None,
        *,
        batch_size: int | None = None,
        window: int | None = None,
        seed: int = 0,
        validation_data=None,
        steps_per_epoch: int | None = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train on raw examples; the model learns from them what must be known.

        Args:
            x: raw examples, as the class says, or a dataset of batches, such as
                ``feed("recordings.npz").training()``.
            y: what is to be answered to each; None where x holds it.
            batch_size: examples in a batch, default 32; of text, places read side by side.
            window: the time steps that batches are cut to; None takes the task's default.
            seed: of the order of the examples.
            validation_data: raw examples ``(x, y)``, or x where there is no y; or a dataset.
            steps_per_epoch: batches in an epoch; default one pass over the examples.
            **kwargs: of keras.Model.fit: epochs, callbacks, verbose, ...

        Raises:
            TypeError, ValueError: the examples are not what the task reads, don't go together, or
                are not what the model knows.
        """
        raw = {}
        if not _is_batches(x, y):
            raw["train"] = (x, y)
        if not (validation_data is None or _is_batches(validation_data)):
            pair = validation_data if self.has_targets else (validation_data, None)
            raw["validation"] = pair
        if raw:
            data = self.preprocessor.splits(**raw)
            feed = self._fed(data, batch_size or 32, window, seed)
            if "train" in raw:
                x, steps_per_epoch = feed.training(), steps_per_epoch or feed.steps_per_epoch
            if "validation" in raw:
                validation_data = feed.evaluation("validation")
        self._make_ready_for(x, training=True)
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        return super().fit(
            x, validation_data=validation_data, steps_per_epoch=steps_per_epoch, **kwargs
        )

    def evaluate(
        self, x=None, y=None, *, batch_size: int | None = None, window: int | None = None, **kwargs
    ):
        """Loss and metrics over raw examples, or over a dataset of batches.

        Args:
            x, y, batch_size, window: as for `fit`.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...
        """
        self.require_ready()
        if not _is_batches(x, y):
            data = self.preprocessor.splits(test=(x, y))
            x = self._fed(data, batch_size or 32, window).evaluation("test")
        self._make_ready_for(x, training=False)
        return super().evaluate(x, **kwargs)

    def _make_ready_for(self, batches, training):
        self.require_ready()
        if not self.compiled:
            self.compile()
        if training and not self.optimizer.built:
            self.make_variables(batches.element_spec)

    def make_variables(self, batch_spec) -> None:
        """Make all that a training step keeps in variables; the model is compiled.

        A step that finds them is traced once, where one that makes them is traced once more; and a
        checkpoint can be restored to them.

        Args:
            batch_spec: `element_spec` of a dataset to train on.
        """
        with self.distribute_strategy.scope():
            self.optimizer.build(self.trainable_variables)
            batch = keras.utils.unpack_x_y_sample_weight(batch_spec)
            learn = tf.function(self.loss_and_answers, autograph=False)
            _, answers = learn.get_concrete_function(*batch, training=True).structured_outputs
            (x, y, weight), answers = tf.nest.map_structure(_zeros, (batch, answers))
            self.compute_metrics(x, y, answers, weight)
        self.reset_metrics()

    def read_batch(self, x, training):
        """The answers to a batch that `compute_loss` compares with y."""
        return self(x, training=training)

    def loss_and_answers(self, x, y, weight, training):
        """Of a batch the loss, a mean by weight, and the answers that `compute_metrics` takes."""
        answers = self.read_batch(x, training)
        return self.compute_loss(x, y, answers, weight, training), answers

    def train_step(self, batch):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        with tf.GradientTape() as tape:
            loss, answers = self.loss_and_answers(x, y, weight, training=True)
            scaled_loss = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled_loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self._measure(x, y, answers, weight, loss)

    def test_step(self, batch):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        loss, answers = self.loss_and_answers(x, y, weight, training=False)
        return self._measure(x, y, answers, weight, loss)

    def _measure(self, x, y, answers, weight, loss):
        # By what is real of a batch, where Keras takes the number of its rows, fillers among them.
        real = tf.size(y) if weight is None else tf.reduce_sum(weight)
        (mean_loss,) = (metric for metric in self.metrics if metric.name == "loss")
        mean_loss.update_state(loss, real)
        return self.compute_metrics(x, y, answers, weight)

    def forget_compiled(self) -> None:
        """Let go of what was compiled for weights that are no longer the model's."""
        self.train_function = self.test_function = self.predict_function = None
        self.__dict__.pop("endpoints", None)
        if self.compiled and self.optimizer.built:
            self.compile_from_config(self.get_compile_config())

    # --- saving -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        layers = {name: getattr(self, name) for name in self.nested}
        layers = {k: keras.saving.serialize_keras_object(layer) for k, layer in layers.items()}
        return {**super().get_config(), **layers}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Task:
        layers = {k: keras.saving.deserialize_keras_object(config[k]) for k in cls.nested}
        return cls(**{**config, **layers})

    # --- answers ----------------------------------------------------------------------------------

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; `xla`: see `rnnzoo.export`."""
        raise NotImplementedError

    # A cached property stays out of Keras's tracking.
    @functools.cached_property
    def endpoints(self) -> dict[str, Any]:
        """The compiled functions that an export holds, and that Python runs too."""
        self.require_ready()
        return self.make_endpoints()

    def export(self, folder: str | os.PathLike, xla: bool = True) -> Path:
        """Write a SavedModel with `endpoints`; see `rnnzoo.export`."""
        from rnnzoo.exporting import export

        return export(self, folder, xla)


def _is_batches(x, y=None):
    """Whether x is a dataset of batches, which hold all."""
    batches = isinstance(x, tf.data.Dataset)
    if batches and y is not None:
        raise WrongType(
            f"a dataset holds what is to be answered: leave y out, a {type(y).__name__}"
        )
    return batches


def _zeros(spec):
    """What a spec describes, of size 1 where it leaves that open; None stays None."""
    return None if spec is None else tf.zeros([size or 1 for size in spec.shape], spec.dtype)


def endpoint(**signature):
    """Decorator: a compiled function of named tensors, which an export can hold."""
    return functools.partial(tf.function, input_signature=list(signature.values()), autograph=False)


def state_spec(initial_state):
    """Of a state, a flat dict, for any number of rows: dict of tf.TensorSpec."""
    return {
        name: tf.TensorSpec([None, *value.shape[1:]], value.dtype, name)
        for name, value in initial_state(1).items()
    }
