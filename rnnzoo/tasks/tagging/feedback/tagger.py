"""A tagger that is fed its own tags: what it answers next depends on what it has answered."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rnnzoo import decoding
from rnnzoo.layers import RecurrentStack
from rnnzoo.platform import keras, tf
from rnnzoo.replicas import drawn
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.recurrent import output_size
from rnnzoo.tasks.tagging.feedback.endpoints import feedback_endpoints
from rnnzoo.tasks.tagging.feedback.memoryless import Memoryless
from rnnzoo.tasks.tagging.lines import tagged_lines, tagged_rows
from rnnzoo.tasks.tagging.model import as_answered
from rnnzoo.tasks.tagging.tagger import SequenceTagger
from rnnzoo.tasks.transfer import entries_copied

ops = keras.ops

NOTHING = -1  # the tag before the first one
RISE = 500  # training steps: at first, the model's own tags are noise


@keras.saving.register_keras_serializable("rnnzoo")
class FeedbackTagger(SequenceTagger):
    """A model of p(y_1 ... y_T | x) = prod_t p(y_t | y_1 ... y_{t-1}, x) of the tags y_t.

    ::

        z_t = e_t; with an encoder, what that makes of e_1 ... e_T
        h_t = recurrent([z_t, v(y_{t-1})], h_{t-1})                     v: a vector of each tag
        p(y_t | y_1 ... y_{t-1}, x) = softmax(h_t V + b)

    With `Memoryless` units h_t = tanh([z_t, v(y_{t-1})] W + b), and the last tag is all that passes
    from step to step: output recurrence (Goodfellow, Bengio & Courville 2016, Deep Learning,
    section 10.2.1; Jordan 1986).

    In training y_{t-1} is the true tag (teacher forcing; Williams & Zipser 1989), so that nothing
    waits for an answer: all v(y_{t-1}) are known before the loop, and without a memory there is
    none. In an answer y_{t-1} is the model's own: the likeliest (greedy), or that of the
    likeliest sequence that a beam finds. `evaluate` has the loss of teacher forcing, as it is
    -log p(y | x) per element, and the accuracy of greedy answers.

    A model that only ever saw true tags doesn't know what to make of its own mistakes. With
    `scheduled_sampling` each y_{t-1} in training is with that probability one that the model
    draws itself, given those that it was fed before (Bengio et al. 2015, Scheduled sampling for
    sequence prediction with recurrent neural networks). The probability rises from 0 in the first
    500 steps. These tags are drawn before the loop that is trained, and no gradient goes through
    the draw.

    Args:
        recurrent: a `rnnzoo.layers.RecurrentStack`, or a `Memoryless`.
        encoder: None, or keras.layers.Bidirectional of a recurrent layer with return_sequences.
        feedback_size: length of a tag's vector v.
        scheduled_sampling: the probability above; 0 is teacher forcing.
        tags, characters, words, more_moves: what it knows, see `rnnzoo.tasks.SequenceTagger`.
        **kwargs: other arguments of `rnnzoo.tasks.SequenceTagger`.

    Attributes:
        endpoints: dict of the compiled functions that an export holds and Python runs too, see
            `rnnzoo.tasks.tagging.feedback.endpoints`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = rnnzoo.create_model("tagger_output_rnn", units=16)
        >>> model.compile(keras.optimizers.Adam(0.02))
        >>> x, y = ["f(x)", "g + f(y)"] * 50, ["cppp", "vpppcppp"] * 50
        >>> history = model.fit(x, y, epochs=2, verbose=0)
        >>> model.tag("f(x)", beam_width=2)
        ('c', 'p', 'p', 'p')
    """

    nested = ("recurrent", "encoder")

    def __init__(
        self,
        recurrent: RecurrentStack | Memoryless,
        encoder: keras.layers.Layer | None = None,
        feedback_size: int = 32,
        scheduled_sampling: float = 0.0,
        tags: Iterable[str] | None = None,
        characters: str | None = None,
        words: Mapping[str, int] | None = None,
        more_moves: Iterable[Sequence[str | None]] | None = None,
        **kwargs: Any,
    ):
        super().__init__(recurrent, **kwargs)
        self.encoder = encoder
        self.feedback_size = feedback_size
        self.scheduled_sampling = scheduled_sampling
        self.tag_vectors: Any = None
        self._know(tags, characters, words, more_moves)

    def take_up(self, preprocessor: Any, forget: bool = False) -> None:
        known, tag_vectors = self.preprocessor.labels, self.tag_vectors
        self.let_go("tag_vectors")
        super().take_up(preprocessor, forget)
        if tag_vectors is not None and not forget:
            tags = [0, *1 + preprocessor.labels.ids(known.labels)]
            entries_copied(self.tag_vectors, tag_vectors, tags)

    def _build_recurrent(self, size):
        if self.encoder is not None:
            if not self.encoder.built:
                self.encoder.build((None, None, size))
            size = output_size(self.encoder, size)
        self.tag_vectors = keras.layers.Embedding(
            1 + len(self.tags), self.feedback_size, name="tag_vectors", dtype=self.dtype_policy
        )
        self.tag_vectors.build((None, None))
        if not self.recurrent.built:
            self.recurrent.build((None, None, size + self.feedback_size))
        return self.recurrent.output_size

    @property
    def streams(self) -> bool:  # type: ignore[override]
        """Whether the model can answer as a sequence comes, element by element."""
        return self.encoder is None

    # --- the network ------------------------------------------------------------------------------

    def call(
        self, batch: dict[str, tf.Tensor], training: bool = False, tags: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Logits of each tag given those before it, float32 (batch, time, tags).

        Args:
            batch: what `TaggerPreprocessor.encode` returns.
            training: whether dropout acts.
            tags: int32 (batch, time), those that are fed back; None: the model's own, greedily.
        """
        z = self._read(batch, training)
        if tags is None:
            tags = self._search(z, batch["lengths"], 1)[0][:, 0]
        return self._forced(z, tags, batch["lengths"], training)

    def _read(self, batch, training=False):
        """All z_t (batch, time, size)."""
        x = self._embed(batch, training)
        if self.encoder is None:
            return x
        return self.encoder(x, mask=_mask(x, batch["lengths"]), training=training)

    def _forced(self, z, tags, lengths, training=False):
        """Logits of all steps at once, as all tags are known."""
        x = tf.concat([z, self.tag_vectors(1 + _before(tags, NOTHING))], axis=-1)
        h, _ = self.recurrent(x, mask=_mask(z, lengths), training=training)
        return self.output_layer(self.drop_output(h, training=training))

    def _next(self, z, tag, memory):
        """Logits (rows, tags) of the next tag, and the memory, given the last tag (rows,)."""
        x = tf.concat([z, self.tag_vectors(1 + tag)], axis=-1)
        h, memory = self.recurrent.step(x, memory)
        return self.output_layer(h), memory

    def initial_state(self, batch_size: int | tf.Tensor) -> dict[str, tf.Tensor]:
        """The state before any element: a flat dict, of int32 last_tag (batch_size,) and memory."""
        last_tag = tf.fill([batch_size], NOTHING)
        return {"last_tag": last_tag, **self.recurrent.initial_state(batch_size)}

    def step(
        self, batch: dict[str, tf.Tensor], state: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Logits (batch, tags) of one more element each, and new state, with the likeliest tag.

        Where tags mark spans, it is the likeliest of those that may follow the last one.
        """
        memory = {**state}
        logits, memory = self._next(self._embed(batch)[:, 0], memory.pop("last_tag"), memory)
        allowed = tf.where(self._forbidden_after(state["last_tag"]), decoding.IMPOSSIBLE, logits)
        return logits, {"last_tag": tf.argmax(allowed, axis=-1, output_type=tf.int32), **memory}

    def chosen(self, logits: tf.Tensor, state: dict[str, tf.Tensor]) -> tf.Tensor:
        return state["last_tag"]

    def _forbidden_after(self, tag):
        """Which tags must not follow the last one, bool (rows, tags)."""
        table = self.preprocessor.forbidden
        if table is None:
            return tf.constant(False)
        # Row 0 is that of the start, as NOTHING is -1.
        return tf.gather(tf.constant(np.roll(table, 1, axis=0)[:, :-1]), 1 + tag)

    # --- decoding ---------------------------------------------------------------------------------

    def _start(self, z, feed: Callable = lambda tag, at: tag, forbidden: Callable | None = None):
        """What `rnnzoo.decoding` begins with: a step over all z, the tag before the first one, and
        a state, which holds the place in z. `feed(tag, at)` is what is fed for a tag,
        `forbidden(tag, at)` which tags must not follow it.
        """
        rows = tf.shape(z)[0]

        def step(tag, state):
            at = state["at"]
            # A beam goes on, and is not looked at, behind the end.
            here = tf.minimum(at, tf.shape(z)[:2] - 1)
            logits, memory = self._next(tf.gather_nd(z, here), feed(tag, at), state["memory"])
            log_probs = tf.nn.log_softmax(logits)
            if forbidden is not None:
                log_probs = tf.where(forbidden(tag, at), decoding.IMPOSSIBLE, log_probs)
            return log_probs, {"at": at + [0, 1], "memory": memory}

        at = tf.stack([tf.range(rows), tf.zeros([rows], tf.int32)], axis=1)
        state = {"at": at, "memory": self.recurrent.initial_state(rows)}
        return step, tf.fill([rows], NOTHING), state

    def _search(self, z, lengths, width):
        """The likeliest tags (batch, width, time), and their log-probabilities (batch, width)."""
        table = self.preprocessor.forbidden

        def forbidden(tag, at):
            is_last = at[:, 1] == tf.gather(tf.cast(lengths, tf.int32), at[:, 0]) - 1
            return self._forbidden_after(tag) | (is_last[:, None] & table[:-1, -1])

        step, start, state = self._start(z, forbidden=None if table is None else forbidden)
        time, labels = tf.shape(z)[1], len(self.tags)
        return decoding.beam_search_of_length(step, start, state, width, lengths, time, labels)

    def partly_own(self, z: tf.Tensor, tags: tf.Tensor, share: float | tf.Tensor) -> tf.Tensor:
        """The tags to feed, with a share of them drawn by the model, int32 (batch, time).

        Args:
            z: (batch, time, size), what was read.
            tags: int32 (batch, time), the true ones.
            share: how many are the model's own, 0 to 1.
        """

        def draw(shape):
            return keras.random.uniform(shape, seed=self.seed_generator)

        own, uniforms = (drawn(draw, ops.shape(tags)) < share, drawn(draw, ops.shape(tags)))
        true_before, own_before = _before(tags, NOTHING), _before(own, False)

        def feed(tag, at):
            return tf.where(tf.gather_nd(own_before, at), tag, tf.gather_nd(true_before, at))

        step, start, state = self._start(z, feed)
        answers = decoding.generate(step, start, state, uniforms, tf.shape(z)[1])
        return tf.where(own, answers, tags)

    def _share_of_own(self):
        steps = tf.cast(self.optimizer.iterations, tf.float32)
        return self.scheduled_sampling * tf.minimum(1.0, steps / RISE)

    def read_batch(self, x: tuple[dict[str, tf.Tensor], tf.Tensor], training: bool) -> tf.Tensor:
        batch, tags = x
        z = self._read(batch, training)
        if training and self.scheduled_sampling:
            tags = self.partly_own(z, tags, self._share_of_own())
        return self._forced(z, tags, batch["lengths"], training)

    def loss_and_answers(
        self, x: Any, y: tf.Tensor, weight: Any, training: bool
    ) -> tuple[tf.Tensor, Any]:
        """The loss of teacher forcing; where it isn't trained, the answers are the model's own."""
        return super().loss_and_answers((x, y), y, weight, training)

    def measured(self, x: Any, logits: tf.Tensor) -> tf.Tensor:
        batch, _ = x
        if self.preprocessor.forbidden is None:
            return self(batch)
        tags, logits = self.answered(batch)
        return as_answered(logits, tags)

    # --- answers ----------------------------------------------------------------------------------

    def answered(
        self, batch: dict[str, tf.Tensor], width: int | tf.Tensor = 1
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The best tags that a beam finds, and the logits of each given those before it."""
        z, lengths = self._read(batch), batch["lengths"]
        tags = self._search(z, lengths, width)[0][:, 0]
        return tags, self._forced(z, tags, lengths)

    def tag(
        self,
        sequences: str | Sequence[str] | Sequence[Sequence[str]],
        batch_size: int = 32,
        beam_width: int = 1,
    ) -> tuple[str, ...] | list[tuple[str, ...]]:
        """The likeliest tags, see `Tagger.tag`.

        Args:
            sequences, batch_size: as there.
            beam_width: hypotheses that are gone on from; 1 takes at each step the likeliest tag.
        """
        width = whole_number(beam_width, "beam_width", minimum=1)
        return self._tagged(sequences, batch_size, width=tf.constant(width))

    answer_options = (*SequenceTagger.answer_options, "beam_width")

    def answer_lines(
        self, path: str, color: bool = False, beam_width: int = 1, **reading: Any
    ) -> Iterator[str]:
        """As for `Tagger.answer_lines`; `beam_width` as for `tag`."""
        tag = functools.partial(self.tag, beam_width=beam_width)
        return tagged_lines(self, tag, path, color, **reading)

    def answer_rows(
        self, path: str, answered: Container[str] = (), beam_width: int = 1, **reading: Any
    ) -> Iterator[list[list[str]]]:
        """As for `Tagger.answer_rows`; `beam_width` as for `tag`."""
        tag = functools.partial(self.tag, beam_width=beam_width)
        return tagged_rows(self, tag, path, answered, **reading)

    def log_prob(
        self, x: Sequence[Any], y: Sequence[Sequence[str]], batch_size: int = 32
    ) -> np.ndarray:
        """The log-likelihood log p(y | x) of whole sequences of tags in nats, float32 (sequences,).

        Args:
            x, y: sequences and their tags, as for `fit`.
            batch_size: sequences that are read together.
        """
        self.require_ready()
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        for sequence in x:
            self.preprocessor.check(sequence)
        sequences = self.preprocessor.splits(test=(x, y)).test
        self.preprocessor.labels.ids(tag for one in sequences for tag in one.tags)
        found = []
        for i in range(0, len(sequences), batch_size):
            tokens, tags = zip(*sequences[i : i + batch_size], strict=True)
            tags = tf.ragged.constant(tags, tf.string, ragged_rank=1).to_tensor("")
            found.append(self.endpoints["score"](self._padded(tokens), tags)["log_prob"].numpy())
        return np.concatenate(found)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        self.require_ready()
        return feedback_endpoints(self)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "feedback_size": self.feedback_size,
            "scheduled_sampling": self.scheduled_sampling,
        }


def _before(values, first):
    """Of each step the value of the step before, (batch, time)."""
    return tf.pad(values[:, :-1], [[0, 0], [1, 0]], constant_values=first)


def _mask(x, lengths):
    return tf.sequence_mask(lengths, tf.shape(x)[1])
