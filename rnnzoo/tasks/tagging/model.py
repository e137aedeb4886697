"""What every tagger answers: a tag for each element of a sequence, words or characters."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rnnzoo.platform import tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.metrics import Accuracy, MacroF1
from rnnzoo.tasks.tagging.endpoints import real, tagger_endpoints
from rnnzoo.tasks.tagging.feed import TaggedFeed
from rnnzoo.tasks.tagging.lines import tagged_lines, tagged_rows
from rnnzoo.tasks.tagging.preprocessor import TaggerPreprocessor, is_sentence
from rnnzoo.tasks.task import Task


class Tagger(Task):
    """A model of p(tag_t | x_1 ... x_T) for each element x_t of a sequence, whatever it is made of.

    A subclass has a `preprocessor`, and defines

    - ``call(batch, training)``: logits of the tags at each element, of what the preprocessor's
      ``encode`` returns;
    - if it `streams`, ``step(batch, state)`` and ``initial_state(batch_size)``: the same, one
      element at a time;
    - ``best(batch, logits)``, unless each tag is chosen by itself; or ``answered(batch)``, if what
      is answered comes first.

    `fit` and `evaluate` take x, a list of sentences as lists of words, or of strings, whose
    elements are their characters; and y, for each as many tags as it has elements. What the
    elements are, the first training set says.
    """

    task = "sequence-tagging"
    default_dataset = "python_tokens"
    feed_class = TaggedFeed
    knows = "tags"
    streams = False
    preprocessor: TaggerPreprocessor

    @property
    def tags(self) -> tuple[str, ...] | Any:
        """The names of the tags, a tuple; None as long as there are none."""
        labels = self.preprocessor.labels
        return None if labels is None else labels.labels

    @property
    def reads_words(self) -> bool:
        """Whether the elements are words, or else characters."""
        return self.preprocessor.reads_words

    def best(self, batch: dict[str, tf.Tensor], logits: tf.Tensor) -> tf.Tensor:
        """The ids of the tags to answer, int (batch, time): of each element the likeliest.

        Where tags mark spans, they are the likeliest ones that may follow each other (Viterbi, with
        a score of 0 for what may), see `rnnzoo.tasks.tagging.spans`.
        """
        if self.preprocessor.forbidden is None:
            return tf.argmax(logits, axis=-1)
        return tf.maximum(self.preprocessor.best_path(logits, real(batch)), 0)

    def _learn(self, preprocessor, vocabulary):
        known = self.preprocessor
        as_before = replace(preprocessor, more_moves=known.more_moves) == known
        if vocabulary == "reset" or not self.built or preprocessor == known or not as_before:
            super()._learn(preprocessor, vocabulary)
            return
        # What may follow what is no weight: neither they nor the optimizer begin anew.
        self.allow(preprocessor)
        self.forget_functions()

    def allow(self, preprocessor: TaggerPreprocessor) -> None:
        """Know a preprocessor that differs by nothing but which tags may follow each other."""
        self.preprocessor = preprocessor

    def chosen(self, logits: tf.Tensor, state: dict[str, tf.Tensor]) -> tf.Tensor:
        """The ids of the tags that `step` answers, of its logits and the state after it."""
        return tf.argmax(logits, axis=-1)

    def answered(self, batch: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        """Of a batch the tags to answer, ids (batch, time), and logits (batch, time, tags)."""
        logits = self(batch)
        return self.best(batch, logits), logits

    @property
    def output_size(self) -> int:
        return len(self.tags)

    def make_metrics(self):
        return [Accuracy(), MacroF1()]

    def loss_and_answers(
        self, x: Any, y: tf.Tensor, weight: Any, training: bool
    ) -> tuple[tf.Tensor, Any]:
        """Where it isn't trained, what is measured is what is answered."""
        loss, logits = super().loss_and_answers(x, y, weight, training)
        return loss, logits if training else self.measured(x, logits)

    def measured(self, x: Any, logits: tf.Tensor) -> tf.Tensor:
        """Logits of which the likeliest tag is the one that is answered."""
        if self.preprocessor.forbidden is None:
            return logits
        return as_answered(logits, self.best(x, logits))

    def predict_raw(self, x: Sequence, batch_size: int) -> list[Any]:
        """The probability of each tag at each element: a list of float32 (elements, tags)."""
        return [answer["probabilities"] for answer in self._served(x, batch_size)]

    def tag(
        self, sequences: str | Sequence[str] | Sequence[Sequence[str]], batch_size: int = 32
    ) -> tuple[str, ...] | list[tuple[str, ...]]:
        """The likeliest tags.

        Args:
            sequences: one sequence or a list of them: lists of words, or strings.
            batch_size: sequences that are read together.

        Returns:
            A tuple of tags, or a list of tuples.

        Raises:
            TypeError: an element is none that the model reads.
            ValueError: a list of sentences, where each is to be a list of words.
        """
        return self._tagged(sequences, batch_size)

    def _tagged(self, sequences, batch_size, **how):
        """What `tag` answers, `how` being what else `serve` takes."""
        self.require_ready()
        one = isinstance(sequences, str) or (self.reads_words and is_sentence(sequences))
        if one and self.reads_words:
            self.preprocessor.check_split(sequences)
        answers = [
            tuple(tag.decode() for tag in answer["tags"])
            for answer in self._served([sequences] if one else list(sequences), batch_size, **how)
        ]
        return answers[0] if one else answers

    def _served(self, sequences, batch_size, **how):
        """For each of some sequences what `serve` answers, without what pads it."""
        batch_size = whole_number(batch_size, "batch_size", minimum=1)
        for sequence in sequences:
            self.preprocessor.check(sequence)
        self.preprocessor.warn_of_unknown(sequences)
        # Those of about the same length together.
        order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        answers = [None] * len(sequences)
        for i in range(0, len(order), batch_size):
            rows = order[i : i + batch_size]
            reply = self.endpoints["serve"](self._padded([sequences[row] for row in rows]), **how)
            reply = {name: values.numpy() for name, values in reply.items()}
            for at, row in enumerate(rows):
                length = len(sequences[row])
                answers[row] = {name: values[at, :length] for name, values in reply.items()}
        return answers

    def _padded(self, sequences):
        """Sequences as the endpoints take them."""
        tokens = self.preprocessor.tensors(sequences)
        return tokens.to_tensor("") if self.reads_words else tokens

    answer_options: tuple[str, ...] = ("columns", "encoding")

    def answer_lines(self, path: str, color: bool = False, **reading: Any) -> Iterator[str]:
        """For `rnnzoo predict`: the lines of a file with their tags; see `tagged_lines`."""
        return tagged_lines(self, self.tag, path, color, **reading)

    answer_columns = ("words", "tags")

    def answer_rows(
        self, path: str, answered: Container[str] = (), **reading: Any
    ) -> Iterator[list[list[str]]]:
        """For `rnnzoo predict --out`: sentences' numbers, words and tags, in batches; of words.

        Args:
            path: of a file.
            answered: numbers of those to leave out.
            **reading: further arguments of `rnnzoo.data.given_words`.
        """
        return tagged_rows(self, self.tag, path, answered, **reading)

    def make_endpoints(self, xla: bool = True) -> dict[str, Any]:
        """New `endpoints`; they hold no XLA but that of their layers, which `xla` leaves alone."""
        self.require_ready()
        return tagger_endpoints(self)


def as_answered(logits: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Logits with that of the answer above the others, where it wasn't the likeliest.

    Example:
        >>> as_answered(tf.constant([[3.0, 1.0], [0.0, 2.0]]), tf.constant([1, 1])).numpy().tolist()
        [[3.0, 4.0], [0.0, 2.0]]
    """
    top = tf.argmax(logits, axis=-1, output_type=tf.int32)
    other = (tf.cast(ids, tf.int32) != top)[..., None]
    is_answer = tf.one_hot(ids, logits.shape[-1], on_value=True, off_value=False)
    highest = tf.reduce_max(logits, axis=-1, keepdims=True) + 1
    # TensorFlow forgets the rank where one knows the batch size, and the other doesn't.
    return tf.ensure_shape(tf.where(other & is_answer, highest, logits), logits.shape)
