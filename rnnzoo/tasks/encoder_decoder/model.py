"""What tasks share that answer with sentences: how they learn, search, draw and score them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnzoo import data
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.encoder_decoder.endpoints import MAX_WORDS, teacher_forced
from rnnzoo.tasks.losses import word_loss
from rnnzoo.tasks.metrics import MeanOfAll, Perplexity
from rnnzoo.tasks.task import Task
from rnnzoo.tasks.vocabulary import SentenceVocabulary


@dataclass(frozen=True)
class SentenceExamples:
    """What training reads of a split, in memory: examples, of each one sentence or several.

    Attributes:
        ids: of the sentences, with the stop after each: ragged int32 (examples, None, None).
        lengths: by which examples come into batches.
        read: what they are about, a dict of tensors, by row numbers (batch,); graph code.
    """

    ids: tf.RaggedTensor
    lengths: np.ndarray
    read: Callable


class Writer(Task):
    """A task that writes sentences, word by word, about what it is given.

        p_t+1 = softmax(W_e^T tanh(W_o h_t) + b)

    The vectors W_e of the words that were written serve as output weights, too (Press & Wolf 2017).

    A subclass offers ``writer``, the recurrent layers whose outputs are the h_t, ``adapt(given)``,
    ``examples(given)``, ``read(batch, training)``, which returns the state before the first word,
    a flat dict, with what is to stand beside each word as "seen", endpoints "serve", "generate" and
    "score", as `rnnzoo.tasks.Captioner` has them, and ``paired(x, y)``, which checks what `fit` is
    given.

    Attributes:
        vocabulary: a `SentenceVocabulary` of the words that it writes, or None.
        seen_size: length of what stands beside each word, 0 if nothing does.
        label_smoothing: see `rnnzoo.tasks.losses.word_loss`.
    """

    vocabulary = None
    seen_size = 0
    label_smoothing = 0.0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.autocast = False  # the state stays float32 under every dtype policy
        self.perplexity = Perplexity()
        self.accuracy = MeanOfAll("accuracy")

    def _make_vectors(self, size):
        """The vectors of the words."""
        self.words = keras.layers.ReversibleEmbedding(
            self.vocabulary.size,
            size,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=size**-0.5),
            reverse_dtype="float32",
            name="words",
            dtype=self.dtype_policy,
        )
        self.words.build((None, None))

    def _make_output(self, size, units):
        """What leads from the recurrent layers' output of `units` to logits."""
        self.output_layer = keras.layers.Dense(
            size, activation="tanh", dtype="float32", name="output"
        )
        self.output_layer.build((None, units))
        self.bias = self.add_weight(
            shape=(self.vocabulary.size,), initializer="zeros", dtype="float32", name="bias"
        )
        self.built = True

    @staticmethod
    def _beside(x, vector):
        """The input x of all steps or of one, with a vector (batch, size), or None, beside each."""
        if vector is None:
            return x
        vector = tf.cast(vector, x.dtype)
        if x.shape.rank == 3:
            vector = tf.tile(vector[:, None], [1, tf.shape(x)[1], 1])
        return tf.concat([x, vector], axis=-1)

    def call(self, batch, training=False):
        """Logits of the words and the stop, float32 (batch, time, words).

        Args:
            batch: dict of what `read` takes of each example, of "ids" (sentences, time) to be
                predicted, and, unless there is one of each, "of" (sentences,), the number of the
                example that a sentence is about.
            training: whether dropout acts.
        """
        return self._logits(self._outputs(batch, training))

    def _outputs(self, batch, training):
        """The h_t of teacher forcing (sentences, time, units)."""
        state = self.read(batch, training)
        if "of" in batch:
            state = {name: tf.gather(values, batch["of"]) for name, values in state.items()}
        x = self._beside(self.words(teacher_forced(batch["ids"])), state.pop("seen", None))
        h, _ = self.writer(x, state=state, training=training)
        return h

    def step(self, ids, state):
        """Logits (batch, words) of the next word, and the state, after the words ids (batch,)."""
        recurrent = {**state}
        x = self._beside(self.words(ids), recurrent.pop("seen", None))
        h, new_state = self.writer.step(x, recurrent)
        return self._logits(h), {**state, **new_state}

    @property
    def state_spec(self):
        """Of the state before the next word, of any number of sentences: dict of tf.TensorSpec."""
        shapes = {name: value.shape[1:] for name, value in self.writer.initial_state(1).items()}
        if self.seen_size:
            shapes["seen"] = (self.seen_size,)
        return {
            name: tf.TensorSpec([None, *shape], tf.float32, name) for name, shape in shapes.items()
        }

    def _logits(self, h):
        return self.words(self.output_layer(h), reverse=True) + self.bias

    def build(self, input_shape=None):
        self.require_words()

    def require_words(self):
        """Raise a ValueError if the model can't answer yet."""
        if self.vocabulary is None:
            raise ValueError(
                "The model knows no words yet: fit it on data first, or load a trained one."
            )

    # --- training ---------------------------------------------------------------------------------

    def compile(self, optimizer=None, loss=None, jit_compile=False, **kwargs):
        """`rnnzoo.tasks.Task.compile`, without loss and metrics, as they would need all logits."""
        for name in ("loss", "metrics", "weighted_metrics"):
            if {"loss": loss, **kwargs}.get(name) is not None:
                raise ValueError(
                    f"{name}: a {type(self).__name__} learns by the cross-entropy of its words and "
                    "measures their perplexity and accuracy, leave it out (for another loss, "
                    "override loss_and_answers)"
                )
        super().compile(optimizer, None, jit_compile, **kwargs)

    def make_loss(self):
        """None, as `loss_and_answers` doesn't ask Keras."""

    def loss_and_answers(self, x, y, weight, training):
        """`rnnzoo.tasks.losses.word_loss`; answers are its nats and what is right."""
        loss, *answers = word_loss(
            self.output_layer(self._outputs(x, training)),
            tf.convert_to_tensor(self.words.embeddings),
            tf.convert_to_tensor(self.bias),
            y,
            weight,
            self.label_smoothing,
            gradients=training,
        )
        return tf.add_n([loss, *self.losses]), answers

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        nats, right = y_pred
        self.perplexity.update_state(nats, sample_weight)
        self.accuracy.update_state(right, sample_weight)
        return self.get_metrics_result()

    def fit(
        self,
        x,
        y=None,
        *,
        batch_size=None,
        seed=0,
        validation_data=None,
        steps_per_epoch=None,
        **kwargs,
    ):
        """Train on what sentences are about, and the sentences.

        Args:
            x: what the task reads, one of each, or a dataset that `batches` returned.
            y: a sentence for each; of a captioner a list of several, too.
            batch_size: of x in a batch, each with all its sentences, default 32.
            seed: of their order.
            validation_data: ``(x, y)``, or a dataset that `in_order` returned.
            steps_per_epoch: batches in an epoch; default one pass over x.
            **kwargs: of keras.Model.fit: epochs, callbacks, verbose, ...

        Returns:
            keras.callbacks.History.

        Raises:
            ValueError: x and y don't go together, or the model doesn't read them.
        """
        batch_size = batch_size or 32
        if not isinstance(x, tf.data.Dataset):
            given = self.paired(x, y)
            self.adapt(given)
            examples = self.examples(given)
            steps_per_epoch = steps_per_epoch or self.batches_per_epoch(examples, batch_size)
            x = self.batches(examples, batch_size, seed)
        if isinstance(validation_data, tuple):
            examples = self.examples(self.paired(*validation_data))
            validation_data = self.in_order(examples, batch_size)
        if not self.compiled:
            self.compile()
        kwargs.setdefault("shuffle", False)  # Keras warns that it can't shuffle a dataset
        return super().fit(
            x, validation_data=validation_data, steps_per_epoch=steps_per_epoch, **kwargs
        )

    def evaluate(self, x=None, y=None, *, batch_size=None, **kwargs):
        """Loss, perplexity and accuracy by word, the stop among them, of teacher forcing.

        Of a word that is spelt, each character counts.

        Args:
            x, y, batch_size: as in `fit`.
            **kwargs: of keras.Model.evaluate: return_dict, verbose, ...
        """
        self.require_words()
        if not isinstance(x, tf.data.Dataset):
            x = self.in_order(self.examples(self.paired(x, y)), batch_size or 32)
        if not self.compiled:
            self.compile()
        return super().evaluate(x, **kwargs)

    def batches_per_epoch(self, examples, batch_size):
        """How many training batches make up one pass over `SentenceExamples`."""
        return data.sequences_per_epoch(examples.lengths, batch_size)

    def batches(self, examples, batch_size, seed=0, start_step=0):
        """Endless training batches of `SentenceExamples`, ready for `fit`.

        A batch is a function of the seed and its number.
        """
        rows = data.shuffled_rows(examples.lengths, batch_size, seed, start_step)
        return _batches(rows, examples)

    def in_order(self, examples, batch_size):
        """All `SentenceExamples` once, ready for `evaluate`."""
        return _batches(tf.data.Dataset.range(len(examples.lengths)).batch(batch_size), examples)

    # --- answers ----------------------------------------------------------------------------------

    def _ranked(self, given, sizes, batch_size, beam_width, length_power, max_words):
        """For each example its best sentences with their log-probabilities, by beam search.

        A sentence may be found in several spellings; the likeliest stands for them.
        """
        if not length_power >= 0:
            raise ValueError(f"length_power={length_power!r}: expected a number of at least 0")
        how = {"width": _at_least_one(beam_width, "beam_width"), "length_power": length_power}
        answers = self._answers(
            "serve", given, sizes, batch_size, max_words=_checked_words(max_words), **how
        )
        ranked = []
        for sentences, log_probs in answers:
            of_one = {}
            for sentence, log_prob in zip(sentences, log_probs, strict=True):
                if log_prob > -1e8:  # a beam may be wider than there are sentences
                    of_one.setdefault(sentence.decode(), float(log_prob))
            ranked.append(list(of_one.items()))
        return ranked

    def _drawn(self, given, sizes, batch_size, temperature, top_k, top_p, seed, max_words):
        """For each example a sentence, each word drawn given those before it."""
        if not (temperature >= 0 and top_k >= 0 and 0 < top_p <= 1):
            raise ValueError(
                f"temperature={temperature!r}, top_k={top_k!r}, top_p={top_p!r}: expected at least "
                "0, at least 0, and more than 0 up to 1"
            )
        how = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        how["max_words"] = _checked_words(max_words)
        answers = self._answers("generate", given, sizes, batch_size, **how)
        return [sentence.decode() for (sentence,) in answers]

    def _scored(self, given, sizes, batch_size):
        """For each example the log-likelihood of its sentence, in nats: float32 (examples,)."""
        answers = self._answers("score", given, sizes, batch_size)
        return np.array([log_prob for (log_prob,) in answers], np.float32)

    def _answers(self, endpoint, given, sizes, batch_size, seed=None, **how):
        """For each example what an endpoint returns of it.

        Args:
            endpoint: its name.
            given: by argument a list of what there is of each example.
            sizes: of the examples; those of equal size go together.
            batch_size: the most that go together.
            seed: of the first batch; others get seeds of their own.
            **how: arguments that are the same for all.
        """
        self.require_words()
        batch_size = _at_least_one(batch_size, "batch_size")
        order = sorted(range(len(sizes)), key=lambda i: sizes[i])
        answers = [None] * len(sizes)
        number = 0
        while order:
            same = [i for i in order[:batch_size] if sizes[i] == sizes[order[0]]]
            order = order[len(same) :]
            of_same = {
                key: tf.constant(np.stack([of[i] for i in same])) for key, of in given.items()
            }
            if seed is not None:
                of_same["seed"] = tf.constant(np.int64(_wrapped(seed + number * _FAR)))
            reply = self.endpoints[endpoint](**of_same, **how)
            for i, *answer in zip(same, *(value.numpy() for value in reply.values()), strict=True):
                answers[i] = answer
            number += 1
        return answers


def ids_of(vocabulary, sentences):
    """Ids of many sentences, ragged, for tf.data."""
    with tf.device("cpu"):  # where tf.data runs, also when there is a GPU
        return vocabulary.encode(tf.constant(sentences, tf.string))


def filled(ids, size):
    """Ragged ids of `size` sentences, filled up with the stop; None where it is not known."""
    ids = ids.to_tensor(SentenceVocabulary.STOP)
    ids.set_shape((size, None))
    return ids


_FAR = 0x9E3779B97F4A7C15  # an odd number without pattern: seeds near each other don't meet


def _wrapped(number):
    """The int64 that a number overflows to."""
    return (number + 2**63) % 2**64 - 2**63


def _batches(rows, examples):
    """Of a dataset of row numbers."""
    each, *others = np.unique(examples.ids.row_lengths()).tolist()  # sentences of an example

    def element(rows):
        x, sentences = examples.read(rows), tf.gather(examples.ids, rows)
        if others or each > 1:
            x["of"] = sentences.value_rowids()
        sentences = sentences.merge_dims(0, 1)
        size = None if others or rows.shape[0] is None else each * rows.shape[0]
        ids = x["ids"] = filled(sentences, size)
        return x, ids, tf.sequence_mask(sentences.row_lengths(), dtype=tf.float32)

    return rows.map(element, num_parallel_calls=2).prefetch(2)


def _checked_words(max_words):
    if _at_least_one(max_words, "max_words") > MAX_WORDS:
        raise ValueError(f"max_words={max_words}: expected at most {MAX_WORDS}")
    return max_words


def _at_least_one(value, name):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name}={value!r}: expected a whole number of at least 1")
    return int(value)
