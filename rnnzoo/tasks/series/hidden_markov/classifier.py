"""A hidden Markov model for each class, and Bayes' rule."""

from __future__ import annotations

import math
from typing import Any, Literal

from rnnzoo.errors import WrongValue
from rnnzoo.layers import HiddenMarkovChains
from rnnzoo.platform import keras, tf
from rnnzoo.tasks.arguments import whole_number
from rnnzoo.tasks.hidden_markov import HiddenMarkovTask
from rnnzoo.tasks.series.classifier import SequenceClassifier
from rnnzoo.tasks.series.hidden_markov.bayes import Bayes


@keras.saving.register_keras_serializable("rnnzoo")
class HiddenMarkovClassifier(HiddenMarkovTask, SequenceClassifier):
    """A classifier that asks of each class how likely it makes the sequence.

    ::

        x (batch, time, channels) -> nothing missing, standardized
        p(x | c) = sum_h pi_c(h_1) prod_t A_c(h_{t-1}, h_t) prod_t N(x_t; mean_c(h_t), var_c(h_t))
        p(c | x) = p(x | c) P(c) / sum_k p(x | k) P(k)

    The prior P(c) is the class's share of the training examples. Data, windows and answers are
    those of `rnnzoo.tasks.SequenceClassifier`, with one class for each example. As the steps are
    taken for independent given the hidden states, which they aren't, it is surer than it is right.

    Args:
        states: how many hidden states each class has.
        learn: "em": each class's model by expectation maximization (Baum and Welch) from its own
            examples, of which an epoch is one step; "gradient": by the optimizer, which makes
            p(c | x) likely, all classes against each other.
        **kwargs: what it knows, such as classes and features, its window and hop, and name and
            dtype, see `rnnzoo.tasks.SequenceClassifier`.

    Attributes:
        recurrent: the `rnnzoo.layers.HiddenMarkovChains`.

    Example:
        >>> keras.utils.set_random_seed(1)
        >>> model = HiddenMarkovClassifier(states=2)
        >>> x = [[[(-1.0) ** (t // n)] for t in range(24)] for n in (1, 4) * 8]
        >>> history = model.fit(x, ["fast", "slow"] * 8, epochs=30, verbose=0)
        >>> model.classify([x[0][:12], x[1][:12]])
        ['fast', 'slow']
    """

    def __init__(self, states: int = 8, learn: Literal["em", "gradient"] = "em", **kwargs: Any):
        if learn not in ("em", "gradient"):
            raise WrongValue(f"learn={learn!r}: expected em or gradient")
        self.states = whole_number(states, "states", minimum=1)
        self.learn = learn
        waits: Any = None  # for the number of classes
        # Balanced: the answer multiplies the classes' shares in, by Bayes' rule.
        super().__init__(
            waits, answer="last", balanced=True, multi_label=False, differences=False, **kwargs
        )

    def make_layers(self) -> None:
        known = self.preprocessor
        count = self.output_units
        if count is None or known.features is None:
            return
        if self.recurrent is None:
            self.way = Bayes(self.make_output())
            self.recurrent = HiddenMarkovChains(count, self.states, dtype="float32")
            self.output_layer = keras.layers.Identity(dtype="float32", name="output")
        super().make_layers()

    def take_up(self, preprocessor: Any, forget: bool = False) -> None:
        """Know what a preprocessor does; classes that were known keep their models."""
        before, known = self.recurrent, self.preprocessor
        self.preprocessor = preprocessor
        self.unmake("recurrent", "output_layer", *self.of_steps)
        self.make_layers()
        if before is not None and not forget:
            ids: Any = range(before.chains)
            if known.labels is not None:
                ids = preprocessor.labels.ids(known.labels.labels)
            inputs = [preprocessor.inputs.index(one) for one in known.inputs]
            self.recurrent.take_over(before, ids, inputs)

    def reset_classes(self, classes: Any) -> None:
        """Forget the classes and their models."""
        self.take_up(self.preprocessor.with_classes(classes), forget=True)
        self.forget_compiled()

    @property
    def answer_size(self) -> int:
        return self.recurrent.chains

    @property
    def chance_loss(self) -> float:
        """Without bound: before it has learned, it is sure of what is wrong."""
        return math.inf

    @property
    def hidden(self) -> HiddenMarkovChains:
        return self.recurrent

    def expected_counts(self, x: Any, y: tf.Tensor, weight: tf.Tensor | None) -> list[tf.Tensor]:
        """Of each class, those of its own examples."""
        x, lengths, *before = x if isinstance(x, (tuple, list)) else (x, None)
        mask = None if lengths is None else tf.sequence_mask(lengths, tf.shape(x)[1])
        x = self._of_windows(x, True, *before)
        of_class = tf.one_hot(y, self.recurrent.chains, dtype=x.dtype)
        if weight is not None:
            of_class *= tf.cast(weight, x.dtype)[:, None]
        return self.recurrent.expected_counts(x, of_class, mask)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        settled = ("answer", "balanced", "multi_label", "differences", "output_dropout")
        for name in (*self.nested, *settled):
            del config[name]
        return {**config, "states": self.states, "learn": self.learn}
