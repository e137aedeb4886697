"""What all tasks share: how they are compiled, fed, and exported."""

import functools

from rnnzoo.platform import keras, tf


class Task(keras.Model):
    """Raw input to answer: a network with all that it needs to read what a user has.

    A subclass offers `fit` and `evaluate` on raw examples, and

    - ``make_loss()``, the loss that `compile` takes by default,
    - ``make_endpoints(xla)``, the functions by name that an export holds; `serve` is among them,
    - ``feed(source, batch_size, window, seed)``, a `Feed` for `rnnzoo.train`, which also lets the
      model take up what must be known of the training data (characters, classes, statistics),
    - ``task``, by which the registries of models and data sets know it, and ``default_dataset``,
      the name of one that ``feed`` takes.
    """

    task: str = ""
    default_dataset: str = ""

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

    def fit(self, x=None, y=None, **kwargs):
        if isinstance(x, tf.data.Dataset) and not self.optimizer.built:
            self.make_variables(x.element_spec)
        return super().fit(x, y, **kwargs)

    def make_variables(self, batch_spec):
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

    def export(self, folder, xla=True):
        """Write a SavedModel with `endpoints`; see `rnnzoo.export`."""
        from rnnzoo.exporting import export

        return export(self, folder, xla)

    # A cached property stays out of Keras's tracking.
    @functools.cached_property
    def endpoints(self):
        return self.make_endpoints()


def _zeros(spec):
    """What a spec describes, of size 1 where it leaves that open; None stays None."""
    return None if spec is None else tf.zeros([size or 1 for size in spec.shape], spec.dtype)


def endpoint(**signature):
    """Decorator: a compiled function of named tensors, which an export can hold."""
    return functools.partial(tf.function, input_signature=list(signature.values()), autograph=False)


class Feed:
    """What `rnnzoo.train` asks of a task's data: batches by step, and the facts beside a result.

    Attributes:
        monitor: the metric by which the best epoch is chosen.
        mode: "min" or "max", which is better of `monitor`.
        window: the number of time steps that batches are cut to, as chosen or by default.
        steps_per_epoch: training batches in an epoch.
        metadata: plain data on the source; ``sha256`` among it.
        facts: further plain data for metrics.json.
        held_out: the splits to evaluate, "validation" and, if there is one, "test".
    """

    mode = "min"
    facts: dict = {}

    def training(self, start_step=0):
        """Endless batches, each a function of the seed and its number; first `start_step`'s."""
        raise NotImplementedError

    def evaluation(self, split):
        """A whole split, once."""
        raise NotImplementedError

    def report(self, model, folder):
        """Write what is to be seen of the best model; return what else metrics.json is to hold."""
        return {}
