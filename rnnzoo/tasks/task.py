"""What all tasks share: how they are fitted, evaluated, compiled and exported."""

from __future__ import annotations

import functools
import itertools
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from rnnzoo.data.sources import as_taken, check_reading
from rnnzoo.errors import WrongType, WrongValue
from rnnzoo.evaluation.odd import AGAINST_OVERFITTING
from rnnzoo.keras_internals import MadeBefore, untrack
from rnnzoo.platform import keras, tf
from rnnzoo.plugins import did_you_mean
from rnnzoo.replicas import (
    Parts,
    check_one_device,
    check_optimizer,
    check_scope,
    of_all,
    part_of_loss,
    replica_count,
    scope_of,
    several,
    synchronize,
    total,
    whole_gradients,
)
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.feed import Feed
from rnnzoo.tasks.optimizer import RATE, AdamW, begin_fit
from rnnzoo.tasks.recipes import Recipe

# Settings of `rnnzoo.train`, by what they decide.
OF_OPTIMIZER = ("learning_rate", "schedule", "warmup", "weight_decay", "ema")
OF_BUDGET = ("steps", "epochs", "validate_every", "patience")


class Task(MadeBefore, keras.Model):
    """Raw input to answer: a network with all that it needs to read what a user has.

    A subclass sets `task`, `default_dataset`, `feed_class` and `knows`, and defines

    - ``preprocessor``, which turns raw examples into numbers, with what the model knows: a
      dataclass with ``splits(train, validation, test)``, from raw examples to what the feed takes,
      ``learned_from(data, vocabulary)``, the same with what the training split adds, and
      ``news(before)``, what it knows beyond another one, in words;
    - ``take_up(preprocessor, forget)``, which makes the layers that wait for it; what was known
      before keeps its weights, unless all is to be forgotten;
    - ``call``, the network, and ``make_endpoints(xla)``, the functions by name that an export
      holds; `serve` is among them.

    Attributes:
        task: its name in the registry.
        default_dataset: what `rnnzoo.train` reads unless told otherwise.
        feed_class: its `Feed`.
        knows: what `preprocessor` learns from the data, in words.
        loss_takes: what another loss is given, and an example of one, in words.
        has_targets: whether examples are pairs, of x and the y that is to be answered.
        nested: names of the constructor's arguments that are layers.
        weight_decay: of the default optimizer.
        answers_folders: whether a folder is one thing to answer to, such as the frames of a video;
            else `rnnzoo predict` answers to its files.
    """

    task: ClassVar[str]
    default_dataset: ClassVar[str]
    feed_class: ClassVar[type[Feed]]
    knows: ClassVar[str]
    loss_takes: ClassVar[str] = (
        "logits, such as keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
    )
    has_targets: ClassVar[bool] = True
    nested: ClassVar[tuple[str, ...]] = ()
    weight_decay: ClassVar[float] = 0.01
    answers_folders: ClassVar[bool] = False

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.autocast = False  # the state stays float32 under every dtype policy

    # --- data -------------------------------------------------------------------------------------

    def adapt(self, x: Any, y: Any = None, vocabulary: str = "extend") -> None:
        """Learn from raw examples, given as for `fit`, what must be known.

        Args:
            x, y: as for `fit`.
            vocabulary: what becomes of what is known already, see `fit`.
        """
        data = self.preprocessor.splits(train=(x, y))
        self._learn(self.preprocessor.learned_from(data, vocabulary), vocabulary)

    def feed(
        self,
        source: str | os.PathLike,
        batch_size: int | None = None,
        window: int | None = None,
        seed: int = 0,
        vocabulary: str = "extend",
        augment: float | None = None,
        reading: Mapping[str, Any] | None = None,
    ) -> Feed:
        """What `rnnzoo.train` trains on; the model learns from it what must be known.

        Args:
            source: the name of a data set, or a path.
            batch_size, window, seed, vocabulary, augment: as for `fit`.
            reading: further arguments of the task's loader, such as ``{"encoding": "cp1252"}``.
        """
        check_reading(self.feed_class.load, reading or {})
        data = self.load(source, reading)
        feed = self._fed(data, batch_size, window, seed, vocabulary, augment=augment)
        feed.check()
        return feed

    def load(
        self, source: str | os.PathLike, reading: Mapping[str, Any] | None = None, **more: Any
    ) -> Any:
        """What the task's loader makes of a source, read as the model is to read it.

        Args:
            source: the name of a data set, or a path.
            reading, **more: further arguments of the loader.
        """
        given = as_taken(self.feed_class.load, reading or {})
        return self.feed_class.load(source, **{**self.reading, **given, **more})

    @property
    def reading(self) -> dict[str, Any]:
        """Arguments of the task's loader that the model itself settles."""
        return {}

    def recipe(self, recipe: Recipe) -> Recipe:
        """How to train this model, of how the task's models are trained on data of some size.

        As they are, unless a model learns in another way than they do.
        """
        return recipe

    def _fed(self, data, *sizes, **weights) -> Feed:
        how = {**weights, "suited": self.recipe}
        feed = self.feed_class(data, self.preprocessor, *sizes, **how)
        feed.replicas = self.distribute_strategy.num_replicas_in_sync
        self._learn(feed.preprocessor, feed.vocabulary)
        return feed

    def _learn(self, preprocessor, vocabulary) -> None:
        if vocabulary == "reset" or preprocessor != self.preprocessor:
            new_weights = self.built
            with scope_of(self.distribute_strategy):
                self.take_up(preprocessor, forget=vocabulary == "reset")
                if new_weights:
                    self.forget_compiled()

    def let_go(self, *names: str) -> None:
        """Forget layers and weights, by the names of their attributes, that are to be set again.

        Those that come behind them in a new model are among them, so that the order of layers, in
        which optimizers are saved, is that of a new model.
        """
        for layer in tf.nest.flatten([getattr(self, name, None) for name in names]):
            if layer is not None:
                untrack(self, layer)

    def track_again(self, *names: str) -> None:
        """Set attributes that were let go, as they are: now behind what was set meanwhile."""
        for name in names:
            setattr(self, name, getattr(self, name))

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

    def build(self, input_shape: Any = None) -> None:
        self.require_ready()

    # --- training ---------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | str | None = None,
        loss: Any = None,
        jit_compile: bool = False,
        **kwargs: Any,
    ) -> None:
        """`keras.Model.compile` with defaults that train well.

        Args:
            optimizer: default `rnnzoo.tasks.optimizer.AdamW`, as `rnnzoo.train` has it.
            loss: default the negative log-likelihood in nats, its mean per real answer. Another one
                gets what the network puts out, which are logits or log-probabilities.
            jit_compile: whether XLA compiles the whole step. The loops over time, where it pays,
                are compiled by the layers themselves; dropout is drawn 50 times faster outside.
            **kwargs: of keras.Model.compile. Metrics are weighted, so that padding doesn't count.
                They come beside those that the task is always measured in.

        Raises:
            ValueError: a loss by name that would take the network's output for probabilities; a
                metric by a name that there is not.
        """
        if isinstance(loss, str):
            raise WrongValue(
                f"loss={loss!r}: expected a loss that takes {self.loss_takes}, or None "
                "for the task's own"
            )
        several_devices = self.distribute_strategy.num_replicas_in_sync > 1
        if (
            several_devices
            and loss is not None
            and getattr(loss, "reduction", None) != "mean_with_sample_weight"
        ):
            raise WrongValue(
                f"loss={loss!r}: where several devices share a batch, expected a loss with "
                "reduction='mean_with_sample_weight', or None for the task's own"
            )
        self._has_variables = False  # those of optimizer and metrics
        self._compile_again = functools.partial(
            self.compile, loss=loss, jit_compile=jit_compile, **kwargs
        )
        given = _listed(kwargs.pop("metrics", None)) + _listed(kwargs.pop("weighted_metrics", None))
        with scope_of(self.distribute_strategy):
            own = self.make_metrics()
            # By its name, the task's own is meant: Keras's accuracy is a mean of batches' means.
            given = [each for each in given if each not in [metric.name for metric in own]]
            for each in given:
                if isinstance(each, str):
                    _check_metric(each)
            self._given_metrics = [getattr(each, "name", each) for each in given]
            names = [getattr(metric, "name", metric) for metric in given]
            always = [metric for metric in own if metric.name not in names]
            kwargs["weighted_metrics"] = [*always, *given] or None
            optimizer = AdamW(weight_decay=self.weight_decay) if optimizer is None else optimizer
            super().compile(optimizer, loss or self.make_loss(), jit_compile=jit_compile, **kwargs)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built:
            with scope_of(self.distribute_strategy):
                self.optimizer.build(self.trainable_variables)

    def make_loss(self) -> Any:
        """The default loss."""
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight", name="nats"
        )

    @property
    def num_parameters(self) -> int:
        """How many numbers were learned: the trainable weights, unless a task learns otherwise."""
        return sum(math.prod(weight.shape) for weight in self.trainable_weights)

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Settings of `rnnzoo.train` that mean nothing to how it learns: all, where it counts."""
        return () if self.trainable_weights else (*OF_OPTIMIZER, *OF_BUDGET)

    # What helps a model that learns by heart, in words.
    against_overfitting: ClassVar[str] = AGAINST_OVERFITTING

    @property
    def loss_of_density(self) -> bool:
        """Whether the loss is -log of a density, which is below 0 where it is sure of a number."""
        return False

    @property
    def waits(self) -> str:
        """Why validations say nothing yet of what is trained, in words; empty if they do.

        As long as they don't, training isn't stopped for lack of better ones.
        """
        return ""

    @property
    def chance_loss(self) -> float:
        """The default loss, in nats, of equal chances for all answers."""
        return math.log(self.output_size)

    @property
    def output_size(self) -> int:
        """Among how many answers the network decides at a time."""
        raise NotImplementedError

    def make_metrics(self) -> list:
        """What the task is always measured in, weighted like the loss."""
        return []

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int | None = None,
        window: int | None = None,
        seed: int = 0,
        validation_data: Any = None,
        validation_split: float = 0.0,
        class_weight: Mapping | None = None,
        sample_weight: Any = None,
        augment: float | None = None,
        steps_per_epoch: int | None = None,
        initial_epoch: int = 0,
        epochs: int = 1,
        vocabulary: str = "extend",
        verbose: str | int = "auto",
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train on raw examples; the model learns from them what must be known.

        A second `fit` on the same examples goes on where the first one ended: with the next epoch's
        order, and the optimizer's state. With the default optimizer, each `fit` has a learning rate
        that rises and falls to 0 with its last step.

        Args:
            x: raw examples, as the class says, or a tf.data.Dataset of batches, as the feed makes
                them (``feed("recordings.npz").training()``): ``(x, y)`` or ``(x, y, weight)`` of
                what the network reads. `fit` and `evaluate` take both; what is about raw examples,
                such as `sample_weight`, is refused beside batches.
            y: what is to be answered to each; None where x holds it.
            batch_size: examples in a batch; of text, places read side by side. None takes what
                suits the examples, see `rnnzoo.tasks.recipes`, as for window and rate.
            window: the time steps that batches are cut to.
            seed: of the order of the examples.
            validation_data: raw examples ``(x, y)``, or x where there is no y; or a dataset.
            validation_split: share of the examples, from their end, to validate on instead.
            class_weight: by label the weight of its examples, or of its elements.
            sample_weight: the weight of each example, (examples,).
            augment: how much recordings are changed in training, turned, stretched and made noisy
                where that suits their channels: 0 not at all; default 1, as was found best.
            steps_per_epoch: batches in an epoch; default one pass over the examples.
            initial_epoch: with whose order training begins.
            epochs: after which it ends, those before `initial_epoch` counted; `rnnzoo.train` takes
                as many steps as suit the size of the data instead.
            vocabulary: what becomes of characters, words and classes that the model knows where the
                examples hold others: "extend" keeps them and adds the new ones, "keep" reads new
                ones as unknown, and refuses new classes; "reset" forgets all, with the layers that
                hold their vectors, and begins anew; recurrent layers keep what they learned. An
                extended model is sure of what it knew at first: where none of that is to be
                answered any more, it needs more epochs than one that is reset.
            verbose: as for Keras; 0 prints nothing.
            **kwargs: of keras.Model.fit, such as callbacks.

        Raises:
            TypeError, ValueError: the examples are not what the task reads, don't go together, or
                are not what the model knows.
        """
        held_out_is_raw = not (validation_data is None or _is_batches(validation_data))
        if _is_batches(x, y):
            _refuse_beside_batches(
                validation_split=bool(validation_split),
                class_weight=class_weight is not None,
                sample_weight=sample_weight is not None,
                augment=augment is not None,
                seed=seed != 0,
                vocabulary=vocabulary != "extend",
                batch_size=batch_size is not None and not held_out_is_raw,
                window=window is not None and not held_out_is_raw,
            )
            raw, weights = {}, {}
        elif validation_split:
            if validation_data is not None:
                raise WrongValue("validation_data and validation_split: expected one of them")
            self.check_splits(x)
            raw, weights = _split_off(x, y, sample_weight, validation_split)
        else:
            raw, weights = {"train": (x, y)}, {"train": sample_weight}
        if held_out_is_raw:
            raw["validation"], weights["validation"] = self._triple(validation_data)
        feed = key = None
        count, start, rate = steps_per_epoch, 0, RATE
        if raw:
            self._check_given(x, y)
            sizes = (batch_size, window, seed)
            how = {"sample_weight": weights, "class_weight": class_weight, "augment": augment}
            feed = self._fed(self.preprocessor.splits(**raw), *sizes, vocabulary, **how)
            rate = feed.recipe.learning_rate
            if feed.learned and verbose:
                print(feed.learned)
            if "validation" in raw:
                validation_data = feed.evaluation("validation")
            if "train" in raw:
                count, key = count or feed.steps_per_epoch, (feed.key(), *sizes)
                taken = self._steps_taken(key)
                start = initial_epoch * count or taken
                if start != taken:
                    self._begin_elsewhere()
                x = feed.training(start)
        steps = count or _cardinality(x)
        if isinstance(x, Parts):
            count = steps
        x = self._handed_over(x, training=True)
        if isinstance(validation_data, Parts):
            kwargs.setdefault("validation_steps", validation_data.cardinality())
            validation_data = self._handed_over(validation_data, training=False)
        if validation_data is not None and self.learns_of_validation:
            given = kwargs.pop("callbacks", None) or ()
            given = given if isinstance(given, (list, tuple)) else [given]
            steps_of = kwargs.get("validation_steps")
            kwargs["callbacks"] = [*given, BeforeValidation(validation_data, steps_of)]
        begin_fit(self.optimizer, steps and max(0, epochs - initial_epoch) * steps, rate)
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        with scope_of(self.distribute_strategy):
            history = super().fit(
                x,
                validation_data=validation_data,
                steps_per_epoch=count,
                initial_epoch=initial_epoch,
                epochs=epochs,
                verbose=verbose,
                **kwargs,
            )
        if key is not None:
            self._progress = (key, start + len(history.epoch) * (count or 0))
        return history

    def check_splits(self, x: Any) -> None:
        """Raise a ValueError unless raw examples can be cut in two by their places."""

    def _check_given(self, x, y):
        """Refuse raw examples without what is to be answered."""
        if x is None or (self.has_targets and y is None):
            raise WrongValue(
                f"{'x' if x is None else 'y'} is missing: expected raw examples"
                + (" x, and y, what is to be answered to each" if self.has_targets else "")
            )

    def _triple(self, validation_data):
        """Raw examples (x, y) to validate on, and their weights, or None."""
        if not (self.has_targets and isinstance(validation_data, (tuple, list))):
            return (validation_data, None), None
        if not 2 <= len(validation_data) <= 3:
            raise WrongValue(
                f"validation_data has {len(validation_data)} parts: expected (x, y), or "
                "(x, y, weight)"
            )
        x, y, *weights = validation_data
        return (x, y), (weights[0] if weights else None)

    def _steps_taken(self, key) -> int:
        """How many steps `fit` has taken over the examples of a key, if they are its newest."""
        newest, steps = getattr(self, "_progress", (None, 0))
        return steps if newest == key else 0

    learns_of_validation = False

    def before_validation(self, batches: Iterable[Any]) -> None:
        """Learn what is to be learned of held-out batches, such as how much to trust what counts.

        If the class `learns_of_validation`, `fit` calls it before each validation, with the weights
        and the batches that are validated.
        """

    @property
    def learned_of_validation(self) -> str:
        """What that found, in words for the line that a validation prints; empty if nothing."""
        return ""

    def _begin_elsewhere(self) -> None:
        """Forget what steps hand on: those to come don't go on from the newest ones."""

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int | None = None,
        window: int | None = None,
        sample_weight: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics over raw examples, or over a dataset of batches.

        Args:
            x, y, batch_size, window, sample_weight: as for `fit`.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...
        """
        self.require_ready()
        if isinstance(x, tf.distribute.DistributedDataset):  # `fit` has made ready for it
            return super().evaluate(x, **kwargs)
        if _is_batches(x, y):
            _refuse_beside_batches(
                batch_size=batch_size is not None,
                window=window is not None,
                sample_weight=sample_weight is not None,
            )
        else:
            x = self.batches(x, y, batch_size, window, sample_weight)
        if isinstance(x, Parts):
            kwargs.setdefault("steps", x.cardinality())
        batches = self._handed_over(x, training=False)
        with scope_of(self.distribute_strategy):
            return super().evaluate(batches, **kwargs)

    def batches(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        window: int | None = None,
        sample_weight: Any = None,
    ) -> tf.data.Dataset | Parts:
        """What `evaluate` reads of raw examples: batches (x, y, weight).

        Args:
            x, y, batch_size, window, sample_weight: as for `fit`.
        """
        self.require_ready()
        self._check_given(x, y)
        data = self.preprocessor.splits(test=(x, y))
        weights = {"test": sample_weight}
        return self._fed(data, batch_size, window, sample_weight=weights).evaluation("test")

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """That of keras.Model: x and y of what the network reads; on one device only."""
        check_one_device(self.distribute_strategy, "train_on_batch")
        return super().train_on_batch(*args, **kwargs)

    def test_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """That of keras.Model: x and y of what the network reads; on one device only."""
        check_one_device(self.distribute_strategy, "test_on_batch")
        return super().test_on_batch(*args, **kwargs)

    def _handed_over(self, batches, training):
        """Batches as Keras takes them, for which all is ready."""
        strategy = self.distribute_strategy
        count = batches.count if isinstance(batches, Parts) else 1
        if count != strategy.num_replicas_in_sync:
            raise WrongValue(
                f"batches for {count} replica(s), and the model has "
                f"{strategy.num_replicas_in_sync}: give raw examples, or what model.feed makes"
            )
        with scope_of(strategy):
            self._make_ready_for(batches, training)
        check_optimizer(strategy, self.optimizer)
        owners = {"model": self.variables, "optimizer": self.optimizer.variables}
        check_scope(strategy, **owners)
        return batches.distributed(strategy) if count > 1 else batches

    def _make_ready_for(self, batches, training):
        self.require_ready()
        if not self.compiled:
            self.compile()
        several_devices = self.distribute_strategy.num_replicas_in_sync > 1
        if not self._has_variables and (training or several_devices):
            self.make_variables(batches)
        elif not self._has_variables and self._given_metrics:
            self._make_metric_variables(batches)  # outside a step, whose errors Keras wraps

    def make_variables(self, batches: tf.data.Dataset | Parts) -> None:
        """Make all that a training step keeps in variables; the model is compiled.

        A step that finds them is traced once, where one that makes them is traced once more; and a
        checkpoint can be restored to them.

        Args:
            batches: what to train on, such as a dataset.
        """
        strategy = self.distribute_strategy
        check_optimizer(strategy, self.optimizer)
        synchronize(strategy, self)
        with scope_of(strategy):
            check_scope(strategy, model=self.variables, optimizer=[self.optimizer.iterations])
            self.optimizer.build(self.trainable_variables)
        self._make_metric_variables(batches)
        self._has_variables = True

    def _make_metric_variables(self, batches):
        """Make those of the metrics, which must fit what the network puts out."""
        strategy = self.distribute_strategy

        @functools.partial(tf.function, autograph=False)
        def answers_of_one(x, y, weight):
            _, answers = strategy.run(self.loss_and_answers, (x, y, weight, True))
            return tf.nest.map_structure(
                lambda of: strategy.experimental_local_results(of)[0], answers
            )

        with scope_of(strategy):
            batch = keras.utils.unpack_x_y_sample_weight(batches.element_spec)
            answers = answers_of_one.get_concrete_function(*batch).structured_outputs
            (x, y, weight), answers = tf.nest.map_structure(_zeros, (batch, answers))
            with keras.StatelessScope():  # which makes variables, and leaves them as they are
                self.compute_metrics(x, y, answers, weight)

    def read_batch(self, x: Any, training: bool) -> Any:
        """The answers to a batch that `compute_loss` compares with y."""
        return self(x, training=training)

    def loss_and_answers(
        self, x: Any, y: tf.Tensor, weight: Any, training: bool
    ) -> tuple[tf.Tensor, Any]:
        """Of a batch the loss, a mean by weight, and the answers that `compute_metrics` takes."""
        answers = self.read_batch(x, training)
        loss = self.compute_loss(x, y, answers, weight, training)
        # Keras hands out a share of the loss that assumes as much weight on each replica.
        return loss * replica_count() if several() else loss, answers

    def train_step(self, batch: Any) -> dict[str, Any]:
        x, y, weight = _unpacked(batch)
        with tf.GradientTape() as tape:
            loss, answers = self._part_of_loss(x, y, weight, training=True)
            scaled_loss = self.optimizer.scale_loss(loss)
        gradients = whole_gradients(tape.gradient(scaled_loss, self.trainable_variables))
        self.optimizer.apply(gradients, self.trainable_variables)
        return self._measure(x, y, answers, weight, loss)

    def test_step(self, batch: Any) -> dict[str, Any]:
        x, y, weight = _unpacked(batch)
        loss, answers = self._part_of_loss(x, y, weight, training=False)
        return self._measure(x, y, answers, weight, loss)

    def _part_of_loss(self, x, y, weight, training):
        """What the rows of this replica add to the loss of the batch, and the answers."""
        loss, answers = self.loss_and_answers(x, y, weight, training)
        if several():
            penalties = [v.regularizer(v) for v in self.trainable_weights if v.regularizer]
            loss = part_of_loss(loss, tf.reduce_sum(weight), self.losses, penalties)
        return loss, answers

    def _measure(self, x, y, answers, weight, loss):
        # By what is real of a batch, where Keras takes the number of its rows, fillers among them.
        real = tf.size(y) if weight is None else tf.reduce_sum(weight)
        (mean_loss,) = (metric for metric in self.metrics if metric.name == "loss")
        mean_loss.update_state(total(loss), real)
        results = self.compute_metrics(x, y, answers, weight)
        return of_all(self.get_metrics_result) if several() else results

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        try:
            return super().compute_metrics(x, y, y_pred, sample_weight)
        except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            if not self._given_metrics:
                raise
            raise WrongValue(
                f"metrics: one of {', '.join(map(str, self._given_metrics))} can't compare labels, "
                f"whole numbers of shape {tuple(y.shape)}, with what the network puts out, numbers "
                f"for each label of shape {tuple(y_pred.shape)}; expected metrics such as "
                "keras.metrics.SparseTopKCategoricalAccuracy"
            ) from error

    def forget_functions(self) -> None:
        """Let go of what was compiled for an answer that is found in another way now."""
        self.train_function = self.test_function = self.predict_function = None
        self.__dict__.pop("endpoints", None)

    def forget_compiled(self) -> None:
        """Let go of what was compiled for weights that are no longer the model's."""
        self.forget_functions()
        if self.compiled and self.optimizer.built:
            config = keras.saving.serialize_keras_object(self.optimizer)
            with scope_of(self.distribute_strategy):
                self._compile_again(optimizer=keras.saving.deserialize_keras_object(config))
                self.optimizer.build(self.trainable_variables)

    # --- saving -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        layers = {name: getattr(self, name) for name in self.nested}
        layers = {k: keras.saving.serialize_keras_object(layer) for k, layer in layers.items()}
        return {**super().get_config(), **layers}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Task:
        # A file of before an argument was there lacks it.
        given = {k: config[k] for k in cls.nested if k in config}
        layers = {k: keras.saving.deserialize_keras_object(v) for k, v in given.items()}
        return cls(**{**config, **layers})

    # --- answers ----------------------------------------------------------------------------------

    def predict(self, x: Any, batch_size: int | None = None, verbose: str | int = "auto") -> Any:
        """What the task answers to raw examples, see the class.

        Batches hold fillers, and pieces of examples, of which there is no answer: what the network
        puts out for the x of a batch, ``model(x)`` tells.

        Args:
            x: raw examples as for `fit`; no dataset of batches.
            batch_size: examples that are read together, default 32.
            verbose: as for Keras; nothing is printed.

        Raises:
            TypeError: x is a dataset.
        """
        self._check_raw(x)
        return self.predict_raw(x, _rows_of(batch_size))

    def _check_raw(self, x):
        self.require_ready()
        if isinstance(x, (*_OF_BATCHES, *_NEVER_TAKEN)):
            raise WrongType(
                f"predict: x is a {type(x).__name__}, expected raw examples, as for fit; for what "
                "the network puts out, call model(x) with the x of a batch"
            )

    def predict_raw(self, x: Any, batch_size: int) -> Any:
        """What `predict` answers to raw examples."""
        raise NotImplementedError

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


_OF_BATCHES = (tf.data.Dataset, Parts)
_NEVER_TAKEN = (keras.utils.PyDataset, tf.distribute.DistributedDataset)


class BeforeValidation(keras.callbacks.Callback):
    """Lets a task learn of the batches that `fit` validates on, see `Task.before_validation`.

    It comes behind the callbacks given: one of them may put averages in place of the weights.
    """

    def __init__(self, batches: Iterable[Any], steps: int | None):
        super().__init__()
        self.batches, self.steps = batches, steps

    def on_test_begin(self, logs: Any = None) -> None:
        self.model.before_validation(itertools.islice(self.batches, self.steps))


def _is_batches(x, y=None):
    """Whether x is a dataset of batches, which hold all."""
    if isinstance(x, _NEVER_TAKEN):
        raise WrongType(
            f"x is a {type(x).__name__}: expected raw examples, or a tf.data.Dataset of batches"
        )
    batches = isinstance(x, _OF_BATCHES)
    if batches and y is not None:
        raise WrongType(
            f"a dataset holds what is to be answered: leave y out, a {type(y).__name__}"
        )
    return batches


def _refuse_beside_batches(**given: bool) -> None:
    """Raise a ValueError if an option is given that only raw examples give a meaning to."""
    if names := ", ".join(name for name, is_given in given.items() if is_given):
        raise WrongValue(
            f"{names}: x is a dataset of batches, which are as they are, their weights in them; "
            "give raw examples, or leave this out"
        )


def _rows_of(batch_size):
    """How many examples are read together."""
    return 32 if batch_size is None else whole_number(batch_size, "batch_size", minimum=1)


def _split_off(x, y, weights, share):
    """Raw training and validation examples, and their weights, by split."""
    if not 0 < share < 1:
        raise WrongValue(f"validation_split={share!r}: expected more than 0 and less than 1")
    first = int(len(x) * (1 - share))
    if not 0 < first < len(x):
        raise WrongValue(
            f"validation_split={share!r} of {len(x)} examples leaves none to train or validate on"
        )
    sides = {"train": slice(first), "validation": slice(first, None)}
    raw = {split: (x[of], None if y is None else y[of]) for split, of in sides.items()}
    return raw, {split: None if weights is None else weights[of] for split, of in sides.items()}


def _cardinality(batches):
    """How many batches there are; None if that is not known."""
    count = int(batches.cardinality()) if isinstance(batches, (tf.data.Dataset, Parts)) else -1
    return count if count >= 0 else None


def _check_metric(name):
    """Raise a ValueError unless Keras has a metric of this name."""
    if name in ("acc", "accuracy", "ce", "crossentropy"):  # by the shape of what is compared
        return
    try:
        keras.metrics.get(name)
    except ValueError:
        near = did_you_mean(name, dir(keras.metrics))
        raise WrongValue(f"metrics: Keras has none that is named {name!r}{near}") from None


def _listed(metrics):
    """Metrics that Keras takes one or several of, or None, as a list."""
    if metrics is None:
        return []
    return list(metrics) if isinstance(metrics, (list, tuple)) else [metrics]


def _unpacked(batch):
    """x, y and the weights, or None if there are none and nobody asks for their sum."""
    x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
    return x, y, tf.ones(tf.shape(y)) if weight is None and several() else weight


def _zeros(spec):
    """Two rows of what a spec describes, of size 3 where it leaves that open; None stays None."""
    if spec is None:
        return None
    return tf.zeros([2 if i == 0 else size or 3 for i, size in enumerate(spec.shape)], spec.dtype)


def endpoint(**signature):
    """Decorator: a compiled function of named tensors, which an export can hold."""
    return functools.partial(tf.function, input_signature=list(signature.values()), autograph=False)


def state_spec(initial_state):
    """Of a state, a flat dict, for any number of rows: dict of tf.TensorSpec."""
    return {
        name: tf.TensorSpec([None, *value.shape[1:]], value.dtype, name)
        for name, value in initial_state(1).items()
    }
