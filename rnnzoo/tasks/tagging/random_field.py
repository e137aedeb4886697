"""A tagger that answers with whole sequences of tags: a conditional random field on a network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rnnzoo import data
from rnnzoo.cells.linear_chain import FORBIDDEN
from rnnzoo.errors import WrongValue
from rnnzoo.layers import ConditionalRandomField
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.tagging.endpoints import real
from rnnzoo.tasks.tagging.feed import TaggedFeed
from rnnzoo.tasks.tagging.model import as_answered
from rnnzoo.tasks.tagging.preprocessor import TaggerPreprocessor
from rnnzoo.tasks.tagging.tagger import SequenceTagger


class WholeSequencesFeed(TaggedFeed):
    """What a tagger learns by whole sequences, which have weights; their tags have none.

    Raises:
        ValueError: there are weights of tags.
    """

    def __init__(
        self,
        tagged: data.TaggedData,
        preprocessor: TaggerPreprocessor,
        *sizes: Any,
        class_weight: Any = None,
        **how: Any,
    ):
        _refuse_weights_of_tags(class_weight)
        super().__init__(tagged, preprocessor, *sizes, **how)


@keras.saving.register_keras_serializable("rnnzoo")
class RandomFieldTagger(SequenceTagger):
    """A model of p(y_1 ... y_T | x) of the tags y_t, by a conditional random field.

    ::

        s_t = [h_t, g_t] V + b                                            as `SequenceTagger`
        log p(y | x) = pi(y_1) + sum_t s_t(y_t) + sum_t A(y_{t-1}, y_t) + omega(y_T) - log Z(x)

    see `rnnzoo.layers.ConditionalRandomField`. The loss is -log p(y | x) per tag. What is answered,
    and measured in training too, is the likeliest sequence of tags; the probability of each tag is
    its marginal p(y_t | x). Where tags mark spans, what may not follow each other
    (`rnnzoo.tasks.tagging.spans`) has probability 0; tags to be measured that hold such a thing
    count in the loss as if each of them had a probability of 1e-7.

    A sequence weighs as its elements do on average; tags have no weights of their own, so `fit`
    takes no class_weight. The model doesn't stream, as the best tag depends on those that follow.

    Source: Huang, Xu & Yu 2015, Bidirectional LSTM-CRF models for sequence tagging; Lample et al.
    2016, Neural architectures for named entity recognition.

    Args:
        recurrent, **kwargs: as for `rnnzoo.tasks.SequenceTagger`.

    Example:
        >>> import rnnzoo
        >>> keras.utils.set_random_seed(1)
        >>> model = rnnzoo.create_model("tagger_birnn", crf=True, units=8)
        >>> model.compile(keras.optimizers.Adam(0.02))
        >>> x, y = ["f(x)", "g + f(y)"] * 50, ["cppp", "vpppcppp"] * 50
        >>> history = model.fit(x, y, epochs=5, verbose=0)
        >>> model.tag("f(x)")
        ('c', 'p', 'p', 'p')
    """

    feed_class = WholeSequencesFeed
    streams = False
    crf: Any = None

    def take_up(self, preprocessor: TaggerPreprocessor, forget: bool = False) -> None:
        known, crf = self.preprocessor.labels, self.crf
        self.let_go("crf")
        super().take_up(preprocessor, forget)
        tags = len(self.tags)
        self.crf = ConditionalRandomField(tags, preprocessor.forbidden, dtype="float32", name="crf")
        if crf is not None and not forget:
            self.crf.take_over(crf, preprocessor.labels.ids(known.labels))

    def allow(self, preprocessor: TaggerPreprocessor) -> None:
        super().allow(preprocessor)
        self.crf.forbid(preprocessor.forbidden)

    def compile(self, optimizer: Any = None, loss: Any = None, *args: Any, **kwargs: Any) -> None:
        """That of `rnnzoo.tasks.Task`, with the one loss that the model has.

        Raises:
            ValueError: another loss.
        """
        if loss is not None:
            raise WrongValue(
                f"loss={loss!r}: leave it out, as the model learns by -log p of whole sequences of "
                "tags; make it with crf=False for a loss of single tags"
            )
        super().compile(optimizer, None, *args, **kwargs)

    def make_loss(self) -> None:
        """None, as `loss_and_answers` doesn't ask Keras."""

    def scores(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The emission scores s, float32 (batch, time, tags); arguments as for `call`."""
        return super().call(batch, training)

    def call(self, batch: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Log-probabilities of the tags, each given all elements, float32 (batch, time, tags).

        Args:
            batch: what `TaggerPreprocessor.encode` returns.
            training: whether dropout acts.
        """
        return self._log_marginals(self.scores(batch, training), batch)

    def answered(self, batch: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        scores = self.scores(batch)
        return self.best(batch, scores), self._log_marginals(scores, batch)

    def best(self, batch: dict[str, tf.Tensor], logits: tf.Tensor) -> tf.Tensor:
        """The ids of the likeliest sequence of tags, int32 (batch, time), of emission scores."""
        return tf.maximum(self.crf.best_path(logits, real(batch)), 0)

    def _log_marginals(self, scores, batch):
        p = self.crf.marginals(scores, real(batch))
        return tf.math.log(tf.maximum(p, keras.config.epsilon()))

    def loss_and_answers(
        self, x: dict[str, tf.Tensor], y: tf.Tensor, weight: tf.Tensor | None, training: bool
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The mean of -log p(y | x) per tag, by weight; and logits that are highest for answers.

        These are log-probabilities as `call` has them; in training the scores.
        """
        scores, mask = self.scores(x, training), real(x)
        is_real = tf.cast(mask, scores.dtype)
        weight = is_real if weight is None else tf.cast(weight, scores.dtype) * is_real
        length = tf.reduce_sum(is_real, axis=1)
        score = self.crf.score(scores, y, mask)
        impossible = -length * math.log(keras.config.epsilon())
        nats = self.crf.log_partition(scores, mask) - score
        nats = tf.where(score > 0.1 * FORBIDDEN, nats, impossible)
        weight_of_each = tf.math.divide_no_nan(tf.reduce_sum(weight, axis=1), length)
        loss = tf.math.divide_no_nan(tf.reduce_sum(weight_of_each * nats), tf.reduce_sum(weight))
        # Their marginals cost as much again, and training has no use for them.
        logits = scores if training else self._log_marginals(scores, x)
        return tf.add_n([loss, *self.losses]), as_answered(logits, self.best(x, scores))

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, **how: Any
    ) -> Any:
        """That of `rnnzoo.tasks.Task`, without weights of tags."""
        _refuse_weights_of_tags(class_weight)
        return super().train_on_batch(x, y, sample_weight, **how)


def _refuse_weights_of_tags(class_weight: Mapping | None) -> None:
    if class_weight is not None:
        raise WrongValue(
            "class_weight: this tagger learns by the probability of whole sequences of tags, of "
            "which no tag has a part of its own; leave it out, give sample_weight, a weight of "
            "each sequence, or make the model with crf=False"
        )
