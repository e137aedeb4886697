"""An encoder's state, and a decoder that writes a sentence from it, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from rnnzoo.errors import WrongValue
from rnnzoo.layers import Attention
from rnnzoo.layers.attention import Look
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import sampling, whole_number
from rnnzoo.tasks.encoder_decoder.alignments import Alignment
from rnnzoo.tasks.encoder_decoder.endpoints import MAX_WORDS, teacher_forced
from rnnzoo.tasks.losses import word_loss
from rnnzoo.tasks.metrics import MeanOfAll, Perplexity
from rnnzoo.tasks.task import Task, state_spec
from rnnzoo.tasks.transfer import entries_copied, rows_copied
from rnnzoo.tasks.vocabulary import SentenceVocabulary


class EncoderDecoder(Task):
    """A task that answers with sentences, written word by word.

        h_t = decoder(y_t-1, h_t-1),  h_0 from the encoder
        p(y_t) = softmax(W_e^T tanh(W_o h_t) + b)
                 softmax(W_e^T tanh(W_o [h_t, c_t]) + b)     with attention

    The vectors W_e of the words that were written serve as output weights, too (Press & Wolf 2017),
    unless there are others, by ``tied=False``. c_t is the mean of the encoder's outputs that
    `rnnzoo.layers.Attention` makes for h_t; what the tanh puts out is the attentional vector of
    Luong et al. (2015).
    `evaluate` gives loss, perplexity and accuracy by word, EOS among them, of teacher forcing; of a
    word that is spelt, each character counts.

    With attention, `predict`, `aligned` and `align` say what was looked at.

    A subclass offers ``decoder``, the `rnnzoo.layers.RecurrentStack` whose outputs are the h_t;
    ``encode(batch, training)``, which returns the state before the first word, a flat dict, with
    what is to stand beside each word as "context", and with the attention's ``memory``;
    ``given(x)``, what its endpoints take of raw x; and endpoints "serve", "generate" and "score",
    with attention "serve_aligned" and "align", too, as `rnnzoo.tasks.Captioner` has them.

    Attributes:
        vocabulary: a `SentenceVocabulary` of the words that it writes, or None.
        context_size: length of what stands beside each word, 0 if nothing does.
        attention: a `rnnzoo.layers.Attention`, or None.
        tied: whether the vectors of words are the output weights, too.
        label_smoothing: see `rnnzoo.tasks.losses.word_loss`.
        source, target: what raw x and their sentences are called; "score" has them by these names.
        length_power, max_words: defaults of beam search and sampling.
        with_attention: the name of a model that has attention.
        alignment_class: what `aligned` answers with, made of what the endpoints call aligned_names.
    """

    knows = "words"
    vocabulary: SentenceVocabulary | Any = None
    context_size: int = 0
    attention: Attention | Any = None
    tied: bool = True
    label_smoothing: float = 0.0
    source: ClassVar[str]
    target: ClassVar[str] = "sentences"
    length_power: ClassVar[float] = 0.0
    max_words: ClassVar[int] = 30
    with_attention: ClassVar[str]
    alignment_class: ClassVar[type[Alignment]]
    aligned_names: ClassVar[tuple[str, ...]] = ("sentences", "target_tokens", "weights")

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.embedding: Any = None
        self.own_output_words: Any = None
        self.output_layer: Any = None
        self.bias: Any = None
        self.perplexity = Perplexity()
        self.accuracy = MeanOfAll("accuracy")

    def _attend(self, score, size):
        """Let the decoder look at vectors of a size; a score of None: it doesn't."""
        sees = (0,) if score is None else (0, size)
        if self.decoder.between not in sees:
            raise WrongValue(
                f"decoder: its layers see {self.decoder.between} numbers between them; expected "
                f"between={' or '.join(map(str, sees))}, the size of what attention finds"
            )
        if score is not None:
            self.attention = Attention(score, name="attention", dtype=self.dtype_policy)

    def _make_embedding(self, size):
        """The vectors of the words."""
        self.embedding = self._vectors_of_words(size, "embedding")

    def _vectors_of_words(self, size, name):
        vectors = keras.layers.ReversibleEmbedding(
            self.vocabulary.size,
            size,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=size**-0.5),
            reverse_dtype="float32",
            name=name,
            dtype=self.dtype_policy,
        )
        vectors.build((None, None))
        return vectors

    def _make_output(self, size):
        """What leads from the decoder's output to logits."""
        if self.output_layer is None:
            self.output_layer = keras.layers.Dense(
                size, activation="tanh", dtype="float32", name="output"
            )
            looked_at = self.attention.output_size if self.attention else 0
            self.output_layer.build((None, self.decoder.output_size + looked_at))
        else:
            self.track_again("output_layer")
        if not self.tied:
            self.own_output_words = self._vectors_of_words(size, "output_words")
        self.bias = self.add_weight(
            shape=(self.vocabulary.size,),
            initializer="zeros",
            dtype="float32",
            autocast=False,
            name="bias",
        )
        self.built = True

    def _known(self):
        """What `_carry_over` needs of the words that are known; to be called before they change."""
        return self.vocabulary, self.embedding, self.own_output_words, self.bias

    def _carry_over(self, known):
        """Let words that were known before keep their vectors and biases."""
        vocabulary, embedding, own_output_words, bias = known
        here, there = self.vocabulary.shared(vocabulary)
        entries_copied(self.embedding, embedding, here, there)
        if not self.tied:
            entries_copied(self.own_output_words, own_output_words, here, there)
        rows_copied(self.bias, bias, here, there)

    # --- the network ------------------------------------------------------------------------------

    @staticmethod
    def _beside(x, vector):
        """The input x of all steps or of one, with a vector (batch, size), or None, beside each."""
        if vector is None:
            return x
        vector = tf.cast(vector, x.dtype)
        if x.shape.rank == 3:
            vector = tf.tile(vector[:, None], [1, tf.shape(x)[1], 1])
        return tf.concat([x, vector], axis=-1)

    def call(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logits of the words and EOS, float32 (batch, time, words).

        Args:
            batch: dict of what `encode` takes of each example, of "ids" (sentences, time) to be
                predicted, and, unless there is one of each, "of" (sentences,), the number of the
                example that a sentence is about.
            training: whether dropout acts.
        """
        return self._logits(self._outputs(batch, training)[0])

    def alignments(self, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """Of a model with attention the weights a_ts of teacher forcing, float32 (sentences, time,
        time that was read); batch as for `call`.
        """
        return self._outputs(batch, training=False)[1]

    def _outputs(self, batch, training):
        """What the output layer reads, and the weights, of all steps of teacher forcing at once."""
        state = self.encode(batch, training)
        if "of" in batch:
            state = {name: tf.gather(values, batch["of"]) for name, values in state.items()}
        x = self._beside(self.embedding(teacher_forced(batch["ids"])), state.get("context"))
        outputs, _, weights = self._decoded(self.decoder, x, state, training=training)
        return outputs, weights

    def _decoded(self, decode, x, state, **how):
        """What the output layer reads, h_t or [h_t, c_t]; the decoder's new state; and the weights
        a_t, or None.

        Args:
            decode: the decoder, or its step.
            x, state, **how: what it takes.
        """
        if self.attention is None:
            h, new_state = decode(x, state=state, **how)
            return h, new_state, None
        look = Look(self.attention, state)
        fed = {"look": look} if self.decoder.between else {}
        h, new_state = decode(x, state=state, **fed, **how)
        if not fed:
            look(h)
        return tf.concat([h, look.c], axis=-1), new_state, look.weights

    def step(
        self, ids: tf.Tensor, state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits (batch, words) of the next word, and the state, after the words ids (batch,)."""
        x = self._beside(self.embedding(ids), state.get("context"))
        outputs, new_state, _ = self._decoded(self.decoder.step, x, state)
        return self._logits(outputs), {**state, **new_state}

    def cannot_write(self, state: dict[str, tf.Tensor]) -> tf.Tensor:
        """Which words are ruled out after a state, bool (words,) or (batch, words)."""
        return tf.constant(False)

    @property
    def state_spec(self) -> dict[str, tf.TensorSpec]:
        """Of the state before the next word, of any number of sentences: dict of tf.TensorSpec."""
        spec = state_spec(self.decoder.initial_state)
        if self.context_size:
            spec["context"] = tf.TensorSpec([None, self.context_size], tf.float32, "context")
        if self.attention is not None:
            for name, shape in self.attention.memory_shapes.items():
                spec[name] = tf.TensorSpec(shape, tf.float32, name)
        return spec

    @property
    def _output_words(self):
        """The layer whose vectors are the output weights."""
        return self.embedding if self.tied else self.own_output_words

    def _logits(self, outputs):
        return self._output_words(self.output_layer(outputs), reverse=True) + self.bias

    # --- training ---------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: keras.optimizers.Optimizer | str | None = None,
        loss: None = None,
        jit_compile: bool = False,
        **kwargs: Any,
    ) -> None:
        """`rnnzoo.tasks.Task.compile`, without loss and metrics, as they would need all logits."""
        for name in ("loss", "metrics", "weighted_metrics"):
            given = {"loss": loss, **kwargs}.get(name)
            has_it = name != "loss" and given in (["accuracy"], "accuracy")
            if given is not None and not has_it:
                raise WrongValue(
                    f"{name}: leave it out. A {type(self).__name__} learns by the cross-entropy of "
                    "its words, and measures their perplexity and accuracy. For another loss, "
                    "override loss_and_answers"
                )
            kwargs.pop(name, None)
        super().compile(optimizer, None, jit_compile, **kwargs)

    @property
    def output_size(self) -> int:
        return self.vocabulary.size

    def make_loss(self) -> None:
        """None, as `loss_and_answers` doesn't ask Keras."""

    def loss_and_answers(
        self, x: dict[str, tf.Tensor], y: tf.Tensor, weight: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """`rnnzoo.tasks.losses.word_loss`; answers are its nats and what is right."""
        loss, *answers = word_loss(
            self.output_layer(self._outputs(x, training)[0]),
            tf.convert_to_tensor(self._output_words.embeddings),
            tf.convert_to_tensor(self.bias),
            y,
            weight,
            self.label_smoothing,
            gradients=training,
        )
        return tf.add_n([loss, *self.losses]), answers

    def compute_metrics(
        self,
        x: Any,
        y: tf.Tensor,
        y_pred: Sequence[tf.Tensor],
        sample_weight: tf.Tensor | None = None,
    ) -> dict[str, Any]:
        nats, right = y_pred
        self.perplexity.update_state(nats, sample_weight)
        self.accuracy.update_state(right, sample_weight)
        return self.get_metrics_result()

    # --- answers ----------------------------------------------------------------------------------

    def ranked(
        self,
        x: Any,
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[list[tuple[str, float]]]:
        """For each x its likeliest sentences by beam search, with their log-probabilities.

        A sentence that is found in several spellings is there once, with the likeliest.

        Args:
            x: raw examples.
            beam_width: hypotheses that are gone on from, and sentences returned.
            length_power: sentences are ranked by log-probability / words ** length_power, a spelt
                word and EOS counted as one; 0 ranks by probability, which favors short ones, 1 by
                the mean, which favors long ones. None takes the task's own.
            max_words: the most words of a sentence, signs and spelt characters counted; None takes
                the task's own.
            batch_size: examples that are read together.

        Returns:
            For each a list of (sentence, log-probability in nats), the best first.
        """
        how = self._search(beam_width, length_power, max_words)
        given, sizes = self.given(x)
        ranked = []
        for sentences, log_probs in self._answers("serve", given, sizes, batch_size, **how):
            of_one: dict[str, float] = {}
            for sentence, log_prob in zip(sentences, log_probs, strict=True):
                if log_prob > -1e8:  # a beam may be wider than there are sentences
                    of_one.setdefault(sentence.decode(), float(log_prob))
            ranked.append(list(of_one.items()))
        return ranked

    def predict_raw(self, x: Any, batch_size: int) -> list[str]:
        """The best sentence for each x, by beam search."""
        return [sentences[0][0] for sentences in self.ranked(x, batch_size=batch_size)]

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        alignments: bool = False,
    ) -> Any:
        """The best sentence for each x; see `rnnzoo.tasks.Task.predict`.

        Args:
            x, batch_size, verbose: as there.
            alignments: of a model with attention: give back sentences and alignments, a list of
                each, see `aligned`.
        """
        if not alignments:
            return super().predict(x, batch_size, verbose)
        self._check_raw(x)
        found = self.aligned(x, batch_size=32 if batch_size is None else batch_size)
        return [alignment.target for alignment in found], found

    def aligned(
        self,
        x: Any,
        beam_width: int = 4,
        length_power: float | None = None,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[Any]:
        """The best sentence for each x, and what the model looked at before each of its words.

        Args:
            x, beam_width, length_power, max_words, batch_size: as for `ranked`.

        Returns:
            Of each an `rnnzoo.tasks.encoder_decoder.alignments.Alignment`, which its ``draw`` makes
            a picture of.

        Raises:
            ValueError: the model has no attention.
        """
        how = self._search(beam_width, length_power, max_words)
        return self._alignments("serve_aligned", x, {}, batch_size, **how)

    def align(self, x: Any, sentences: Sequence[str], batch_size: int = 32) -> list[Any]:
        """What the model looks at where it is to write given sentences; see `aligned`."""
        self._check_as_many(x, sentences)
        return self._alignments("align", x, {self.target: sentences}, batch_size)

    def _alignments(self, endpoint, x, more, batch_size, **how):
        if self.attention is None:
            raise WrongValue(
                "the model has no attention: expected one made with attention='scaled', such as "
                f"{self.with_attention}"
            )
        x = list(x)
        given, sizes = self.given(x)
        answers = self._answers(
            endpoint, given | more, sizes, batch_size, names=self.aligned_names, **how
        )
        pairs = zip(x, answers, strict=True)
        return [self.alignment_class.of(one, *answer) for one, answer in pairs]

    def sample(
        self,
        x: Any,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        max_words: int | None = None,
        batch_size: int = 32,
    ) -> list[str]:
        """A sentence for each x, each word drawn given those before it.

        Args:
            x, max_words, batch_size: as for `ranked`.
            temperature: below 1 favors likely words; 0 takes the likeliest always (greedy).
            top_k: draw from the k likeliest words only; 0 means all.
            top_p: draw from the fewest likeliest words with at least this probability in all.
            seed: same seed, x and batch_size: same sentences.
        """
        how = sampling(temperature, top_k, top_p, seed)
        how["max_words"] = self._max_words(max_words)
        given, sizes = self.given(x)
        answers = self._answers("generate", given, sizes, batch_size, **how)
        return [sentence.decode() for (sentence,) in answers]

    def log_prob(self, x: Any, sentences: Sequence[str], batch_size: int = 32) -> np.ndarray:
        """The log-likelihood log p(sentence | x) in nats, EOS included: float32 (examples,).

        With it, sentences that others wrote can be ranked again. A word that the model doesn't know
        is read, and scored, as it is spelt; without characters to spell it, as the unknown word.
        """
        self._check_as_many(x, sentences)
        given, sizes = self.given(x)
        answers = self._answers("score", given | {self.target: sentences}, sizes, batch_size)
        return np.array([log_prob for (log_prob,) in answers], np.float32)

    def _check_as_many(self, x, sentences):
        if len(sentences) != len(x):
            raise WrongValue(
                f"{len(x)} {self.source} and {len(sentences)} {self.target}: expected as many of "
                "both"
            )

    def _search(self, beam_width, length_power, max_words):
        """What endpoints that search take."""
        length_power = self.length_power if length_power is None else length_power
        if not length_power >= 0:
            raise WrongValue(f"length_power={length_power!r}: expected a number of at least 0")
        return {
            "width": whole_number(beam_width, "beam_width", minimum=1),
            "length_power": length_power,
            "max_words": self._max_words(max_words),
        }

    def _max_words(self, max_words):
        max_words = self.max_words if max_words is None else max_words
        return whole_number(max_words, "max_words", minimum=1, maximum=MAX_WORDS)

    def _answers(self, endpoint, given, sizes, batch_size, seed=None, names=None, **how):
        """For each example what an endpoint returns of it.

        Args:
            endpoint: its name.
            given: by argument a list of what there is of each example.
            sizes: of the examples; those of equal size go together.
            batch_size: the most that go together.
            seed: of the first batch; others get seeds of their own.
            names: of the tensors wanted, in this order; None: all.
            **how: arguments that are the same for all.
        """
        self.require_ready()
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
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
                of_same["seed"] = tf.constant(np.int64(_wrapped(int(seed) + number * _FAR)))
            reply = self.endpoints[endpoint](**of_same, **how)
            wanted = [reply[name].numpy() for name in names or reply]
            for i, *answer in zip(same, *wanted, strict=True):
                answers[i] = answer
            number += 1
        return answers


_FAR = 0x9E3779B97F4A7C15  # an odd number without pattern: seeds near each other don't meet


def _wrapped(number):
    """The int64 that a number overflows to."""
    return (number + 2**63) % 2**64 - 2**63
